"""The exact vectors beside an approximate index, read from disk a row at a time.

They score what the approximate index finds, and a later generation takes them over, so that no
rounding adds up. They are read, not mapped: the system would map whole neighbourhoods of each row,
and a process would in the end hold all of them.
"""

from __future__ import annotations

import os
import weakref
import zlib
from pathlib import Path

import numpy as np

from footnoted.index.manifest import broken
from footnoted.protocols import Rows, Vectors

STORED_FILE = "dense.f32"
CHECKSUMS_FILE = "dense-checksums.npy"
_BYTES = np.dtype(np.float32).itemsize


class StoredVectors:
    """Every row's vector, float32, as it was made; its file stays open while this lives."""

    def __init__(self, folder: Path, dim: int) -> None:
        """Opens what ``write_stored`` wrote; ``IndexBroken`` when its parts do not fit."""
        self._path = folder / STORED_FILE
        self._dim = dim
        try:
            self._checksums = np.load(folder / CHECKSUMS_FILE, mmap_mode="r", allow_pickle=False)
            self._file = os.open(self._path, os.O_RDONLY)
        except (OSError, ValueError, EOFError) as error:
            raise broken(self._path, str(error)) from error
        weakref.finalize(self, os.close, self._file)
        size = os.fstat(self._file).st_size
        if size != len(self) * dim * _BYTES:
            raise broken(self._path, f"{size} bytes do not hold {len(self)} rows of {dim}")

    def __len__(self) -> int:
        return len(self._checksums)

    @property
    def dim(self) -> int:
        return self._dim

    def vectors(self, rows: Rows) -> Vectors:
        """The vectors of ``rows``, shape ``(len(rows), dim)``; ``IndexBroken`` if they changed."""
        wanted, places = np.unique(np.asarray(rows, np.int64), return_inverse=True)
        if len(wanted) and not 0 <= wanted[0] <= wanted[-1] < len(self):
            raise IndexError(f"rows {wanted[0]} to {wanted[-1]} of {len(self)}")
        parts = [self._run(run) for run in _runs(wanted)]
        found = np.frombuffer(b"".join(parts), np.float32).reshape(-1, self._dim)
        picked: Vectors = found[places]
        return picked

    def _run(self, rows: Rows) -> bytes:
        """The bytes of rows that follow one another."""
        length = self._dim * _BYTES
        first = int(rows[0])
        data = os.pread(self._file, len(rows) * length, first * length)
        for at, expected in enumerate(self._checksums[first : first + len(rows)].tolist()):
            if zlib.crc32(data[at * length : (at + 1) * length]) != expected:
                raise broken(self._path, f"the bytes of row {first + at} have changed")
        return data


def write_stored(folder: Path, vectors: Vectors) -> None:
    """Write ``vectors``, shape ``(n, dim)``, and a CRC-32 of each row; ``OSError``."""
    checksums = np.zeros(len(vectors), np.uint32)
    with (folder / STORED_FILE).open("wb") as file:
        for row, vector in enumerate(np.ascontiguousarray(vectors, np.float32)):
            data = vector.tobytes()
            file.write(data)
            checksums[row] = zlib.crc32(data)
    np.save(folder / CHECKSUMS_FILE, checksums)


def _runs(rows: Rows) -> list[Rows]:
    """Sorted rows, cut where the next one is not the row after."""
    if not len(rows):
        return []
    return np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1)
