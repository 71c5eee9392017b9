"""From confidences, losses and times to figures: a drawing, its words, and its numbers.

Each figure's ``cells`` say in a table what the drawing says, for readers who do not see it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from markupsafe import Markup
from numpy.typing import ArrayLike, NDArray

from footnoted.eval.html.svg import (
    Frame,
    Tick,
    axes,
    bar,
    dot,
    drawing,
    even_ticks,
    line,
    polyline,
    round_step,
    words,
)
from footnoted.eval.refusals import risk_coverage
from footnoted.eval.set_measures import Columns

BINS = 10
_HEIGHT = 242.0
_LOW = Frame(1, 1, top=26.0, height=178.0)
_MOST_POINTS = 400
_PERCENTILES = (50, 95, 99)
_SHARES = [Tick(value, f"{value:g}") for value in (0, 0.25, 0.5, 0.75, 1)]


class Figure(NamedTuple):
    """A drawing with its title, its description, and the same numbers as a table."""

    title: str
    description: str
    svg: Markup
    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]


class Means(NamedTuple):
    """Of the answers in a bin."""

    confidence: float
    outcome: float


class Bin(NamedTuple):
    """The answers with a confidence in ``(low, high]``; without one there are no means."""

    low: float
    high: float
    n: int
    means: Means | None


class LatencyBins(NamedTuple):
    """How many latencies lie in each ``step`` of milliseconds; ``beyond`` lie after the last."""

    step: float
    counts: tuple[int, ...]
    beyond: int


def risk_coverage_figure(columns: Columns) -> Figure:
    """What answering only the surest questions would cost; ``ValueError`` without a question.

    The dot is what the system did: the share that it answered, and the loss over those.
    """
    curve = risk_coverage(columns.confidence, columns.loss)
    size = len(columns.loss)
    given = columns.loss[~columns.refused]
    coverage, risk = given.size / size, float(given.mean()) if given.size else 0.0
    highest = max(float(curve.risk.max()), risk)
    frame = Frame(1, next(top for top in (0.1, 0.25, 0.5, 1) if highest <= top + 1e-9))
    ticks = [Tick(t.value * frame.y_top, f"{t.value * frame.y_top:g}") for t in _SHARES]
    parts = [axes(frame, _SHARES, ticks, "coverage: share of questions answered", "risk")]
    kept = thinned(size)
    points = zip(curve.coverage[kept].tolist(), curve.risk[kept].tolist(), strict=True)
    parts.append(polyline(((frame.x(c), frame.y(r)) for c, r in points), "curve"))
    said = (
        "The mean loss when only the surest questions are answered. "
        f"Area under the curve {curve.area:.3f}; lower is better."
    )
    cells = [
        (f"{tenth}0 %", f"{curve.risk[math.ceil(tenth * size / 10) - 1]:.3f}")
        for tenth in range(1, 11)
    ]
    if given.size:
        share = f"{100 * coverage:.0f} %"
        parts.append(dot((frame.x(coverage), frame.y(risk)), 4.5, "point"))
        said += f" The dot: {share} of the questions were answered, at a risk of {risk:.3f}."
        cells.append((f"as it answered: {share}", f"{risk:.3f}"))
    title = "Risk and coverage"
    svg = drawing(title, said, _HEIGHT, parts)
    return Figure(title, said, svg, ("coverage", "risk"), tuple(cells))


def reliability_figure(columns: Columns) -> Figure:
    """How often answers of each confidence are right; ``ValueError`` without an answer."""
    answered = ~columns.refused
    found = bins_of(columns.confidence[answered], 1 - columns.loss[answered])
    parts = [axes(_LOW, _SHARES, _SHARES, "confidence", "share of the answer found")]
    parts.append(words((_LOW.left - 6, _LOW.top - 9), "n", "tick", "end"))
    width = _LOW.width / BINS
    for place, each in enumerate(found):
        left = _LOW.left + place * width
        kind = "count" if each.n else "count none"
        parts.append(words((left + width / 2, _LOW.top - 9), str(each.n), kind, "middle"))
        if each.means:
            top = _LOW.y(each.means.outcome)
            parts.append(bar(left + 1.5, top, width - 3, _LOW.y(0) - top, "bar"))
            parts.append(dot((_LOW.x(each.means.confidence), top), 3, "point"))
    parts.append(line((_LOW.x(0), _LOW.y(0)), (_LOW.x(1), _LOW.y(1)), "ideal"))
    said = (
        f"How much of the answer was found at each confidence, over {answered.sum()} answers; the "
        "numbers on top count them. A dot stands at its bar’s mean confidence: above the dashed "
        "line the confidence is too low, below it too high."
    )
    cells = tuple(
        (f"{one.low:.1f} to {one.high:.1f}", str(one.n))
        + (tuple(f"{mean:.3f}" for mean in one.means) if one.means else ("–", "–"))
        for one in found
    )
    title = "Reliability of the confidence"
    names = ("confidence", "answers", "mean confidence", "mean share found")
    return Figure(title, said, drawing(title, said, _HEIGHT, parts), names, cells)


def latency_figure(latencies: Sequence[float]) -> Figure:
    """How long questions took, from milliseconds each; ``ValueError`` without any."""
    found = latency_bins(latencies)
    marks = [float(p) for p in np.percentile(latencies, _PERCENTILES)]
    counts = [*found.counts, *([found.beyond] if found.beyond else [])]
    end = found.step * len(found.counts)
    tallest = round_step(max(counts) / 4) * 4
    frame = _LOW._replace(x_top=found.step * len(counts), y_top=tallest)
    ticks = [tick for tick in even_ticks(end, 5) if tick.value <= end]
    parts = [axes(frame, ticks, even_ticks(tallest, 4), "milliseconds", "questions")]
    width = frame.width / len(counts)
    for place, count in enumerate(counts):
        top = frame.y(count)
        kind = "bar beyond" if place == len(found.counts) else "bar"
        corner = frame.left + place * width
        parts.append(bar(corner + 1, top, max(width - 2, 1), frame.y(0) - top, kind))
    for rank, mark in zip(_PERCENTILES, marks, strict=True):
        if mark <= end:
            x = frame.x(mark)
            parts.append(line((x, frame.top), (x, frame.y(0)), "mark"))
            lift = 4 if rank == 99 else 14  # 95 and 99 are often neighbours
            parts.append(words((x, frame.top - lift), f"p{rank}", "tick", "middle"))
    said = f"Over {len(latencies)} questions: " + ", ".join(
        f"p{rank} {mark:.1f} ms" for rank, mark in zip(_PERCENTILES, marks, strict=True)
    )
    said += f", longest {max(latencies):.1f} ms."
    if found.beyond:
        said += f" The last bar holds all beyond {end:g} ms."
    cells = [
        (f"{i * found.step:g} to {(i + 1) * found.step:g}", str(count))
        for i, count in enumerate(found.counts)
    ]
    if found.beyond:
        cells.append((f"beyond {end:g}", str(found.beyond)))
    title = "Latency"
    svg = drawing(title, said, _HEIGHT, parts)
    return Figure(title, said, svg, ("milliseconds", "questions"), tuple(cells))


def bins_of(confidences: ArrayLike, outcomes: ArrayLike) -> list[Bin]:
    """The bins of ``refusals.calibration_error``: closed at the right, the first at both ends.

    ``confidences`` and ``outcomes``: shape ``(n,)``. ``ValueError`` without any.
    """
    scores, found = np.asarray(confidences, np.float64), np.asarray(outcomes, np.float64)
    if not scores.size:
        raise ValueError("a reliability diagram needs answers")
    places = np.searchsorted(np.arange(1, BINS) / BINS, scores, side="left")
    bins = []
    for place in range(BINS):
        here = places == place
        n = int(here.sum())
        means = Means(float(scores[here].mean()), float(found[here].mean())) if n else None
        bins.append(Bin(place / BINS, (place + 1) / BINS, n, means))
    return bins


def latency_bins(latencies: Sequence[float]) -> LatencyBins:
    """Bins of a round width, closed at the left, that reach past the 95th percentile.

    A first question that loads a model would else squeeze all others into one bar.
    """
    if not latencies:
        raise ValueError("a latency histogram needs latencies")
    values = np.asarray(latencies, np.float64)
    reach = min(float(values.max()), 1.5 * float(np.percentile(values, 95)))
    step = round_step(max(reach, 1e-3) / 16)
    size = math.floor(reach / step) + 1
    places = np.floor(values / step).astype(np.int64)
    counts = np.bincount(places[places < size], minlength=size)
    return LatencyBins(step, tuple(counts.tolist()), int((places >= size).sum()))


def thinned(size: int) -> NDArray[np.int64]:
    """At most 400 of the places 0 … ``size`` - 1, evenly, the first and the last among them."""
    return np.unique(np.linspace(0, size - 1, min(size, _MOST_POINTS)).round().astype(np.int64))
