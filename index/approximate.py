"""Nearest neighbours among a few cells of the vectors, scored exactly, with FAISS.

Rows lie in cells around centroids (an inverted file), in 8 bits a number (SQ8) or half a byte for
four (PQ). A query reads the cells nearest to it, and the best rows found are scored again by their
exact vectors: what comes back has the scores of the exact index, only a row may be missing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import faiss
import numpy as np

from footnoted.index.manifest import broken
from footnoted.index.products import cosines
from footnoted.index.stored_vectors import StoredVectors
from footnoted.index.ties import first_of_ties, in_row_order
from footnoted.index.vector_plan import VectorKind
from footnoted.protocols import Rows, Vectors

# Up to so many allowed rows are all scored by their exact vectors: 4 ms, read one by one.
SCORED_AT_MOST = 256


class Probing(NamedTuple):
    """How far each search looks: ``probes`` cells, and ``2 * k + extra`` rows scored exactly."""

    probes: int
    extra: int

    def depth(self, k: int) -> int:
        return 2 * k + self.extra


class ApproximateIndex:
    """A trained inverted file and the exact vectors of its rows."""

    def __init__(self, index: Any, stored: StoredVectors, probing: Probing) -> None:
        """``index`` is a ``faiss.IndexIVF`` by inner product with the rows of ``stored``."""
        self._index = index
        self._stored = stored
        self._probing = probing

    @property
    def dim(self) -> int:
        return int(self._index.d)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, query: Vectors, k: int, allowed: Rows | None = None) -> tuple[Vectors, Rows]:
        """Scores (float32) and rows of the best ``min(k, size)`` for a query ``(dim,)``.

        Scores are exact; among the rows as many of the best are missing as the manifest's recall
        says, at most. With ``allowed`` every cell is read, since what is allowed may lie far from
        the query: up to the time of exact search, and only rounding can miss a row. Equal scores
        come in the order of the rows.
        """
        wanted = np.ascontiguousarray(query, np.float32)
        among = None if allowed is None else self._known(allowed)
        size = len(self) if among is None else len(among)
        limit = min(k, size)
        if limit <= 0:
            return np.zeros(0, np.float32), np.zeros(0, np.int64)
        if among is not None and size <= SCORED_AT_MOST:
            scores, rows = in_row_order(self.scores_for(wanted, among), among)
            return scores[:limit], rows[:limit]

        def found(depth: int) -> tuple[Vectors, Rows]:
            rows = self._found(wanted, depth, among)
            return self.scores_for(wanted, rows), rows

        # Rows far from the query score alike, and rounding confuses more of them.
        depth = self._probing.depth(limit) * (1 if among is None else 4)
        return first_of_ties(found, limit, depth, size)

    def scores_for(self, query: Vectors, rows: Rows) -> Vectors:
        """The inner product of the query with each of ``rows``, float32, in their order."""
        scores: Vectors = cosines(np.asarray(query, np.float32)[None, :], self.vectors(rows))[0]
        return scores

    def vectors(self, rows: Rows) -> Vectors:
        """The vectors of ``rows`` as they were made, shape ``(len(rows), dim)``."""
        return self._stored.vectors(rows)

    def _known(self, allowed: Rows) -> Rows:
        rows: Rows = np.unique(np.asarray(allowed, np.int64))
        return rows[(rows >= 0) & (rows < len(self))]

    def _found(self, query: Vectors, depth: int, among: Rows | None) -> Rows:
        """About the best ``depth`` rows, in any order; never fewer where there are as many."""
        cells, size = int(self._index.nlist), len(self)
        probes = max(self._probing.probes, int(np.ceil(4 * depth * cells / size)))
        everywhere = looking(cells)
        if among is not None:
            chosen = np.zeros(size, np.bool_)
            chosen[among] = True
            bits = np.packbits(chosen, bitorder="little")  # FAISS keeps no reference to it
            everywhere.sel = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
        tries = (everywhere,) if among is not None else (looking(min(cells, probes)), everywhere)
        found: Rows = np.zeros(0, np.int64)
        for parameters in tries:
            _, rows = self._index.search(query[None, :], depth, params=parameters)
            found = rows[0][rows[0] >= 0]
            if len(found) == depth:
                break
        return found


def looking(probes: int) -> faiss.SearchParametersIVF:
    """The parameters of a search that reads so many cells."""
    parameters = faiss.SearchParametersIVF()
    parameters.nprobe = probes
    return parameters


def load_approximate(
    path: Path, stored: StoredVectors, probing: Probing, kind: VectorKind
) -> ApproximateIndex:
    """The index that ``save_index`` wrote; ``IndexBroken`` for any other file.

    SQ8 is mapped, so that workers share its memory. Of PQ, whose codes lie in blocks, FAISS makes
    a copy in each process even when it maps the file: it is read without. FAISS trusts what it
    maps: compare the file's checksum first (``opening`` does).
    """
    try:
        loaded = faiss.read_index(str(path), 0 if kind is VectorKind.PQ else faiss.IO_FLAG_MMAP_IFC)
    except RuntimeError as error:
        raise broken(path, f"it cannot be read: {str(error).splitlines()[0]}") from error
    if not isinstance(loaded, faiss.IndexIVF) or loaded.metric_type != faiss.METRIC_INNER_PRODUCT:
        raise broken(path, f"it is a {type(loaded).__name__}, not cells by inner product")
    if (loaded.ntotal, loaded.d) != (len(stored), stored.dim):
        raise broken(
            path,
            f"it has {loaded.ntotal} rows of {loaded.d}, and beside it lie {len(stored)} "
            f"of {stored.dim}",
        )
    return ApproximateIndex(loaded, stored, probing)
