"""Exact nearest neighbours of unit vectors by inner product, with FAISS."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np

from footnoted.errors import IndexBroken
from footnoted.index.products import cosines
from footnoted.index.ties import first_of_ties
from footnoted.protocols import Rows, Vectors


class FlatIndex:
    """Every vector as it is, compared with every query: the answer that others approximate."""

    def __init__(self, dim: int, index: faiss.IndexFlat | None = None) -> None:
        self._index = faiss.IndexFlatIP(dim) if index is None else index

    @property
    def dim(self) -> int:
        return int(self._index.d)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, vectors: Vectors) -> None:
        """Append rows, shape ``(n, dim)``; the first row ever added is row 0."""
        self._index.add(np.ascontiguousarray(vectors, np.float32))

    def search(self, query: Vectors, k: int, allowed: Rows | None = None) -> tuple[Vectors, Rows]:
        """Scores (float32) and rows of the best ``min(k, size)`` for a query ``(dim,)``.

        ``allowed`` limits the rows. Equal scores come in the order of the rows.
        """
        size = len(self) if allowed is None else len(np.unique(allowed))
        limit = min(k, size)
        if limit <= 0:
            return np.zeros(0, np.float32), np.zeros(0, np.int64)
        parameters = None
        if allowed is not None:
            selector = faiss.IDSelectorBatch(np.ascontiguousarray(allowed, np.int64))
            parameters = faiss.SearchParameters()
            parameters.sel = selector
        wanted = np.ascontiguousarray(query, np.float32)[None, :]

        def found(depth: int) -> tuple[Vectors, Rows]:
            scores, rows = self._index.search(wanted, depth, params=parameters)
            kept = rows[0] >= 0
            return scores[0][kept], rows[0][kept]

        return first_of_ties(found, limit, limit, size)

    def scores_for(self, query: Vectors, rows: Rows) -> Vectors:
        """The inner product of the query with each of ``rows``, float32, in their order."""
        scores: Vectors = cosines(np.asarray(query, np.float32)[None, :], self.vectors(rows))[0]
        return scores

    def vectors(self, rows: Rows) -> Vectors:
        """The stored vectors of ``rows``, shape ``(len(rows), dim)``."""
        if not len(rows):
            return np.zeros((0, self.dim), np.float32)
        found: Vectors = self._index.reconstruct_batch(np.ascontiguousarray(rows, np.int64))
        return found

    def save(self, path: Path) -> None:
        """Write the index to ``path``; ``OSError`` when the disk refuses."""
        save_index(self._index, path)


def save_index(index: faiss.Index, path: Path) -> None:
    """Write any FAISS index to ``path``; ``OSError`` when the disk refuses."""
    path.write_bytes(faiss.serialize_index(index).data)  # its own writer hides the reason


def load_flat(path: Path) -> FlatIndex:
    """The index that ``save`` wrote, mapped, so that workers share its memory.

    ``IndexBroken`` for any other file. FAISS trusts what it maps: compare the file's checksum
    first (``opening`` does).
    """
    try:
        loaded = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    except RuntimeError as error:
        raise IndexBroken(
            f"The vectors {path} cannot be read: {str(error).splitlines()[0]}",
            about=str(path),
            hint="`footnoted index rebuild` makes a new index from the corpus.",
        ) from error
    if not isinstance(loaded, faiss.IndexFlat) or loaded.metric_type != faiss.METRIC_INNER_PRODUCT:
        raise IndexBroken(
            f"The vectors {path} are a {type(loaded).__name__}, not an exact inner product index.",
            about=str(path),
            hint="`footnoted index rebuild` makes a new index from the corpus.",
        )
    return FlatIndex(int(loaded.d), loaded)
