"""From several systems' values on the same questions to rows and tested differences."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from footnoted.domain import Json
from footnoted.errors import InputError
from footnoted.eval.measures import Qrels, Run, score_runs
from footnoted.eval.runs import (
    HIDDEN,
    EvalReport,
    QuestionRow,
    Values,
    columns_of,
    stratum_of,
)
from footnoted.eval.set_measures import LOWER_IS_BETTER, Columns, defined, set_statistics
from footnoted.eval.statistics import (
    Interval,
    bootstrap_mean,
    bootstrap_statistic,
    holm,
    minimum_detectable,
    paired_p_value,
    paired_statistic_p_value,
)


class Difference(NamedTuple):
    """New minus baseline over the questions that both have, and how likely chance made it.

    ``p_holm`` is ``p`` corrected for the number of measures compared. ``detectable`` is the
    smallest difference that this many questions find in four runs of five; ``None`` where the
    differences tell no spread, and for measures that are no means.
    """

    interval: Interval
    p: float
    p_holm: float
    detectable: float | None = None


class QuestionDifference(NamedTuple):
    """A question that two runs answered otherwise; ``changes`` is measure to (before, after).

    ``gain`` is the sum of the changes, and 1 for answering or refusing rightly at last (-1 for no
    longer).
    """

    question_id: str
    text: str
    before: str
    after: str
    changes: Mapping[str, tuple[float, float]]
    gain: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs of the same set: what changed, in the mean and question by question, worst first.

    ``left_out`` are the ids that only one of the runs has, or that ask something else in each.
    ``settings`` are what the runs were made with where that differs: name to (before, after).
    """

    baseline: EvalReport
    new: EvalReport
    differences: Mapping[str, Difference]
    questions: tuple[QuestionDifference, ...]
    left_out: tuple[str, ...] = ()
    settings: Mapping[str, tuple[object, object]] | None = None

    def document(self) -> Json:
        """The comparison as JSON."""
        return {
            "set": self.new.name,
            "baseline": {"set": self.baseline.name, "generation": self.baseline.generation},
            "generation": self.new.generation,
            "differences": {
                name: {**d.interval._asdict(), "p": d.p, "p_holm": d.p_holm}
                | {"detectable": d.detectable}
                for name, d in self.differences.items()
            },
            "questions": [
                {**q._asdict(), "changes": {m: list(pair) for m, pair in q.changes.items()}}
                for q in self.questions
            ],
            "left_out": list(self.left_out),
            "settings": {name: list(pair) for name, pair in (self.settings or {}).items()},
        }


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
    return _corrected(_of_values(baseline, new, {}, seed))


def compare_reports(
    baseline: EvalReport, new: EvalReport, *, seed: int, measures: Collection[str] | None = None
) -> Comparison:
    """Everything that differs between two reports on the same set, or only in ``measures``.

    The measures of a whole set are tested by exchanging the two systems' rows, where both reports
    have them. Holm's correction is over the measures compared. Raises ``InputError`` when the
    reports share no question.
    """
    before, after = _by_id(baseline.rows), _by_id(new.rows)
    same = [i for i in before if i in after and before[i].question.text == after[i].question.text]
    old_values, new_values = baseline.values, new.values
    old_ids, new_ids = _ids(old_values), _ids(new_values)
    # What has a row in one run alone (a TREC run asks nothing) is compared by its values.
    items = (old_ids.keys() & new_ids.keys()) - (before.keys() & after.keys())
    if not same and not items:
        raise InputError(
            f"The runs of {baseline.name} and {new.name} have no question in common.",
            about=new.name,
            hint="Compare two runs of the same set.",
        )
    kept = items.union(same)
    strata = {i: stratum_of(after[i].question) for i in same}
    raw = _of_values(_only(old_values, kept), _only(new_values, kept), strata, seed, measures)
    if same:
        paired = _paired(same)
        old, now = columns_of([before[i] for i in paired]), columns_of([after[i] for i in paired])
        of_sets = _of_sets(old, now, [strata[i] for i in paired], seed, measures)
        both = baseline.measures.keys() & new.measures.keys()
        raw |= {name: one for name, one in of_sets.items() if name in both}
    everything = dict.fromkeys([*before, *after, *old_ids, *new_ids])
    return Comparison(
        baseline=baseline,
        new=new,
        differences=_corrected(raw),
        questions=_questions([(before[i], after[i]) for i in same], measures),
        left_out=tuple(i for i in everything if i not in kept),
    )


def _paired(ids: list[str]) -> list[str]:
    """Of questions that were asked both ways only the pairs, as their report measures them."""
    twice = {i.removesuffix(HIDDEN) for i in ids if i.endswith(HIDDEN)}
    return [i for i in ids if i.removesuffix(HIDDEN) in twice] if twice else ids


def lost(measure: str, difference: Difference, *, alpha: float = 0.05) -> bool:
    """Whether the new system is worse, and by more than chance explains (Holm-corrected)."""
    change = difference.interval.value
    return difference.p_holm < alpha and (change > 0 if measure in LOWER_IS_BETTER else change < 0)


def _of_values(
    baseline: Values,
    new: Values,
    strata: Mapping[str, object],
    seed: int,
    measures: Collection[str] | None = None,
) -> dict[str, Difference]:
    found: dict[str, Difference] = {}
    for measure, before in baseline.items():
        after = new.get(measure, {})
        shared = [question_id for question_id in before if question_id in after]
        if not shared or (measures is not None and measure not in measures):
            continue
        old = np.array([before[question_id] for question_id in shared])
        now = np.array([after[question_id] for question_id in shared])
        drawn_by = [strata.get(question_id) for question_id in shared]
        interval = bootstrap_mean(now - old, seed=seed, strata=drawn_by)
        p = paired_p_value(now, old, seed=seed)
        found[measure] = Difference(interval, p, p, minimum_detectable(now - old))
    return found


def _of_sets(
    old: Columns, now: Columns, strata: list[object], seed: int, measures: Collection[str] | None
) -> dict[str, Difference]:
    found: dict[str, Difference] = {}
    for measure, statistic in set_statistics().items():
        if measures is not None and measure not in measures:
            continue
        if defined(measure, old) and defined(measure, now):
            interval = bootstrap_statistic(
                lambda *both, f=statistic: f(*both[:4]) - f(*both[4:]),
                *now, *old, seed=seed, strata=strata,
            )  # fmt: skip
            p = paired_statistic_p_value(statistic, now, old, seed=seed)
            found[measure] = Difference(interval, p, p)
    return found


def _corrected(raw: Mapping[str, Difference]) -> dict[str, Difference]:
    corrected = holm({name: difference.p for name, difference in raw.items()})
    return {name: one._replace(p_holm=corrected[name]) for name, one in raw.items()}


def _questions(
    pairs: Iterable[tuple[QuestionRow, QuestionRow]], measures: Collection[str] | None
) -> tuple[QuestionDifference, ...]:
    """The pairs that differ in a value, the answer or its status, the greatest loss first."""
    found = []
    for old, now in pairs:
        changes = {
            name: (old.values[name], now.values[name])
            for name in old.values
            if name in now.values and old.values[name] != now.values[name]
            if measures is None or name in measures
        }
        if changes or (old.answered, old.got) != (now.answered, now.got):
            asked = now.question
            gain = sum(after - before for before, after in changes.values())
            gain += (now.answered == asked.answerable) - (old.answered == asked.answerable)
            found.append(
                QuestionDifference(
                    asked.question_id, asked.text, old.got, now.got, changes, float(gain)
                )
            )
    return tuple(sorted(found, key=lambda one: one.gain))


def _by_id(rows: Iterable[QuestionRow]) -> dict[str, QuestionRow]:
    return {row.question.question_id: row for row in rows}


def _ids(values: Values) -> dict[str, None]:
    return dict.fromkeys(item_id for of_item in values.values() for item_id in of_item)


def _only(values: Values, kept: Collection[str]) -> Values:
    return {
        name: {item_id: value for item_id, value in of_item.items() if item_id in kept}
        for name, of_item in values.items()
    }
