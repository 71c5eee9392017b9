from __future__ import annotations

import json
from dataclasses import replace

import pytest

from footnoted.errors import InputError
from footnoted.eval.comparisons import compare, compare_reports, compare_runs, lost
from footnoted.eval.runs import EvalReport, evaluate
from footnoted.eval.set_measures import set_statistics
from footnoted.eval.statistics import holm, minimum_detectable, paired_p_value


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


def report_of(world, **changed):
    documents = world.documents | changed
    return evaluate(world.questions, documents, world.qrels, world.texts, seed=7, name="dev")


def test_reports_differ_in_every_measure_that_both_have(world):
    good = report_of(world)
    spoiled = report_of(world, a3=world.refusal("not_in_corpus", 0.0), u1=world.answer(1, 0.99))
    found = compare_reports(good, spoiled, seed=5)
    assert found.differences.keys() == good.measures.keys()
    for name, one in found.differences.items():
        if name not in {*set_statistics(), "citation_precision", "statement_support"}:
            change = spoiled.value_of(name) - good.value_of(name)
            assert one.interval.value == pytest.approx(change), name
    auroc = found.differences["refusal_auroc"]
    assert auroc.interval.value == pytest.approx(spoiled.value_of("refusal_auroc") - 1)
    assert auroc.interval.low <= auroc.interval.value <= auroc.interval.high
    assert auroc.detectable is None
    recall = found.differences["answer_recall"]
    assert recall.detectable == minimum_detectable([0, 0, 0, -1, 0, 0, 0, 0])
    corrected = holm({name: one.p for name, one in found.differences.items()})
    assert {name: one.p_holm for name, one in found.differences.items()} == corrected


def test_questions_that_changed_are_listed_the_worst_first(world):
    partly = {"statements": [{"text": "It is 41 feet.", "span": "41 feet", "citations": [1]}]}
    good = report_of(world)
    spoiled = report_of(
        world,
        a0=world.documents["a0"] | {"confidence": 0.2},  # no other answer: not listed
        a3=world.documents["a3"] | partly,
        a5=world.refusal("not_in_corpus", 0.0),
        u1=world.answer(1, 0.99),
    )
    seen = ["answer_recall", "refusal_reason"]
    found = compare_reports(good, spoiled, seed=5, measures=seen).questions
    assert [one.question_id for one in found] == ["a5", "u1", "a3"]
    assert (found[0].before, found[0].after) == ("1901", "refusal: not_in_corpus")
    assert found[2].changes == {"answer_recall": (1, 0)}
    # u1 refused with the right reason and no longer refuses, a5 is no longer answered at all
    assert [one.gain for one in found] == [-2, -2, -1]
    back = compare_reports(spoiled, good, seed=5, measures=seen).questions
    assert [one.gain for one in back] == [1, 2, 2]
    assert compare_reports(good, good, seed=5, measures=seen).questions == ()


def test_only_the_named_measures_are_compared_and_corrected_for(world):
    spoiled = report_of(world, a3=world.refusal("not_in_corpus", 0.0))
    found = compare_reports(report_of(world), spoiled, seed=5, measures=["RR", "aurc", "none"])
    assert list(found.differences) == ["RR", "aurc"]
    assert found.differences["aurc"].p_holm <= 2 * found.differences["aurc"].p


def test_questions_of_one_run_or_of_other_words_are_left_out(world):
    good = report_of(world)
    rows = list(good.rows)
    rows[1] = replace(rows[1], question=replace(rows[1].question, text="Something else?"))
    other = replace(good, rows=tuple(rows[1:]))
    found = compare_reports(good, other, seed=1, measures=["RR"])
    assert found.left_out == ("a0", "a1")
    assert found.differences["RR"].interval.n == 6
    with pytest.raises(InputError, match="no question in common"):
        compare_reports(replace(good, rows=good.rows[:1]), other, seed=1)


def test_sets_of_pages_are_compared_by_their_items():
    def pages(**f1):
        return EvalReport("pages", None, {}, (), item_values={"token_f1": f1})

    found = compare_reports(pages(a=1.0, b=0.5, c=0.1), pages(a=0.5, b=0.25), seed=1)
    assert found.differences["token_f1"].interval.value == pytest.approx(-0.375)
    assert found.left_out == ("c",)
    others = [f"p{n}" for n in range(40)]
    found = compare_reports(pages(a=1.0, **dict.fromkeys(others, 1.0)), pages(a=1.0), seed=1)
    assert found.left_out == tuple(others)


def test_a_run_without_rows_is_compared_by_its_values(world):
    good = report_of(world)
    half = {key: value / 2 for key, value in good.values["RR"].items()}
    ranked = EvalReport("dev", None, {}, (), item_values={"RR": half})
    for before, after, sign in ((good, ranked, -1), (ranked, good, 1)):
        found = compare_reports(before, after, seed=1)
        assert list(found.differences) == ["RR"]
        change = good.value_of("RR") / 2
        assert found.differences["RR"].interval.value == pytest.approx(sign * change)


def test_measures_of_a_whole_set_are_compared_only_where_both_runs_have_them(world):
    """A set of plain queries has no answers, so neither losses nor a calibration error."""
    good = report_of(world)
    measured = {k: v for k, v in good.measures.items() if k not in ("aurc", "ece")}
    plain = replace(good, measures=measured)
    for before, after in ((plain, plain), (good, plain), (plain, good)):
        found = compare_reports(before, after, seed=1)
        assert "refusal_auroc" in found.differences
        assert not {"aurc", "ece"} & found.differences.keys()


def test_what_should_fall_is_lost_when_it_rises(world):
    difference = compare({"x": {"q": 0.0}}, {"x": {"q": 1.0}}, seed=1)["x"]._replace(p_holm=0.01)
    assert lost("aurc", difference)
    assert not lost("RR", difference)
    assert not lost("aurc", difference._replace(p_holm=0.05))


def test_a_comparison_is_json(world):
    spoiled = report_of(world, a3=world.refusal("not_in_corpus", 0.0))
    seen = ["RR", "answer_recall"]
    found = compare_reports(report_of(world), spoiled, seed=5, measures=seen)
    found = replace(found, settings={"k": (1, None)})
    document = found.document()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["questions"][0]["changes"]["answer_recall"] == [1, 0]
    assert document["settings"] == {"k": [1, None]}
    assert document["differences"]["RR"].keys() >= {"value", "p", "p_holm", "detectable"}
