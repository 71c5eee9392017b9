"""One dataset's folder, whatever it is, to its measures: what ``footnoted eval --dataset`` runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from footnoted.errors import UsageError
from footnoted.eval.claims import holds_verdicts
from footnoted.eval.datasets.claim_reports import evaluate_pairs, evaluate_verdicts_of
from footnoted.eval.datasets.given_runs import evaluate_run_of
from footnoted.eval.datasets.kinds import DatasetKind, kind_of
from footnoted.eval.datasets.pages import evaluate_pages
from footnoted.eval.datasets.results import DatasetEvaluation, Failure
from footnoted.eval.datasets.retrieval import evaluate_retrieval
from footnoted.eval.datasets.sentences import MEASURE
from footnoted.eval.datasets.support import Support
from footnoted.eval.datasets.words import evaluate_words
from footnoted.eval.extraction.evaluating import evaluate_extraction
from footnoted.eval.extraction.readings import PLAIN
from footnoted.eval.trec import is_trec_run
from footnoted.service.indexing import Notify, Progress
from footnoted.settings import Settings

_NO_ANSWERS = f"{MEASURE} is not measured: no questions are answered here, so nothing is cited."


def evaluate_dataset(
    folder: Path,
    settings: Settings,
    *,
    answers: Path | None = None,
    support: Support | None = None,
    sentences: bool = False,
    seed: int,
    progress: Progress,
    notify: Notify,
) -> DatasetEvaluation:
    """Measure the dataset in ``folder``, whose files say what it is (``kinds``).

    ``answers`` is scored instead of our own: answer documents by query id, verdicts by claim id, or
    a TREC run. ``support`` scores a claim by a text. With ``sentences`` the first sentence that an
    answer cites is measured too; a note says it where no answer cites any. Corpora and indexes are
    kept in ``settings.cache_dir``. Raises ``InputError`` with file and line for broken data,
    ``UsageError`` for ``answers`` to a set that asks nothing, and a run of one that judges no
    documents.
    """
    kind = kind_of(folder)
    found = _without_answers(
        kind, folder, settings, answers, support, seed=seed, progress=progress, notify=notify
    )
    if found is None:
        return evaluate_retrieval(
            folder,
            settings,
            answers=answers,
            support=support,
            sentences=sentences,
            seed=seed,
            progress=progress,
            notify=notify,
        )
    return replace(found, notes=(*found.notes, _NO_ANSWERS)) if sentences else found


def _without_answers(
    kind: DatasetKind,
    folder: Path,
    settings: Settings,
    answers: Path | None,
    support: Support | None,
    *,
    seed: int,
    progress: Progress,
    notify: Notify,
) -> DatasetEvaluation | None:
    """What is measured without a question answered; ``None`` where questions are."""
    if answers is not None and kind not in (DatasetKind.RETRIEVAL, DatasetKind.PAIRS):
        raise UsageError(
            f"{folder.name} holds {kind.value}: there is nothing to answer.",
            about=str(answers),
            hint="Leave --answers out, or name a set of questions or claims.",
        )
    if answers is not None and is_trec_run(answers):
        if kind is not DatasetKind.RETRIEVAL:
            raise UsageError(
                f"{answers} is a TREC run, and nothing is ranked in {folder.name} ({kind.value}).",
                about=str(answers),
                hint="Give verdicts on its claims, or name a dataset that judges documents.",
            )
        return evaluate_run_of(folder, answers, seed)
    of_files = {
        DatasetKind.EXTRACTION: _extraction,
        DatasetKind.PAGES: evaluate_pages,
        DatasetKind.WORDS: evaluate_words,
    }
    if kind in of_files:
        return of_files[kind](folder, seed=seed, progress=progress)
    if kind is DatasetKind.RETRIEVAL:
        if answers is not None and holds_verdicts(answers):
            return evaluate_verdicts_of(folder, answers, seed)
        return None
    return evaluate_pairs(
        folder,
        settings,
        answers=answers,
        support=support,
        seed=seed,
        progress=progress,
        notify=notify,
    )


def _extraction(folder: Path, *, seed: int, progress: Progress) -> DatasetEvaluation:
    found = evaluate_extraction(folder, seed=seed, progress=progress)
    failures = [Failure(f.page_id, f"{f.system}: {f.problem}") for f in found.failures]
    return DatasetEvaluation(
        DatasetKind.EXTRACTION,
        found.report,
        baselines={PLAIN: found.plain},
        differences={PLAIN: found.differences},
        parts=found.sources,
        failures=tuple(failures),
    )
