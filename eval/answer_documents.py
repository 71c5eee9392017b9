"""From an answer document (the JSON of ``footnoted ask --json``) to the part that is scored.

Answers may be made elsewhere, so nothing is taken on trust: what is missing or of the wrong kind
is an ``InputError`` that names the question and the field.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from footnoted.domain import Json
from footnoted.errors import InputError, UnreadableFile
from footnoted.eval.questions import Question
from footnoted.eval.trec import is_trec_run


@dataclass(frozen=True, slots=True)
class GivenReference:
    """A footnote that an article citation lists."""

    reference_id: str
    label: str
    group: str


@dataclass(frozen=True, slots=True)
class GivenCitation:
    """The words that a citation quotes, and where it says that they stand."""

    kind: str
    label: str | None
    document_id: str
    text_sha256: str
    start: int
    end: int
    quote: str
    references: tuple[GivenReference, ...]


@dataclass(frozen=True, slots=True)
class GivenStatement:
    """A statement with the citations that it numbers."""

    text: str
    span: str | None
    citations: tuple[GivenCitation, ...]


@dataclass(frozen=True, slots=True)
class GivenPassage:
    """A shown passage; ``citation`` is ``None`` when the document gives it none."""

    passage_id: str
    rank: int
    score: float
    citation: GivenCitation | None


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer or a refusal (no statements); ``passages`` are in the order of their ranks.

    ``confidence`` is from 0 to 1 and says, of both alike, how sure the system is that the corpus
    answers the question. ``generation`` is the index generation, where the document names one.
    """

    answered: bool
    reason: str | None
    confidence: float
    statements: tuple[GivenStatement, ...]
    citations: tuple[GivenCitation, ...]
    passages: tuple[GivenPassage, ...]
    generation: str | None


def load_answers(path: Path, questions: Sequence[Question]) -> dict[str, Json]:
    """The answer documents of a JSONL file by question id, which is a line's ``id``.

    A line without one is found by its ``question``; lines about other questions are left out.
    Raises ``InputError`` for a line that is no JSON object of that kind, for a second answer to a
    question, and for a TREC run, which answers nothing.
    """
    if is_trec_run(path):
        raise InputError(
            f"{path} is a TREC run: it ranks, and these questions need answers.",
            about=str(path),
            hint="Give answer documents, or score the run on a --dataset that judges documents.",
        )
    known = {question.question_id for question in questions}
    id_of_text = {question.text: question.question_id for question in reversed(questions)}
    answers: dict[str, Json] = {}
    for number, line in enumerate(_read(path).split("\n"), start=1):
        if not line.strip():
            continue
        about = f"{path}:{number}"
        try:
            document = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _wrong(about, f"is not JSON ({error})") from error
        if not isinstance(document, dict) or not isinstance(
            name := document.get("id", document.get("question")), str
        ):
            raise _wrong(about, "is no object with an 'id' or a 'question'")
        question_id = name if "id" in document else id_of_text.get(name, "")
        if question_id in answers:
            raise _wrong(about, f"answers the question {question_id!r} a second time")
        if question_id in known:
            answers[question_id] = document
    return answers


def read_answer(question_id: str, document: Mapping[str, Any]) -> GivenAnswer:
    """What is scored of one answer document; ``InputError`` when it breaks the contract."""
    try:
        return _answer(document)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        what = f"lacks {error}" if isinstance(error, KeyError) else f"is wrong: {error}"
        raise InputError(
            f"The answer document of question {question_id!r} {what}.",
            about=question_id,
            hint="Make it with `footnoted ask --json`, or as DESIGN.md's answer document says.",
        ) from error


def _answer(document: Mapping[str, Any]) -> GivenAnswer:
    status = document["status"]
    if status not in ("answered", "refused"):
        raise ValueError(f"'status' is 'answered' or 'refused', not {status!r}")
    numbered = {_kind(c["number"], int): _citation(c) for c in document["citations"]}
    if len(numbered) < len(document["citations"]):
        raise ValueError("two of 'citations' have the same 'number'")
    statements = tuple(_statement(s, numbered) for s in document["statements"])
    if (status == "answered") != bool(statements):
        raise ValueError("an answer has statements and a refusal has none")
    confidence = _number(document["confidence"])
    if not 0 <= confidence <= 1:
        raise ValueError(f"'confidence' is from 0 to 1, not {confidence}")
    passages = sorted((_passage(p) for p in document["passages"]), key=lambda p: p.rank)
    return GivenAnswer(
        answered=status == "answered",
        reason=_optional_text(document.get("reason")),
        confidence=confidence,
        statements=statements,
        citations=tuple(numbered.values()),
        passages=tuple(passages),
        generation=_optional_text((document.get("corpus") or {}).get("generation")),
    )


def _statement(given: Mapping[str, Any], numbered: Mapping[int, GivenCitation]) -> GivenStatement:
    if unknown := [number for number in given["citations"] if number not in numbered]:
        raise ValueError(f"a statement cites {unknown[0]!r}, which is not among 'citations'")
    return GivenStatement(
        text=_kind(given["text"], str),
        span=_optional_text(given.get("span")),
        citations=tuple(numbered[number] for number in given["citations"]),
    )


def _citation(given: Mapping[str, Any]) -> GivenCitation:
    return GivenCitation(
        kind=_kind(given["kind"], str),
        label=_optional_text(given.get("label")),
        document_id=_kind(given["document_id"], str),
        text_sha256=_kind(given["text_sha256"], str),
        start=_kind(given["start"], int),
        end=_kind(given["end"], int),
        quote=_kind(given["quote"], str),
        references=tuple(
            GivenReference(
                _kind(r["reference_id"], str),
                _kind(r["label"], str),
                _kind(r.get("group", ""), str),
            )
            for r in given.get("references") or ()
        ),
    )


def _passage(given: Mapping[str, Any]) -> GivenPassage:
    return GivenPassage(
        passage_id=_kind(given["id"], str),
        rank=_kind(given["rank"], int),
        score=_number(given["score"]),
        citation=_citation(given["citation"]) if given.get("citation") else None,
    )


def _optional_text(value: Any) -> str | None:
    return None if value is None else str(_kind(value, str))


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"{value!r} is not a finite number")
    return float(value)


def _kind(value: Any, kind: type) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ValueError(f"{value!r} is not a {kind.__name__}")
    return value


def _wrong(about: str, what: str) -> InputError:
    return InputError(
        f"{about} {what}.", about=about, hint="Give one answer document a line (JSONL)."
    )


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(
            f"The answers {path} cannot be read: {error}.",
            about=str(path),
            hint="Name a JSONL file in UTF-8, such as `footnoted ask --batch` writes.",
        ) from error


def generation_of(answers: Iterable[GivenAnswer]) -> str | None:
    """The one index generation of these answers; ``InputError`` when they come from several."""
    generations = {answer.generation for answer in answers if answer.generation is not None}
    if len(generations) > 1:
        raise InputError(
            f"These answers come from {len(generations)} index generations.",
            about=", ".join(sorted(generations)),
            hint="Ask all questions again, of one generation.",
        )
    return next(iter(generations), None)
