"""Candidates in the order of their scores, with every signal, until they are hits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from footnoted.domain import Signals
from footnoted.index.fusion import mix_top, strictly_decreasing
from footnoted.protocols import Rows, Vectors


@dataclass(frozen=True, slots=True)
class Scored:
    """A passage's place among the results; scores fall strictly and mean nothing between queries.

    ``signals`` hold what does: cosine, BM25, the mean best cosine of the query's tokens, and
    the cross-encoder's score. ``duplicates`` are passages further down with the same words,
    ``duplicate_of`` is the one further up whose words these are.
    """

    passage_id: str
    score: float
    rank: int
    signals: Signals
    duplicates: tuple[str, ...] = ()
    duplicate_of: str | None = None


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates best first: their rows, scores, and signals; NaN where one is not known."""

    rows: Rows
    scores: Vectors
    dense: Vectors
    bm25: Vectors
    maxsim: Vectors
    rerank: Vectors

    def in_order(self, order: Sequence[int] | Rows) -> Ranking:
        """The candidates at these places, in this order."""
        at = np.asarray(order, np.int64)
        return Ranking(*(getattr(self, part.name)[at] for part in fields(self)))

    def with_maxsim(self, best: Vectors, weight: float) -> Ranking:
        """Sorted by scores with the MaxSim of the first ``len(best)`` mixed in."""
        scores, order = mix_top(self.scores, best, weight)
        maxsim = _filled(best, len(scores))
        known = Ranking(self.rows, scores, self.dense, self.bm25, maxsim, self.rerank)
        return known.in_order(order)

    def with_rerank(self, best: Vectors, weight: float) -> Ranking:
        """Sorted by scores with those of a cross-encoder for the first ``len(best)`` mixed in."""
        scores, order = mix_top(self.scores, best, weight)
        rerank = _filled(best, len(scores))
        known = Ranking(self.rows, scores, self.dense, self.bm25, self.maxsim, rerank)
        return known.in_order(order)

    def scored(
        self, order: Sequence[int], copies: Mapping[int, int], name_of: Sequence[str]
    ) -> list[Scored]:
        """The candidates at these places as results; ``copies`` names the place each repeats."""
        rows: list[int] = self.rows.tolist()
        duplicates: dict[int, list[str]] = {}
        for copy, original in sorted(copies.items()):
            duplicates.setdefault(original, []).append(name_of[rows[copy]])
        scores = strictly_decreasing([float(self.scores[at]) for at in order])
        return [
            Scored(
                passage_id=name_of[rows[at]],
                score=score,
                rank=rank,
                signals=self._signals(at),
                duplicates=tuple(duplicates.get(at, ())),
                duplicate_of=name_of[rows[copies[at]]] if at in copies else None,
            )
            for rank, (at, score) in enumerate(zip(order, scores, strict=True), start=1)
        ]

    def _signals(self, at: int) -> Signals:
        return Signals(
            dense=_known(self.dense[at]),
            bm25=_known(self.bm25[at]),
            maxsim=_known(self.maxsim[at]),
            rerank=_known(self.rerank[at]),
        )


def _filled(best: Vectors, size: int) -> Vectors:
    whole = np.full(size, np.nan, np.float32)
    whole[: len(best)] = best
    return whole


def _known(signal: np.float32) -> float | None:
    return None if np.isnan(signal) else float(signal)
