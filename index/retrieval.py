"""A query's ranked passages: dense and BM25 candidates, fused, the best reranked by MaxSim."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from footnoted.domain import Signals
from footnoted.errors import QuestionError, UsageError
from footnoted.index.embedder import TextEmbedder, TokenEmbedder, TokenVectors
from footnoted.index.fusion import fuse_convex, legibility, min_max, strictly_decreasing
from footnoted.index.generations import Generation
from footnoted.index.late_interaction import max_sims
from footnoted.index.products import cosines
from footnoted.index.tokens import query_tokens
from footnoted.protocols import Vectors

Rows = NDArray[np.int64]

DEPTH = 100
RERANK = 30
DENSE_WEIGHT = 0.5
MAXSIM_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Scored:
    """A passage's place among the results; scores fall strictly and mean nothing between queries.

    ``signals`` hold what does: cosine, BM25, and the mean best cosine of the query's tokens.
    """

    passage_id: str
    score: float
    rank: int
    signals: Signals


@dataclass(frozen=True, slots=True)
class _Query:
    """A query as every ranker wants it."""

    vector: Vectors
    token_vectors: TokenVectors | None
    terms: list[str]
    dense_weight: float
    maxsim_weight: float


class Searcher:
    """One generation and the model it was made with; safe to share between threads."""

    def __init__(
        self, generation: Generation, embedder: TextEmbedder, dense_weight: float = DENSE_WEIGHT
    ) -> None:
        self.generation = generation
        self.embedder = embedder
        self.dense_weight = dense_weight
        # A question's tokens are wanted again for its evidence; questions also come again.
        self._encoded: Callable[[str], tuple[Vectors, TokenVectors]] | None = None
        if isinstance(embedder, TokenEmbedder) and generation.tokens is not None:
            self._encoded = lru_cache(maxsize=256)(embedder.embed_query_tokens)

    def search(
        self,
        query: str,
        k: int,
        *,
        language: str | None = None,
        allowed: Collection[str] | None = None,
        dense_weight: float | None = None,
        depth: int = DEPTH,
    ) -> list[Scored]:
        """The best ``k`` passages for ``query``, best first; all of them when there are fewer.

        ``language`` is the query's, where it is known; ``allowed`` limits the passages;
        ``dense_weight`` replaces the searcher's; ``depth`` is how many candidates each ranker
        names. Raises ``UsageError`` for ``k`` below 1, ``QuestionError`` for a blank query.
        """
        if k < 1:
            raise UsageError(f"k must be at least 1, not {k}.", about="k", hint="Ask for 8.")
        rows = None if allowed is None else self._rows(allowed)
        size = len(self.generation.passage_ids) if rows is None else len(rows)
        if not size:
            return []
        asked = self._query(query, language, dense_weight)
        candidates, dense, bm25 = self._candidates(asked, min(max(k, depth), size), rows)
        fused = fuse_convex(dense, bm25, asked.dense_weight)
        order = np.lexsort((candidates, -fused))
        candidates, fused = candidates[order], fused[order]
        dense, bm25 = dense[order], bm25[order]
        maxsim = self._max_sims(asked, candidates[:RERANK])
        mixed, best = _mixed(fused, maxsim, asked.maxsim_weight)
        scores = strictly_decreasing([float(mixed[at]) for at in best[:k]])
        return [
            Scored(
                passage_id=self.generation.passage_ids[int(candidates[at])],
                score=score,
                rank=rank,
                signals=Signals(
                    dense=float(dense[at]),
                    bm25=float(bm25[at]),
                    maxsim=float(maxsim[at]) if at < len(maxsim) else None,
                ),
            )
            for rank, (at, score) in enumerate(zip(best[:k].tolist(), scores, strict=True), 1)
        ]

    def query_tokens(self, query: str) -> TokenVectors | None:
        """The token vectors of ``query``; ``None`` where the index or the model has none."""
        return self._encoded(query)[1] if self._encoded is not None else None

    def cosines(self, tokens: TokenVectors, passage_id: str) -> Vectors:
        """The cosine of each query token with each token of a passage as it was indexed.

        Shape ``(query tokens, passage tokens)``; no columns for a passage that is not indexed.
        """
        store, row = self.generation.tokens, self.generation.row_of.get(passage_id)
        if store is None or row is None:
            return np.zeros((len(tokens.tokens), 0), np.float32)
        return cosines(tokens.vectors, store.vectors(row))

    def _query(self, query: str, language: str | None, dense_weight: float | None) -> _Query:
        if not query.strip():
            raise QuestionError("The query is empty.", hint="Ask for some words.")
        setting = self.dense_weight if dense_weight is None else dense_weight
        known = self.generation.manifest.languages
        languages = list(dict.fromkeys((language, *known) if language else known))
        tokens: TokenVectors | None = None
        if self._encoded is not None:
            vector, tokens = self._encoded(query)
        else:
            vector = self.embedder.embed_query(query)
        legible = legibility(query, language or known[0], self.embedder.card)
        terms = query_tokens(query, languages)
        return _Query(vector, tokens, terms, setting * legible, MAXSIM_WEIGHT * legible)

    def _candidates(
        self, asked: _Query, depth: int, rows: Rows | None
    ) -> tuple[Rows, Vectors, Vectors]:
        """The union of both rankers' best, in the order of the rows, with either's score of each.

        Where the model cannot read the query its own are only a last resort: BM25 comes first.
        """
        lexical, dense = self.generation.lexical, self.generation.dense
        bm25, by_bm25 = lexical.search(asked.terms, depth, rows)
        if asked.dense_weight == 0 and len(by_bm25) >= depth:
            candidates = np.sort(by_bm25)
            cosine, by_cosine = np.zeros(0, np.float32), np.zeros(0, np.int64)
        else:
            cosine, by_cosine = dense.search(asked.vector, depth, rows)
            candidates = np.union1d(by_bm25, by_cosine)
        # A list that is not full holds every row that shares a term.
        rest = lexical.scores_for if len(by_bm25) >= depth else _none_scored
        return (
            candidates,
            _completed(candidates, by_cosine, cosine, partial(dense.scores_for, asked.vector)),
            _completed(candidates, by_bm25, bm25, partial(rest, asked.terms)),
        )

    def _max_sims(self, asked: _Query, rows: Rows) -> Vectors:
        """The MaxSim of each of ``rows``; empty where there are no token vectors to compare."""
        store, tokens = self.generation.tokens, asked.token_vectors
        if store is None or tokens is None or not tokens.tokens or not asked.maxsim_weight:
            return np.zeros(0, np.float32)
        return max_sims(tokens.vectors, store, rows.tolist())

    def _rows(self, passage_ids: Iterable[str]) -> Rows:
        row_of = self.generation.row_of
        found = {row_of[passage_id] for passage_id in passage_ids if passage_id in row_of}
        return np.array(sorted(found), np.int64)


def _completed(
    candidates: Rows, rows: Rows, scores: Vectors, score: Callable[[Rows], Vectors]
) -> Vectors:
    """The score of each candidate: that which its ranker gave it, else what ``score`` says."""
    whole = np.zeros(len(candidates), np.float32)
    at = np.searchsorted(candidates, rows)
    whole[at] = scores
    rest = np.ones(len(candidates), bool)
    rest[at] = False
    if rest.any():
        whole[rest] = score(candidates[rest])
    return whole


def _none_scored(_: object, rows: Rows) -> Vectors:
    return np.zeros(len(rows), np.float32)


def _mixed(fused: Vectors, maxsim: Vectors, weight: float) -> tuple[Vectors, NDArray[np.int64]]:
    """Final scores of candidates sorted by ``fused``, and their order, best first.

    The first ``len(maxsim)`` mix both scores; the others have no MaxSim and rank below them.
    """
    if not len(maxsim):
        return fused, np.arange(len(fused))
    scores = (1 - weight) * fused
    scores[: len(maxsim)] += weight * min_max(maxsim)
    return scores, np.lexsort((np.arange(len(fused)), -scores))
