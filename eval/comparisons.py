"""From several systems' values on the same questions to rows and tested differences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from footnoted.eval.measures import Qrels, Run, score_runs
from footnoted.eval.runs import Values
from footnoted.eval.statistics import Interval, bootstrap_mean, holm, paired_p_value


class Difference(NamedTuple):
    """New minus baseline over the questions that both have, and how likely chance made it.

    ``p_holm`` is ``p`` corrected for the number of measures compared.
    """

    interval: Interval
    p: float
    p_holm: float


def compare_runs(
    systems: Mapping[str, Run], qrels: Qrels, *, seed: int
) -> dict[str, dict[str, Interval]]:
    """System to retrieval measure to interval, for the same qrels (``qrels`` must not be empty)."""
    return {
        system: {
            measure: bootstrap_mean(list(values.values()), seed=seed)
            for measure, values in score_runs(qrels, run).items()
        }
        for system, run in systems.items()
    }


def compare(baseline: Values, new: Values, *, seed: int) -> dict[str, Difference]:
    """Measure to difference, for every measure that both have of at least one same question."""
    intervals: dict[str, Interval] = {}
    p_values: dict[str, float] = {}
    for measure, before in baseline.items():
        after = new.get(measure, {})
        if shared := [question_id for question_id in before if question_id in after]:
            old = [before[question_id] for question_id in shared]
            now = [after[question_id] for question_id in shared]
            gains = [n - o for n, o in zip(now, old, strict=True)]
            intervals[measure] = bootstrap_mean(gains, seed=seed)
            p_values[measure] = paired_p_value(now, old, seed=seed)
    corrected = holm(p_values)
    return {
        name: Difference(intervals[name], p_values[name], corrected[name]) for name in intervals
    }
