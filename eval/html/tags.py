"""From the questions of a report to bars: a measure's mean for each tag, with its interval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from footnoted.eval.html.plots import Figure
from footnoted.eval.html.svg import (
    Frame,
    Tick,
    bar,
    drawing,
    line,
    shortened,
    whisker,
    words,
)
from footnoted.eval.runs import QuestionRow
from footnoted.eval.statistics import Interval, bootstrap_mean

TAG_MEASURES = {
    "nDCG@10": "nDCG@10",
    "answer_recall": "Answers found (answer recall)",
    "citation_precision": "Citation precision",
    "citation_recall": "Citation recall",
}
NOT_FAILED = "Questions that did not fail"
_RESAMPLES = 2_000
_MOST_TAGS = 20
_ROW = 21.0
_LABELS = 104.0
_SHARES = [Tick(value, f"{value:g}") for value in (0, 0.5, 1)]


class TagBar(NamedTuple):
    """A tag and the mean over its questions."""

    tag: str
    interval: Interval


def tag_figures(rows: Sequence[QuestionRow], measures: Sequence[str], *, seed: int) -> list[Figure]:
    """A figure for each of ``TAG_MEASURES`` among ``measures``, and one of what did not fail.

    Questions that no answer was scored for have nothing to fail. Without a tag there is no figure.
    """
    figures = [
        _figure(title, tag_bars(rows, partial(_value, name), seed=seed))
        for name, title in TAG_MEASURES.items()
        if name in measures
    ]
    if "answer_recall" in measures:
        fine = tag_bars(rows, lambda row: float(row.failure is None), seed=seed)
        figures.insert(0, _figure(NOT_FAILED, fine))
    return [figure for figure in figures if figure.cells]


def tag_bars(
    rows: Sequence[QuestionRow], value_of: Callable[[QuestionRow], float | None], *, seed: int
) -> list[TagBar]:
    """The mean of ``value_of`` for every tag that has one, the tags of most questions first."""
    tags = Counter(tag for row in rows for tag in dict.fromkeys(row.question.tags))
    bars = []
    for tag, _ in tags.most_common():
        found = [value_of(row) for row in rows if tag in row.question.tags]
        if values := [value for value in found if value is not None]:
            interval = bootstrap_mean(values, seed=seed, resamples=_RESAMPLES)
            bars.append(TagBar(tag, interval))
    return bars


def _value(measure: str, row: QuestionRow) -> float | None:
    return row.values.get(measure)


def _figure(title: str, bars: Sequence[TagBar]) -> Figure:
    shown = bars[:_MOST_TAGS]
    frame = Frame(1, 1, left=_LABELS, top=6.0, width=126.0, height=_ROW * len(shown))
    bottom = frame.top + frame.height
    parts = []
    for tick in _SHARES:
        x = frame.x(tick.value)
        parts.append(line((x, frame.top), (x, bottom), "grid"))
        parts.append(words((x, bottom + 14), tick.label, "tick", "middle"))
    for place, (tag, interval) in enumerate(shown):
        middle = frame.top + _ROW * (place + 0.5)
        right = frame.x(interval.value)
        parts.append(words((_LABELS - 6, middle + 4), shortened(tag, 16), "label", "end"))
        parts.append(bar(frame.left, middle - 6, right - frame.left, 12, "bar"))
        parts.append(whisker((frame.x(interval.low), middle), (frame.x(interval.high), middle)))
        parts.append(words((frame.left + 134, middle + 4), f"{interval.value:.2f}", "label"))
        parts.append(words((frame.left + 163, middle + 4), f"n {interval.n}", "tick"))
    said = "Mean for each tag, with its 95 % interval; n counts the questions."
    if len(bars) > len(shown):
        said += f" The {len(shown)} commonest of {len(bars)} tags are drawn."
    cells = tuple(
        (tag, f"{i.value:.3f}", f"{i.low:.3f}", f"{i.high:.3f}", str(i.n)) for tag, i in bars
    )
    svg = drawing(title, said, bottom + 22, parts)
    return Figure(title, said, svg, ("tag", "mean", "low", "high", "questions"), cells)
