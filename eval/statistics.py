"""From per-question values to confidence intervals and tests between two systems.

Everything random takes a seed, and the same seed gives the same digits. Intervals are percentile
bootstrap (Efron and Tibshirani 1993); the test between systems is the paired randomisation test
that Smucker, Allan and Carterette (2007) recommend for retrieval.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from footnoted.eval.refusals import auroc

Floats: TypeAlias = NDArray[np.float64]

LEVEL = 0.95
RESAMPLES = 10_000
_CHUNK = 4_000_000  # drawn values held at once: 32 MB


class Interval(NamedTuple):
    """A measure, its confidence interval (both ends in it) and how many questions it is over."""

    value: float
    low: float
    high: float
    n: int


def bootstrap_mean(
    values: ArrayLike, *, seed: int, resamples: int = RESAMPLES, level: float = LEVEL
) -> Interval:
    """The mean of ``values``, shape ``(n,)``, with its interval; ``ValueError`` when n is 0."""
    sample = _sample(values)
    rng = np.random.default_rng(seed)
    means = [
        sample[rng.integers(sample.size, size=(rows, sample.size))].mean(axis=1)
        for rows in _chunks(resamples, sample.size)
    ]
    return _interval(float(sample.mean()), np.concatenate(means), sample.size, level)


def bootstrap_auroc(
    confidences: ArrayLike,
    answerable: ArrayLike,
    *,
    seed: int,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> Interval:
    """AUROC with its interval; answerable and unanswerable questions are drawn apart.

    Both shape ``(n,)``. ``ValueError`` unless both kinds are there. A resample is drawn as how
    often it holds each distinct confidence, so its cost does not grow with ties.
    """
    scores, positive = _sample(confidences), np.asarray(answerable, dtype=bool)
    value = auroc(scores, positive)
    distinct, place = np.unique(scores, return_inverse=True)
    ups = np.bincount(place[positive], minlength=distinct.size)
    downs = np.bincount(place[~positive], minlength=distinct.size)
    rng = np.random.default_rng(seed)
    drawn = []
    for rows in _chunks(resamples, distinct.size):
        up = rng.multinomial(ups.sum(), ups / ups.sum(), size=rows)
        down = rng.multinomial(downs.sum(), downs / downs.sum(), size=rows)
        below = np.cumsum(down, axis=1) - down / 2
        drawn.append((up * below).sum(axis=1) / (ups.sum() * downs.sum()))
    return _interval(value, np.concatenate(drawn), scores.size, level)


def bootstrap_statistic(
    statistic: Callable[..., float],
    *columns: ArrayLike,
    seed: int,
    resamples: int = RESAMPLES // 10,
    level: float = LEVEL,
) -> Interval:
    """``statistic(*columns)`` with its interval; rows of the columns, ``(n,)`` each, stay together.

    One call a resample: for measures that are no mean. ``ValueError`` when n is 0.
    """
    arrays = [np.asarray(column) for column in columns]
    size = _sample(arrays[0]).size
    rng = np.random.default_rng(seed)
    picks = (rng.integers(size, size=size) for _ in range(resamples))
    drawn = np.array([statistic(*(array[pick] for array in arrays)) for pick in picks])
    return _interval(float(statistic(*arrays)), drawn, size, level)


def paired_p_value(
    first: ArrayLike, second: ArrayLike, *, seed: int, resamples: int = RESAMPLES
) -> float:
    """The two-sided p of "which system is which does not matter", over paired per-question values.

    Both shape ``(n,)``. Exact, over all 2^n exchanges, when there are no more than ``resamples``;
    else by that many random ones, the observed one counted with them so that p is never 0.
    """
    differences = _sample(first) - _sample(second)
    size = differences.size
    observed = abs(float(differences.sum()))
    # Sums of the same numbers in another order differ in the last digits; they are ties.
    reached = observed - 1e-9 * float(np.abs(differences).sum())
    if 2**size <= resamples:
        exchanges = np.arange(2**size)[:, None] >> np.arange(size) & 1
        return float((np.abs((1 - 2 * exchanges) @ differences) >= reached).mean())
    rng = np.random.default_rng(seed)
    extreme = sum(
        int((np.abs((1 - 2 * rng.integers(2, size=(rows, size))) @ differences) >= reached).sum())
        for rows in _chunks(resamples, size)
    )
    return (1 + extreme) / (1 + resamples)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Each p-value corrected for their number (Holm 1979), under the same names and order."""
    corrected: dict[str, float] = {}
    highest = 0.0
    for place, (name, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        highest = max(highest, min(1.0, p * (len(p_values) - place)))
        corrected[name] = highest
    return {name: corrected[name] for name in p_values}


def _sample(values: ArrayLike) -> Floats:
    sample = np.asarray(values, dtype=np.float64)
    if sample.ndim != 1 or not sample.size:
        raise ValueError("a sample is one row of at least one value")
    return sample


def _chunks(resamples: int, width: int) -> list[int]:
    """How many resamples to draw at a time, so that memory stays the same for any eval set."""
    rows = max(1, min(resamples, _CHUNK // width))
    return [rows] * (resamples // rows) + ([resamples % rows] if resamples % rows else [])


def _interval(value: float, drawn: Floats, n: int, level: float) -> Interval:
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, float(low), float(high), n)
