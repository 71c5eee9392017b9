"""What our reader gains by how many passages it reads, and what it costs beside torch.

Each depth ranks the same queries of the same datasets by our search, as
``FOOTNOTED_RERANKER=reader`` does at its depth; 0 is the search as it ships. The plain side of the
cost is a cross-encoder of the same shape in torch, over the same questions and passages: the
default model's encoder with a new head, whose scores mean nothing and take as long as any other's.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeVar

from footnoted.domain import Json
from footnoted.eval.bench.measures import Row
from footnoted.eval.bench.stages import (
    TESTED,
    default_folders,
    documents_of_rows,
    judged_queries,
    ranked_documents,
)
from footnoted.eval.bench.stages_tests import SetValues, macro_differences, macro_mean
from footnoted.eval.comparisons import Difference
from footnoted.eval.datasets.beir import load_beir
from footnoted.eval.datasets.corpora import dataset_assistant
from footnoted.eval.datasets.kinds import CORPUS
from footnoted.eval.measures import score_runs
from footnoted.eval.statistics import Interval
from footnoted.index.models import find_model
from footnoted.index.reader import Reader
from footnoted.index.retrieval import DEPTH, Reranking, Searcher
from footnoted.index.sessions import processors
from footnoted.service import indexing
from footnoted.service.assistant import Assistant
from footnoted.service.indexing import Notify, Progress
from footnoted.service.texts import CorpusTexts
from footnoted.settings import DEFAULT_MODEL, Settings

DEPTHS = (0, 3, 5, 10, 20)
COST_AT_MOST = 0.6
MOST = 400  # queries of a set
_Read: TypeAlias = Callable[[str, Sequence[str]], object]
_T = TypeVar("_T")
_TIMED = 40  # questions of each set whose reading is timed
_COMPARED = 5  # passages that both sides read of each question


@dataclass(frozen=True, slots=True)
class DepthRow:
    """One depth: the macro-averaged nDCG@10, its gain over no reading, and what reading takes.

    ``milliseconds`` is the median of a question whose passages were not read before.
    """

    depth: int
    macro: Interval
    sets: Mapping[str, float]
    gain: Difference | None
    milliseconds: float

    def to_json(self) -> Json:
        gain = self.gain and {
            **self.gain.interval._asdict(), "p": self.gain.p, "p_holm": self.gain.p_holm
        }  # fmt: skip
        return {
            "depth": self.depth,
            "nDCG@10": self.macro._asdict(),
            "sets": dict(self.sets),
            "gain": gain,
            "ms": self.milliseconds,
        }


@dataclass(frozen=True, slots=True)
class ReadingReport:
    """The curve over depths, and the reader's time beside that of the cross-encoder in torch."""

    weight: float
    depths: tuple[DepthRow, ...]
    costs: tuple[Row, ...]

    @property
    def ok(self) -> bool:
        """Whether the reader costs no more than it may, and gains at the depth that it ranks."""
        used = next(row for row in self.depths if row.depth == indexing.READ_AGAIN)
        gains = used.gain is not None and used.gain.interval.low > 0
        return gains and all(row.ok is not False for row in self.costs)

    def to_json(self) -> Json:
        return {
            "ok": self.ok,
            "weight": self.weight,
            "depths": [row.to_json() for row in self.depths],
            "costs": [row.to_json() for row in self.costs],
        }


def reading_folders(folders: Sequence[Path]) -> list[Path]:
    """The folders themselves; in place of one that holds all sets, those whose language is read."""
    if len(folders) == 1 and not (folders[0] / CORPUS).is_file():
        return [
            folder for folder in default_folders(folders[0]) if load_beir(folder).language == "en"
        ]
    return list(folders)


@dataclass(frozen=True, slots=True)
class _ReadSet:
    """By depth the value of every query, and the milliseconds of some; both sides' per question."""

    values: Mapping[int, Mapping[str, float]]
    milliseconds: Mapping[int, Sequence[float]]
    ours: tuple[float, ...]
    plain: tuple[float, ...]


def measure_reading(
    folders: Sequence[Path],
    settings: Settings,
    *,
    weight: float = indexing.READER_WEIGHT,
    most: int = MOST,
    seed: int = 0,
    progress: Progress = lambda *_: None,
    notify: Notify = lambda _: None,
) -> ReadingReport:
    """Search every BEIR folder at every depth, then time both sides; raises as ``stage_set``.

    Of each set at most ``most`` judged queries are asked, taken evenly from all.
    """
    plain = _plain_cross_encoder(settings)
    found: dict[str, _ReadSet] = {}
    for folder in folders:
        notify(f"Reading the passages of {folder.name}")
        found[folder.name] = _read_set(
            folder, settings, weight, plain, most=most, progress=progress, notify=notify
        )
    values: dict[int, SetValues] = {
        depth: {name: one.values[depth] for name, one in found.items()} for depth in DEPTHS
    }
    gains = {
        depth: macro_differences(values[depth], {"": values[0]}, seed=seed)[""]
        for depth in DEPTHS[1:]
    }
    rows = tuple(
        DepthRow(
            depth,
            macro_mean(values[depth], seed=seed),
            {name: statistics.mean(of_set.values()) for name, of_set in values[depth].items()},
            gains.get(depth),
            statistics.median(ms for one in found.values() for ms in one.milliseconds[depth]),
        )
        for depth in DEPTHS
    )
    cost = Row(
        f"a question and {_COMPARED} passages, read",
        "ms",
        tuple(statistics.median(one.ours) for one in found.values()),
        tuple(statistics.median(one.plain) for one in found.values()),
        at_most=COST_AT_MOST,
    )
    return ReadingReport(weight, rows, (cost,))


def _read_set(
    folder: Path,
    settings: Settings,
    weight: float,
    plain: _Read,
    *,
    most: int,
    progress: Progress,
    notify: Notify,
) -> _ReadSet:
    dataset = load_beir(folder)
    with dataset_assistant(
        dataset.name, dataset.documents, dataset.language, settings,
        progress=progress, notify=notify,
    ) as assistant:  # fmt: skip
        queries = dict(_evenly(list(judged_queries(dataset).items()), most))
        documents = documents_of_rows(dataset, assistant)
        searchers = {depth: _searcher(assistant, settings, depth, weight) for depth in DEPTHS}
        row_of = assistant.searcher.generation.row_of
        runs: dict[int, dict[str, list[tuple[str, float]]]] = {depth: {} for depth in DEPTHS}
        for n, (query_id, query) in enumerate(queries.items(), start=1):
            for depth, searcher in searchers.items():
                rows = [
                    row_of[name]
                    for scored in searcher.search(query, DEPTH)
                    for name in (scored.passage_id, *scored.duplicates)
                ]
                runs[depth][query_id] = ranked_documents(rows, documents)
            progress("queries", n, len(queries))
        timed = _evenly(list(queries.values()), _TIMED)
        texts = {q: _texts(assistant, searchers[0], q) for q in timed}
        asked = {name: grades for name, grades in dataset.qrels.items() if name in queries}
        return _ReadSet(
            {depth: score_runs(asked, run)[TESTED] for depth, run in runs.items()},
            {depth: _timed(assistant, settings, texts, depth) for depth in DEPTHS},
            *_beside(_reader(assistant, settings), plain, texts),
        )


def _evenly(given: list[_T], most: int) -> list[_T]:
    return given[:: max(1, len(given) // most)][:most]


def _searcher(assistant: Assistant, settings: Settings, depth: int, weight: float) -> Searcher:
    """The assistant's searcher, with the reader at this depth; all depths share its readings."""
    known, contexts = assistant.searcher, indexing.contexts(assistant.corpus)
    reader = indexing.reader_for(settings, known.embedder, _silent)
    texts = CorpusTexts(assistant.corpus, contexts)
    reranking = None
    if depth and reader is not None:
        reranking = Reranking(reader, depth, weight, monoglot=True)
    return Searcher(known.generation, known.embedder, settings.dense_weight, texts, reranking)


def _texts(assistant: Assistant, searcher: Searcher, query: str) -> list[str]:
    texts = CorpusTexts(assistant.corpus, indexing.contexts(assistant.corpus))
    return [texts.text(hit.passage_id) for hit in searcher.search(query, max(DEPTHS))]


def _reader(assistant: Assistant, settings: Settings) -> Reader:
    """A reader that has read nothing yet."""
    embedder = assistant.searcher.embedder
    return indexing.new_reader(embedder, settings.cache_dir, settings.threads, _silent)


def _timed(
    assistant: Assistant, settings: Settings, texts: Mapping[str, Sequence[str]], depth: int
) -> list[float]:
    reader = _reader(assistant, settings)
    return [_milliseconds(reader.read, q, t[:depth]) for q, t in texts.items()]


def _beside(
    reader: Reader,
    plain: _Read,
    texts: Mapping[str, Sequence[str]],
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """What either side takes for each question's passages, in turns."""
    ours, theirs = [], []
    for query, found in texts.items():
        read = list(found[:_COMPARED])
        theirs.append(_milliseconds(plain, query, read))
        ours.append(_milliseconds(reader.read, query, read))
    return tuple(ours[1:]), tuple(theirs[1:])  # the first ones warm up


def _milliseconds(read: _Read, question: str, texts: Sequence[str]) -> float:
    began = time.perf_counter()
    read(question, texts)
    return (time.perf_counter() - began) * 1000


def _plain_cross_encoder(settings: Settings) -> _Read:
    """A cross-encoder in torch, as sentence-transformers runs it, on as many threads as ours."""
    import torch  # noqa: PLC0415 - 8 s

    from footnoted.index.torch_models import load  # noqa: PLC0415 - imports torch

    torch.set_num_threads(settings.threads or processors())
    model = load("CrossEncoder", find_model(DEFAULT_MODEL), "cpu", num_labels=1)

    def score(question: str, texts: Sequence[str]) -> object:
        pairs = [(question, text) for text in texts]
        return model.predict(pairs, batch_size=len(pairs), show_progress_bar=False)

    return score


def _silent(_: str) -> None:
    return None
