"""A query's ranked passages: dense and BM25 candidates, fused, reranked, and spread.

The best of the fused candidates are reranked by MaxSim, the best of those by a cross-encoder
where there is one. Then copies go to the end, and no document fills the top (``diversity``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from footnoted.errors import ModelError, QuestionError, UsageError
from footnoted.index.diversity import LOOKED_AT, PassageTexts, Spread, spread
from footnoted.index.embedder import TextEmbedder, TokenEmbedder
from footnoted.index.fusion import fuse_convex, legibility
from footnoted.index.generations import Generation
from footnoted.index.late_interaction import compare
from footnoted.index.ranking import Ranking, Scored
from footnoted.index.token_vectors import TokenVectors
from footnoted.index.tokens import query_tokens
from footnoted.protocols import Reranker, Rows, Vectors

__all__ = ["DEPTH", "RERANK", "Reranking", "Scored", "Searcher"]

DEPTH = 100
RERANK = 30
DENSE_WEIGHT = 0.5
MAXSIM_WEIGHT = 0.5
_QUERIES = 8  # whose compared passages are kept, 0.2 MB each
_DEEPER = 10  # times as many candidates, where too few of them are no copies


@dataclass(frozen=True, slots=True)
class Reranking:
    """A cross-encoder, how many of the best passages it reads, and the weight of its scores.

    One that reads the embedder's language alone (``monoglot``) is left out of all other queries.
    """

    scorer: Reranker
    depth: int = 20
    weight: float = 0.5
    monoglot: bool = False


@dataclass(frozen=True, slots=True)
class _Query:
    """A query as every ranker wants it."""

    text: str
    vector: Vectors
    token_vectors: TokenVectors | None
    terms: list[str]
    dense_weight: float
    maxsim_weight: float
    legible: float


class Searcher:
    """One generation and the model it was made with; safe to share between threads."""

    def __init__(
        self,
        generation: Generation,
        embedder: TextEmbedder,
        dense_weight: float = DENSE_WEIGHT,
        texts: PassageTexts | None = None,
        reranking: Reranking | None = None,
    ) -> None:
        """Without ``texts`` copies and documents are not told apart, and nothing is read again."""
        self.generation = generation
        self.embedder = embedder
        self.dense_weight = dense_weight
        self._texts = texts
        self._reranking = reranking
        # A question's tokens are wanted again for its evidence; questions also come again.
        self._encoded: Callable[[str], tuple[Vectors, TokenVectors]] | None = None
        if isinstance(embedder, TokenEmbedder) and generation.tokens is not None:
            self._encoded = lru_cache(maxsize=256)(embedder.embed_query_tokens)
        # MaxSim compares what evidence and matches want again: by query, the rows compared.
        self._compared = lru_cache(maxsize=_QUERIES)(_no_rows)
        # Evidence and matches both want them, and the same passages come back.
        self.token_spans = lru_cache(maxsize=1 << 11)(self._token_spans)

    def search(
        self,
        query: str,
        k: int,
        *,
        language: str | None = None,
        allowed: Collection[str] | Rows | None = None,
        dense_weight: float | None = None,
        depth: int = DEPTH,
        every_document: bool = True,
        reread: bool = True,
    ) -> list[Scored]:
        """The best ``k`` passages for ``query``, best first; all of them when there are fewer.

        ``language`` is the query's, where it is known; ``allowed`` limits the passages, by ids
        or by rows, sorted and each once; ``dense_weight`` replaces the searcher's; ``depth`` is
        how many candidates each ranker names; ``every_document`` keeps the top for several;
        without ``reread`` no cross-encoder reads the best of them again.
        Raises ``UsageError`` for ``k`` below 1, ``QuestionError`` for a blank query.
        """
        if k < 1:
            raise UsageError(f"k must be at least 1, not {k}.", about="k", hint="Ask for 8.")
        rows = allowed if allowed is None else self._rows(allowed)
        size = len(self.generation.passage_ids) if rows is None else len(rows)
        if not size:
            return []
        asked = self._query(query, language, dense_weight)
        limit = min(max(k, depth), size)
        ranking = self._ranking(asked, limit, rows)
        spreading = self._spread(ranking, k, every_document)
        # Copies alone must not be all that is found; at the end of a long list they may stay.
        least = min(k, LOOKED_AT, size)
        while len(ranking.rows) - len(spreading.copies) < least and limit < size:
            limit = size if 2 * _DEEPER * limit > size else _DEEPER * limit
            ranking = self._ranking(asked, limit, rows)
            spreading = self._spread(ranking, k, every_document)
        reranking = self._reranking
        if not reread or (reranking is not None and reranking.monoglot and asked.legible < 1):
            reranking = None
        if reranking is not None and self._texts is not None:
            ranking = self._reread(query, ranking, reranking, self._texts)
            spreading = self._spread(ranking, k, every_document)
        return ranking.scored(spreading.order[:k], spreading.copies, self.generation.passage_ids)

    def query_tokens(self, query: str) -> TokenVectors | None:
        """The token vectors of ``query``; ``None`` where the index or the model has none."""
        return self._encoded(query)[1] if self._encoded is not None else None

    def cosines(self, query: str, passage_id: str) -> Vectors:
        """The cosine of each query token with each token of a passage as it was indexed.

        Shape ``(query tokens, passage tokens)``; no columns for a passage that is not indexed.
        """
        store, row = self.generation.tokens, self.generation.row_of.get(passage_id)
        tokens = self.query_tokens(query)
        if store is None or row is None or tokens is None:
            return np.zeros((len(tokens.tokens) if tokens else 0, 0), np.float32)
        known = self._compared(query)
        if row not in known:
            (known[row],) = compare(tokens.vectors, store, [row]).of_rows()
        return known[row]

    def _token_spans(self, indexed: str) -> NDArray[np.int32]:
        """Where the tokens of a text, as it was indexed, stand in it: shape ``(tokens, 2)``.

        No tokens where the model gives them no vectors.
        """
        embedder = self.embedder
        spans = embedder.token_spans(indexed) if isinstance(embedder, TokenEmbedder) else ()
        return np.array(spans, np.int32).reshape(-1, 2)

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
        return _Query(
            query, vector, tokens, terms, setting * legible, MAXSIM_WEIGHT * legible, legible
        )

    def _ranking(self, asked: _Query, depth: int, rows: Rows | None) -> Ranking:
        """The candidates in the order of their fused scores, the best of them by MaxSim as well."""
        candidates, dense, bm25 = self._candidates(asked, depth, rows)
        unknown = np.full(len(candidates), np.nan, np.float32)
        fused = fuse_convex(dense, bm25, asked.dense_weight)
        ranking = Ranking(candidates, fused, dense, bm25, unknown, unknown)
        ranking = ranking.in_order(np.lexsort((candidates, -fused)))
        maxsim = self._max_sims(asked, ranking.rows[:RERANK])
        if not len(maxsim):
            return ranking
        return ranking.with_maxsim(maxsim, asked.maxsim_weight)

    def _reread(
        self, query: str, ranking: Ranking, reranking: Reranking, texts: PassageTexts
    ) -> Ranking:
        """``ranking``, its best passages scored by the cross-encoder; copies are not read."""
        ranking = ranking.in_order(self._spread(ranking, reranking.depth, False).order)
        names = [self.generation.passage_ids[row] for row in ranking.rows[: reranking.depth]]
        scores = reranking.scorer.score(query, [texts.text(name) for name in names])
        if not np.isfinite(scores).all():
            raise ModelError(
                "The reranking model gave scores that are not finite numbers.",
                hint="Ask without it, or name another model.",
            )
        return ranking.with_rerank(scores, reranking.weight)

    def _spread(self, ranking: Ranking, k: int, every_document: bool) -> Spread:
        if self._texts is None:
            return Spread(list(range(len(ranking.rows))), {})
        names = [self.generation.passage_ids[row] for row in ranking.rows.tolist()]
        return spread(names, self._texts, k, every_document=every_document)

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
            candidates = _union(by_bm25, by_cosine)
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
        compared = compare(tokens.vectors, store, rows.tolist())
        self._compared(asked.text).update(zip(rows.tolist(), compared.of_rows(), strict=True))
        return compared.max_sims()

    def _rows(self, passages: Iterable[str] | Rows) -> Rows:
        if isinstance(passages, np.ndarray):
            return passages
        row_of = self.generation.row_of
        found = {row_of[passage_id] for passage_id in passages if passage_id in row_of}
        return np.array(sorted(found), np.int64)


def _union(left: Rows, right: Rows) -> Rows:
    # NumPy's own loads its masked arrays first: 50 ms of a cold start.
    return np.array(sorted({*left.tolist(), *right.tolist()}), np.int64)


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


def _no_rows(_: str) -> dict[int, Vectors]:
    return {}


def _none_scored(_: object, rows: Rows) -> Vectors:
    return np.zeros(len(rows), np.float32)
