"""The packaged sets pass the shipped gates, and a build that is broken on purpose does not."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import pytest

from footnoted.domain import Json
from footnoted.eval.corpus_texts import CorpusTexts, texts_of_corpus
from footnoted.eval.gates import check, load_gates, passed
from footnoted.eval.measures import Qrels
from footnoted.eval.questions import Question, load_questions
from footnoted.eval.running import SEED, passage_spans, run_set, set_path
from footnoted.eval.runs import EvalReport, evaluate, qrels_from_evidence
from footnoted.service.assistant import Assistant

Documents = dict[str, Json]


class Asked(NamedTuple):
    """A packaged set as the shipped system answers it, and what scoring it again takes."""

    report: EvalReport
    documents: Documents
    questions: tuple[Question, ...]
    qrels: Qrels
    texts: CorpusTexts

    def scored(self, documents: Documents) -> EvalReport:
        found = evaluate(
            self.questions, documents, self.qrels, self.texts, seed=SEED, name=self.report.name
        )
        return replace(found, costs=self.report.costs)


@pytest.fixture(scope="module")
def asked(request: pytest.FixtureRequest) -> Iterator[Asked]:
    path = set_path(request.param)
    with Assistant.open(request.param) as assistant:
        found = run_set(path, assistant, progress=lambda *_: None)
        corpus = assistant.corpus
        texts = texts_of_corpus(corpus.article, corpus.documents.values())
        questions = load_questions(path)
        qrels = qrels_from_evidence(questions, passage_spans(corpus), texts)
        yield Asked(found.report, dict(found.documents), questions, qrels, texts)


def failed(report: EvalReport, baseline: EvalReport | None = None) -> set[str]:
    results = check(load_gates(), report, baseline, seed=SEED)
    return {result.measure for result in results if result.ok is False}


@pytest.mark.parametrize("asked", ["default", "example"], indirect=True, scope="module")
def test_the_shipped_system_passes(asked: Asked) -> None:
    results = check(load_gates(), asked.report, asked.report, seed=SEED)
    assert {result.measure for result in results} >= {"quote_fidelity", "latency_p95_ms", "nDCG@10"}
    # How fast the machine is that runs the tests, and what else it does, is not the system's.
    lasting = [result for result in results if not result.measure.endswith("_ms")]
    assert passed(lasting)
    assert all(result.ok for result in lasting)


def shuffled_hits(documents: Documents) -> None:
    for document in documents.values():
        count = len(document["passages"])
        for passage in document["passages"]:
            passage["rank"] = count + 1 - passage["rank"]


def wrong_citations(documents: Documents) -> None:
    """Every answer has the citations of the next one."""
    answered = [d for d in documents.values() if d["status"] == "answered"]
    taken = [d["citations"] for d in answered]
    for document, citations in zip(answered, taken[1:] + taken[:1], strict=True):
        document["citations"] = citations
        numbers = [citation["number"] for citation in citations]
        for statement in document["statements"]:
            statement["citations"] = numbers


def always_answering(documents: Documents) -> None:
    """A refusal becomes the first answer there is."""
    answer = next(d for d in documents.values() if d["status"] == "answered")
    for document in documents.values():
        if document["status"] == "refused":
            document |= {key: answer[key] for key in ("status", "statements", "citations")}


def always_refusing(documents: Documents) -> None:
    for document in documents.values():
        document |= {"status": "refused", "statements": [], "citations": [], "confidence": 0.0}
        document["reason"] = "not_in_corpus"


def a_wrong_letter(documents: Documents) -> None:
    """One quote of one answer is not as the text has it."""
    answer = next(d for d in documents.values() if d["status"] == "answered")
    answer["citations"][0]["quote"] = "¤" + answer["citations"][0]["quote"][1:]


BROKEN: dict[Callable[[Documents], None], str] = {
    shuffled_hits: "nDCG@10",
    wrong_citations: "citation_precision",
    always_answering: "refusal_recall",
    always_refusing: "answer_recall",
    a_wrong_letter: "quote_fidelity",
}


@pytest.mark.parametrize("asked", ["example"], indirect=True, scope="module")
@pytest.mark.parametrize("spoil", BROKEN, ids=lambda spoil: spoil.__name__)
def test_a_broken_build_fails(asked: Asked, spoil: Callable[[Documents], None]) -> None:
    documents = copy.deepcopy(asked.documents)
    spoil(documents)
    assert BROKEN[spoil] in failed(asked.scored(documents))


@pytest.mark.parametrize("asked", ["example"], indirect=True, scope="module")
def test_a_build_that_ranks_worse_than_its_baseline_fails(asked: Asked) -> None:
    documents = copy.deepcopy(asked.documents)
    shuffled_hits(documents)
    results = check(load_gates(), asked.scored(documents), asked.report, seed=SEED)
    lost = {r.measure for r in results if r.bound == "no significant loss" and r.ok is False}
    assert lost == {"nDCG@10"}
