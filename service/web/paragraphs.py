"""The words around a quote: the passage that it stands in, and what comes before and after."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from footnoted.errors import NotFound, QuestionError
from footnoted.service.assistant import AROUND
from footnoted.service.shelf import Answers

NEAR = 360
"""Characters on either side of a quote that are shown at once, as far as its paragraph goes."""
_LOOKED_THROUGH = 12
_WORD_CUT_BEFORE = re.compile(r"^\S+")
_WORD_CUT_AFTER = re.compile(r"\S+$")


class Paragraph(NamedTuple):
    """``far_before + before + quote + after + far_after`` stand in the document as they are here.

    ``before`` and ``after`` are of the quote's own paragraph; ``heading`` is the path above it.
    ``begun`` and ``goes_on``: whether the document has more before what is shown, and after it.
    """

    quote: str
    before: str = ""
    after: str = ""
    far_before: str = ""
    far_after: str = ""
    heading: Sequence[str] = ()
    begun: bool = False
    goes_on: bool = False

    @property
    def more(self) -> bool:
        """Whether there is more to read around what is shown at once."""
        return bool(self.far_before.strip() or self.far_after.strip())


def paragraph(
    answers: Answers, citation: Mapping[str, Any], passages: Iterable[Mapping[str, Any]] = ()
) -> Paragraph:
    """The paragraph around a citation's quote; the quote alone where no passage holds it.

    It is looked for among ``passages``, else in the citation's own document.
    """
    held = _holding(passages, citation) or _holding(_in_document(answers, citation), citation)
    if held is None:
        return Paragraph(citation["quote"])
    try:
        around: Mapping[str, Any] = answers.passage(held["id"])
    except NotFound:  # another generation has come into use meanwhile
        around = {"before": "", "after": ""}
    start = citation["start"] - held["citation"]["start"]
    end = start + len(citation["quote"])
    begun, goes_on = (len(around[side]) == AROUND for side in ("before", "after"))
    # What is known of the text may begin or end within a word, which is left out.
    earlier = _WORD_CUT_BEFORE.sub("", around["before"]) if begun else around["before"]
    later = _WORD_CUT_AFTER.sub("", around["after"]) if goes_on else around["after"]
    before, after = earlier + held["text"][:start], held["text"][end:] + later
    near_before, near_after = _last_words(before, NEAR), _first_words(after, NEAR)
    return Paragraph(
        quote=citation["quote"],
        before=near_before,
        after=near_after,
        far_before=before[: len(before) - len(near_before)],
        far_after=after[len(near_after) :],
        heading=held["heading"],
        begun=begun or len(near_before) < len(before),
        goes_on=goes_on or len(near_after) < len(after),
    )


def whole_passage(answers: Answers, citation: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The passage of the citation's own document that holds its characters, if one does."""
    return _holding(_in_document(answers, citation), citation)


def _in_document(answers: Answers, citation: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    words = citation["quote"][:400]
    if not any(character.isalnum() for character in words):
        return []
    try:
        found = answers.search(words, _LOOKED_THROUGH, source=citation["document_id"])
    except (NotFound, QuestionError):  # a document that is gone, or signs that cannot be searched
        return []
    return found["passages"]


def _holding(
    passages: Iterable[Mapping[str, Any]], citation: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    for passage in passages:
        place = passage["citation"]
        if (
            place["document_id"] == citation["document_id"]
            and place["text_sha256"].startswith(citation["text_sha256"])
            and place["start"] <= citation["start"]
            and citation["end"] <= place["end"]
        ):
            return passage
    return None


def _last_words(text: str, count: int) -> str:
    """The end of ``text`` within one paragraph, of at most ``count`` characters, at a word."""
    text = text[text.rfind("\n\n") + 2 :] if "\n\n" in text else text
    if len(text) <= count:
        return text
    at = text.find(" ", len(text) - count)
    return text[at + 1 :] if at >= 0 else text[-count:]


def _first_words(text: str, count: int) -> str:
    """The beginning of ``text`` within one paragraph, of at most ``count`` characters."""
    text = text[: text.find("\n\n")] if "\n\n" in text else text
    if len(text) <= count:
        return text
    at = text.rfind(" ", 0, count)
    return text[:at] if at >= 0 else text[:count]
