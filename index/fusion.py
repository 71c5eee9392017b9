"""One ranking out of several: scores made comparable for each query, then combined."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from footnoted.index.models import ModelCard
from footnoted.protocols import Vectors
from footnoted.scripts import OTHER, main_script

Rows = NDArray[np.int64]

RRF_K = 60.0
FOREIGN = 0.6


def min_max(scores: Vectors) -> Vectors:
    """``scores`` between 0 and 1, float32; all 1 where they are all the same."""
    if not len(scores):
        return scores.astype(np.float32)
    low, high = float(scores.min()), float(scores.max())
    if high <= low:
        return np.ones(len(scores), np.float32)
    return ((scores - low) / (high - low)).astype(np.float32)


def fuse_convex(dense: Vectors, lexical: Vectors, dense_weight: float) -> Vectors:
    """``w * min_max(dense) + (1 - w) * min_max(lexical)`` (Bruch, Gai and Ingber 2023).

    Both arrays score the same candidates: the union of both lists, each scored by both sides.
    """
    return (dense_weight * min_max(dense) + (1 - dense_weight) * min_max(lexical)).astype(
        np.float32
    )


def fuse_reciprocal(rankings: Sequence[Rows], candidates: Rows, k: float = RRF_K) -> Vectors:
    """Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009), a score for each candidate.

    ``rankings`` hold rows, best first; a row that a ranking lacks gets nothing from it.
    """
    scores = dict.fromkeys(candidates.tolist(), 0.0)
    for ranking in rankings:
        for rank, row in enumerate(ranking.tolist(), start=1):
            scores[row] += 1 / (k + rank)
    return np.array([scores[row] for row in candidates.tolist()], np.float32)


def mix_top(scores: Vectors, top: Vectors, weight: float) -> tuple[Vectors, Rows]:
    """Scores of candidates after a second look at the first of them, and their order, best first.

    ``scores`` fall; ``top`` are other scores of the first ``len(top)``, which are mixed in as
    ``(1 - w) * score + w * min_max(top)``. The others had no second look and get nothing from it.
    """
    mixed = scores.copy()
    if len(top):
        mixed *= 1 - weight
        mixed[: len(top)] += weight * min_max(top)
    return mixed, np.lexsort((np.arange(len(mixed)), -mixed))


def strictly_decreasing(scores: Sequence[float]) -> list[float]:
    """``scores``, best first, each at least one step of float64 below the one before.

    Measures break ties each in their own way; without ties they agree.
    """
    result: list[float] = []
    for score in scores:
        ceiling = float(np.nextafter(result[-1], -np.inf)) if result else float(score)
        result.append(min(float(score), ceiling))
    return result


def legibility(query: str, language: str | None, card: ModelCard) -> float:
    """How far to trust the model with this query: 1, 0.6 for a foreign language, 0 for none.

    0 where its vocabulary has no words in the query's script: on Arabic questions an English
    model's cosines took nDCG@10 from .93 to .42. 0.6 where the script is known but the
    ``language`` is none of the model's: German and Spanish questions gain 1 point from .3 of an
    English model and lose 4 with .7. A query without letters, an unknown language and a model
    that names no languages are trusted.
    """
    script = main_script(query)
    if script == OTHER:
        return 1.0
    if script not in card.scripts:
        return 0.0
    base = (language or "").lower().replace("_", "-").split("-")[0]
    if not base or card.languages is None or base in card.languages:
        return 1.0
    return FOREIGN
