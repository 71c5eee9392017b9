"""Resamples that keep each stratum's share, percentiles, and what a set can find at all."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_rel

from footnoted.eval.refusals import auroc
from footnoted.eval.statistics import (
    bootstrap_mean,
    bootstrap_percentiles,
    bootstrap_statistic,
    minimum_detectable,
    paired_p_value,
    paired_statistic_p_value,
)

RNG = np.random.default_rng(3)


def test_what_differs_between_strata_and_not_within_them_has_no_width():
    values = [0.0] * 20 + [1.0] * 10
    strata = ["hard"] * 20 + ["easy"] * 10
    assert bootstrap_mean(values, seed=1, strata=strata)[:3] == pytest.approx((1 / 3,) * 3)
    free = bootstrap_mean(values, seed=1)
    assert free.high - free.low > 0.3
    statistic = bootstrap_statistic(np.mean, values, seed=1, strata=strata)
    assert statistic[:3] == pytest.approx((1 / 3,) * 3)


def test_a_stratified_interval_is_that_of_every_stratum_drawn_by_itself():
    values = np.array([0, 0, 1, 1, 1, 0, 1, 2, 2, 5], float)
    strata = ["a"] * 5 + ["b"] * 5
    picks = [list(product(values[rows], repeat=5)) for rows in (slice(5), slice(5, 10))]
    sums = [np.sum(pick, axis=1) for pick in picks]
    means = (sums[0][:, None] + sums[1][None, :]).ravel() / 10
    low, high = np.quantile(means, [0.025, 0.975])
    ours = bootstrap_mean(values, seed=4, strata=strata)
    assert (ours.low, ours.high) == pytest.approx((low, high), abs=0.051)


def test_one_stratum_is_none_and_small_ones_are_drawn_together():
    values = RNG.random(30)
    assert bootstrap_mean(values, seed=2, strata=["x"] * 30) == bootstrap_mean(values, seed=2)
    apart = bootstrap_mean(values, seed=2, strata=list(range(30)))
    assert apart == bootstrap_mean(values, seed=2)  # thirty of one each would have no width
    lone = bootstrap_mean([0.0] * 6 + [1.0], seed=2, strata=["x"] * 6 + ["y"])
    assert lone.high > lone.low  # a single one joins the smallest other stratum


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(0, 1)), min_size=1, max_size=40),
    st.integers(0, 99),
)
def test_stratified_intervals_are_repeatable_and_within_the_values(rows, seed):
    strata, values = zip(*rows, strict=True)
    first = bootstrap_mean(values, seed=seed, resamples=40, strata=strata)
    assert first == bootstrap_mean(values, seed=seed, resamples=40, strata=strata)
    assert min(values) - 1e-12 <= first.low <= first.high <= max(values) + 1e-12
    assert first.value == pytest.approx(np.mean(values))


def test_strata_must_be_one_a_value():
    with pytest.raises(ValueError, match="its stratum"):
        bootstrap_mean([0.0, 1.0], seed=1, strata=["x"])


def test_a_resample_without_the_statistic_is_left_out():
    def odd(values):
        return float("nan") if values.sum() % 2 < 1 else float(values.mean())

    found = bootstrap_statistic(odd, [1.0, 1.0, 1.0], seed=1)
    assert found == (1, 1, 1, 3)
    found = bootstrap_statistic(odd, [1.0, 0.0, 0.0], seed=1, resamples=300)
    assert found.low == pytest.approx(1 / 3)
    assert found.high <= 1


def test_percentiles_agree_with_a_bootstrap_of_each():
    times = RNG.gamma(2, 10, size=120)
    found = bootstrap_percentiles(times, (50, 95), seed=6)
    assert [one.value for one in found] == pytest.approx(list(np.percentile(times, (50, 95))))
    for percent, one in zip((50, 95), found, strict=True):
        alone = bootstrap_statistic(lambda x, q=percent: np.percentile(x, q), times, seed=8)
        assert (one.low, one.high) == pytest.approx((alone.low, alone.high), rel=0.08)
        assert one.low < one.value < one.high


def test_the_least_difference_that_a_set_finds_is_cohen_s():
    differences = np.array([0.5, -0.5] * 50)
    spread = np.sqrt(100 * 0.25 / 99)
    assert minimum_detectable(differences) == pytest.approx(2.8015852 * spread / 10)
    assert minimum_detectable(np.tile(differences, 4)) == pytest.approx(
        minimum_detectable(differences) / 2, rel=0.01
    )
    more = minimum_detectable(differences, power=0.95)
    assert more == pytest.approx((1.959964 + 1.644854) * spread / 10)


def test_four_sets_of_five_find_a_difference_of_that_size():
    spread, size = 0.4, 100
    least = 2.8015852 * spread / size**0.5
    found = [
        ttest_rel(sample, np.zeros(size)).pvalue < 0.05
        for sample in RNG.normal(least, spread, size=(600, size))
    ]
    assert np.mean(found) == pytest.approx(0.8, abs=0.06)


@pytest.mark.parametrize("same", [[0.3], [0.0] * 9, [0.1 + 0.2] * 5 + [0.3] * 5])
def test_without_spread_nothing_is_said(same):
    assert minimum_detectable(same) is None


def test_the_paired_test_of_a_mean_as_a_statistic_is_the_paired_test():
    first = RNG.random(40)
    second = first + RNG.normal(0.06, 0.2, size=40)
    ours = paired_statistic_p_value(np.mean, [first], [second], seed=5, resamples=4000)
    assert 0.001 < ours < 0.9
    assert ours == pytest.approx(paired_p_value(first, second, seed=9), abs=0.02)


def test_a_confidence_that_tells_nothing_is_worse_than_one_that_does():
    kinds = np.arange(60) % 2 == 0
    good = np.where(kinds, 0.7, 0.3) + RNG.normal(0, 0.1, size=60)
    blind = RNG.random(60)
    clear = paired_statistic_p_value(auroc, [good, kinds], [blind, kinds], seed=1)
    same = paired_statistic_p_value(auroc, [good, kinds], [good, kinds], seed=1, resamples=50)
    assert clear < 0.01
    assert same == 1
