"""The numbers that are drawn, against numbers worked out by hand."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.eval.html.plots import (
    bins_of,
    latency_bins,
    latency_figure,
    reliability_figure,
    risk_coverage_figure,
    thinned,
)
from footnoted.eval.html.svg import Frame, even_ticks, number, round_step, shortened, words
from footnoted.eval.html.tags import NOT_FAILED, tag_bars, tag_figures
from footnoted.eval.refusals import calibration_error
from footnoted.eval.runs import columns_of, evaluate
from footnoted.eval.set_measures import Columns

SHARES = st.floats(0, 1, allow_subnormal=False)


def columns(*rows):
    """Rows of (confidence, refused, loss)."""
    confidence, refused, loss = zip(*rows, strict=True)
    answerable = np.ones(len(rows), bool)
    return Columns(np.array(confidence), answerable, np.array(refused), np.array(loss, float))


def parts(figure, tag, kind=None):
    """The attributes of the drawing's elements of one tag (and class)."""
    found = [e for e in ET.fromstring(figure.svg).iter(tag) if kind in (None, e.get("class"))]
    return [e.attrib for e in found]


def floats(element, *names):
    return tuple(float(element[name]) for name in names)


def test_the_curve_goes_through_the_risks_of_the_surest():
    # Sorted by confidence the losses are 0, 1, 1, 0: risks 0, 1/2, 2/3, 1/2.
    figure = risk_coverage_figure(
        columns((0.8, False, 1), (0.9, False, 0), (0.7, True, 1), (0.1, False, 0))
    )
    (curve,) = parts(figure, "polyline")
    points = [tuple(map(float, pair.split(","))) for pair in curve["points"].split()]
    frame = Frame(1, 1)  # the highest risk is over a half, so the axis ends at 1
    wanted = [(0.25, 0), (0.5, 1 / 2), (0.75, 2 / 3), (1, 1 / 2)]
    assert np.allclose(points, [(46 + 282 * c, 14 + 190 * (1 - r)) for c, r in wanted], atol=0.006)
    (point,) = parts(figure, "circle", "point")
    assert floats(point, "cx", "cy") == pytest.approx((frame.x(0.75), frame.y(1 / 3)), abs=0.006)
    assert "0.417; lower" in figure.description  # (0 + 1/2 + 2/3 + 1/2) / 4
    assert "75 % of the questions were answered, at a risk of 0.333" in figure.description
    assert dict(figure.cells)["50 %"] == "0.500"
    assert dict(figure.cells)["30 %"] == "0.500"  # 3/10 of four are two questions
    assert dict(figure.cells)["as it answered: 75 %"] == "0.333"


def test_small_risks_get_an_axis_that_shows_them():
    figure = risk_coverage_figure(columns((0.9, False, 0), (0.5, False, 0.2)))
    last = parts(figure, "polyline")[0]["points"].split()[-1].split(",")
    assert float(last[1]) == pytest.approx(14)  # 0.1 is the end of the axis


def test_a_system_that_refuses_everything_has_a_curve_and_no_dot():
    figure = risk_coverage_figure(columns((0.2, True, 1), (0.1, True, 1)))
    assert parts(figure, "circle") == []
    assert "The dot" not in figure.description


def test_bars_of_confidence_are_as_high_as_what_was_found():
    figure = reliability_figure(
        columns(
            (0.25, False, 0.5), (0.3, False, 0), (0.3001, False, 1), (1.0, False, 0), (0.5, True, 1)
        )
    )
    bars = parts(figure, "rect", "bar")
    heights = [float(b["height"]) / 178 for b in bars]
    assert heights == pytest.approx([0.75, 0, 1], abs=1e-4)  # (0.2, 0.3], (0.3, 0.4], (0.9, 1]
    assert [float(b["x"]) for b in bars] == pytest.approx([46 + 28.2 * i + 1.5 for i in (2, 3, 9)])
    first = parts(figure, "circle")[0]
    assert float(first["cx"]) == pytest.approx(46 + 282 * 0.275, abs=0.006)
    texts = [e for e in ET.fromstring(figure.svg).iter("text") if "count" in e.get("class")]
    assert [e.text for e in texts] == ["0", "0", "2", "1", "0", "0", "0", "0", "0", "1"]
    assert figure.cells[2] == ("0.2 to 0.3", "2", "0.275", "0.750")
    assert figure.cells[0] == ("0.0 to 0.1", "0", "–", "–")
    assert "over 4 answers" in figure.description


@given(st.lists(st.tuples(SHARES, SHARES), min_size=1, max_size=50))
def test_bins_hold_what_the_calibration_error_weighs(pairs):
    scores, outcomes = zip(*pairs, strict=True)
    bins = bins_of(scores, outcomes)
    assert sum(one.n for one in bins) == len(pairs)
    gap = sum(one.n * abs(one.means.outcome - one.means.confidence) for one in bins if one.means)
    assert gap / len(pairs) == pytest.approx(calibration_error(scores, outcomes), abs=1e-9)


def test_latencies_are_counted_in_round_bins():
    # A sixteenth of the longest, 0.425, is rounded up to 0.5; a latency at 1.0 is in 1.0 to 1.5.
    found = latency_bins([0.0, 0.9, 1.0, 2.5, *[3.2] * 14, 5.8, 6.8])
    assert found == (0.5, (1, 1, 1, 0, 0, 1, 14, 0, 0, 0, 0, 1, 0, 1), 0)
    slow = latency_bins([10.0] * 99 + [5_000.0])
    assert slow.beyond == 1
    assert slow.step == 1
    assert slow.counts[10] == sum(slow.counts) == 99
    with pytest.raises(ValueError, match="latencies"):
        latency_bins([])


@given(st.lists(st.floats(0, 1e7), min_size=1, max_size=60))
def test_every_latency_is_in_one_bin(latencies):
    found = latency_bins(latencies)
    assert sum(found.counts) + found.beyond == len(latencies)
    assert len(found.counts) <= 25
    ET.fromstring(latency_figure(latencies).svg)


def test_the_latency_figure_tells_its_percentiles():
    figure = latency_figure([10.0] * 99 + [5_000.0])
    assert figure.description == (
        "Over 100 questions: p50 10.0 ms, p95 10.0 ms, p99 59.9 ms, longest 5000.0 ms. "
        "The last bar holds all beyond 16 ms."
    )
    assert figure.cells[-1] == ("beyond 16", "1")
    tallest = max(parts(figure, "rect"), key=lambda bar: float(bar["height"]))
    assert float(tallest["height"]) == pytest.approx(178 * 99 / 100)
    assert [bar["class"] for bar in parts(figure, "rect")][-1] == "bar beyond"


@pytest.fixture
def rows(world):
    world.documents["a0"] = world.refusal("not_in_corpus", 0.2)
    world.documents["u0"] = world.answer(2, 0.9)
    report = evaluate(world.questions, world.documents, world.qrels, world.texts, seed=1)
    assert columns_of(report.rows).loss.sum() == 5
    return report.rows


def test_tags_have_the_means_of_their_questions(rows):
    found = tag_bars(rows, lambda row: row.values.get("answer_recall"), seed=1)
    assert [(one.tag, one.interval.value, one.interval.n) for one in found] == [
        ("fact", 7 / 8, 8),
        ("early", 3 / 4, 4),
        ("late", 1.0, 4),
    ]
    early = found[1].interval
    assert 0 <= early.low < 0.75 < early.high <= 1


def test_a_bar_is_as_long_as_its_mean_with_its_interval_across(rows):
    figures = tag_figures(rows, ["answer_recall", "nDCG@10"], seed=1)
    assert [figure.title for figure in figures] == [
        NOT_FAILED, "nDCG@10", "Answers found (answer recall)"
    ]  # fmt: skip
    lengths = [float(bar["width"]) / 126 for bar in parts(figures[2], "rect")]
    assert lengths == pytest.approx([7 / 8, 3 / 4, 1], abs=1e-4)
    cells = figures[2].cells[1]
    assert (cells[0], cells[1], cells[4]) == ("early", "0.750", "4")
    level = parts(figures[2], "line", "whisker")[3]
    assert float(level["x1"]) == pytest.approx(104 + 126 * float(cells[2]), abs=0.07)
    assert float(level["x2"]) == pytest.approx(104 + 126 * float(cells[3]), abs=0.07)
    # Three of the four questions that cannot be answered were refused, as they should be.
    assert ("none", "0.750") in [cells[:2] for cells in figures[0].cells]


def test_no_tag_no_figure_and_of_many_tags_the_commonest(rows):
    bare = [replace(row, question=replace(row.question, tags=())) for row in rows]
    assert tag_figures(bare, ["answer_recall"], seed=1) == []
    many = [
        replace(row, question=replace(row.question, tags=tuple(f"t{i}" for i in range(30 - place))))
        for place, row in enumerate(rows)
    ]
    (fine, _) = tag_figures(many, ["answer_recall"], seed=1)
    assert len(parts(fine, "rect")) == 20
    assert len(fine.cells) == 30
    assert "20 commonest of 30" in fine.description


def test_lengths_and_ticks_are_short_and_round():
    assert [number(v) for v in (0, -0.001, -0.5, 10.0, 1 / 3, 100.10)] == [
        "0", "0", "-0.5", "10", "0.33", "100.1"
    ]  # fmt: skip
    with pytest.raises(ValueError, match="no place"):
        number(float("nan"))
    assert [round_step(v) for v in (0.7, 1, 1.2, 2.1, 3, 6, 0.03)] == [1, 1, 2, 2.5, 5, 10, 0.05]
    assert [tick.label for tick in even_ticks(10, 4)] == ["0", "2.5", "5", "7.5", "10"]
    assert shortened("x" * 20, 16) == "x" * 15 + "…"


@given(st.integers(1, 3_000))
def test_a_long_curve_keeps_its_ends(size):
    kept = thinned(size)
    assert kept[0] == 0
    assert kept[-1] == size - 1
    assert len(kept) == min(size, 400)
    assert (np.diff(kept) > 0).all()


def test_words_in_a_drawing_are_escaped():
    markup = words((1, 2), "</svg><b>\u202ex", "tick")
    assert re.search(r">&lt;/svg&gt;&lt;b&gt;\ufffdx<", markup)
