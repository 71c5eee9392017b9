from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest

from footnoted.errors import InputError, UnreadableFile
from footnoted.eval.gates import SHIPPED, check, load_gates, passed, with_bounds
from footnoted.eval.running import set_path
from footnoted.eval.runs import Gate, evaluate, to_document
from footnoted.eval.statistics import Interval

SOME = """
[all]
[[all.gate]]
measure = "quote_fidelity"
at_least = 1.0
[[all.gate]]
measure = "words_right"
at_least = 0.5

[dev]
no_significant_loss = ["answer_recall", "refusal_auroc"]
[[dev.gate]]
measure = "latency_p95_ms"
at_most = 500
[[dev.gate]]
measure = "RR"
at_least = 0.5
at_most = 1
"""


@pytest.fixture
def gates_file(tmp_path):
    def written(text):
        path = tmp_path / "gates.toml"
        path.write_text(text, "utf-8")
        return path

    return written


def report_of(world, name="dev", questions=None, **documents):
    given = world.documents | documents
    return evaluate(
        questions or world.questions, given, world.qrels, world.texts, seed=7, name=name
    )


def many(world):
    """Three copies of every question, so that a loss of all answers cannot be chance."""
    copies = [
        replace(q, question_id=f"{q.question_id}-{n}") for q in world.questions for n in "xyz"
    ]
    documents = {q.question_id: world.documents[q.question_id[:2]] for q in copies}
    qrels = {
        q.question_id: world.qrels[q.question_id[:2]]
        for q in copies
        if q.question_id[:2] in world.qrels
    }
    return copies, documents, qrels


def test_bounds_of_a_set_and_of_all_sets_are_checked(world, gates_file):
    gates = load_gates(gates_file(SOME))
    report = report_of(world)
    report = replace(report, costs={"latency_p95_ms": Interval(600, 500, 700, 12)})
    found = check(gates, report)
    assert [(r.measure, r.bound, r.found, r.ok) for r in found] == [
        ("quote_fidelity", "≥ 1", "1.000", True),
        ("latency_p95_ms", "≤ 500", "600.000", False),
        ("RR", "≥ 0.5 ≤ 1", "1.000", True),
        ("answer_recall", "no significant loss", "no baseline", None),
        ("refusal_auroc", "no significant loss", "no baseline", None),
    ]
    assert not passed(found)
    fast = replace(report, costs={"latency_p95_ms": Interval(499, 400, 500, 12)})
    assert passed(check(gates, fast))


def test_a_measure_that_its_own_set_lacks_does_not_pass(world, gates_file):
    gates = load_gates(gates_file(SOME))
    found = {r.measure: r for r in check(gates, report_of(world))}
    assert (found["latency_p95_ms"].found, found["latency_p95_ms"].ok) == ("not measured", False)
    assert "words_right" not in found  # of every set, but no measure of this one


def test_another_set_has_the_common_gates_only(world, gates_file):
    gates = load_gates(gates_file(SOME))
    assert [r.measure for r in check(gates, report_of(world, "other"))] == ["quote_fidelity"]
    wrong = world.citation(1) | {"quote": "It carries three lamp s"}
    broken = report_of(world, "other", a1=world.documents["a1"] | {"citations": [wrong]})
    assert not passed(check(gates, broken))


def test_a_significant_loss_against_the_baseline_fails_and_a_chance_one_does_not(world, gates_file):
    gates = load_gates(gates_file('[dev]\nno_significant_loss = ["answer_recall", "aurc"]'))
    questions, documents, qrels = many(world)

    def report(**changed):
        given = documents | changed
        return evaluate(questions, given, qrels, world.texts, seed=7, name="dev")

    refusal = world.refusal("not_in_corpus", 0.0)
    one = report(**{"a0-x": refusal})
    all_lost = report(**{name: refusal for name in documents if name.startswith("a")})
    good = report()
    assert passed(check(gates, good, good))
    assert passed(check(gates, one, good))
    results = check(gates, all_lost, good)
    assert [(r.measure, r.ok) for r in results] == [("answer_recall", False), ("aurc", False)]
    assert results[0].found.startswith("-1.000, p 0.00")
    assert passed(check(gates, good, all_lost))  # a gain, as significant, is no loss


def test_a_loss_of_a_measure_that_the_baseline_lacks_fails(world, gates_file):
    gates = load_gates(gates_file('[dev]\nno_significant_loss = ["words_right"]'))
    report = report_of(world)
    assert [(r.found, r.ok) for r in check(gates, report, report)] == [
        ("not measured in both runs", False)
    ]


def test_a_report_takes_its_bounds_along(world, gates_file):
    report = with_bounds(load_gates(gates_file(SOME)), report_of(world))
    assert report.gates == (
        Gate("quote_fidelity", 1.0), Gate("latency_p95_ms", at_most=500.0), Gate("RR", 0.5, 1.0),
    )  # fmt: skip
    assert [g["ok"] for g in to_document(report)["gates"]] == [True, False, True]
    assert with_bounds(load_gates(gates_file(SOME)), report).gates == report.gates


WRONG = {
    "dev = 3": "dev is no table",
    "[dev]\nbounds = 1": "dev.bounds is unknown",
    "[dev]\ngate = 1": "dev.gate is written",
    "[dev]\ngate = [1]": r"dev.gate\[0\] is no table",
    "[[dev.gate]]\nmeasure = 'RR'": r"dev.gate\[0\] has neither",
    "[[dev.gate]]\nat_least = 1": r"dev.gate\[0\].measure names",
    "[[dev.gate]]\nmeasure = 'RR'\nat_lest = 1": r"dev.gate\[0\].at_lest is unknown",
    "[[dev.gate]]\nmeasure = 'RR'\nat_least = 'x'": r"at_least is a number, not 'x'",
    "[[dev.gate]]\nmeasure = 'RR'\nat_least = true": r"at_least is a number, not True",
    "[[dev.gate]]\nmeasure = 'RR'\nat_most = nan": r"at_most is a finite number",
    "[dev]\nno_significant_loss = 'RR'": "no_significant_loss is a list",
    "[dev": "are not TOML",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_file_is_refused_with_its_name_and_the_key(text, gates_file):
    path = gates_file(text)
    with pytest.raises(InputError, match=WRONG[text]) as caught:
        load_gates(path)
    assert str(path) in str(caught.value)


def test_no_file_is_an_error_that_names_it(tmp_path):
    with pytest.raises(UnreadableFile, match=r"none\.toml"):
        load_gates(tmp_path / "none.toml")


def test_the_shipped_gates_are_of_packaged_sets_and_hold_every_quote(world):
    gates = load_gates()
    names = set(tomllib.loads(SHIPPED.read_text("utf-8")))
    assert names >= {"all", "default", "example"}
    for name in names - {"all"}:
        assert set_path(name).is_file()
        assert {g.measure for g in gates.sets[name].bounds} >= {"nDCG@10", "refusal_auroc"}
    assert Gate("quote_fidelity", 1.0) in gates.sets["all"].bounds
