"""An answer document as the text of a chat message: statements with marks, then their sources.

Chat clients show the text as Markdown, so what is quoted in it must not become a link, an image or
HTML: the signs that begin those are escaped (CommonMark, 2.4). The words themselves, unescaped,
are in the answer document that goes with the message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from footnoted.domain import Json
from footnoted.service.connectors.addresses import Addresses
from footnoted.service.display import is_digest, kind_in_words, neutral, state_in_words
from footnoted.service.wording import CAVEATS, REFUSALS

_ACTIVE = re.compile(r"[\\\[\]<`]")
_SHOWN = 3
_LONGEST_EXCERPT = 240


class Content(NamedTuple):
    """The message in pieces, to be sent one by one; the annotations count in all of them joined."""

    pieces: tuple[str, ...]
    annotations: tuple[Json, ...]

    @property
    def text(self) -> str:
        """The whole message."""
        return "".join(self.pieces)


def content_of(document: Mapping[str, Any], addresses: Addresses) -> Content:
    """The message for an answer document, with one annotation for each mark in it."""
    if document["status"] == "refused":
        return Content(tuple(_refusal(document, addresses)), ())
    citations = {row["number"]: row for row in document["citations"]}
    pieces: list[str] = []
    annotations: list[Json] = []
    written = 0
    for statement in document["statements"]:
        piece = " " * bool(pieces) + _quoted(statement["text"])
        for number in statement["citations"]:
            mark = f"[{number}]"
            start = written + len(piece)
            annotations.append(_annotation(start, mark, citations[number], addresses))
            piece += mark
        pieces.append(piece)
        written += len(piece)
    remarks = [*(CAVEATS[name] for name in document["caveats"]), *document["notes"]]
    if remarks:
        pieces.append("".join(f"\n\nNote: {_quoted(remark)}" for remark in remarks))
    lines = (f"- [{n}] {_source(row, addresses)}" for n, row in citations.items())
    pieces.append("\n\nSources:\n\n" + "\n".join(lines))
    return Content(tuple(pieces), tuple(annotations))


def _annotation(start: int, mark: str, citation: Mapping[str, Any], addresses: Addresses) -> Json:
    return {
        "type": "url_citation",
        "url_citation": {
            "start_index": start,
            "end_index": start + len(mark),
            "title": neutral(citation["title"]),
            "url": addresses.of(citation),
        },
    }


def _refusal(document: Mapping[str, Any], addresses: Addresses) -> list[str]:
    pieces = [f"No answer: {REFUSALS[document['reason']]}"]
    pieces += [f"\n\nNote: {_quoted(note)}" for note in document["notes"]]
    nearest = document["passages"][:_SHOWN]
    if nearest:
        lines = (
            f"- {_named(passage['citation'])}: “{_quoted(_excerpt(passage['text']))}”"
            f" <{addresses.of(passage['citation'])}>"
            for passage in nearest
        )
        head = "\n\nThe closest passages, which do not answer the question:\n\n"
        pieces.append(head + "\n".join(lines))
    return pieces


def _source(citation: Mapping[str, Any], addresses: Addresses) -> str:
    """A line of the list: what is quoted, which footnotes those are, how it was read, where."""
    details = [kind_in_words(citation).lower()]
    labels = [row["label"] for row in citation["references"]] or [citation["label"]]
    if named := [_quoted(label) for label in labels if label]:
        details.append(f"footnote{'s' * (len(named) > 1)} {', '.join(named)}")
    if citation["kind"] == "source" and not is_digest(citation):
        details.append(state_in_words(citation))
    return f"{_named(citation)} ({'; '.join(details)}) <{addresses.of(citation)}>"


def _named(citation: Mapping[str, Any]) -> str:
    parts = (citation["title"] or "Untitled", citation["publisher"], citation["published"])
    return ", ".join(_quoted(str(part)) for part in parts if part)


def _excerpt(text: str) -> str:
    """The beginning of a passage, cut between words."""
    if len(text) <= _LONGEST_EXCERPT:
        return text
    return f"{text[:_LONGEST_EXCERPT].rsplit(' ', 1)[0]} …"


def _quoted(text: str) -> str:
    """``text`` on one line, nothing in it active as Markdown, unshowable characters replaced."""
    return _ACTIVE.sub(r"\\\g<0>", " ".join(str(neutral(text)).split()))
