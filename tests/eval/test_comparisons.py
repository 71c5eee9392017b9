from __future__ import annotations

import pytest

from footnoted.eval.comparisons import compare, compare_runs
from footnoted.eval.statistics import holm, paired_p_value


def test_systems_are_measured_on_the_same_queries():
    qrels = {f"q{i}": {"good": 1} for i in range(4)}
    first = {q: [("good", 2.0), ("bad", 1.0)] for q in qrels}
    second = {q: [("bad", 2.0), ("good", 1.0)] for q in list(qrels)[:2]}
    rows = compare_runs({"footnoted": first, "BM25 only": second}, qrels, seed=1)
    assert list(rows) == ["footnoted", "BM25 only"]
    assert rows["footnoted"]["RR"] == (1, 1, 1, 4)
    assert rows["BM25 only"]["RR"].value == pytest.approx(0.25)
    assert rows["BM25 only"]["R@10"].value == pytest.approx(0.5)


def test_differences_are_new_minus_baseline_over_shared_questions_corrected_for_their_number():
    ids = [f"q{i}" for i in range(20)]
    before = {"RR": dict.fromkeys(ids, 0.5), "hit@1": dict.fromkeys(ids, 0.0), "old": {"q0": 1.0}}
    after = {
        "RR": dict.fromkeys(ids[:12], 0.75),
        "hit@1": {q: float(i % 7 == 0) for i, q in enumerate(ids)},
        "new": {"q0": 1.0},
    }
    found = compare(before, after, seed=3)
    assert list(found) == ["RR", "hit@1"]
    assert found["RR"].interval == pytest.approx((0.25, 0.25, 0.25, 12))
    assert found["RR"].p == pytest.approx(2 / 2**12)
    assert found["hit@1"].interval.value == pytest.approx(3 / 20)
    assert (
        found["hit@1"].p
        == paired_p_value(list(after["hit@1"].values()), [0.0] * 20, seed=3)
        == pytest.approx(0.25, abs=0.02)
    )
    corrected = holm({name: difference.p for name, difference in found.items()})
    assert {name: difference.p_holm for name, difference in found.items()} == corrected
    assert found["RR"].p_holm == pytest.approx(2 * found["RR"].p)
