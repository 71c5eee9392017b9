"""Runs in TREC's six columns (query, Q0, passage, rank, score, tag), written and read."""

from __future__ import annotations

import math
from pathlib import Path

from footnoted.errors import InputError, UnreadableFile, UsageError, storage_errors
from footnoted.eval.measures import Run, check_run, strict_run


def write_trec_run(path: Path, run: Run, *, tag: str = "footnoted") -> None:
    """Write ``run``; scores keep every digit, so that no reader sees a tie that is none.

    Raises ``InputError`` for a run that does not strictly decrease, ``UsageError`` for an id or tag
    with white space, which the format cannot hold, and for a path that can be no file.
    """
    check_run(run)
    names = [tag, *run, *(passage_id for hits in run.values() for passage_id, _ in hits)]
    if spaced := [name for name in names if name.split() != [name]]:
        raise UsageError(
            f"A TREC run cannot hold the name {spaced[0]!r}.",
            about=spaced[0],
            hint="Give every question, passage and system a name without white space.",
        )
    lines = [
        f"{query_id} Q0 {passage_id} {rank} {score!r} {tag}\n"
        for query_id, hits in run.items()
        for rank, (passage_id, score) in enumerate(hits, start=1)
    ]
    try:
        with storage_errors(path):
            path.write_text("".join(lines), "utf-8")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise UsageError(
            f"The run cannot be written to {path}: {error.strerror}.",
            about=str(path),
            hint="Name a file in a folder that exists.",
        ) from error


def read_trec_run(path: Path) -> dict[str, list[tuple[str, float]]]:
    """The run of a file, by score as TREC has it; equal scores are taken apart by their ranks.

    Raises ``UnreadableFile`` for no such file, ``InputError`` for a line that is not six columns or
    whose score is no finite number.
    """
    ranked: dict[str, list[tuple[float, int, str]]] = {}
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        try:
            query_id, _, passage_id, rank, said, _ = line.split()
            if not math.isfinite(score := float(said)):
                raise ValueError(f"the score {said} is no finite number")
            ranked.setdefault(query_id, []).append((-score, int(rank), passage_id))
        except ValueError as error:
            raise InputError(
                f"{path}, line {number} is not `query Q0 passage rank score tag`: {error}.",
                about=f"{path}:{number}",
                hint="Write it with `footnoted eval --run-file`.",
            ) from error
    return {
        query_id: strict_run((passage_id, -score) for score, _, passage_id in sorted(hits))
        for query_id, hits in ranked.items()
    }


def is_trec_run(path: Path) -> bool:
    """Whether a file holds a TREC run: six columns in its first line, the last but one a number."""
    try:
        first = next((line for line in _lines(path) if line.strip()), "").split()
        return len(first) == 6 and math.isfinite(float(first[4]))
    except (UnreadableFile, ValueError):
        return False


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(
            f"The run {path} cannot be read: {error}.", about=str(path), hint="Name a TREC run."
        ) from error
