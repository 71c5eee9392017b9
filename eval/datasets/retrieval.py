"""A BEIR folder measured: retrieval over documents, answers, refusals, evidence and claims.

A query without judgements counts for no retrieval measure, and one without answers for no answer
measure. A citation is right when it lies in a document that is relevant to its query.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from footnoted.domain import Json, Kind
from footnoted.eval.answer_documents import read_answer
from footnoted.eval.baselines import baseline_auroc
from footnoted.eval.comparisons import Difference, compare, compare_runs
from footnoted.eval.corpus_texts import CorpusTexts, texts_of_corpus
from footnoted.eval.costs import MEMORY, given_milliseconds, latencies, peak_memory
from footnoted.eval.datasets import claim_reports, retrieval_rows
from footnoted.eval.datasets.beir import BeirSet, load_beir
from footnoted.eval.datasets.claim_sets import load_claims
from footnoted.eval.datasets.corpora import dataset_assistant
from footnoted.eval.datasets.evidence_sets import (
    MarkedEvidence,
    load_evidence,
    without_source_numbers,
)
from footnoted.eval.datasets.given_answers import load_given, run_of_given
from footnoted.eval.datasets.kinds import DatasetKind
from footnoted.eval.datasets.rankings import OURS, rank_documents
from footnoted.eval.datasets.results import DatasetEvaluation
from footnoted.eval.datasets.sentences import (
    MEASURE,
    Ranking,
    SentenceHits,
    cut_documents,
    score_sentences,
    with_sentences,
)
from footnoted.eval.datasets.support import Support, ledger_support
from footnoted.eval.measures import Qrels, Run, score_runs
from footnoted.eval.questions import Evidence, Question
from footnoted.eval.runs import EvalReport, Gate, evaluate
from footnoted.eval.statistics import Interval, bootstrap_mean
from footnoted.ids import document_id
from footnoted.service.assistant import Assistant
from footnoted.service.indexing import Notify, Progress
from footnoted.service.questions import LONGEST
from footnoted.settings import Settings

SHOWN = 8  # passages that an answer shows; the ranking comes from the search, 100 deep
FIDELITY = Gate("quote_fidelity", at_least=1.0)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A dataset, an assistant on its documents, and the names that both know these by."""

    dataset: BeirSet
    assistant: Assistant
    texts: CorpusTexts
    name_of: Mapping[str, str]
    marked: Mapping[str, MarkedEvidence]


def evaluate_retrieval(
    folder: Path,
    settings: Settings,
    *,
    answers: Path | None,
    support: Support | None,
    sentences: bool,
    seed: int,
    progress: Progress,
    notify: Notify,
) -> DatasetEvaluation:
    """Measure the BEIR folder: ours, or the answer documents of ``answers``, beside the baselines.

    ``support`` scores the claims of a set that has any; the claim ledger does by default. With
    ``sentences`` the first sentence cited is compared with those that the baselines rank first.
    """
    dataset = load_beir(folder)
    with dataset_assistant(
        dataset.name,
        dataset.documents,
        dataset.language,
        settings,
        progress=progress,
        notify=notify,
    ) as assistant:
        corpus = assistant.corpus
        name_of = {document_id(Kind.DOCUMENT, d.name): d.name for d in dataset.documents}
        marked = load_evidence(dataset, corpus.documents)
        texts = texts_of_corpus(None, corpus.documents.values())
        opened = _Opened(dataset, assistant, texts, name_of, marked)
        questions = [_with_evidence(question, opened) for question in dataset.questions]
        passages = corpus.passages.values()
        document_of = {p.passage_id: name_of[p.document_id] for p in passages}
        runs = rank_documents(assistant.searcher, questions, document_of, shortened, progress)
        if answers is None:
            documents, spent = _asked(assistant, questions, progress)
            costs = latencies(spent, seed=seed) | {MEMORY: peak_memory()}
        else:
            documents = load_given(answers, questions, name_of)
            runs[OURS] = run_of_given(documents, name_of)
            spent = given_milliseconds(documents)
            costs = latencies(spent, seed=seed)
        report = _report(opened, questions, documents, runs[OURS], seed)
        report = replace(report, milliseconds=spent, costs=costs)
        claims = load_claims(dataset)
        audited = None
        if claims and answers is None:
            chosen = support or ledger_support(assistant)
            audited = claim_reports.score_claims(claims, chosen, dataset.language, seed, progress)
            report = claim_reports.with_claims(report, audited)
        cut = cut_documents(corpus.documents.values()) if sentences else {}
    hits = None
    if sentences:  # a corpus of their own: the other is closed by now
        ranking = Ranking(settings, shortened, progress, notify)
        hits = score_sentences(dataset, questions, documents, cut, ranking)
        report = with_sentences(report, hits, seed)
    baselines, differences = _beside(runs, dataset.qrels, questions, hits, seed)
    return DatasetEvaluation(
        DatasetKind.RETRIEVAL,
        report,
        baselines=baselines | dict(audited.baselines if audited else {}),
        differences=differences | dict(audited.differences if audited else {}),
        run=runs[OURS],
        notes=_notes(dataset, questions, hits, audited is not None),
    )


def shortened(text: str) -> str:
    """A query as long as the assistant takes it: its beginning, whole words."""
    text = text.strip()
    if len(text) <= LONGEST:
        return text
    return text[:LONGEST].rpartition(" ")[0] or text[:LONGEST]


def _with_evidence(question: Question, opened: _Opened) -> Question:
    """The question whose evidence is every document that is relevant to it, whole."""
    judged = opened.dataset.qrels.get(question.question_id, {})
    relevant = [document_id(Kind.DOCUMENT, name) for name, grade in judged.items() if grade > 0]
    held = opened.assistant.corpus.documents
    evidence = tuple(Evidence(key, held[key].text) for key in relevant if key in held)
    answers = question.answers
    if opened.marked:
        answers = tuple(
            tuple(dict.fromkeys(map(without_source_numbers, group))) for group in answers
        )
    return replace(question, answers=answers, evidence=evidence if question.answerable else ())


def _asked(
    assistant: Assistant, questions: Sequence[Question], progress: Progress
) -> tuple[Mapping[str, Mapping[str, Any]], dict[str, float]]:
    """The answer document of every question by its id, and the milliseconds that each took."""
    documents: dict[str, Mapping[str, Any]] = {}
    spent: dict[str, float] = {}
    for n, question in enumerate(questions, start=1):
        document = assistant.ask(shortened(question.text), k=SHOWN)
        documents[question.question_id] = document
        spent[question.question_id] = float(document["timings_ms"]["total"])
        progress("questions", n, len(questions))
    return documents, spent


def _report(
    opened: _Opened,
    questions: Sequence[Question],
    documents: Mapping[str, Mapping[str, Any]],
    run: Run,
    seed: int,
) -> EvalReport:
    dataset = opened.dataset
    shown = {key: _with_run(document, run.get(key, ())) for key, document in documents.items()}
    if dataset.has_answers:
        report = evaluate(
            questions,
            shown,
            dataset.qrels,
            opened.texts,
            seed=seed,
            name=dataset.name,
            gates=(FIDELITY,),
        )
    else:
        report = retrieval_rows.without_answers(
            questions, shown, dataset.qrels, seed=seed, name=dataset.name
        )
        report = replace(report, gates=(FIDELITY,))
    given = {key: read_answer(key, document) for key, document in documents.items()}
    return retrieval_rows.with_quotes(report, given, opened.marked, opened.texts, seed)


def _with_run(document: Mapping[str, Any], hits: Sequence[tuple[str, float]]) -> Json:
    """The answer document whose passages are whole documents, ranked."""
    passages = [
        {"id": name, "rank": rank, "score": score} for rank, (name, score) in enumerate(hits, 1)
    ]
    return {**document, "passages": passages}


def _beside(
    runs: Mapping[str, Run],
    qrels: Qrels,
    questions: Sequence[Question],
    hits: SentenceHits | None,
    seed: int,
) -> tuple[dict[str, Mapping[str, Interval]], dict[str, Mapping[str, Difference]]]:
    """The measures of the plain rankers, and ours minus theirs, by system.

    A plain ranker's confidence that a query is answerable is its best score.
    """
    others = {system: run for system, run in runs.items() if system != OURS}
    measures: dict[str, Mapping[str, Interval]] = {}
    for system, found in compare_runs(others, qrels, seed=seed).items():
        both = len({question.answerable for question in questions}) == 2
        auroc = baseline_auroc(others[system], questions, seed) if both else None
        measures[system] = found if auroc is None else found | {"refusal_auroc": auroc}
    values = {system: score_runs(qrels, run) for system, run in runs.items()}
    for system, of_query in (hits.values if hits else {}).items():
        values[system][MEASURE] = dict(of_query)
        if system in measures:
            hit = bootstrap_mean(list(of_query.values()), seed=seed)
            measures[system] = {**measures[system], MEASURE: hit}
    return measures, {s: compare(values[s], values[OURS], seed=seed) for s in others}


def _notes(
    dataset: BeirSet, questions: Sequence[Question], hits: SentenceHits | None, audited: bool
) -> tuple[str, ...]:
    notes = [
        f"{len(dataset.documents)} documents in {dataset.language}.",
        f"{len(questions)} queries, {len(dataset.qrels)} of them judged.",
        "A document ranks where its best passage does.",
    ]
    if cut := sum(len(q.text.strip()) > LONGEST for q in questions):
        notes.append(f"{cut} queries were cut to their first {LONGEST:,} characters.")
    if hits is not None:
        notes.append(hits.note)
    if audited:
        notes.append("Claims are scored by the best sentence of their linked document.")
    return tuple(notes)
