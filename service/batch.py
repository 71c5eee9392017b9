"""Questions in, one a line: ``ask --batch``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from footnoted.errors import UnreadableFile


class BatchQuestion(NamedTuple):
    """One question of a batch; ``id`` is the line's number where the line names none."""

    id: str
    question: str


def read_batch(path: Path) -> list[BatchQuestion]:
    """The questions of a JSON Lines file; a line is ``{"id": …, "question": …}`` or a string."""
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
        questions.append(BatchQuestion(str(item.get("id", number)), item["question"]))
    return questions


def _bad_line(path: Path, number: int, what: str) -> UnreadableFile:
    return UnreadableFile(
        f"Line {number} of {path} {what}.",
        about=f"{path}:{number}",
        hint='Each line is {"id": "q1", "question": "…"} or a string.',
    )
