from __future__ import annotations

import json
from dataclasses import replace

import pytest

from footnoted.errors import InputError
from footnoted.eval.questions import Evidence
from footnoted.eval.runs import (
    PER_QUESTION,
    Gate,
    PassageSpan,
    evaluate,
    qrels_from_evidence,
    to_document,
)
from footnoted.eval.statistics import Interval

WHOLE_SET = ["refusal_auroc", "refusal_precision", "refusal_recall", "refusal_f1", "aurc", "ece"]


def report_of(world, documents=None, **options):
    given = world.documents if documents is None else documents
    return evaluate(world.questions, given, world.qrels, world.texts, seed=7, **options)


def values(report):
    return {name: interval.value for name, interval in report.measures.items()}


def test_right_answers_score_full_with_n_of_the_questions_that_count(world):
    report = report_of(world)
    assert list(report.measures) == [*PER_QUESTION, *WHOLE_SET]
    found = values(report)
    assert found.pop("aurc") == pytest.approx(sum(k / (8 + k) for k in range(1, 5)) / 12)
    assert found.pop("ece") == pytest.approx(1 - (sum(range(8)) / 100 / 8 + 0.9))
    assert found == dict.fromkeys(found, pytest.approx(1.0))
    assert report.measures["nDCG@10"].n == report.measures["answer_recall"].n == 8
    assert report.measures["refusal_reason"].n == 4
    assert report.measures["refusal_auroc"].n == report.measures["quote_fidelity"].n == 12
    assert [row.failure for row in report.rows] == [None] * 12


def worse(world, **spoil):
    good = values(report_of(world))
    for question_id, change in spoil.items():
        world.documents[question_id] |= change
    bad = values(report_of(world))
    return {name for name in good if name in bad and bad[name] < good[name] - 1e-9}


def test_hits_in_another_order_cost_retrieval_only(world):
    shuffled = world.documents["a0"]["passages"]
    for rank, passage in enumerate(reversed(shuffled), start=1):
        passage["rank"], passage["score"] = rank, 1 - rank / 20
    assert shuffled[0]["rank"] == 8
    found = values(report_of(world))
    assert found["RR"] == pytest.approx((7 + 1 / 8) / 8)
    assert found["hit@1"] == found["hit@5"] == found["R@5"] == pytest.approx(7 / 8)
    assert found["R@10"] == 1
    assert 0.9 < found["nDCG@10"] < 1
    assert found["answer_recall"] == found["citation_precision"] == 1


def test_wrong_citations_cost_citations_only(world):
    fallen = worse(world, a1={"citations": [world.citation(4)]})
    assert fallen == {
        "citation_precision", "citation_recall", "evidence_hit", "statement_support",
    }  # fmt: skip


def test_a_wrong_answer_costs_the_answer_measures(world):
    statement = {"text": "It carries four lamps.", "span": "four", "citations": [1]}
    fallen = worse(world, a1={"statements": [statement]})
    assert fallen == {"exact_match", "token_f1", "answer_recall"}
    assert values(report_of(world))["aurc"] > 0.1


def test_a_false_quote_costs_fidelity_only(world):
    wrong = world.citation(1) | {"quote": "It carries three lamp s"}
    assert worse(world, a1={"citations": [wrong]}) == {"quote_fidelity"}
    assert report_of(world).rows[1].failure == "a quote is not in its text"


def test_the_wrong_reason_to_refuse_costs_its_measure_only(world):
    assert worse(world, u0={"reason": "false_premise"}) == {"refusal_reason"}


def test_a_blind_confidence_costs_auroc(world):
    for question_id in ("a0", "a1"):
        world.documents[question_id]["confidence"] = 0.05
    found = values(report_of(world))
    assert found["refusal_auroc"] == pytest.approx(6 / 8)
    assert found["ece"] > 0.2
    assert found["refusal_f1"] == 1  # by status, not by confidence


def test_always_answering_never_refuses(world):
    good = values(report_of(world))
    documents = world.documents | {f"u{i}": world.answer(i, 0.9) for i in range(4)}
    report = report_of(world, documents)
    found = values(report)
    for name in ("refusal_precision", "refusal_recall", "refusal_f1", "refusal_reason"):
        assert (good[name], found[name]) == (1, 0)
    assert found["refusal_auroc"] < 0.95
    assert found["aurc"] > good["aurc"]
    assert report.rows[-1].failure == "answered an unanswerable question"


def test_always_refusing_answers_nothing(world):
    documents = {q.question_id: world.refusal("not_in_corpus", 0.0) for q in world.questions}
    report = report_of(world, documents)
    found = values(report)
    for name in ("exact_match", "token_f1", "answer_recall", "citation_recall", "evidence_hit"):
        assert found[name] == 0
    assert found["refusal_recall"] == 1
    assert found["refusal_precision"] == pytest.approx(4 / 12)
    assert (found["refusal_auroc"], found["refusal_reason"]) == (0.5, 0.25)
    assert found["aurc"] == 1
    assert "citation_precision" not in found
    assert "ece" not in found
    assert report.rows[0].failure == "refused an answerable question"
    assert not report_of(world, documents, gates=[Gate("citation_precision", at_least=0)]).passed


def test_a_set_of_one_kind_has_no_refusal_measures(world):
    answerable = world.questions[:8]
    report = evaluate(answerable, world.documents, world.qrels, world.texts, seed=1)
    assert not {name for name in report.measures if name.startswith("refusal")}
    assert report.measures["RR"].n == 8


def test_the_document_is_the_contract_s(world):
    gates = [Gate("nDCG@10", at_least=0.9), Gate("ece", at_most=0.001), Gate("speed", at_most=1)]
    report = report_of(world, name="dev", gates=gates)
    document = to_document(report)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert list(document) == ["set", "generation", "measures", "gates"]
    assert (document["set"], document["generation"]) == ("dev", "g1")
    assert document["measures"]["nDCG@10"] == {"value": 1.0, "low": 1.0, "high": 1.0, "n": 8}
    assert [gate["ok"] for gate in document["gates"]] == [True, False, False]
    assert document["gates"][2] == {
        "measure": "speed", "at_least": None, "at_most": 1, "value": None, "ok": False,
    }  # fmt: skip
    assert not report.passed
    assert report_of(world, gates=gates[:1]).passed


def test_the_same_seed_gives_the_same_report(world):
    world.documents["a0"] = world.refusal("not_in_corpus", 0.3)
    first, again = report_of(world), report_of(world)
    assert first == again
    recall = first.measures["answer_recall"]
    assert recall == Interval(0.875, recall.low, recall.high, 8)
    assert recall.low < 0.875 < recall.high


def test_values_are_kept_by_question(world):
    world.documents["a0"] = world.refusal("not_in_corpus", 0.3)
    kept = report_of(world).values
    assert kept["answer_recall"] == {"a0": 0} | {f"a{i}": 1 for i in range(1, 8)}
    assert "a0" not in kept["citation_precision"]


def test_a_question_without_a_document_is_an_error(world):
    del world.documents["a3"], world.documents["u1"]
    with pytest.raises(InputError, match=r"2 of 12 questions have no answer document: a3, u1\."):
        report_of(world)


def test_a_passage_is_relevant_from_half_of_the_quote_on(world):
    text = world.article_text
    quote = "Its first keeper was Ada Holm."
    assert len(quote) == 30
    start = text.index(quote)
    end = start + len(quote)
    cuts = {
        "whole": (0, len(text)),
        "exact": (start, end),
        "most": (start + 15, len(text)),
        "less": (start + 16, len(text)),
        "beside": (end, len(text)),
        "within": (start, start + 15),
    }
    passages = [PassageSpan(name, "article", *span) for name, span in cuts.items()]
    passages.append(PassageSpan("source", "3", 0, 20))
    question = world.questions[2]
    qrels = qrels_from_evidence([question, world.questions[8]], passages, world.texts)
    assert qrels == {"a2": dict.fromkeys(["whole", "exact", "most", "within"], 1)}


def test_evidence_in_a_source_makes_the_source_s_passages_relevant(world):
    quote = "The keeper Ada Holm came in spring."
    question = replace(world.questions[2], evidence=(Evidence("3", quote),))
    passages = [*world.passages, PassageSpan("s1", "doc-3", 20, 60)]
    assert qrels_from_evidence([question], passages, world.texts) == {"a2": {"s1": 1}}


def test_evidence_that_no_passage_holds_is_judged_and_scores_zero(world):
    qrels = qrels_from_evidence(world.questions, world.passages[1:], world.texts)
    assert qrels["a0"] == {}
    report = evaluate(world.questions, world.documents, qrels, world.texts, seed=1)
    assert report.measures["hit@1"].value == pytest.approx(7 / 8)
