from __future__ import annotations

import logging
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footnoted.errors import InputError
from footnoted.eval.measures import MEASURES, score_runs, strict_run


def oracle(relevance: dict[str, int], ranked: list[str]) -> dict[str, float]:
    """The measures of one query, by their definitions."""
    gains = [relevance.get(passage, 0) for passage in ranked]
    relevant = sum(r > 0 for r in relevance.values())
    ideal = sorted(relevance.values(), reverse=True)[:10]

    def dcg(values: list[int]) -> float:
        return sum(v / math.log2(i + 2) for i, v in enumerate(values))

    def recall(k: int) -> float:
        return sum(g > 0 for g in gains[:k]) / relevant if relevant else 0.0

    return {
        "nDCG@10": dcg(gains[:10]) / dcg(ideal) if relevant else 0.0,
        "R@5": recall(5),
        "R@10": recall(10),
        "RR": next((1 / (i + 1) for i, g in enumerate(gains) if g), 0.0),
        "hit@1": float(any(gains[:1])),
        "hit@5": float(any(gains[:5])),
    }


PASSAGES = [f"p{i:02}" for i in range(16)]
RUNS = st.dictionaries(
    st.sampled_from(["q1", "q2", "q3", "q4"]),
    st.lists(st.sampled_from(PASSAGES), unique=True, max_size=16),
)
QRELS = st.dictionaries(
    st.sampled_from(["q1", "q2", "q3"]),
    st.dictionaries(st.sampled_from(PASSAGES), st.integers(0, 3), max_size=8),
    min_size=1,
)


@settings(deadline=None)
@given(QRELS, RUNS)
def test_measures_equal_their_definitions_query_by_query(qrels, ranked):
    run = {q: [(p, 1 / (i + 1)) for i, p in enumerate(ids)] for q, ids in ranked.items()}
    values = score_runs(qrels, run)
    assert list(values) == list(MEASURES)
    for measure, by_query in values.items():
        assert by_query.keys() == qrels.keys()
        for query_id, value in by_query.items():
            expected = oracle(qrels[query_id], ranked.get(query_id, []))[measure]
            assert value == pytest.approx(expected, abs=1e-6), (measure, query_id)


def test_a_judged_query_without_results_counts_as_zero_and_an_unjudged_one_not_at_all():
    values = score_runs({"q1": {"p": 1}, "q2": {"p": 1}}, {"q1": [("p", 1.0)], "q9": [("p", 1.0)]})
    assert values["RR"] == {"q1": 1.0, "q2": 0.0}
    assert score_runs({"q1": {}}, {})["nDCG@10"] == {"q1": 0.0}


def test_scores_that_tie_only_in_single_precision_keep_their_order():
    # trec_eval would see a tie here and put the passage with the greater name first.
    run = {"q": [("a", 0.5 + 1e-12), ("z", 0.5)]}
    assert score_runs({"q": {"a": 1}}, run)["RR"] == {"q": 1.0}
    assert score_runs({"q": {"z": 1}}, run)["RR"] == {"q": 0.5}


@pytest.mark.parametrize("scores", [[1.0, 1.0], [1.0, 2.0], [math.nan, 1.0]])
def test_a_run_that_does_not_fall_is_refused(scores):
    with pytest.raises(InputError, match="query 'q' does not strictly decrease"):
        score_runs({"q": {"a": 1}}, {"q": [("a", scores[0]), ("b", scores[1])]})


def test_a_run_with_a_passage_twice_is_refused():
    with pytest.raises(InputError, match="holds a passage twice"):
        score_runs({"q": {"a": 1}}, {"q": [("a", 2.0), ("a", 1.0)]})


@given(st.lists(st.tuples(st.sampled_from(PASSAGES), st.floats(-1e6, 1e6))))
def test_a_strict_run_keeps_the_order_and_falls_in_single_precision(hits):
    strict = strict_run(hits)
    scores = np.array([score for _, score in strict], dtype=np.float32)
    assert (np.diff(scores) < 0).all()
    assert [p for p, _ in strict] == list(dict.fromkeys(p for p, _ in hits))
    if strict:
        assert strict[0][1] == pytest.approx(np.float32(hits[0][1]))


def test_scores_that_fall_already_stay():
    assert strict_run([("a", 0.75), ("b", 0.5), ("b", 0.25), ("c", 0.25)]) == [
        ("a", 0.75), ("b", 0.5), ("c", 0.25),
    ]  # fmt: skip


def test_shuffled_hits_score_lower():
    rng = np.random.default_rng(3)
    qrels = {f"q{i}": {f"p{i:02}": 1} for i in range(12)}
    good = {q: [next(iter(r)), *(p for p in PASSAGES if p not in r)] for q, r in qrels.items()}
    best = score_runs(qrels, {q: [(p, -i) for i, p in enumerate(ids)] for q, ids in good.items()})
    worse = score_runs(
        qrels,
        {q: [(ids[j], -i) for i, j in enumerate(rng.permutation(16))] for q, ids in good.items()},
    )
    for measure in MEASURES:
        assert set(best[measure].values()) == {1.0}
        assert sum(worse[measure].values()) < len(qrels)


def test_scoring_leaves_no_handler_on_the_library_s_logger():
    score_runs({"q": {"a": 1}}, {})
    assert logging.getLogger("ir_measures").handlers == []
