"""Passage vectors in any number, made of real ones, and real questions to them.

A corpus of a million passages is not at hand, and random vectors prove nothing: they have no
neighbours. So real vectors are copied, each copy turned away from its original by a cosine drawn
from those between real passages and their nearest neighbours. The draw is corrected until the
grown set's nearest-neighbour cosines are distributed as the real ones; both are reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np

from footnoted.errors import IndexBroken, InputError
from footnoted.eval.bench.subjects import spread
from footnoted.eval.datasets.beir import load_beir
from footnoted.eval.datasets.corpora import dataset_assistant
from footnoted.eval.datasets.retrieval import shortened
from footnoted.index.generations import current, open_generation
from footnoted.index.tuning import turned
from footnoted.protocols import Vectors
from footnoted.service import indexing
from footnoted.service.indexing import Notify
from footnoted.settings import Settings

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
SEED = 11

_QUESTIONS = 150  # of each folder at most
_SAMPLED = 600  # rows whose nearest neighbours are looked for
_MIXED = 8  # other rows whose random mixture says where a copy is turned to
_ROUNDS = 3  # corrections of the draw
_BLOCK = 50_000  # copies made at once
_STEPS = 101


@dataclass(frozen=True, slots=True)
class ScaleData:
    """Real vectors, float32, unit norm: each passage's once, ``(n, dim)``, and the questions'."""

    passages: Vectors
    questions: Vectors


@dataclass(frozen=True, slots=True)
class Grown:
    """A set of vectors, and ``QUANTILES`` of the cosine to the nearest other row.

    ``real`` are those of the real passages, ``made`` those of this set.
    """

    vectors: Vectors
    real: tuple[float, ...]
    made: tuple[float, ...]


def load_scale_data(folders: Sequence[Path], settings: Settings, notify: Notify) -> ScaleData:
    """Passages and questions of BEIR folders, as the settings' model reads them.

    Their indexes are kept in the cache, where each is built once. ``InputError`` for a folder of
    anything else, and for none.
    """
    if not folders:
        raise InputError(
            "There are no passages to measure with.",
            hint="Name one or more BEIR folders: corpus.jsonl, queries.jsonl, qrels.tsv.",
        )
    embedder = indexing.embedder_for(settings, notify)
    passages, questions = [], []
    for folder in folders:
        dataset = load_beir(folder)
        opened = dataset_assistant(
            dataset.name,
            dataset.documents,
            dataset.language,
            settings,
            progress=lambda *_: None,
            notify=notify,
        )
        with opened as assistant:
            path = current(indexing.folder_of(assistant.corpus, settings))
        if path is None:
            raise IndexBroken(f"{folder} has no index.", about=str(folder), hint="Run this again.")
        dense = open_generation(path, embedder).dense
        passages.append(dense.vectors(np.arange(len(dense))))
        asked = spread([shortened(question.text) for question in dataset.questions], _QUESTIONS)
        questions += [embedder.embed_query(text) for text in asked]
    each = np.unique(np.concatenate(passages), axis=0)
    draw = np.random.default_rng(SEED)
    return ScaleData(draw.permutation(each), draw.permutation(np.stack(questions)))


def grown(passages: Vectors, size: int) -> Grown:
    """``size`` vectors: the first of ``passages``, and copies of them where there are too few.

    ``ValueError`` for a size below 2.
    """
    if size < 2:
        raise ValueError(f"{size} vectors have no neighbours")
    if size <= len(passages):
        real = quantiles(nearest_cosines(passages[:size]))
        return Grown(passages[:size], real, real)
    steps = np.linspace(0, 1, _STEPS)
    wanted = np.quantile(nearest_cosines(passages), steps)
    drawn = wanted.copy()
    for _ in range(_ROUNDS):
        vectors = _copied(passages, size, drawn)
        found = np.quantile(nearest_cosines(vectors), steps)
        drawn = np.clip(np.sort(drawn + wanted - found), 0, 1)
    vectors = _copied(passages, size, drawn)
    made = quantiles(nearest_cosines(vectors))
    return Grown(vectors, quantiles(nearest_cosines(passages)), made)


def nearest_cosines(vectors: Vectors) -> Vectors:
    """Of a sample of the rows, the cosine to the nearest other row."""
    count = min(_SAMPLED, len(vectors))
    sample = np.random.default_rng(SEED).choice(len(vectors), count, replace=False)
    scores, rows = faiss.knn(vectors[sample], vectors, 2, metric=faiss.METRIC_INNER_PRODUCT)
    itself = rows[:, 0] == sample  # a row's twin may come before it
    nearest: Vectors = np.where(itself, scores[:, 1], scores[:, 0])
    return nearest


def quantiles(cosines: Vectors) -> tuple[float, ...]:
    """``QUANTILES`` of them, to three places."""
    return tuple(round(float(value), 3) for value in np.quantile(cosines, QUANTILES))


def _copied(passages: Vectors, size: int, drawn: Vectors) -> Vectors:
    """``passages`` and copies in turn, each at a cosine from the table of quantiles ``drawn``."""
    draw = np.random.default_rng(SEED)
    real, dim = passages.shape
    vectors = np.empty((size, dim), np.float32)
    vectors[:real] = passages
    steps = np.linspace(0, 1, len(drawn))
    for start in range(real, size, _BLOCK):
        count = min(_BLOCK, size - start)
        sources = passages[np.arange(start, start + count) % real]
        mixed = np.zeros_like(sources)
        for _ in range(_MIXED):
            weights = draw.standard_normal((count, 1)).astype(np.float32)
            mixed += weights * passages[draw.integers(real, size=count)]
        cosines = np.interp(draw.random(count), steps, drawn).astype(np.float32)
        vectors[start : start + count] = turned(sources, mixed, cosines)
    return vectors
