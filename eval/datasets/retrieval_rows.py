"""Rows and measures of a BEIR folder beyond those of an eval set with answers.

Sets of claims and of plain queries have no answers: there retrieval and refusals are measured.
What an answer quotes is compared with the sentences that the set marks, where it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from footnoted.domain import Span
from footnoted.errors import InputError
from footnoted.eval.answer_documents import GivenAnswer, GivenCitation, generation_of, read_answer
from footnoted.eval.answers import given_text
from footnoted.eval.citations import quote_fidelity
from footnoted.eval.corpus_texts import CorpusTexts
from footnoted.eval.datasets.evidence_sets import MarkedEvidence
from footnoted.eval.evidence import Quoted, score_evidence
from footnoted.eval.measures import Qrels, score_runs
from footnoted.eval.questions import Question
from footnoted.eval.runs import (
    EvalReport,
    QuestionRow,
    Values,
    columns_of,
    run_of_answers,
    stratum_of,
)
from footnoted.eval.set_measures import set_measures
from footnoted.eval.statistics import Interval, bootstrap_mean

_OF_ANSWERS = ("aurc", "ece")  # their losses are those of answers
_OF_GOLD = ("citation_precision", "citation_recall", "statement_support", "evidence_hit")
_OF_QUOTES = ("quote_fidelity", "evidence_precision", "evidence_recall", "evidence_f1")


def without_answers(
    questions: Sequence[Question],
    documents: Mapping[str, Mapping[str, Any]],
    qrels: Qrels,
    *,
    seed: int,
    name: str,
) -> EvalReport:
    """The report of a set whose queries have no answers: retrieval and, if they differ, refusals.

    Raises ``InputError`` for a query without an answer document.
    """
    if missing := [q.question_id for q in questions if q.question_id not in documents]:
        raise InputError(
            f"{len(missing)} of {len(questions)} queries have no answer document, "
            f"{missing[0]!r} among them.",
            about=missing[0],
            hint="A query that gets no answer still needs its refusal document.",
        )
    answers = {
        q.question_id: read_answer(q.question_id, documents[q.question_id]) for q in questions
    }
    values = score_runs(qrels, run_of_answers(answers))
    rows = tuple(_row(q, answers[q.question_id], values) for q in questions)
    of_set = set_measures(columns_of(rows), seed=seed, strata=[stratum_of(q) for q in questions])
    measures = _means(rows, values, seed) | {
        measure: one for measure, one in of_set.items() if measure not in _OF_ANSWERS
    }
    return EvalReport(name, generation_of(answers.values()), measures, rows)


def _row(question: Question, answer: GivenAnswer, values: Values) -> QuestionRow:
    key = question.question_id
    return QuestionRow(
        question,
        answer.answered,
        answer.confidence,
        "an answer" if question.answerable else f"refusal: {question.reason}",
        given_text(answer),
        {measure: of_query[key] for measure, of_query in values.items() if key in of_query},
    )


def with_quotes(
    report: EvalReport,
    answers: Mapping[str, GivenAnswer],
    marked: Mapping[str, MarkedEvidence],
    texts: CorpusTexts,
    seed: int,
) -> EvalReport:
    """``report`` with the measures of what each answer quotes.

    Fidelity is that of everything quoted, shown passages too. Evidence is measured where sentences
    are marked: its precision over the answers, its recall and F1 over all, where a refusal has 0.
    Where no document is known to be relevant, no citation is right or wrong: it is not measured.
    """
    rows = tuple(_with_quotes(row, answers, marked, texts) for row in report.rows)
    ours = (*_OF_GOLD, *_OF_QUOTES)
    kept = {name: one for name, one in report.measures.items() if name not in ours}
    return replace(report, rows=rows, measures=kept | _means(rows, ours, seed))


def _with_quotes(
    row: QuestionRow,
    answers: Mapping[str, GivenAnswer],
    marked: Mapping[str, MarkedEvidence],
    texts: CorpusTexts,
) -> QuestionRow:
    key = row.question.question_id
    values: dict[str, float | None] = {
        "quote_fidelity": quote_fidelity(answers[key], texts.by_sha256)
    }
    if key in marked:
        quotes = _quotes(c for s in answers[key].statements for c in s.citations)
        scores = score_evidence(quotes, marked[key].documents, marked[key].sets)
        values |= {f"evidence_{name}": value for name, value in scores._asdict().items()}
    found = {name: value for name, value in values.items() if value is not None}
    dropped = _OF_QUOTES if row.question.evidence else (*_OF_GOLD, *_OF_QUOTES)
    others = {name: value for name, value in row.values.items() if name not in dropped}
    return replace(row, values=others | found)


def _quotes(citations: Iterable[GivenCitation]) -> list[Quoted]:
    return [Quoted(c.document_id, Span(c.start, c.end)) for c in citations if 0 <= c.start < c.end]


def _means(rows: Sequence[QuestionRow], names: Iterable[str], seed: int) -> dict[str, Interval]:
    """The mean of each measure over the rows that have it, drawn within the questions' strata."""
    found = {}
    for name in names:
        having = [row for row in rows if name in row.values]
        if having:
            found[name] = bootstrap_mean(
                [row.values[name] for row in having],
                seed=seed,
                strata=[stratum_of(row.question) for row in having],
            )
    return found
