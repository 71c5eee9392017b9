"""Where the rows of one generation lie in Milvus, as its folder remembers it."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from footnoted.errors import IndexBroken

PLACE_FILE = "milvus.json"
ROW_BITS = 27  # rows of one partition: 134 million; the other 36 bits of an id are the partition's

_ODD = re.compile(r"[^0-9A-Za-z_]")


@dataclass(frozen=True, slots=True)
class Place:
    """A partition, and how its ids come from rows: ``first_id + row``.

    ``vectors_sha256`` is that of its vectors (little-endian float32, row after row); empty while
    they are being written.
    """

    collection: str
    partition: str
    first_id: int
    rows: int
    dim: int
    vectors_sha256: str = ""

    @property
    def all_ids(self) -> str:
        """The filter expression of every id that belongs to this place."""
        return f"id >= {self.first_id} and id < {self.first_id + (1 << ROW_BITS)}"


def new_place(collection: str, corpus_id: str, generation_id: str, rows: int, dim: int) -> Place:
    """A place that nothing else has: the generation's id is in its name."""
    partition = f"c_{_ODD.sub('_', corpus_id)[:120]}_g_{_ODD.sub('_', generation_id)[:100]}"
    # Ids of one collection must differ between partitions: 36 random bits, a chance of one in
    # 100,000 that two of 1,000 partitions meet.
    return Place(collection, partition, secrets.randbits(63 - ROW_BITS) << ROW_BITS, rows, dim)


def write_place(folder: Path, place: Place) -> None:
    """Write ``place`` into a generation's ``folder``, flushed to disk; ``OSError`` if it cannot.

    A process killed at any moment leaves the file as it was, or whole.
    """
    temporary = folder / f".{PLACE_FILE}.tmp"
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(dataclasses.asdict(place), file, indent=1, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / PLACE_FILE)


def in_milvus(folder: Path) -> bool:
    """Whether the generation in ``folder`` has rows in Milvus, or had begun to write them."""
    return (folder / PLACE_FILE).is_file()


def read_place(folder: Path) -> Place:
    """What ``write_place`` wrote; ``IndexBroken`` for anything else."""
    path = folder / PLACE_FILE
    try:
        place = Place(**json.loads(path.read_text("utf-8")))
        names = (place.collection, place.partition, place.vectors_sha256)
        numbers = (place.first_id, place.rows, place.dim)
        whole = all(isinstance(n, str) for n in names) and all(type(n) is int for n in numbers)
    except (OSError, ValueError, TypeError) as error:
        raise _broken(path, str(error)) from error
    if not whole or _ODD.search(place.collection + place.partition):
        raise _broken(path, "it names no partition")
    return place


def _broken(path: Path, what: str) -> IndexBroken:
    return IndexBroken(
        f"The index cannot be used: {path} cannot be read ({what}).",
        about=str(path),
        hint="`footnoted index rebuild` makes a new index from the corpus.",
    )
