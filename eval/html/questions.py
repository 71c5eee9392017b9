"""From a question's row and its answer document to what the report shows when it is opened.

The parts that are scored are read as the evaluator reads them, so that a document which breaks
the contract is an ``InputError`` here too; titles and texts of passages may be absent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from footnoted.domain import Identity, Json
from footnoted.eval.answer_documents import read_answer
from footnoted.eval.questions import Question
from footnoted.eval.runs import QuestionRow
from footnoted.service.display import Segment, language_of

_KINDS = {"article": "Article", "source": "Cited source", "document": "Document"}


class ShownCitation(NamedTuple):
    """A quote, and in words where it stands."""

    number: int
    source: str
    footnotes: str
    place: str
    citation_id: str
    quote: str


class ShownStatement(NamedTuple):
    """A statement before, in and after its answering span, and the citations that it numbers."""

    before: str
    span: str
    after: str
    numbers: str


class ShownPassage(NamedTuple):
    """A retrieved passage; its text is cut where gold evidence begins and ends."""

    rank: int
    score: float
    passage_id: str
    source: str
    pieces: tuple[Segment, ...]

    @property
    def gold(self) -> bool:
        """Whether it holds words of the gold evidence."""
        return any(piece.quoted for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """A question with all that the report shows of it; ``more`` passages are left out.

    Without an answer document there are no statements, citations and passages.
    """

    row: QuestionRow
    outcomes: tuple[str, ...]
    language: str | None
    expected: tuple[str, ...]
    statements: tuple[ShownStatement, ...]
    citations: tuple[ShownCitation, ...]
    passages: tuple[ShownPassage, ...]
    more: int


def shown_question(row: QuestionRow, document: Json | None, *, passages: int) -> ShownQuestion:
    """The question with at most so many of its passages; ``InputError`` for a broken document."""
    question = row.question
    quotes = [evidence.quote for evidence in question.evidence]
    found: Mapping[str, Any] = {"statements": (), "citations": (), "passages": ()}
    if document is not None:
        read_answer(question.question_id, document)
        found = document
    ranked = sorted(found["passages"], key=lambda passage: int(passage["rank"]))
    return ShownQuestion(
        row=row,
        outcomes=(
            "answered" if row.answered else "refused",
            "failed" if row.failure else "right",
        ),
        language=language_of({"language": question.language}),
        expected=_expected(question, row.expected),
        statements=tuple(_statement(given) for given in found["statements"]),
        citations=tuple(_citation(given) for given in found["citations"]),
        passages=tuple(_passage(given, quotes) for given in ranked[:passages]),
        more=max(0, len(ranked) - passages),
    )


def around_quotes(text: str, quotes: Sequence[str]) -> tuple[Segment, ...]:
    """``text`` cut where a quote stands in it, or all of it where it stands in a quote."""
    if any(text and text in quote for quote in quotes):
        return (Segment(text, True),)
    within = [False] * len(text)
    for quote in filter(None, quotes):
        start = text.find(quote)
        while start >= 0:
            within[start : start + len(quote)] = [True] * len(quote)
            start = text.find(quote, start + 1)
    pieces, done = [], 0
    for place in range(1, len(text) + 1):
        if place == len(text) or within[place] != within[done]:
            pieces.append(Segment(text[done:place], within[done]))
            done = place
    return tuple(pieces)


def _expected(question: Question, otherwise: str) -> tuple[str, ...]:
    """One text an item of the answer, with its alternatives; of a refusal, its reason."""
    return tuple(" | ".join(group) for group in question.answers) or (otherwise,)


def _statement(given: Json) -> ShownStatement:
    before, span, after = given["text"].partition(given.get("span") or "\0")
    return ShownStatement(before, span, after, ", ".join(map(str, given["citations"])))


def _citation(given: Json) -> ShownCitation:
    labels = [reference["label"] for reference in given.get("references") or ()]
    return ShownCitation(
        number=given["number"],
        source=_source(given),
        footnotes=", ".join(labels),
        place=f"characters {given['start']} to {given['end']}",
        citation_id=_text(given.get("citation_id")) or given["document_id"],
        quote=given["quote"],
    )


def _passage(given: Json, quotes: Sequence[str]) -> ShownPassage:
    citation = given.get("citation") or {}
    return ShownPassage(
        rank=given["rank"],
        score=given["score"],
        passage_id=given["id"],
        source=_source(citation),
        pieces=around_quotes(_text(given.get("text")) or _text(citation.get("quote")), quotes),
    )


def _source(citation: Json) -> str:
    """What is quoted: its kind, its label and its title, as far as they are known."""
    kind = _text(citation.get("kind"))
    named = " ".join(filter(None, (_KINDS.get(kind, kind), _text(citation.get("label")))))
    if citation.get("identity") == Identity.DIGEST.value:
        named += " (a digest)"
    return ": ".join(filter(None, (named, _text(citation.get("title")))))


def _text(value: object) -> str:
    """A text that another system may have left out, or given another kind of value."""
    return value if isinstance(value, str) else ""
