"""Running an eval set on a corpus: ask every question, then score, beside the baselines."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from footnoted.domain import Json
from footnoted.errors import InputError, UnreadableFile
from footnoted.eval.answer_documents import load_answers, read_answer
from footnoted.eval.answer_log import AnswerLog
from footnoted.eval.baselines import baseline_auroc, baseline_runs
from footnoted.eval.comparisons import compare_runs
from footnoted.eval.corpus_texts import CorpusTexts, texts_of_corpus
from footnoted.eval.costs import MEMORY, given_milliseconds, latencies, peak_memory
from footnoted.eval.measures import Qrels, Run
from footnoted.eval.questions import Question, check_questions, load_questions
from footnoted.eval.records import (
    begin,
    check_same,
    continued,
    is_finished,
    read_record,
    write_record,
)
from footnoted.eval.run_facts import run_facts
from footnoted.eval.runs import (
    EvalReport,
    PassageSpan,
    evaluate,
    qrels_from_evidence,
    run_of_answers,
)
from footnoted.eval.statistics import Interval
from footnoted.eval.summary import markdown
from footnoted.ingest.corpus import Corpus
from footnoted.service.assistant import Assistant
from footnoted.service.indexing import Progress
from footnoted.settings import Settings

SETS = Path(__file__).parent / "sets"
PASSAGES = 20
SEED = 20261122


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A report, the passages and answers that it judged, and each baseline's measures."""

    report: EvalReport
    run: Run
    baselines: Mapping[str, Mapping[str, Interval]]
    documents: Mapping[str, Json] = field(default_factory=dict)


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
    path: Path,
    assistant: Assistant,
    *,
    answers: Path | None = None,
    folder: Path | None = None,
    settings: Settings | None = None,
    reuse: bool = False,
    progress: Progress,
) -> Evaluation:
    """Evaluate the set in ``path`` on the assistant's corpus.

    ``answers`` is a JSON Lines file of answer documents made elsewhere; without it every
    question is asked. ``folder`` keeps the run as a record (``eval/records.py``), with the
    ``settings`` that the assistant was opened with; a killed run goes on there, and with ``reuse``
    a finished one of the same facts is read instead. Raises ``InputError`` for a set that does not
    fit the corpus, ``UsageError`` for a folder that holds something else.
    """
    questions = load_questions(path)
    corpus = assistant.corpus
    texts = texts_of_corpus(corpus.article, corpus.documents.values())
    _check_fit(path, questions, texts)
    facts = None
    if folder is not None:
        facts = run_facts(
            path,
            questions=len(questions),
            seed=SEED,
            assistant=assistant,
            settings=settings,
            answers=answers,
            passages=PASSAGES,
        )
        if reuse and is_finished(folder):
            check_same(folder, facts)
            held = read_record(folder)
            return Evaluation(held.report, held.run, held.baselines, held.documents)
    if answers is not None:
        if folder is not None and facts is not None:
            begin(folder, facts)
        documents = load_answers(answers, questions)
        milliseconds = given_milliseconds(documents)
    else:
        kept = nullcontext(AnswerLog())
        with continued(folder, facts) if folder is not None and facts is not None else kept as log:
            ask_into(log, assistant, questions, progress)
        documents = {q.question_id: log.documents[q.question_id] for q in questions}
        milliseconds = log.milliseconds
    spent = latencies(milliseconds, seed=SEED)
    if answers is None:
        spent[MEMORY] = peak_memory()
    qrels = qrels_from_evidence(questions, passage_spans(corpus), texts)
    report = replace(
        evaluate(questions, documents, qrels, texts, seed=SEED, name=path.stem),
        milliseconds=milliseconds,
        costs=spent,
    )
    run = run_of_answers({key: read_answer(key, document) for key, document in documents.items()})
    baselines = _baselines(assistant, questions, qrels)
    if folder is not None and facts is not None:
        write_record(
            folder,
            facts,
            report,
            summary=markdown(report, baselines=baselines),
            run=run,
            qrels=qrels,
            baselines=baselines,
            documents=documents,
        )
    return Evaluation(report, run, baselines, documents)


def ask_into(
    log: AnswerLog, assistant: Assistant, questions: Sequence[Question], progress: Progress
) -> None:
    """Ask every question that ``log`` has no answer to; the model is loaded before the first."""
    assistant.load()
    for n, question in enumerate(questions, start=1):
        if question.question_id not in log.documents:
            started = time.perf_counter()
            document = assistant.ask(question.text, k=PASSAGES)
            spent = (time.perf_counter() - started) * 1000
            log.add(question.question_id, document, spent)
        progress("questions", n, len(questions))


def passage_spans(corpus: Corpus) -> list[PassageSpan]:
    """Every passage of the corpus as the qrels want it."""
    return [
        PassageSpan(p.passage_id, p.document_id, p.span.start, p.span.end)
        for p in corpus.passages.values()
    ]


def _check_fit(path: Path, questions: Sequence[Question], texts: CorpusTexts) -> None:
    if problems := check_questions(questions, texts):
        raise InputError(
            f"The set {path.name} does not fit this corpus: {problems[0]}"
            + (f" ({len(problems) - 1} more problems)" if len(problems) > 1 else ""),
            about=str(path),
            hint="Name the corpus that it was written for with --corpus.",
        )


def _baselines(
    assistant: Assistant, questions: Sequence[Question], qrels: Qrels
) -> dict[str, dict[str, Interval]]:
    """Each plain ranker's retrieval measures and refusal AUROC on the same questions."""
    runs = baseline_runs(assistant.searcher, questions)
    judged = {q.question_id: qrels[q.question_id] for q in questions if q.answerable}
    baselines = compare_runs(runs, judged, seed=SEED) if judged else {name: {} for name in runs}
    if len({q.answerable for q in questions}) == 2:
        for system, run in runs.items():
            baselines[system]["refusal_auroc"] = baseline_auroc(run, questions, SEED)
    return baselines
