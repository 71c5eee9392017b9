"""The answers of an eval run as they are made, a line each, so that a killed run can go on.

An answer's line goes to ``answers.jsonl`` and its milliseconds to ``timings.jsonl``, so that the
first is the same for every run. A line that a kill cut short is dropped and asked for again.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from footnoted.domain import Json
from footnoted.errors import InputError, LockedError, UnreadableFile, storage_errors

ANSWERS = "answers.jsonl"
TIMINGS = "timings.jsonl"
_TIMES = "timings_ms"


@dataclass(slots=True)
class AnswerLog:
    """Answer documents and milliseconds by question id; on disk as well where there are files."""

    documents: dict[str, Json] = field(default_factory=dict)
    milliseconds: dict[str, float] = field(default_factory=dict)
    _files: tuple[IO[bytes], IO[bytes]] | None = None

    def add(self, question_id: str, document: Mapping[str, Any], milliseconds: float) -> None:
        """Keep an answer; it is on disk when this returns. Raises ``DiskFull``."""
        kept = answer_line(question_id, document)
        self.documents[question_id] = kept
        self.milliseconds[question_id] = round(milliseconds, 3)
        if self._files is None:
            return
        timing = {"id": question_id, "ms": self.milliseconds[question_id]}
        # The timing goes first: an answer without one would leave a hole in the latencies.
        for file, line in zip(reversed(self._files), (timing, kept), strict=True):
            with storage_errors(file.name):
                file.write(json_line(line).encode())
                file.flush()


def answer_line(question_id: str, document: Mapping[str, Any]) -> Json:
    """The document as it is kept: with its question's id, without what it took."""
    return {"id": question_id} | {k: v for k, v in document.items() if k not in (_TIMES, "id")}


def json_line(value: Json) -> str:
    """One line of JSON Lines; other scripts stay readable, lone surrogates are escaped."""
    line = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if any("\ud800" <= character <= "\udfff" for character in line):
        line = json.dumps(value, allow_nan=False)
    return line + "\n"


@contextmanager
def open_log(folder: Path) -> Iterator[AnswerLog]:
    """The log in ``folder``, with what an earlier, killed run left there.

    Raises ``LockedError`` while another process writes it, ``InputError`` for a damaged line.
    """
    with ExitStack() as stack:
        with storage_errors(folder):
            answers, timings = (
                stack.enter_context((folder / name).open("a+b")) for name in (ANSWERS, TIMINGS)
            )
        try:
            fcntl.flock(answers, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LockedError(
                f"Another process is writing the run in {folder}.",
                about=str(folder),
                hint="Wait for it to end, or name another folder.",
            ) from error
        for file in (answers, timings):
            _drop_torn_line(file)
        yield AnswerLog(read_logged_answers(folder), read_milliseconds(folder), (answers, timings))


def read_logged_answers(folder: Path) -> dict[str, Json]:
    """The answer documents of a run folder by question id; empty without the file."""
    found: dict[str, Json] = {}
    for where, line in json_lines(folder / ANSWERS):
        if not isinstance(line.get("id"), str) or line["id"] in found:
            raise damaged(where, "it has no 'id' of its own")
        found[line["id"]] = line
    return found


def read_milliseconds(folder: Path) -> dict[str, float]:
    """What each question of a run folder took; empty without the file."""
    found: dict[str, float] = {}
    for where, line in json_lines(folder / TIMINGS):
        if not isinstance(line.get("id"), str) or not isinstance(line.get("ms"), (int, float)):
            raise damaged(where, 'it is not {"id": …, "ms": …}')
        found[line["id"]] = float(line["ms"])
    return found


def json_lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a JSON Lines file with ``file:line``; none where there is no such file."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(
            f"{path} cannot be read: {error}.", about=str(path), hint="Make the run again."
        ) from error
    for number, line in enumerate(text.split("\n"), start=1):
        if not line:
            continue
        where = f"{path}:{number}"
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise damaged(where, f"it is not JSON ({error})") from error
        if not isinstance(value, dict):
            raise damaged(where, "it is no JSON object")
        yield where, value


def damaged(where: str, why: str) -> InputError:
    """The error for a file of a run folder that is not as it was written."""
    return InputError(
        f"The run folder is damaged at {where}: {why}.",
        about=where,
        hint="Make the run again in a new folder.",
    )


def _drop_torn_line(file: IO[bytes]) -> None:
    """Cut off what follows the last line end; a whole line is never lost."""
    file.seek(0)
    whole = file.read().rfind(b"\n") + 1
    with storage_errors(file.name):
        file.truncate(whole)
