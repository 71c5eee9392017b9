"""The view of a shared link: exactly the citations that it names, checked again.

A link carries citation ids and the generation that they were given in. Texts are kept as long as
anything names them, so most links hold for ever; what was removed since is said to be.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from footnoted import ids
from footnoted.domain import Json
from footnoted.errors import NotFound, UsageError
from footnoted.service.shelf import Answers
from footnoted.service.web.citing import as_text
from footnoted.service.web.evidence import Card
from footnoted.service.web.paragraphs import paragraph, whole_passage

MOST = 20
"""Citations that one link may carry."""


class Standing(StrEnum):
    """What has become of a shared citation."""

    CURRENT = "current"
    SUPERSEDED = "superseded"
    DAMAGED = "damaged"
    GONE = "gone"


STANDING_IN_WORDS = {
    Standing.CURRENT: "Checked just now: these very characters are in the text, unchanged.",
    Standing.SUPERSEDED: (
        "Checked just now: these are the words of an earlier reading. The text has been read "
        "again since, and may say something else now."
    ),
    Standing.DAMAGED: "The stored text is damaged: these words cannot be vouched for.",
    Standing.GONE: (
        "No longer here: the text was removed, or the link is of another corpus. Ask again to "
        "see what is said today."
    ),
}


class Shared(NamedTuple):
    """A citation of the link: how it stands now, and its words where they are kept.

    ``card`` is there where the words stand in the text of today.
    """

    citation_id: str
    standing: Standing
    quote: str
    card: Card | None


def recheck(answers: Answers, citations: str, generation: str) -> Json:
    """The citations that a link names, separated by commas, as they stand now.

    Raises ``UsageError`` for a link without any, or with more than ``MOST``.
    """
    wanted = list(dict.fromkeys(name for part in citations.split(",") if (name := part.strip())))
    if not 1 <= len(wanted) <= MOST:
        raise UsageError(
            f"A shared link carries 1 to {MOST} citations; this one has {len(wanted)}.",
            about="c",
            hint="Copy the whole link again, or ask the question.",
        )
    checked = [_check(answers, citation_id) for citation_id in wanted]
    now = answers.info()["generation"]
    return {
        "checked": checked,
        "generation": generation,
        "moved_on": bool(generation and now and generation != now),
        "all_current": all(one.standing is Standing.CURRENT for one in checked),
    }


def _check(answers: Answers, citation_id: str) -> Shared:
    try:
        found = answers.verify(citation_id)
    except NotFound:
        return Shared(citation_id, Standing.GONE, "", None)
    if not found["ok"]:
        return Shared(citation_id, Standing.DAMAGED, "", None)
    standing = Standing(found["status"])
    card = _card(answers, citation_id, found) if standing is Standing.CURRENT else None
    return Shared(citation_id, standing, found["quote"], card)


def _card(answers: Answers, citation_id: str, found: Mapping[str, Any]) -> Card | None:
    """The card of a citation that holds, from the passage that it stands in."""
    cited = ids.parse_citation_id(citation_id)
    place = {
        "document_id": cited.document_id,
        "text_sha256": found["text_sha256"],
        "start": cited.span.start,
        "end": cited.span.end,
        "quote": found["quote"],
    }
    passage = whole_passage(answers, place)
    if passage is None:
        return None
    citation = passage["citation"] | place | {"citation_id": citation_id, "number": 1}
    return Card(citation, paragraph(answers, citation, [passage]), as_text(citation))
