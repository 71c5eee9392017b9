"""Means over several datasets, and tests between two systems on all of them at once.

The macro-average gives every set the same weight, however many queries it has: a query's value
counts 1 / (sets * queries of its set). Resamples are drawn within each set, and an exchange of the
two systems is one of a query, so that no set trades places with another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from footnoted.eval.comparisons import Difference
from footnoted.eval.statistics import (
    Floats,
    Interval,
    bootstrap_mean,
    holm,
    minimum_detectable,
    paired_p_value,
)

SetValues: TypeAlias = Mapping[str, Mapping[str, float]]
"""Set to query id to value."""


def macro_mean(values: SetValues, *, seed: int) -> Interval:
    """The mean of the sets' means; ``ValueError`` without sets, or for a set without queries."""
    weighted, strata = _weighted(values)
    return bootstrap_mean(weighted, seed=seed, strata=strata)


def macro_differences(
    ours: SetValues, others: Mapping[str, SetValues], *, seed: int
) -> dict[str, Difference]:
    """Ours minus each other system's macro-average, Holm over the systems.

    Every system has the same queries.
    """
    now, strata = _weighted(ours)
    found = {}
    for system, values in others.items():
        old, _ = _weighted({name: _in_order(values[name], ours[name]) for name in ours})
        interval = bootstrap_mean(now - old, seed=seed, strata=strata)
        found[system] = Difference(interval, p := paired_p_value(now, old, seed=seed), p)
    return _corrected(found)


def set_differences(ours: SetValues, other: SetValues, *, seed: int) -> dict[str, Difference]:
    """Ours minus the other system's mean in each set, Holm over the sets."""
    found = {}
    for name, values in ours.items():
        now = np.array(list(values.values()))
        old = np.array(list(_in_order(other[name], values).values()))
        interval = bootstrap_mean(now - old, seed=seed)
        p = paired_p_value(now, old, seed=seed)
        found[name] = Difference(interval, p, p, minimum_detectable(now - old))
    return _corrected(found)


def _weighted(values: SetValues) -> tuple[Floats, Sequence[str]]:
    """Every query's value, so weighted that their mean is the macro-average; and their sets."""
    if not values or not all(values.values()):
        raise ValueError("a macro-average is over at least one set, each with a query")
    total = sum(map(len, values.values()))
    parts = [
        np.array(list(of_set.values())) * total / (len(values) * len(of_set))
        for of_set in values.values()
    ]
    strata = [name for name, of_set in values.items() for _ in of_set]
    return np.concatenate(parts), strata


def _in_order(values: Mapping[str, float], like: Mapping[str, float]) -> dict[str, float]:
    return {query: values[query] for query in like}


def _corrected(raw: Mapping[str, Difference]) -> dict[str, Difference]:
    corrected = holm({name: one.p for name, one in raw.items()})
    return {name: one._replace(p_holm=corrected[name]) for name, one in raw.items()}
