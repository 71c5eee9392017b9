"""Token vectors of passages, on disk, and how well they cover a query's tokens (MaxSim).

A query's score for a passage is the mean, over the query's tokens, of the best cosine among the
passage's tokens (ColBERT; Khattab and Zaharia 2020). The vectors are the encoder's own, reduced to
``token_dim`` dimensions and one byte each; only the rows that a query reranks are read.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from footnoted.errors import IndexBroken
from footnoted.index.products import cosines
from footnoted.protocols import Vectors

Rows = NDArray[np.int64]

VECTORS_FILE = "tokens.i8"
OFFSETS_FILE = "token-offsets.npy"
CHECKSUMS_FILE = "token-checksums.npy"
_KEPT = 512  # rows that stay unpacked, the last ones read: about 14 MB


class TokenStore:
    """The token vectors of every row, mapped from disk."""

    def __init__(self, folder: Path, dim: int) -> None:
        """Opens what ``write_tokens`` wrote; ``IndexBroken`` when its parts do not fit."""
        self._path = folder / VECTORS_FILE
        self._dim = dim
        self._kept: dict[int, Vectors] = {}
        self._keeping = threading.Lock()
        try:
            self._offsets = np.load(folder / OFFSETS_FILE, allow_pickle=False)
            self._checksums = np.load(folder / CHECKSUMS_FILE, allow_pickle=False)
            size = self._path.stat().st_size
            fits = size == int(self._offsets[-1]) * dim
            fits = fits and len(self._checksums) == len(self._offsets) - 1
        except (OSError, ValueError, IndexError, EOFError) as error:
            raise _broken(self._path, str(error)) from error
        if not fits:
            raise _broken(self._path, f"{size} bytes do not fit its table of rows")
        self._bytes = np.zeros(0, np.uint8)
        if size:  # as a plain array: memmap's own class slows every slice
            self._bytes = np.memmap(self._path, np.uint8, "r").view(np.ndarray)

    def __len__(self) -> int:
        return len(self._checksums)

    def vectors(self, row: int) -> Vectors:
        """The token vectors of a row, shape ``(tokens, dim)``, float32, unit norm, read-only."""
        return self._unpacked([row])[0]

    def gathered(self, rows: Sequence[int]) -> tuple[Vectors, Rows]:
        """The token vectors of several rows, one after another, and where each row's begin.

        Shapes ``(tokens, dim)``, float32, unit norm, and ``(len(rows),)``.
        """
        parts = self._unpacked(rows)
        starts = np.cumsum([0, *(len(part) for part in parts)])[:-1]
        whole = np.concatenate(parts) if parts else np.zeros((0, self._dim), np.float32)
        return whole, starts.astype(np.int64)

    def packed(self, row: int) -> NDArray[np.int8]:
        """The stored bytes of a row, shape ``(tokens, dim)``; ``IndexBroken`` if they changed."""
        start, end = (int(offset) * self._dim for offset in self._offsets[row : row + 2])
        data = self._bytes[start:end]
        if zlib.crc32(data.tobytes()) != int(self._checksums[row]):
            raise _broken(self._path, f"the bytes of row {row} have changed")
        return data.view(np.int8).reshape(-1, self._dim)

    def _unpacked(self, rows: Sequence[int]) -> list[Vectors]:
        """The vectors of each row; those that are not kept are unpacked together, then kept."""
        known = {row: self._kept.get(row) for row in rows}
        new = [row for row, vectors in known.items() if vectors is None]
        if new:
            packed = [self.packed(row) for row in new]
            whole = unpack(np.concatenate(packed))
            whole.flags.writeable = False  # whoever asks next gets the same array
            ends = np.cumsum([len(part) for part in packed])
            parts = {
                row: whole[start:end]
                for row, start, end in zip(new, (0, *ends[:-1]), ends, strict=True)
            }
            known |= parts
            with self._keeping:
                self._kept |= parts
                # The oldest go first, and with the last of them the array that they share.
                for row in list(self._kept)[:-_KEPT]:
                    del self._kept[row]
        return [vectors for row in rows if (vectors := known[row]) is not None]


def write_tokens(folder: Path, dim: int, rows: Sequence[NDArray[np.int8]]) -> None:
    """Write packed token vectors, one array ``(tokens, dim)`` a row."""
    offsets = np.zeros(len(rows) + 1, np.int64)
    checksums = np.zeros(len(rows), np.uint32)
    with (folder / VECTORS_FILE).open("wb") as file:
        for row, vectors in enumerate(rows):
            data = np.ascontiguousarray(vectors, np.int8).tobytes()
            file.write(data)
            offsets[row + 1] = offsets[row] + len(data) // dim
            checksums[row] = zlib.crc32(data)
    np.save(folder / OFFSETS_FILE, offsets)
    np.save(folder / CHECKSUMS_FILE, checksums)


def pack(vectors: Vectors) -> NDArray[np.int8]:
    """One byte a number: each vector's largest becomes 127. Its length is lost: it was 1."""
    peak = np.abs(vectors).max(axis=1, keepdims=True, initial=np.finfo(np.float32).tiny)
    packed: NDArray[np.int8] = np.rint(vectors / peak * 127).astype(np.int8)
    return packed


def unpack(packed: NDArray[np.int8]) -> Vectors:
    """Unit vectors, float32, of what ``pack`` made."""
    unit: Vectors = packed.astype(np.float32)
    squares = np.einsum("ij,ij->i", unit, unit)
    unit *= (1 / np.sqrt(np.maximum(squares, 1)))[:, None]
    return unit


class Compared(NamedTuple):
    """The cosine of each of a query's tokens with each token of several rows, side by side.

    ``cosines`` has the shape ``(query tokens, tokens)``; row ``n`` begins at ``starts[n]``.
    """

    cosines: Vectors
    starts: Rows

    def of_rows(self) -> list[Vectors]:
        """Those of each row, shape ``(query tokens, its tokens)``."""
        starts = self.starts.tolist()
        ends = [*starts[1:], self.cosines.shape[1]]
        return [self.cosines[:, start:end] for start, end in zip(starts, ends, strict=True)]

    def max_sims(self) -> Vectors:
        """Each row's mean best cosine over the query's tokens; 0 where either has no tokens."""
        found = np.zeros(len(self.starts), np.float32)
        filled = np.diff([*self.starts, self.cosines.shape[1]]) > 0
        if len(self.cosines) and filled.any():
            best = np.maximum.reduceat(self.cosines, self.starts[filled], axis=1)
            found[filled] = best.mean(axis=0)
        return found


def compare(query: Vectors, store: TokenStore, rows: Sequence[int]) -> Compared:
    """The token vectors of ``query``, shape ``(query tokens, dim)``, beside those of ``rows``."""
    vectors, starts = store.gathered(rows)
    return Compared(cosines(query, vectors), starts)


def _broken(path: Path, what: str) -> IndexBroken:
    return IndexBroken(
        f"The token vectors {path} cannot be used: {what}.",
        about=str(path),
        hint="`footnoted index rebuild` makes a new index from the corpus.",
    )
