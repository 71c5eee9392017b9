"""Every measure falls (or rises, where lower is better) when a system is made worse on purpose."""

from __future__ import annotations

import copy

import pytest

from footnoted.eval.runs import PER_QUESTION, evaluate
from footnoted.eval.set_measures import LOWER_IS_BETTER, set_statistics

ANSWERABLE = [f"a{i}" for i in range(8)]


def shuffled_hits(world, documents):
    """Passages of nothing stand first, and the right ones behind them, in reverse."""
    for document in documents.values():
        junk = [{"id": f"x{n}", "rank": 0, "score": 0.0, "citation": None} for n in range(9)]
        document["passages"] = [*junk, *reversed(document["passages"])]
        for rank, passage in enumerate(document["passages"], start=1):
            passage |= {"rank": rank, "score": 1 - rank / 50}


def wrong_citations(world, documents):
    """Every answer cites the sentence of another question."""
    for i, question_id in enumerate(ANSWERABLE):
        documents[question_id]["citations"] = [world.citation((i + 3) % 8)]


def wrong_answers(world, documents):
    """Every answer says something else, as sure as before."""
    for question_id in ANSWERABLE:
        documents[question_id]["statements"][0] |= {"text": "Nobody knows.", "span": "Nobody"}


def false_quotes(world, documents):
    """Every answer quotes a word that is not there."""
    for question_id in ANSWERABLE:
        documents[question_id]["citations"][0]["quote"] += " indeed"


def always_answering(world, documents):
    """What cannot be answered gets an answer, surer than any."""
    for i in range(4):
        documents[f"u{i}"] = world.answer(i, 0.99)


def always_refusing(world, documents):
    """Nothing is answered, and nothing is more likely to be answerable."""
    for question_id, document in documents.items():
        shown = {"passages": document["passages"]}
        documents[question_id] = world.refusal("not_in_corpus", 0.0) | shown


def blind_confidence(world, documents):
    """Half of the right answers come without any confidence."""
    for question_id in ANSWERABLE[:4]:
        documents[question_id]["confidence"] = 0.0


WORSE = {
    shuffled_hits: {"nDCG@10", "R@5", "R@10", "RR", "hit@1", "hit@5"},
    wrong_citations: {
        "citation_precision", "citation_recall", "statement_support", "evidence_hit",
    },
    wrong_answers: {"exact_match", "token_f1", "answer_recall", "aurc", "ece"},
    false_quotes: {"quote_fidelity"},
    always_answering: {
        "refusal_precision", "refusal_recall", "refusal_f1", "refusal_reason", "refusal_auroc",
        "aurc", "ece",
    },
    always_refusing: {
        "exact_match", "token_f1", "answer_recall", "citation_recall", "evidence_hit",
        "refusal_precision", "refusal_f1", "refusal_auroc", "refusal_reason", "aurc",
    },
    blind_confidence: {"refusal_auroc", "aurc", "ece"},
}  # fmt: skip


def values(world, documents):
    report = evaluate(world.questions, documents, world.qrels, world.texts, seed=7)
    return {name: interval.value for name, interval in report.measures.items()}


@pytest.mark.parametrize("spoil", WORSE, ids=lambda spoil: spoil.__name__)
def test_a_system_made_worse_scores_worse_in_what_was_spoiled_and_nowhere_else(world, spoil):
    good = values(world, world.documents)
    documents = copy.deepcopy(world.documents)
    spoil(world, documents)
    bad = values(world, documents)
    assert good.keys() == {*PER_QUESTION, *set_statistics()}
    worse = {
        name
        for name, value in bad.items()
        if (value > good[name] + 1e-9 if name in LOWER_IS_BETTER else value < good[name] - 1e-9)
    }
    assert worse == WORSE[spoil]


def test_every_measure_is_spoiled_by_something():
    assert set().union(*WORSE.values()) == {*PER_QUESTION, *set_statistics()}
