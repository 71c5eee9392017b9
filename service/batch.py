"""Questions in, one a line: ``ask --batch``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from footnoted.errors import UnreadableFile

_NARROWING = ("only", "reference", "kind", "source", "language", "since", "until")


class BatchQuestion(NamedTuple):
    """One question of a batch; ``id`` is the line's number where the line names none.

    ``narrowing`` are the filters that the line sets, by their names; ``None`` lifts one.
    ``history`` are earlier questions, oldest first.
    """

    id: str
    question: str
    narrowing: Mapping[str, str | None] = MappingProxyType({})
    history: tuple[str, ...] = ()


def read_batch(path: Path) -> list[BatchQuestion]:
    """The questions of a JSON Lines file; a line is ``{"id": …, "question": …}`` or a string.

    An object may also set the filters of ``ask``, named as its options (``"language": "en"``), and
    ``"history"``, a list of earlier questions.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(
            f"The batch file {path} cannot be read: {error}.",
            about=str(path),
            hint="It must be UTF-8 text with one JSON object or string a line.",
        ) from error
    questions = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except ValueError as error:
            raise _bad_line(path, number, f"is not JSON: {error}") from error
        if isinstance(item, str):
            item = {"question": item}
        if not isinstance(item, dict) or not isinstance(item.get("question"), str):
            raise _bad_line(path, number, "has no question")
        name = str(item.get("id", number))
        narrowing, history = _narrowing(item, path, number), _history(item, path, number)
        questions.append(BatchQuestion(name, item["question"], narrowing, history))
    return questions


def _narrowing(item: dict[str, Any], path: Path, number: int) -> dict[str, str | None]:
    narrowing = {name: item[name] for name in _NARROWING if name in item}
    for name, value in narrowing.items():
        if value is not None and not isinstance(value, str):
            raise _bad_line(path, number, f"has {name} {value!r}, which is no text")
    return narrowing


def _history(item: dict[str, Any], path: Path, number: int) -> tuple[str, ...]:
    history = item.get("history", [])
    if not isinstance(history, list) or not all(isinstance(text, str) for text in history):
        raise _bad_line(path, number, "has a history that is no list of questions")
    return tuple(history)


def _bad_line(path: Path, number: int, what: str) -> UnreadableFile:
    return UnreadableFile(
        f"Line {number} of {path} {what}.",
        about=f"{path}:{number}",
        hint='Each line is {"id": "q1", "question": "…"} or a string.',
    )
