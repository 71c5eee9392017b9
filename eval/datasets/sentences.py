"""Answer sentences: the first one that an answer cites, beside the first of two plain rankers.

Every document of a set is cut into its sentences. BM25 alone and cosine alone rank all of them, as
a corpus of their own, and each names its first; ours is the sentence of the first citation of the
first statement. ``sentence_hit@1`` asks of each whether it is an answer sentence: one of a relevant
document that holds an accepted answer. That is the first precision of answer sentence selection
(Yang et al. 2015), over a whole collection and without being told the document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeAlias

from footnoted.domain import Document, Kind, Span
from footnoted.eval.answer_documents import GivenAnswer, read_answer
from footnoted.eval.datasets.beir import BeirSet
from footnoted.eval.datasets.corpora import dataset_assistant
from footnoted.eval.datasets.rankings import OURS, rank_documents
from footnoted.eval.measures import Qrels
from footnoted.eval.questions import Question
from footnoted.eval.runs import EvalReport, Values
from footnoted.eval.statistics import bootstrap_mean
from footnoted.eval.tokens import contains_answer
from footnoted.ids import document_id
from footnoted.index.retrieval import Searcher
from footnoted.ingest.plain_documents import PlainDocument
from footnoted.ingest.sentences import sentence_spans
from footnoted.service.indexing import Notify, Progress
from footnoted.settings import Settings

MEASURE = "sentence_hit@1"
_LEAST = 0.5  # of the queries have an answer sentence, or the set is none for this measure


class Sentence(NamedTuple):
    """A sentence under the name that it is ranked by, and its place in its document's text."""

    name: str
    span: Span
    text: str


class CutDocument(NamedTuple):
    """A document's title, its text, and its sentences in order."""

    title: str
    text: str
    sentences: tuple[Sentence, ...]


Cut: TypeAlias = Mapping[str, CutDocument]
"""The documents of a corpus, cut, by document id."""


@dataclass(frozen=True, slots=True)
class SentenceHits:
    """System to query id to 1 (its first sentence answers) or 0; empty where it is not measured.

    ``note`` says over what, or why not.
    """

    note: str
    values: Values = field(default_factory=dict)


class Ranking(NamedTuple):
    """What ranks sentences: the settings, how a question's text is asked, and who hears of it."""

    settings: Settings
    asked: Callable[[str], str]
    progress: Progress
    notify: Notify


def cut_documents(documents: Iterable[Document]) -> dict[str, CutDocument]:
    """The documents by id, each cut into its sentences in its own language."""
    cut = {}
    for document in documents:
        key, text = document.document_id, document.text
        # Not the set's own name, which may be an address: what follows a # in one names nothing.
        sentences = tuple(
            Sentence(f"{key}#s{n}", span, span.of(text))
            for n, span in enumerate(sentence_spans(text, document.language))
        )
        cut[key] = CutDocument(document.title, text, sentences)
    return cut


def score_sentences(
    dataset: BeirSet,
    questions: Sequence[Question],
    documents: Mapping[str, Mapping[str, Any]],
    cut: Cut,
    ranking: Ranking,
) -> SentenceHits:
    """``sentence_hit@1`` of the answer documents (by query id) and of both plain rankers.

    Over the answerable, judged queries with accepted answers, all of them: what refuses, cites
    nothing or finds nothing misses. A set in which fewer than half of these have any answer
    sentence is not measured: its answers are written, not quoted.
    """
    counted = [
        q for q in questions if q.answerable and any(q.answers) and q.question_id in dataset.qrels
    ]
    if not counted:
        return SentenceHits(
            f"{MEASURE} is not measured: no query is answerable, judged and has accepted answers."
        )
    right = answer_sentences(counted, dataset.qrels, cut)
    having = sum(map(bool, right.values()))
    if having < _LEAST * len(counted):
        return SentenceHits(
            f"{MEASURE} is not measured: in {having} of {len(counted)} queries a sentence of a "
            "relevant document holds an accepted answer. The answers of this set are written, "
            "not quoted."
        )
    firsts: dict[str, dict[str, str | None]] = {OURS: {}}
    for question in counted:
        key = question.question_id
        firsts[OURS][key] = cited_sentence(read_answer(key, documents[key]), cut)
    firsts |= _ranked_first(dataset, counted, cut, ranking)
    values = {
        system: {key: float(first in right[key]) for key, first in of_query.items()}
        for system, of_query in firsts.items()
    }
    return SentenceHits(_note(cut, len(counted), having), values)


def with_sentences(report: EvalReport, hits: SentenceHits, seed: int) -> EvalReport:
    """``report`` with our hits, in its measures and in the rows of their queries."""
    ours = hits.values.get(OURS)
    if not ours:
        return report
    rows = tuple(
        replace(row, values={**row.values, MEASURE: ours[row.question.question_id]})
        if row.question.question_id in ours
        else row
        for row in report.rows
    )
    found = bootstrap_mean(list(ours.values()), seed=seed)
    return replace(report, rows=rows, measures={**report.measures, MEASURE: found})


def answer_sentences(
    questions: Sequence[Question], qrels: Qrels, cut: Cut
) -> dict[str, frozenset[str]]:
    """Query id to the names of its answer sentences, of every document that is relevant to it.

    These hold an accepted answer, by whole tokens. Where an answer stretches over several
    sentences of a document (in some sets it is a document's whole text), they lie within it.
    """
    found = {}
    for question in questions:
        judged = qrels[question.question_id]
        keys = [document_id(Kind.DOCUMENT, name) for name, grade in judged.items() if grade > 0]
        found[question.question_id] = frozenset(
            sentence.name
            for key in keys
            if key in cut
            for group in question.answers
            for answer in group
            for sentence in _answering(cut[key], answer, question.language)
        )
    return found


def cited_sentence(answer: GivenAnswer, cut: Cut) -> str | None:
    """The name of the sentence that the first statement's first citation quotes.

    Of a quote that goes beyond one it is the sentence with most of its characters, the first of
    equals: one sentence is judged, whoever answers. ``None`` for a refusal, a statement without
    citations, and words that do not stand where the citation says.
    """
    citation = next((c for s in answer.statements[:1] for c in s.citations[:1]), None)
    if citation is None or not 0 <= citation.start < citation.end:
        return None
    document = cut.get(citation.document_id)
    if document is None or document.text[citation.start : citation.end] != citation.quote:
        return None
    shared = {
        sentence.name: min(sentence.span.end, citation.end)
        - max(sentence.span.start, citation.start)
        for sentence in document.sentences
    }
    best = max(shared, key=lambda name: shared[name], default=None)
    return best if best is not None and shared[best] > 0 else None


def _answering(document: CutDocument, answer: str, language: str) -> list[Sentence]:
    whole = [s for s in document.sentences if contains_answer(s.text, answer, language)]
    if whole or not contains_answer(document.text, answer, language):
        return whole
    return [s for s in document.sentences if contains_answer(answer, s.text, language)]


def _ranked_first(
    dataset: BeirSet, questions: Sequence[Question], cut: Cut, ranking: Ranking
) -> dict[str, dict[str, str | None]]:
    """Plain ranker to query id to the name of its first sentence, ``None`` where it finds none."""
    sentences = [
        PlainDocument(sentence.name, document.title, sentence.text)
        for document in cut.values()
        for sentence in document.sentences
    ]
    with dataset_assistant(
        f"{dataset.name} sentences",
        sentences,
        dataset.language,
        ranking.settings,
        progress=ranking.progress,
        notify=ranking.notify,
    ) as assistant:
        name_of = {document_id(Kind.DOCUMENT, s.name): s.name for s in sentences}
        passages = assistant.corpus.passages.values()
        document_of = {p.passage_id: name_of[p.document_id] for p in passages}
        # Neither ranker reads anything again, and only they are wanted: no cross-encoder.
        whole = assistant.searcher
        searcher = Searcher(whole.generation, whole.embedder, whole.dense_weight)
        runs = rank_documents(searcher, questions, document_of, ranking.asked, ranking.progress)
    return {
        system: {key: hits[0][0] if hits else None for key, hits in run.items()}
        for system, run in runs.items()
        if system != OURS
    }


def _note(cut: Cut, counted: int, having: int) -> str:
    size = sum(len(document.sentences) for document in cut.values())
    note = f"{MEASURE} is over {counted} queries; the plain rankers rank {size:,} sentences."
    if having < counted:
        note += (
            f" In {counted - having} no sentence of a relevant document holds an accepted answer: "
            "there every system misses."
        )
    return note
