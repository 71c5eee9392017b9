"""Running an eval set on a corpus: ask every question, then score, beside the baselines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from footnoted.domain import Json
from footnoted.errors import InputError, UnreadableFile
from footnoted.eval.answer_documents import load_answers, read_answer
from footnoted.eval.baselines import baseline_auroc, baseline_runs
from footnoted.eval.comparisons import compare_runs
from footnoted.eval.corpus_texts import texts_of_corpus
from footnoted.eval.measures import Run
from footnoted.eval.questions import Question, check_questions, load_questions
from footnoted.eval.runs import (
    EvalReport,
    PassageSpan,
    evaluate,
    qrels_from_evidence,
    run_of_answers,
)
from footnoted.eval.statistics import Interval
from footnoted.ingest.corpus import Corpus
from footnoted.service.assistant import Assistant

SETS = Path(__file__).parent / "sets"
PASSAGES = 20
SEED = 20261122

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A report, the passages that it judged, and each baseline's measures on the same set."""

    report: EvalReport
    run: Run
    baselines: Mapping[str, Mapping[str, Interval]]


def set_path(name: str) -> Path:
    """The file of a packaged set's name, or the path itself; ``UnreadableFile`` for neither."""
    packaged = SETS / f"{name}.jsonl"
    path = packaged if packaged.is_file() else Path(name)
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in SETS.glob("*.jsonl")))
        raise UnreadableFile(
            f"{name} is neither a packaged eval set nor a file.",
            about=name,
            hint=f"The packaged sets are: {known}.",
        )
    return path


def run_set(
    path: Path, assistant: Assistant, *, answers: Path | None = None, progress: Progress
) -> Evaluation:
    """Evaluate the set in ``path`` on the assistant's corpus.

    ``answers`` is a JSON Lines file of answer documents made elsewhere; without it every
    question is asked. Raises ``InputError`` for a set that does not fit the corpus.
    """
    questions = load_questions(path)
    corpus = assistant.corpus
    texts = texts_of_corpus(corpus.article, corpus.documents.values())
    if problems := check_questions(questions, texts):
        raise InputError(
            f"The set {path.name} does not fit this corpus: {problems[0]}"
            + (f" ({len(problems) - 1} more problems)" if len(problems) > 1 else ""),
            about=str(path),
            hint="Name the corpus that it was written for with --corpus.",
        )
    qrels = qrels_from_evidence(questions, passage_spans(corpus), texts)
    documents = (
        load_answers(answers, questions)
        if answers is not None
        else ask_all(assistant, questions, progress)
    )
    report = evaluate(questions, documents, qrels, texts, seed=SEED, name=path.stem)
    runs = baseline_runs(assistant.searcher, questions)
    judged = {q.question_id: qrels[q.question_id] for q in questions if q.answerable}
    baselines = compare_runs(runs, judged, seed=SEED)
    if len({q.answerable for q in questions}) == 2:
        for system, run in runs.items():
            baselines[system]["refusal_auroc"] = baseline_auroc(run, questions, SEED)
    run = run_of_answers({key: read_answer(key, document) for key, document in documents.items()})
    return Evaluation(report, run, baselines)


def ask_all(
    assistant: Assistant, questions: Sequence[Question], progress: Progress
) -> dict[str, Json]:
    """The answer document of every question, by its id."""
    documents = {}
    for n, question in enumerate(questions, start=1):
        documents[question.question_id] = assistant.ask(question.text, k=PASSAGES)
        progress("questions", n, len(questions))
    return documents


def passage_spans(corpus: Corpus) -> list[PassageSpan]:
    """Every passage of the corpus as the qrels want it."""
    return [
        PassageSpan(p.passage_id, p.document_id, p.span.start, p.span.end)
        for p in corpus.passages.values()
    ]
