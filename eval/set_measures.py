"""From every question's confidence, status and loss to the measures of a whole set.

These are no means over questions: an interval draws questions, and a test between two systems
exchanges them, before the measure is taken again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from footnoted.eval.refusals import auroc, calibration_error, risk_coverage, score_refusals
from footnoted.eval.statistics import (
    Floats,
    Interval,
    Strata,
    bootstrap_auroc,
    bootstrap_statistic,
)

Bools: TypeAlias = NDArray[np.bool_]

LOWER_IS_BETTER = frozenset({"aurc", "ece", "segments_left"})
"""The measures, of ours, that improve when they fall; so do all costs."""


class Columns(NamedTuple):
    """Shape ``(n,)`` each, a question a row; ``loss`` is 1 - answer recall, and 1 for no answer."""

    confidence: Floats
    answerable: Bools
    refused: Bools
    loss: Floats


Statistic: TypeAlias = Callable[[Floats, Bools, Bools, Floats], float]


def set_statistics() -> Mapping[str, Statistic]:
    """Each whole-set measure as a function of ``Columns``; NaN where it is not defined."""
    return {
        "refusal_auroc": _auroc,
        "refusal_precision": lambda _c, a, r, _l: score_refusals(r, a).precision,
        "refusal_recall": lambda _c, a, r, _l: score_refusals(r, a).recall,
        "refusal_f1": lambda _c, a, r, _l: score_refusals(r, a).f1,
        "aurc": lambda c, _a, _r, loss: risk_coverage(c, loss).area,
        "ece": _ece,
    }


def defined(measure: str, columns: Columns) -> bool:
    """Whether the set has what the measure is of: both kinds of question, or an answer."""
    if not columns.confidence.size:
        return False
    if measure == "ece":
        return bool((~columns.refused).any())
    return measure == "aurc" or bool(columns.answerable.any() and not columns.answerable.all())


def set_measures(
    columns: Columns, *, seed: int, strata: Strata | None = None
) -> dict[str, Interval]:
    """Every whole-set measure that is defined, with its interval.

    AUROC draws answerable and unanswerable questions apart, the others by ``strata``; the
    calibration error is over the answered questions alone.
    """
    found: dict[str, Interval] = {}
    for measure, statistic in set_statistics().items():
        if not defined(measure, columns):
            continue
        if measure == "refusal_auroc":
            found[measure] = bootstrap_auroc(columns.confidence, columns.answerable, seed=seed)
            continue
        kept = ~columns.refused if measure == "ece" else np.ones(columns.refused.size, bool)
        found[measure] = bootstrap_statistic(
            statistic,
            *(column[kept] for column in columns),
            seed=seed,
            strata=None
            if strata is None
            else [one for one, k in zip(strata, kept, strict=True) if k],
        )
    return found


def _auroc(confidence: Floats, answerable: Bools, _refused: Bools, _loss: Floats) -> float:
    if answerable.all() or not answerable.any():
        return float("nan")
    return auroc(confidence, answerable)


def _ece(confidence: Floats, _answerable: Bools, refused: Bools, loss: Floats) -> float:
    if refused.all():
        return float("nan")
    return calibration_error(confidence[~refused], 1 - loss[~refused])
