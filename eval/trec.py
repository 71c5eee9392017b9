"""Runs in TREC's six columns (query, Q0, passage, rank, score, tag), written and read."""

from __future__ import annotations

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
    """The run of a file, by rank; equal scores are taken apart in that order.

    Raises ``UnreadableFile`` for no such file, ``InputError`` for a line that is not six columns.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(
            f"The run {path} cannot be read: {error}.", about=str(path), hint="Name a TREC run."
        ) from error
    ranked: dict[str, list[tuple[int, str, float]]] = {}
    for number, line in enumerate(lines, start=1):
        try:
            query_id, _, passage_id, rank, score, _ = line.split()
            ranked.setdefault(query_id, []).append((int(rank), passage_id, float(score)))
        except ValueError as error:
            raise InputError(
                f"{path}, line {number} is not `query Q0 passage rank score tag`: {error}.",
                about=f"{path}:{number}",
                hint="Write it with `footnoted eval --run-file`.",
            ) from error
    return {
        query_id: strict_run((passage_id, score) for _, passage_id, score in sorted(hits))
        for query_id, hits in ranked.items()
    }
