"""From measures, intervals and gates to the words and small drawings of the summary."""

from __future__ import annotations

from markupsafe import Markup

from footnoted.eval.gates import GateResult
from footnoted.eval.html.svg import number
from footnoted.eval.runs import EvalReport
from footnoted.eval.set_measures import LOWER_IS_BETTER
from footnoted.eval.statistics import Interval

_MEASURE_WORDS = {
    "nDCG@10": "ranking of the first ten passages",
    "R@5": "relevant passages among the first five",
    "R@10": "relevant passages among the first ten",
    "RR": "one over the rank of the first relevant passage",
    "hit@1": "first passage relevant",
    "hit@5": "a relevant passage among the first five",
    "exact_match": "answer is the expected one, word for word",
    "token_f1": "words shared with the expected answer",
    "answer_recall": "expected answer found in what was said",
    "citation_precision": "citations that are right",
    "citation_recall": "expected footnotes that were cited",
    "statement_support": "statements with a right citation",
    "evidence_hit": "a citation overlaps the gold evidence",
    "quote_fidelity": "quotes that stand in their texts",
    "refusal_reason": "refused for the right reason",
    "refusal_auroc": "confidence parts answerable from unanswerable",
    "refusal_precision": "refusals that were due",
    "refusal_recall": "unanswerable questions refused",
    "refusal_f1": "mean of refusal precision and recall",
    "aurc": "area under risk and coverage",
    "ece": "calibration error of the confidence",
}
_STRIP = 76.0


def own_gates(report: EvalReport) -> list[GateResult]:
    """The bounds that the report itself carries, and whether they hold."""
    results = []
    for gate in report.gates:
        bounds = (("≥", gate.at_least), ("≤", gate.at_most))
        bound = " ".join(f"{sign} {limit:g}" for sign, limit in bounds if limit is not None)
        value = report.value_of(gate.measure)
        found = "not measured" if value is None else three_digits(value)
        results.append(GateResult(gate.measure, bound, found, gate.admits(value)))
    return results


def measure_words(name: str) -> str:
    """What a measure says, in a few words; nothing for one that its name must explain."""
    direction = "lower is better" if name in LOWER_IS_BETTER else ""
    return "; ".join(filter(None, (_MEASURE_WORDS.get(name, ""), direction)))


def interval_words(interval: Interval) -> str:
    """The ends of an interval: ``0.771 to 0.853``."""
    return f"{three_digits(interval.low)} to {three_digits(interval.high)}"


def interval_strip(interval: Interval) -> Markup:
    """A line from 0 to 1 with the interval and its value on it; empty for values outside.

    It repeats the numbers beside it, so screen readers are not told of it.
    """
    if not 0 <= interval.low <= interval.high <= 1:
        return Markup("")
    low, value, high = (
        number(2 + _STRIP * v) for v in (interval.low, interval.value, interval.high)
    )
    return Markup(
        '<svg class="strip" viewBox="0 0 80 10" aria-hidden="true">'
        '<line class="axis" x1="2" y1="5" x2="78" y2="5"/>'
        '<line class="range" x1="{}" y1="5" x2="{}" y2="5"/>'
        '<circle class="point" cx="{}" cy="5" r="2.6"/></svg>'
    ).format(low, high, value)


def three_digits(value: float) -> str:
    """``0.812``; from 10 on, as of milliseconds, one decimal is enough."""
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def signed(value: float) -> str:
    """A change, with its sign."""
    return f"{value:+.3f}" if abs(value) < 10 else f"{value:+.1f}"
