"""What both rankers and the token vectors say of a query's passages, and the rankings that follow.

A query is encoded and searched once; every ranking that a stage or a setting would give is worked
out from that, so that comparing many settings costs no more searches than one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from footnoted.index.embedder import TokenEmbedder
from footnoted.index.fusion import fuse_convex, fuse_reciprocal, legibility, min_max
from footnoted.index.late_interaction import compare
from footnoted.index.retrieval import DEPTH, Searcher
from footnoted.index.token_vectors import TokenVectors
from footnoted.index.tokens import query_tokens
from footnoted.protocols import Vectors

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Candidates:
    """The union of both rankers' best ``DEPTH`` rows, each scored by both and by its tokens.

    ``rows``, ``dense``, ``bm25`` and ``maxsim`` have one entry a candidate, in the order of the
    rows; ``maxsim`` is empty where the model or the index has no token vectors. ``by_dense`` and
    ``by_bm25`` are either ranker's own rows, best first. ``legible`` is how far the model can be
    trusted with the query (``fusion.legibility``).
    """

    rows: Rows
    dense: Vectors
    bm25: Vectors
    maxsim: Vectors
    by_dense: Rows
    by_bm25: Rows
    legible: float

    def reciprocal(self) -> Rows:
        """All candidates by reciprocal rank fusion of both lists, best first."""
        return self._sorted(fuse_reciprocal((self.by_bm25, self.by_dense), self.rows))

    def convex(self, dense_weight: float) -> Rows:
        """All candidates by convex fusion, best first."""
        rows, dense, bm25 = self._fusable(dense_weight)
        fused = fuse_convex(dense, bm25, dense_weight * self.legible)
        return rows[np.lexsort((rows, -fused))]

    def mixed(self, dense_weight: float, maxsim_weight: float, depth: int) -> Rows:
        """The convex ranking, its first ``depth`` rows reranked with MaxSim in the mix."""
        rows, dense, bm25 = self._fusable(dense_weight)
        fused = fuse_convex(dense, bm25, dense_weight * self.legible)
        order = np.lexsort((rows, -fused))
        rows, fused = rows[order], fused[order]
        weight = maxsim_weight * self.legible
        if not len(self.maxsim) or not weight:
            return rows
        best = rows[:depth]
        scores = (1 - weight) * fused
        scores[: len(best)] += weight * min_max(self.maxsim[np.searchsorted(self.rows, best)])
        return rows[np.lexsort((np.arange(len(rows)), -scores))]

    def _fusable(self, dense_weight: float) -> tuple[Rows, Vectors, Vectors]:
        """Where the dense side has no weight its rows join only if BM25 has too few."""
        if dense_weight * self.legible or len(self.by_bm25) < DEPTH:
            return self.rows, self.dense, self.bm25
        kept = np.isin(self.rows, self.by_bm25)
        return self.rows[kept], self.dense[kept], self.bm25[kept]

    def _sorted(self, scores: Vectors) -> Rows:
        return self.rows[np.lexsort((self.rows, -scores))]


def candidates_of(searcher: Searcher, query: str) -> Candidates:
    """What the searcher's parts say of ``query``, which must not be blank."""
    generation, languages = searcher.generation, searcher.generation.manifest.languages
    vector, tokens = _encoded(searcher, query)
    terms = query_tokens(query, languages)
    bm25, by_bm25 = generation.lexical.search(terms, DEPTH)
    _, by_dense = generation.dense.search(vector, DEPTH)
    rows = np.union1d(by_bm25, by_dense).astype(np.int64)
    scored = np.zeros(len(rows), np.float32)
    scored[np.searchsorted(rows, by_bm25)] = bm25
    if len(by_bm25) >= DEPTH:
        rest = np.setdiff1d(rows, by_bm25)
        scored[np.searchsorted(rows, rest)] = generation.lexical.scores_for(terms, rest)
    maxsim = np.zeros(0, np.float32)
    if generation.tokens is not None and tokens is not None and tokens.tokens:
        maxsim = compare(tokens.vectors, generation.tokens, rows.tolist()).max_sims()
    return Candidates(
        rows,
        generation.dense.scores_for(vector, rows),
        scored,
        maxsim,
        by_dense,
        by_bm25,
        legibility(query, languages[0], searcher.embedder.card),
    )


def _encoded(searcher: Searcher, query: str) -> tuple[Vectors, TokenVectors | None]:
    embedder = searcher.embedder
    if isinstance(embedder, TokenEmbedder) and searcher.generation.tokens is not None:
        return embedder.embed_query_tokens(query)
    return embedder.embed_query(query), None
