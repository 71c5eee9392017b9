"""Writes WARC files anew without the records of captures that are to go.

A record is never blanked in place: a file is copied, gzip member by gzip member, to a new name,
and the old one stays until the corpus names the new one. What a killed writer left torn at the
end of a file is not copied, since nobody can say whose words it holds.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from footnoted.errors import storage_errors
from footnoted.ingest.folders import sync_folder
from footnoted.ingest.warc.records import read_head

NAME = re.compile(r"captures-(\d{5,})\.warc\.gz")
_CHUNK = 2**20
_BESIDE = frozenset({"request", "metadata"})  # written before the record with the payload


class Place(NamedTuple):
    """Where a record begins: the file's name inside the corpus folder, and the offset in bytes."""

    file: str
    offset: int


class _Kept(NamedTuple):
    """The bytes of one capture's records, its request before it; ``payload`` is the response's."""

    start: int
    payload: int
    end: int


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What is to become of one file; ``new`` is ``None`` where nothing of it stays."""

    old: Path
    new: Path | None
    kept: tuple[_Kept, ...]


Goes = Callable[[Place, Mapping[str, str]], bool]
"""Whether the record at a place, with these WARC headers (names in small letters), is to go."""


def plan_rewriting(folder: Path, goes: Goes) -> list[Rewriting]:
    """The files of ``folder`` that hold a record which ``goes``, or a torn one; writes nothing."""
    paths = sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name))
    number = max((int(path.name.split("-")[1].partition(".")[0]) for path in paths), default=0)
    plans = []
    for path in paths:
        records = list(_records(path))
        kept = tuple(found for found, headers in records if not goes(_place(path, found), headers))
        whole = sum(found.end - found.start for found in kept) == path.stat().st_size
        if whole:
            continue
        number += bool(kept)
        new = folder / f"captures-{number:05}.warc.gz" if kept else None
        plans.append(Rewriting(path, new, kept))
    return plans


def rewrite(plans: Sequence[Rewriting]) -> dict[Place, Place]:
    """Write the new files, synchronised to disk; where each record that stays has gone.

    Raises ``DiskFull`` and ``ReadOnly``. The old files are not touched.
    """
    moved: dict[Place, Place] = {}
    for plan in plans:
        if plan.new is None:
            continue
        with storage_errors(plan.new), plan.old.open("rb") as old, plan.new.open("xb") as new:
            for kept in plan.kept:
                shift = new.tell() - kept.start
                _copy(old, new, kept.start, kept.end)
                moved[_place(plan.old, kept)] = Place(plan.new.name, kept.payload + shift)
            new.flush()
            os.fsync(new.fileno())
    for folder in {plan.old.parent for plan in plans}:
        sync_folder(folder)
    return moved


def remove_files(folder: Path, names: Collection[str]) -> None:
    """Remove capture files of ``folder``, those that are gone already being none the worse."""
    with storage_errors(folder):
        for name in names:
            (folder / name).unlink(missing_ok=True)
        sync_folder(folder)


def _records(path: Path) -> Iterator[tuple[_Kept, dict[str, str]]]:
    """Each capture's records in a file, with the headers of the one that has the payload."""
    with path.open("rb") as file:
        start = offset = 0
        while (head := read_head(file, offset)) is not None:
            headers, end = head
            if headers.get("warc-type") not in _BESIDE:  # what stood before it is its own
                yield _Kept(start, offset, end), headers
                start = end
            offset = end


def _place(path: Path, kept: _Kept) -> Place:
    return Place(path.name, kept.payload)


def _copy(old: io.BufferedReader, new: io.BufferedWriter, start: int, end: int) -> None:
    old.seek(start)
    while start < end:
        chunk = old.read(min(_CHUNK, end - start))
        new.write(chunk)
        start += len(chunk)
