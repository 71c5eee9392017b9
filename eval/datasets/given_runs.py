"""A TREC run of any system, scored against a BEIR folder's judgements; nothing is asked.

Only retrieval is measured: a run has no answers, no quotes and no refusals.
"""

from __future__ import annotations

from pathlib import Path

from footnoted.errors import InputError
from footnoted.eval.datasets.beir import BeirSet, load_beir
from footnoted.eval.datasets.kinds import DatasetKind
from footnoted.eval.datasets.results import DatasetEvaluation
from footnoted.eval.measures import Run, score_runs
from footnoted.eval.runs import EvalReport, stratum_of
from footnoted.eval.statistics import bootstrap_mean
from footnoted.eval.trec import read_trec_run


def evaluate_run_of(folder: Path, path: Path, seed: int) -> DatasetEvaluation:
    """Measure the TREC run ``path`` of the BEIR folder's queries over its documents.

    A judged query that the run lacks counts as 0. Raises ``InputError`` for a run with no query or
    no document of the set.
    """
    dataset = load_beir(folder)
    run = read_trec_run(path)
    notes = _check_names(dataset, run, path)
    strata = {q.question_id: stratum_of(q) for q in dataset.questions}
    values = score_runs(dataset.qrels, run)
    measures = {
        measure: bootstrap_mean(
            list(of_query.values()), seed=seed, strata=[strata[query] for query in of_query]
        )
        for measure, of_query in values.items()
    }
    asked = {query: hits for query, hits in run.items() if query in strata}
    return DatasetEvaluation(
        DatasetKind.RETRIEVAL,
        EvalReport(dataset.name, None, measures, (), item_values=values),
        run=asked,
        notes=notes,
    )


def _check_names(dataset: BeirSet, run: Run, path: Path) -> tuple[str, ...]:
    """What a reader must know of the names; ``InputError`` where none is one of the set's."""
    queries = {question.question_id for question in dataset.questions}
    documents = {document.name for document in dataset.documents}
    ranked = {name for hits in run.values() for name, _ in hits}
    for what, known, given in (("query", queries, run.keys()), ("document", documents, ranked)):
        if known.isdisjoint(given):
            raise InputError(
                f"The run {path} ranks no {what} of {dataset.name}.",
                about=str(path),
                hint="Give a run that names queries and documents by their _id.",
            )
    notes = [
        f"The TREC run {path.name}: retrieval alone is measured.",
        f"{len(queries)} queries, {len(dataset.qrels)} of them judged.",
    ]
    if lacking := len(dataset.qrels.keys() - run.keys()):
        notes.append(f"{lacking} judged queries are not in the run; each counts as 0.")
    if others := len(run.keys() - queries):
        notes.append(f"{others} queries of the run are not in the set, and are left out.")
    if unknown := len(ranked - documents):
        notes.append(f"{unknown} ranked documents are not in the set; they count as not relevant.")
    return tuple(notes)
