"""The vectors of a generation on disk: built as planned, checked against exact search, opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import faiss
import numpy as np

from footnoted.index.approximate import Probing, load_approximate
from footnoted.index.dense import FlatIndex, load_flat, save_index
from footnoted.index.manifest import broken
from footnoted.index.stored_vectors import StoredVectors, write_stored
from footnoted.index.tuning import SEED, Tuned, tune
from footnoted.index.vector_plan import (
    EXACT,
    RECALL,
    ROWS_A_CELL,
    VectorFacts,
    VectorKind,
    VectorPlan,
    candidates,
    choose,
)
from footnoted.protocols import VectorIndex, Vectors

DENSE_FILE = "dense.faiss"
_ADDED = 65536  # rows added at once
_ROUNDS = 4  # of k-means; ten (25 for codes) take longer and find no more


def write_vectors(
    folder: Path,
    vectors: Vectors,
    memory_mb: int | None = None,
    bound: float = RECALL,
    plan: VectorPlan | None = None,
) -> VectorFacts:
    """Write an index of ``vectors``, shape ``(n, dim)``, into ``folder``, and say what it became.

    The kind is ``plan``'s, or what ``choose`` says for ``memory_mb``; where its recall@10 falls
    below ``bound`` the next better one is built, in the end the exact one. ``OSError``.
    """
    rows, dim = vectors.shape
    first = plan or choose(rows, dim, memory_mb)
    plans = candidates(rows, dim)
    kinds = [possible.kind for possible in plans]
    if first.kind not in kinds:
        raise ValueError(f"{rows} rows of {dim} numbers cannot be {first.kind}")
    for possible in reversed(plans[1 : kinds.index(first.kind) + 1]):
        index, tuned = _trained(vectors, possible)
        if tuned.recall >= bound:
            save_index(index, folder / DENSE_FILE)
            write_stored(folder, vectors)
            return VectorFacts(
                possible.kind,
                possible.factory,
                tuned.probing._asdict(),
                round(tuned.recall, 4),
                tuned.measured_on,
            )
    flat = FlatIndex(dim)
    flat.add(vectors)
    flat.save(folder / DENSE_FILE)
    return EXACT


def open_vectors(folder: Path, facts: VectorFacts, dim: int, bound: float = RECALL) -> VectorIndex:
    """The index of ``dim`` numbers that ``write_vectors`` wrote.

    ``IndexBroken`` for other files, of another dimension, or with a recall below ``bound``.
    Compare the files' checksums first; exact vectors beside an index are checked as they are read.
    """
    path = folder / DENSE_FILE
    if facts.recall_at_10 < bound:
        raise broken(path, f"it finds {facts.recall_at_10:.3f} of the ten best, less than {bound}")
    index: VectorIndex
    if facts.kind is VectorKind.FLAT:
        index = load_flat(path)
    else:
        try:
            probing = Probing(**facts.parameters)
        except TypeError as error:
            raise broken(path, f"its manifest's parameters are {dict(facts.parameters)}") from error
        index = load_approximate(path, StoredVectors(folder, dim), probing, facts.kind)
    if index.dim != dim:
        raise broken(path, f"it has {index.dim} numbers a row, its manifest says {dim}")
    return index


def _trained(vectors: Vectors, plan: VectorPlan) -> tuple[Any, Tuned]:
    """The plan's index with all rows in it."""
    rows, dim = vectors.shape
    index: Any = faiss.index_factory(dim, plan.factory, faiss.METRIC_INNER_PRODUCT)
    index.cp.niter = _ROUNDS
    if plan.kind is VectorKind.PQ:
        index.pq.cp.niter = _ROUNDS
    draw = np.random.default_rng(SEED)
    seen = min(rows, ROWS_A_CELL * int(index.nlist))
    index.train(vectors[np.sort(draw.choice(rows, seen, replace=False))])
    for start in range(0, rows, _ADDED):
        index.add(np.ascontiguousarray(vectors[start : start + _ADDED], np.float32))
    return index, tune(index, plan.kind, vectors)
