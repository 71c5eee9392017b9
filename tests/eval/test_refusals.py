from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from footnoted.eval.refusals import auroc, calibration_error, risk_coverage, score_refusals

CONFIDENCES = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.5001, 0.9, 1.0])
PAIRS = st.lists(st.tuples(CONFIDENCES, st.booleans()), min_size=2, max_size=40)


@given(PAIRS.filter(lambda pairs: len({kind for _, kind in pairs}) == 2))
def test_auroc_is_the_chance_of_the_right_order_ties_as_half(pairs):
    ups = [c for c, answerable in pairs if answerable]
    downs = [c for c, answerable in pairs if not answerable]
    by_pairs = np.mean([(u > d) + (u == d) / 2 for u in ups for d in downs])
    confidences, answerable = zip(*pairs, strict=True)
    value = auroc(confidences, answerable)
    assert value == pytest.approx(by_pairs)
    assert value == pytest.approx(mannwhitneyu(ups, downs).statistic / (len(ups) * len(downs)))


def test_auroc_of_one_kind_is_undefined():
    with pytest.raises(ValueError, match="answerable and unanswerable"):
        auroc([0.1, 0.2], [True, True])


@given(st.lists(st.tuples(CONFIDENCES, st.sampled_from([0.0, 0.5, 1.0])), min_size=1, max_size=6))
def test_risk_is_the_mean_over_all_orders_of_tied_questions(pairs):
    confidences, losses = zip(*pairs, strict=True)
    curves = [
        np.cumsum([loss for _, loss in order]) / np.arange(1, len(order) + 1)
        for order in permutations(pairs)
        if all(surer[0] >= next_one[0] for surer, next_one in pairwise(order))
    ]
    curve = risk_coverage(confidences, losses)
    assert curve.risk == pytest.approx(np.mean(curves, axis=0))
    assert curve.coverage == pytest.approx(np.arange(1, len(pairs) + 1) / len(pairs))
    assert curve.risk[-1] == pytest.approx(np.mean(losses))
    assert curve.area == pytest.approx(np.mean(curves))


def test_the_area_under_risk_grows_when_errors_are_sure():
    losses = [0, 0, 0, 1, 1]
    good = risk_coverage([0.9, 0.8, 0.7, 0.2, 0.1], losses).area
    blind = risk_coverage([0.5] * 5, losses).area
    bad = risk_coverage([0.1, 0.2, 0.7, 0.8, 0.9], losses).area
    assert good == pytest.approx((0 + 0 + 0 + 1 / 4 + 2 / 5) / 5)
    assert blind == pytest.approx(0.4)
    assert good < blind < bad


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=30))
def test_refusal_shares_equal_their_definitions(pairs):
    refused, answerable = zip(*pairs, strict=True)
    right = sum(r and not a for r, a in pairs)
    precision = right / sum(refused) if any(refused) else 0.0
    recall = right / answerable.count(False) if not all(answerable) else 0.0
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    assert score_refusals(refused, answerable) == pytest.approx((precision, recall, f1))


def test_always_refusing_and_always_answering():
    answerable = [True, True, True, False]
    assert score_refusals([True] * 4, answerable) == pytest.approx((0.25, 1.0, 0.4))
    assert score_refusals([False] * 4, answerable) == (0, 0, 0)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40))
def test_calibration_error_is_the_weighted_gap_of_each_bin(pairs):
    gap = 0.0
    for k in range(10):
        inside = [p for p in pairs if k / 10 < p[0] <= (k + 1) / 10 or (k == 0 and p[0] == 0)]
        if inside:
            distance = np.mean([c for c, _ in inside]) - np.mean([o for _, o in inside])
            gap += abs(distance) * len(inside) / len(pairs)
    assert calibration_error(*zip(*pairs, strict=True)) == pytest.approx(gap, abs=1e-12)


def test_calibration_error_of_sure_mistakes():
    assert calibration_error([1.0, 1.0], [0.0, 1.0]) == pytest.approx(0.5)
    assert calibration_error([0.5, 0.5], [0.0, 1.0]) == 0


def test_nothing_cannot_be_measured():
    with pytest.raises(ValueError, match="needs questions"):
        risk_coverage([], [])
    with pytest.raises(ValueError, match="needs answers"):
        calibration_error([], [])
