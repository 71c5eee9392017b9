"""From per-question values to confidence intervals and tests between two systems.

Everything random takes a seed, and the same seed gives the same digits. Intervals are percentile
bootstrap (Efron and Tibshirani 1993), drawn within strata where the questions have them; the test
between systems is the paired randomisation test that Smucker, Allan and Carterette (2007)
recommend for retrieval.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from statistics import NormalDist
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from footnoted.eval.refusals import auroc

Floats: TypeAlias = NDArray[np.float64]
Strata: TypeAlias = Sequence[Hashable]
"""What each question counts as; a resample holds as many of each as the sample does."""

LEVEL = 0.95
POWER = 0.8
RESAMPLES = 10_000
SMALLEST_STRATUM = 5  # a stratum of one would never vary: those below this are drawn together
_CHUNK = 4_000_000  # drawn values held at once: 32 MB


class Interval(NamedTuple):
    """A measure, its confidence interval (both ends in it) and how many questions it is over."""

    value: float
    low: float
    high: float
    n: int


def bootstrap_mean(
    values: ArrayLike,
    *,
    seed: int,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
    strata: Strata | None = None,
) -> Interval:
    """The mean of ``values``, shape ``(n,)``, with its interval; ``ValueError`` when n is 0."""
    sample = _sample(values)
    groups = _groups(sample.size, strata)
    rng = np.random.default_rng(seed)
    means = [
        sample[_picks(rng, groups, rows)].mean(axis=1) for rows in _chunks(resamples, sample.size)
    ]
    return _interval(float(sample.mean()), np.concatenate(means), sample.size, level)


def bootstrap_percentiles(
    values: ArrayLike,
    percents: Sequence[float],
    *,
    seed: int,
    resamples: int = RESAMPLES // 10,
    level: float = LEVEL,
) -> list[Interval]:
    """Each percentile of ``values``, shape ``(n,)``, linearly interpolated, with its interval."""
    sample = _sample(values)
    rng = np.random.default_rng(seed)
    drawn = [
        np.percentile(sample[rng.integers(sample.size, size=(rows, sample.size))], percents, axis=1)
        for rows in _chunks(resamples, sample.size)
    ]
    return [
        _interval(float(value), of_percent, sample.size, level)
        for value, of_percent in zip(
            np.percentile(sample, percents), np.concatenate(drawn, axis=1), strict=True
        )
    ]


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
    strata: Strata | None = None,
) -> Interval:
    """``statistic(*columns)`` with its interval; rows of the columns, ``(n,)`` each, stay together.

    One call a resample: for measures that are no mean. A resample in which the statistic is not
    defined (it returns NaN) is left out. ``ValueError`` when n is 0.
    """
    arrays = [np.asarray(column) for column in columns]
    size = _sample(arrays[0]).size
    groups = _groups(size, strata)
    rng = np.random.default_rng(seed)
    picks = (_picks(rng, groups, 1)[0] for _ in range(resamples))
    drawn = np.array([statistic(*(array[pick] for array in arrays)) for pick in picks])
    value = float(statistic(*arrays))
    defined = drawn[~np.isnan(drawn)]
    return _interval(value, defined if defined.size else np.array([value]), size, level)


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


def paired_statistic_p_value(
    statistic: Callable[..., float],
    first: Sequence[ArrayLike],
    second: Sequence[ArrayLike],
    *,
    seed: int,
    resamples: int = RESAMPLES // 10,
) -> float:
    """``paired_p_value`` for a measure that is no mean: both systems' rows change sides together.

    ``first`` and ``second`` are the columns of ``statistic``, ``(n,)`` each, row by row of the same
    questions. An exchange in which the statistic is not defined (NaN) counts as extreme.
    """
    ours, theirs = [np.asarray(c) for c in first], [np.asarray(c) for c in second]
    size = _sample(ours[0]).size
    rng = np.random.default_rng(seed)
    reached = abs(statistic(*ours) - statistic(*theirs)) * (1 - 1e-9)
    extreme = 0
    for _ in range(resamples):
        swapped = rng.integers(2, size=size).astype(bool)
        left = [np.where(swapped, b, a) for a, b in zip(ours, theirs, strict=True)]
        right = [np.where(swapped, a, b) for a, b in zip(ours, theirs, strict=True)]
        extreme += not abs(statistic(*left) - statistic(*right)) < reached
    return (1 + extreme) / (1 + resamples)


def minimum_detectable(
    differences: ArrayLike, *, level: float = LEVEL, power: float = POWER
) -> float | None:
    """The smallest mean difference that a set of this size finds in ``power`` of all runs.

    ``differences`` are the paired ones of two systems, shape ``(n,)``. For a two-sided test at
    ``1 - level``: (z of (1 + level) / 2 + z of power) * s / sqrt(n), where s is their standard
    deviation with n - 1 (Cohen 1988, section 2.3.5; 2.80 * s / sqrt(n) as it stands). ``None``
    where the differences tell no spread: fewer than two, or all the same.
    """
    sample = _sample(differences)
    spread = float(sample.std(ddof=1)) if sample.size > 1 else 0.0
    if spread <= 1e-12 * max(1.0, float(np.abs(sample).max())):
        return None
    z = NormalDist().inv_cdf((1 + level) / 2) + NormalDist().inv_cdf(power)
    return z * spread / float(np.sqrt(sample.size))


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


def _groups(size: int, strata: Strata | None) -> list[NDArray[np.intp]]:
    """The places of each stratum; those of small ones together, with the smallest other if need be.

    ``ValueError`` unless there is one stratum a value.
    """
    if strata is None:
        return [np.arange(size)]
    if len(strata) != size:
        raise ValueError("every value needs its stratum")
    members: dict[Hashable, list[int]] = {}
    for place, stratum in enumerate(strata):
        members.setdefault(stratum, []).append(place)
    groups = [places for places in members.values() if len(places) >= SMALLEST_STRATUM]
    few = [place for place, name in enumerate(strata) if len(members[name]) < SMALLEST_STRATUM]
    if few and len(few) < SMALLEST_STRATUM and groups:
        smallest = min(groups, key=len)
        groups = [places for places in groups if places is not smallest]
        few = sorted(few + smallest)
    return [np.array(places) for places in (*groups, few) if places]


def _picks(
    rng: np.random.Generator, groups: Sequence[NDArray[np.intp]], rows: int
) -> NDArray[np.intp]:
    """``rows`` resamples of places, shape ``(rows, n)``, each group drawn with replacement."""
    drawn = [places[rng.integers(places.size, size=(rows, places.size))] for places in groups]
    return drawn[0] if len(drawn) == 1 else np.concatenate(drawn, axis=1)


def _chunks(resamples: int, width: int) -> list[int]:
    """How many resamples to draw at a time, so that memory stays the same for any eval set."""
    rows = max(1, min(resamples, _CHUNK // width))
    return [rows] * (resamples // rows) + ([resamples % rows] if resamples % rows else [])


def _interval(value: float, drawn: Floats, n: int, level: float) -> Interval:
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, float(low), float(high), n)
