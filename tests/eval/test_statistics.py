from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import bootstrap, permutation_test

from footnoted.eval.refusals import auroc
from footnoted.eval.statistics import (
    Interval,
    bootstrap_auroc,
    bootstrap_mean,
    bootstrap_statistic,
    holm,
    paired_p_value,
)

RNG = np.random.default_rng(11)
VALUES = RNG.beta(2, 1, size=60)


def test_the_interval_of_a_mean_agrees_with_scipy():
    ours = bootstrap_mean(VALUES, seed=5)
    theirs = bootstrap(
        (VALUES,), np.mean, method="percentile", n_resamples=10_000, rng=np.random.default_rng(1)
    ).confidence_interval
    assert ours.value == pytest.approx(VALUES.mean())
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.004)
    assert ours.n == 60


def test_a_small_sample_agrees_with_all_its_resamples():
    values = np.array([0.0, 0.0, 1.0, 0.5])
    means = np.array([np.mean(pick) for pick in product(values, repeat=4)])
    low, high = np.quantile(means, [0.1, 0.9])
    ours = bootstrap_mean(values, seed=2, level=0.8)
    assert (ours.low, ours.high) == pytest.approx((low, high), abs=0.01)


def test_the_interval_of_auroc_agrees_with_stratified_resampling():
    confidences = np.round(RNG.normal(size=40), 1)
    answerable = np.arange(40) < 25
    confidences[answerable] += 0.8
    ups, downs = confidences[answerable], confidences[~answerable]

    def statistic(u, d):
        return auroc(np.concatenate([u, d]), np.arange(len(u) + len(d)) < len(u))

    theirs = bootstrap(
        (ups, downs), statistic, method="percentile", vectorized=False, n_resamples=2000,
        rng=np.random.default_rng(1),
    ).confidence_interval  # fmt: skip
    ours = bootstrap_auroc(confidences, answerable, seed=3)
    assert ours.value == auroc(confidences, answerable)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.012)
    assert ours.n == 40


def test_tied_confidences_tell_nothing_in_any_resample():
    flat = bootstrap_auroc([0.5] * 6, [True, False] * 3, seed=1, resamples=200)
    assert flat == Interval(0.5, 0.5, 0.5, 6)


def test_any_statistic_gets_the_interval_that_a_mean_of_its_pairs_would():
    weights = RNG.random(60)
    ours = bootstrap_statistic(
        lambda a, b: float((a * b).mean()), VALUES, weights, seed=4, resamples=4000
    )
    direct = bootstrap_mean(VALUES * weights, seed=9)
    assert ours.value == pytest.approx(direct.value)
    assert (ours.low, ours.high) == pytest.approx((direct.low, direct.high), abs=0.01)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.integers(0, 2**32 - 1))
def test_intervals_are_repeatable_and_within_the_values(values, seed):
    first = bootstrap_mean(values, seed=seed, resamples=50)
    assert first == bootstrap_mean(values, seed=seed, resamples=50)
    slack = 1e-12
    assert min(values) - slack <= first.low <= first.high <= max(values) + slack
    assert first.n == len(values)


def test_another_seed_draws_otherwise_and_more_questions_narrow_the_interval():
    one, other = (bootstrap_mean(VALUES, seed=s, resamples=200) for s in (1, 2))
    assert (one.low, one.high) != (other.low, other.high)
    many = bootstrap_mean(np.tile(VALUES, 9), seed=1)
    few = bootstrap_mean(VALUES, seed=1)
    assert (many.high - many.low) == pytest.approx((few.high - few.low) / 3, rel=0.1)


def test_a_large_sample_is_drawn_in_pieces_of_one_result():
    large = bootstrap_mean(np.tile([0.0, 1.0], 10_000), seed=1, resamples=1001)
    assert large.low == pytest.approx(0.5 - 1.96 * 0.5 / 20_000**0.5, abs=0.001)
    assert large.n == 20_000


def test_one_question_has_no_width_and_none_is_an_error():
    assert bootstrap_mean([0.25], seed=1) == Interval(0.25, 0.25, 0.25, 1)
    with pytest.raises(ValueError, match="at least one value"):
        bootstrap_mean([], seed=1)


GRADES = st.sampled_from([0.0, 0.1, 0.2, 0.3, 0.5, 1.0])


@given(st.lists(st.tuples(GRADES, GRADES), min_size=1, max_size=7))
def test_the_paired_test_is_exact_for_few_questions(pairs):
    differences = [a - b for a, b in pairs]
    sums = [
        abs(sum(s * d for s, d in zip(signs, differences, strict=True)))
        for signs in product([1, -1], repeat=len(pairs))
    ]
    expected = np.mean([s >= abs(sum(differences)) - 1e-9 for s in sums])
    first, second = zip(*pairs, strict=True)
    assert paired_p_value(first, second, seed=0) == pytest.approx(expected)
    assert paired_p_value(second, first, seed=0) == pytest.approx(expected)


def test_the_paired_test_agrees_with_scipy_for_many_questions():
    first = VALUES + RNG.normal(0.03, 0.1, size=60)
    theirs = permutation_test(
        (first, VALUES), lambda a, b: np.mean(a) - np.mean(b), permutation_type="samples",
        n_resamples=10_000, rng=np.random.default_rng(1),
    ).pvalue  # fmt: skip
    assert 0.001 < theirs < 0.9
    assert paired_p_value(first, VALUES, seed=1) == pytest.approx(theirs, abs=0.015)


def test_equal_systems_never_differ_and_a_clear_gain_does():
    assert paired_p_value(VALUES, VALUES, seed=1) == 1
    assert paired_p_value(VALUES + 0.2, VALUES, seed=1) == pytest.approx(1 / 10_001)


def test_holm_steps_down_and_keeps_names_in_order():
    corrected = holm({"c": 0.03, "a": 0.01, "d": 0.9, "b": 0.02})
    assert list(corrected) == ["c", "a", "d", "b"]
    assert corrected == pytest.approx({"a": 0.04, "b": 0.06, "c": 0.06, "d": 0.9})
    assert holm({"x": 0.7, "y": 0.6}) == {"x": 1.0, "y": 1.0}
    assert holm({}) == {}


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=8), st.floats(0.001, 0.2))
def test_holm_rejects_what_the_step_down_rule_rejects(p_values, alpha):
    rejected = set()
    for place, (name, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        if p * (len(p_values) - place) > alpha:
            break
        rejected.add(name)
    assert {name for name, p in holm(p_values).items() if p <= alpha} == rejected
