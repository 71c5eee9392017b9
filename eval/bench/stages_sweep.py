"""Retrieval's settings tried one beside another: which weights and depth are best, and where.

Everything is worked out from the candidates that a search left behind; nothing is searched again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, product
from typing import NamedTuple

from footnoted.domain import Json
from footnoted.eval.bench.stages import StagedSet
from footnoted.eval.measures import score_runs

DENSE_WEIGHTS = (0.3, 0.4, 0.5, 0.6, 0.7)
MAXSIM_WEIGHTS = (0.0, 0.3, 0.5, 0.7)
DEPTHS = (20, 30, 50, 100)
MEASURE = "nDCG@10"
_KEPT = 10  # documents that nDCG@10 looks at


class Swept(NamedTuple):
    """One setting: the mean nDCG@10 of each set that the model reads, and the mean of these."""

    dense_weight: float
    maxsim_weight: float
    depth: int
    sets: Mapping[str, float]
    macro: float

    def to_json(self) -> Json:
        return self._asdict()


def sweep(
    staged: Sequence[StagedSet],
    dense_weights: Sequence[float] = DENSE_WEIGHTS,
    maxsim_weights: Sequence[float] = MAXSIM_WEIGHTS,
    depths: Sequence[int] = DEPTHS,
) -> list[Swept]:
    """Every combination of the settings, the best macro-average first.

    Sets that the model cannot read are left out: there no setting changes anything. A MaxSim weight
    of 0 reranks nothing, whatever its depth: it comes once.
    """
    read = [one for one in staged if one.legible]
    if not read:
        return []
    found = []
    for dense_weight, maxsim_weight, depth in product(dense_weights, maxsim_weights, depths):
        if not maxsim_weight and depth != depths[0]:
            continue
        sets = {one.name: _mean(one, dense_weight, maxsim_weight, depth) for one in read}
        macro = sum(sets.values()) / len(sets)
        found.append(Swept(dense_weight, maxsim_weight, depth, sets, macro))
    return sorted(found, key=lambda one: -one.macro)


def _mean(one: StagedSet, dense_weight: float, maxsim_weight: float, depth: int) -> float:
    run = {
        query_id: _best_documents(
            found.mixed(dense_weight, maxsim_weight, depth).tolist(), one.documents
        )
        for query_id, found in one.candidates.items()
    }
    values = score_runs(one.dataset.qrels, run)[MEASURE]
    return sum(values.values()) / len(values)


def _best_documents(rows: Iterable[int], documents: Sequence[str]) -> list[tuple[str, float]]:
    """The first documents of ranked rows, each where its best row is; nothing after the tenth."""
    first = dict.fromkeys(documents[row] for row in rows)
    return [(name, -float(rank)) for rank, name in enumerate(islice(first, _KEPT), start=1)]
