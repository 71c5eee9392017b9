"""From an eval set and answer documents to a report: every measure, and every question's row.

Nothing here asks a question or opens a corpus: documents, qrels and texts are handed in, so that
answers which were made elsewhere, or long ago, are scored alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from footnoted.domain import Json
from footnoted.errors import InputError
from footnoted.eval.answer_documents import GivenAnswer, generation_of, read_answer
from footnoted.eval.answers import expected_text, given_text, score_answer
from footnoted.eval.citations import quote_fidelity, score_citations
from footnoted.eval.corpus_texts import CorpusTexts
from footnoted.eval.costs import MEMORY, latencies
from footnoted.eval.measures import MEASURES, Qrels, Run, score_runs, strict_run
from footnoted.eval.questions import Question, evidence_spans
from footnoted.eval.set_measures import Columns, set_measures
from footnoted.eval.statistics import Interval, bootstrap_mean

Values: TypeAlias = Mapping[str, Mapping[str, float]]
"""Measure to question id to value."""

PER_QUESTION = (
    *MEASURES,
    "exact_match",
    "token_f1",
    "answer_recall",
    "citation_precision",
    "citation_recall",
    "statement_support",
    "evidence_hit",
    "quote_fidelity",
    "refusal_reason",
)
"""The measures that are means over questions, in the order of the report."""

HIDDEN = ":hidden"
"""Ends the id of a question that was asked again with its sources hidden (``eval/auto``)."""


class PassageSpan(NamedTuple):
    """A passage of a named document (``article``, a label or an id) and where it stands there."""

    passage_id: str
    document: str
    start: int
    end: int


class Gate(NamedTuple):
    """What a measure must reach; one that was not measured does not pass."""

    measure: str
    at_least: float | None = None
    at_most: float | None = None

    def admits(self, value: float | None) -> bool:
        above = value is not None and (self.at_least is None or value >= self.at_least)
        return above and value is not None and (self.at_most is None or value <= self.at_most)


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One question as it was answered; ``values`` are those of its measures that apply to it."""

    question: Question
    answered: bool
    confidence: float
    expected: str
    got: str
    values: Mapping[str, float]

    @property
    def failure(self) -> str | None:
        """What went wrong, in words, or ``None``."""
        if self.values.get("quote_fidelity", 1.0) < 1:
            return "a quote is not in its text"
        if self.answered and not self.question.answerable:
            return "answered an unanswerable question"
        if not self.answered and self.question.answerable:
            return "refused an answerable question"
        return "wrong or partial answer" if self.values.get("answer_recall", 1.0) < 1 else None


@dataclass(frozen=True, slots=True)
class EvalReport:
    """What an eval run found. A measure over no question at all is absent, never 0.

    ``item_values`` are the values (measure, item id, value) of a set whose items are no questions:
    pages, claims. ``milliseconds`` are what each question took, and ``costs`` their percentiles and
    the memory: these differ from run to run, the rest does not.
    """

    name: str
    generation: str | None
    measures: Mapping[str, Interval]
    rows: tuple[QuestionRow, ...]
    gates: tuple[Gate, ...] = ()
    item_values: Values = field(default_factory=dict)
    milliseconds: Mapping[str, float] = field(default_factory=dict)
    costs: Mapping[str, Interval] = field(default_factory=dict)

    @property
    def values(self) -> Values:
        """Measure to question (or item) id to value: what paired tests compare."""
        return {**_values(self.rows), **self.item_values}

    @property
    def passed(self) -> bool:
        return all(gate.admits(self.value_of(gate.measure)) for gate in self.gates)

    def value_of(self, measure: str) -> float | None:
        """The measure's or cost's value, or ``None`` when it was not measured."""
        interval = self.measures.get(measure) or self.costs.get(measure)
        return None if interval is None else interval.value


def evaluate(
    questions: Sequence[Question],
    documents: Mapping[str, Mapping[str, Any]],
    qrels: Qrels,
    texts: CorpusTexts,
    *,
    seed: int,
    name: str = "",
    gates: Sequence[Gate] = (),
) -> EvalReport:
    """The report of answer documents (by question id) to an eval set.

    Answer and citation measures are over answerable questions, where a refusal scores 0 (but has
    no citation precision); retrieval is over the questions of ``qrels``. Intervals are drawn
    within the questions of one first tag. Raises ``InputError`` for a question without a document,
    a document that breaks the contract, documents of several generations, and evidence that the
    corpus lacks.
    """
    answers = _read_all(questions, documents)
    judged = {q.question_id: qrels[q.question_id] for q in questions if q.question_id in qrels}
    retrieval = score_runs(judged, run_of_answers(answers))
    rows = tuple(_row(q, answers[q.question_id], texts, retrieval) for q in questions)
    return report_of(name, generation_of(answers.values()), rows, seed=seed, gates=gates)


def report_of(
    name: str,
    generation: str | None,
    rows: Sequence[QuestionRow],
    *,
    seed: int,
    gates: Sequence[Gate] = (),
) -> EvalReport:
    """The report of questions that are scored already: their means and the whole set's measures."""
    stratum = {row.question.question_id: stratum_of(row.question) for row in rows}
    means = {
        measure: bootstrap_mean(
            list(values.values()), seed=seed, strata=[stratum[key] for key in values]
        )
        for measure, values in _values(rows).items()
        if values
    }
    measures = means | set_measures(
        columns_of(rows), seed=seed, strata=[stratum_of(row.question) for row in rows]
    )
    return EvalReport(name, generation, measures, tuple(rows), tuple(gates))


def merged(reports: Sequence[EvalReport], *, seed: int) -> EvalReport:
    """Several sets as one, ``a+b``: their measures over all questions, each named ``set/id``.

    The sets' own gates stay with them. Memory is the greatest, each latency over all questions.
    """
    rows = [
        replace(
            row,
            question=replace(row.question, question_id=f"{report.name}/{row.question.question_id}"),
        )
        for report in reports
        for row in report.rows
    ]
    generations = [report.generation for report in reports if report.generation]
    whole = report_of(
        "+".join(report.name for report in reports),
        "+".join(dict.fromkeys(generations)) or None,
        rows,
        seed=seed,
    )
    milliseconds = {
        f"{report.name}/{key}": spent
        for report in reports
        for key, spent in report.milliseconds.items()
    }
    costs = latencies(milliseconds, seed=seed)
    if memory := [report.costs[MEMORY] for report in reports if MEMORY in report.costs]:
        costs[MEMORY] = max(memory, key=lambda interval: interval.value)
    return replace(whole, milliseconds=milliseconds, costs=costs)


def stratum_of(question: Question) -> tuple[bool, str]:
    """What a question counts as when its set is resampled: answerable or not, and its first tag."""
    return question.answerable, next(iter(question.tags), "")


def columns_of(rows: Sequence[QuestionRow]) -> Columns:
    """What the measures of a whole set are taken of."""
    return Columns(
        np.array([row.confidence for row in rows], np.float64),
        np.array([row.question.answerable for row in rows], bool),
        np.array([not row.answered for row in rows], bool),
        np.array([1 - row.values.get("answer_recall", 0.0) for row in rows], np.float64),
    )


def to_document(report: EvalReport) -> Json:
    """The ``eval`` JSON document: ``{set, generation, measures, gates}``, and ``costs`` if any."""
    costs = {name: interval._asdict() for name, interval in report.costs.items()}
    return {
        "set": report.name,
        "generation": report.generation,
        "measures": {name: interval._asdict() for name, interval in report.measures.items()},
        "gates": [
            {
                **gate._asdict(),
                "value": (value := report.value_of(gate.measure)),
                "ok": gate.admits(value),
            }
            for gate in report.gates
        ],
    } | ({"costs": costs} if costs else {})


def qrels_from_evidence(
    questions: Sequence[Question], passages: Sequence[PassageSpan], texts: CorpusTexts
) -> dict[str, dict[str, int]]:
    """The relevant passages (1) of every answerable question, by its evidence quotes.

    A passage is relevant when it holds at least half of the characters of a quote. A question
    whose evidence no passage holds is judged all the same, with none. Raises ``InputError`` for a
    document or a quote that the corpus lacks.
    """
    by_document: dict[str, list[PassageSpan]] = {}
    for passage in passages:
        by_document.setdefault(texts.document(passage.document).document_id, []).append(passage)
    qrels: dict[str, dict[str, int]] = {q.question_id: {} for q in questions if q.answerable}
    for question in questions:
        for evidence in question.evidence:
            held = by_document.get(texts.document(evidence.document).document_id, ())
            for span in evidence_spans(evidence, texts):
                qrels[question.question_id] |= {
                    passage.passage_id: 1
                    for passage in held
                    if 2 * (min(passage.end, span.end) - max(passage.start, span.start))
                    >= span.end - span.start
                }
    return qrels


def run_of_answers(answers: Mapping[str, GivenAnswer]) -> Run:
    """The passages that each answer shows, by rank, as a run."""
    return {
        question_id: strict_run((p.passage_id, p.score) for p in answer.passages)
        for question_id, answer in answers.items()
    }


def _read_all(
    questions: Sequence[Question], documents: Mapping[str, Mapping[str, Any]]
) -> dict[str, GivenAnswer]:
    if missing := [q.question_id for q in questions if q.question_id not in documents]:
        raise InputError(
            f"{len(missing)} of {len(questions)} questions have no answer document: "
            f"{', '.join(missing[:5])}{', …' if missing[5:] else ''}.",
            about=missing[0],
            hint="A question that gets no answer still needs its refusal document.",
        )
    return {q.question_id: read_answer(q.question_id, documents[q.question_id]) for q in questions}


def _row(
    question: Question, answer: GivenAnswer, texts: CorpusTexts, retrieval: Values
) -> QuestionRow:
    question_id = question.question_id
    values: dict[str, float | None] = {
        name: of_query.get(question_id) for name, of_query in retrieval.items()
    }
    if question.answerable:
        values |= score_answer(question, answer)._asdict()
        cited = score_citations(question, answer, texts)
        values |= {"citation_precision": cited.precision, "citation_recall": cited.recall}
        values |= {"statement_support": cited.support, "evidence_hit": cited.evidence_hit}
    else:
        values["refusal_reason"] = float(not answer.answered and answer.reason == question.reason)
    values["quote_fidelity"] = quote_fidelity(answer, texts.by_sha256)
    return QuestionRow(
        question=question,
        answered=answer.answered,
        confidence=answer.confidence,
        expected=expected_text(question),
        got=given_text(answer),
        values={name: value for name, value in values.items() if value is not None},
    )


def _values(rows: Sequence[QuestionRow]) -> dict[str, dict[str, float]]:
    names = dict.fromkeys((*PER_QUESTION, *(name for row in rows for name in row.values)))
    return {
        name: {row.question.question_id: row.values[name] for row in rows if name in row.values}
        for name in names
    }
