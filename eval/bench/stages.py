"""What each stage of retrieval gains: BM25, dense, both fused, fused and reranked by MaxSim.

All stages rank the same passages of the same index for the same queries; a document ranks where its
best passage does. What ships is asked as users ask it, the other stages are worked out from one
encoding and one search of either ranker.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from footnoted.domain import Kind
from footnoted.errors import InputError
from footnoted.eval.bench.stages_candidates import Candidates, candidates_of
from footnoted.eval.bench.stages_plain import plain_index, plain_tokens
from footnoted.eval.datasets.beir import BeirSet, load_beir
from footnoted.eval.datasets.corpora import dataset_assistant
from footnoted.eval.datasets.rankings import KEPT
from footnoted.eval.datasets.retrieval import shortened
from footnoted.eval.measures import score_runs, strict_run
from footnoted.ids import document_id
from footnoted.index.retrieval import DEPTH
from footnoted.service import indexing
from footnoted.service.assistant import Assistant
from footnoted.service.indexing import Notify, Progress
from footnoted.settings import Settings

PLAIN_BM25 = "BM25, plain tokens"
BM25 = "BM25"
DENSE = "dense"
RECIPROCAL = "reciprocal ranks"
CONVEX = "convex"
SHIPPED = "convex + MaxSim"
STAGES = (PLAIN_BM25, BM25, DENSE, RECIPROCAL, CONVEX, SHIPPED)
TESTED = "nDCG@10"
MEASURES = (TESTED, "R@10", "hit@1")
SETS = (
    *("wice-dev-passages", "clapnq-dev-A", "squad2-dev-A", "nq-oracle", "selqa-dev"),
    *("expertqa-val", "realtimeqa-2022a", "xquad-en-dev", "arcd-train", "xquad-ar-dev"),
)


@dataclass(frozen=True, slots=True)
class StagedSet:
    """One dataset searched by every stage.

    ``values`` are stage to measure to query id to value. ``legible`` says whether the model can be
    trusted with all its queries. ``candidates`` are kept for sweeps, by query id.
    """

    name: str
    language: str
    legible: bool
    values: Mapping[str, Mapping[str, Mapping[str, float]]]
    dataset: BeirSet
    candidates: Mapping[str, Candidates]
    documents: Sequence[str]
    """The document's name of each row of the index."""


def default_folders(bench: Path) -> list[Path]:
    """The folders of ``SETS`` in ``bench``; ``InputError`` where one is missing."""
    folders = [bench / name for name in SETS]
    if missing := [folder for folder in folders if not folder.is_dir()]:
        raise InputError(
            f"There is no folder {missing[0]}.",
            about=str(missing[0]),
            hint="Name the folders of the datasets to measure.",
        )
    return folders


def stage_set(folder: Path, settings: Settings, *, progress: Progress, notify: Notify) -> StagedSet:
    """Search the judged queries of the BEIR folder by every stage.

    The corpus and its index are made in the cache if need be. ``InputError`` for a set that breaks
    the format or judges nothing.
    """
    dataset = load_beir(folder)
    with dataset_assistant(
        dataset.name, dataset.documents, dataset.language, settings,
        progress=progress, notify=notify,
    ) as assistant:  # fmt: skip
        documents = documents_of_rows(dataset, assistant)
        ranked: dict[str, dict[str, list[tuple[str, float]]]] = {name: {} for name in STAGES}
        candidates = {}
        plain = _plain_rankings(dataset, assistant)
        for n, (query_id, query) in enumerate(judged_queries(dataset).items(), start=1):
            found = candidates[query_id] = candidates_of(assistant.searcher, query)
            row_of = assistant.searcher.generation.row_of
            shipped = assistant.searcher.search(query, DEPTH)
            rankings: dict[str, Iterable[int]] = {
                PLAIN_BM25: plain[query_id],
                BM25: found.by_bm25.tolist(),
                DENSE: found.by_dense.tolist(),
                RECIPROCAL: found.reciprocal().tolist(),
                CONVEX: found.convex(settings.dense_weight).tolist(),
                # A judge may have marked any of several copies.
                SHIPPED: [
                    row_of[name]
                    for scored in shipped
                    for name in (scored.passage_id, *scored.duplicates)
                ],
            }
            for stage, rows in rankings.items():
                ranked[stage][query_id] = ranked_documents(rows, documents)
            progress("queries", n, len(dataset.qrels))
    return StagedSet(
        dataset.name,
        dataset.language,
        all(found.legible == 1 for found in candidates.values()),
        {stage: _measured(dataset, runs) for stage, runs in ranked.items()},
        dataset,
        candidates,
        documents,
    )


def ranked_documents(rows: Iterable[int], documents: Sequence[str]) -> list[tuple[str, float]]:
    """A run's line: the documents of ranked rows, each where its best row is."""
    hits = ((documents[row], -float(rank)) for rank, row in enumerate(rows, start=1))
    return strict_run(hits)[:KEPT]


def _measured(
    dataset: BeirSet, run: Mapping[str, list[tuple[str, float]]]
) -> dict[str, Mapping[str, float]]:
    values = score_runs(dataset.qrels, run)
    return {measure: values[measure] for measure in MEASURES}


def judged_queries(dataset: BeirSet) -> dict[str, str]:
    """The judged queries by id, as long as the assistant takes them."""
    return {q.question_id: shortened(q.text) for q in dataset.questions
            if q.question_id in dataset.qrels}  # fmt: skip


def documents_of_rows(dataset: BeirSet, assistant: Assistant) -> list[str]:
    """The document's name of each row of the assistant's index."""
    name_of = {document_id(Kind.DOCUMENT, d.name): d.name for d in dataset.documents}
    passages = assistant.corpus.passages
    return [
        name_of[passages[passage_id].document_id]
        for passage_id in assistant.searcher.generation.passage_ids
    ]


def _plain_rankings(dataset: BeirSet, assistant: Assistant) -> dict[str, list[int]]:
    """The rows that BM25 over plain tokens finds for each query, best first."""
    texts = {row.passage_id: row.indexed_text for row in indexing.rows_of(assistant.corpus)}
    in_rows = [texts[passage_id] for passage_id in assistant.searcher.generation.passage_ids]
    with tempfile.TemporaryDirectory(prefix="footnoted-plain-") as folder:
        index = plain_index(Path(folder), in_rows)
        return {
            query_id: index.search(plain_tokens(query), DEPTH)[1].tolist()
            for query_id, query in judged_queries(dataset).items()
        }
