"""What `export` gives: a bibliography of one corpus, as a text in one of the formats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from footnoted.errors import NotFound, UsageError
from footnoted.service.exporting.bibliography import citation_works, reference_works
from footnoted.service.exporting.formats import written

if TYPE_CHECKING:
    from footnoted.service.assistant import Assistant


def export(
    assistant: Assistant, name: str, citations: Sequence[str] = (), question: str | None = None
) -> str:
    """The references in the format of this name; else what ``citations`` or an answer quote.

    Raises ``UsageError`` for an unknown format, and for a question and citations at once;
    ``NotFound`` for a refused question and for unknown ids.
    """
    if question is not None and citations:
        raise UsageError(
            "A question and citation ids cannot both be exported.",
            about="citation",
            hint="Give either the question, or the citation ids of an answer.",
        )
    if question is not None:
        citations = _cited(assistant, question)
    corpus = assistant.corpus
    return written(
        citation_works(corpus, citations) if citations else reference_works(corpus), name
    )


def _cited(assistant: Assistant, question: str) -> list[str]:
    document = assistant.ask(question)
    if document["status"] != "answered":
        raise NotFound(
            f"The question is refused ({document['reason']}), so that nothing is cited.",
            about=document["reason"],
            hint="Ask it: the refusal says why, and shows the nearest passages.",
        )
    return [citation["citation_id"] for citation in document["citations"]]
