"""A question's result as a line of JSON and back: enough to make the report again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from footnoted.domain import Json, RefusalReason
from footnoted.eval.questions import Evidence, Question
from footnoted.eval.runs import QuestionRow, Values


def row_line(row: QuestionRow) -> Json:
    """One question's line; nothing in it depends on when or where it was asked."""
    return {
        "id": row.question.question_id,
        "question": row.question.text,
        "language": row.question.language,
        "answerable": row.question.answerable,
        "reason": None if row.question.reason is None else str(row.question.reason),
        "tags": list(row.question.tags),
        "answers": [list(group) for group in row.question.answers],
        "evidence": [{"document": e.document, "quote": e.quote} for e in row.question.evidence],
        "references": list(row.question.references),
        "answered": row.answered,
        "confidence": row.confidence,
        "expected": row.expected,
        "got": row.got,
        "failure": row.failure,
        "values": dict(row.values),
    }


def read_row(line: Mapping[str, Any]) -> QuestionRow:
    """The row of a line; ``KeyError``, ``TypeError`` or ``ValueError`` for any other object."""
    reason = line["reason"]
    question = Question(
        question_id=_text(line["id"]),
        text=_text(line["question"]),
        language=_text(line["language"]),
        answerable=_flag(line["answerable"]),
        answers=tuple(tuple(map(_text, group)) for group in line["answers"]),
        evidence=tuple(Evidence(_text(e["document"]), _text(e["quote"])) for e in line["evidence"]),
        references=tuple(map(_text, line["references"])),
        reason=None if reason is None else RefusalReason(reason),
        tags=tuple(map(_text, line["tags"])),
    )
    return QuestionRow(
        question=question,
        answered=_flag(line["answered"]),
        confidence=float(line["confidence"]),
        expected=_text(line["expected"]),
        got=_text(line["got"]),
        values={_text(name): float(value) for name, value in line["values"].items()},
    )


def item_lines(values: Values) -> Iterator[Json]:
    """A line for each page or claim of a set that asks nothing: ``{id, values}``."""
    for item_id in dict.fromkeys(i for of_item in values.values() for i in of_item):
        held = {name: of_item[item_id] for name, of_item in values.items() if item_id in of_item}
        yield {"id": item_id, "values": held}


def read_items(lines: Iterable[Mapping[str, Any]]) -> Values:
    """Measure to item id to value, from the lines of ``item_lines``."""
    values: dict[str, dict[str, float]] = {}
    for line in lines:
        for name, value in line["values"].items():
            values.setdefault(_text(name), {})[_text(line["id"])] = float(value)
    return values


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value
