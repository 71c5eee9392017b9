"""How far an approximate index must look to find the exact ten best, measured while it is built.

Nobody has asked anything yet when an index is built, so questions are made up from its rows. A row
itself would be too easy a question, and so would be a row with a little noise: a real question
lies further from every passage (its best cosine is about .6). A made-up question is a row turned
towards a random mixture of eight others until its cosine with it is .45: found to need as many
cells as real questions (``docs/decisions/0010-vectors-at-scale.md``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np

from footnoted.index.approximate import Probing, looking
from footnoted.index.vector_plan import RECALL, VectorKind
from footnoted.protocols import Rows, Vectors

K = 10
QUESTIONS = 256  # to tune with, and as many others to measure with
SEED = 5

_NEARNESS = 0.45
_MIXED = 8
_AIM = RECALL + 0.01  # the questions measured with are others
_EXTRA = {VectorKind.SQ8: (20,), VectorKind.PQ: (50, 100, 200, 400)}
_LARGEST_SHARE = 4  # of the cells a quarter: an index that needs more is no faster than none
_TIE = 1e-5  # two sums of the same products may differ by this


@dataclass(frozen=True, slots=True)
class Tuned:
    """The least looking that reached the aim, and the recall@10 on questions not tuned with."""

    probing: Probing
    recall: float
    measured_on: int


def tune(index: Any, kind: VectorKind, vectors: Vectors) -> Tuned:
    """Tune a filled ``faiss.IndexIVF`` of ``vectors`` and measure it.

    The quickest look that reaches the aim is taken, unless it fails ``RECALL`` on the questions
    that are measured with; where none reaches it, the most thorough one is measured.
    """
    questions = made_up_questions(vectors, 2 * QUESTIONS)
    best = tenth_best(vectors, questions)
    tuning, measuring = slice(0, QUESTIONS), slice(QUESTIONS, None)
    *quicker, last = _probings(kind, int(index.nlist))
    for probing in quicker:
        if recall(index, probing, vectors, questions[tuning], best[tuning]) >= _AIM:
            measured = recall(index, probing, vectors, questions[measuring], best[measuring])
            if measured >= RECALL:
                return Tuned(probing, measured, QUESTIONS)
    measured = recall(index, last, vectors, questions[measuring], best[measuring])
    return Tuned(last, measured, QUESTIONS)


def made_up_questions(vectors: Vectors, count: int, seed: int = SEED) -> Vectors:
    """Unit vectors ``(count, dim)`` that lie to the rows about as questions do."""
    draw = np.random.default_rng(seed)
    sources = vectors[draw.integers(len(vectors), size=count)]
    mixed = np.zeros_like(sources)
    for _ in range(_MIXED):
        others = vectors[draw.integers(len(vectors), size=count)]
        mixed += draw.standard_normal((count, 1)).astype(np.float32) * others
    return turned(sources, mixed, np.full(count, _NEARNESS, np.float32))


def turned(vectors: Vectors, towards: Vectors, cosines: Vectors) -> Vectors:
    """Each unit vector turned towards another until its cosine with itself is ``cosines``.

    One that has no other direction to turn to stays as it is.
    """
    aside = towards - np.einsum("nd,nd->n", towards, vectors)[:, None] * vectors
    norms = np.linalg.norm(aside, axis=1, keepdims=True)
    aside = aside / np.maximum(norms, np.finfo(np.float32).tiny)
    kept = cosines[:, None]
    made: Vectors = (kept * vectors + np.sqrt(1 - kept**2) * aside).astype(np.float32)
    return np.where(norms > _TIE, made, vectors)


def tenth_best(vectors: Vectors, questions: Vectors) -> Vectors:
    """The score of each question's exact tenth best row (the last one's, of fewer)."""
    scores, _ = faiss.knn(
        questions, vectors, min(K, len(vectors)), metric=faiss.METRIC_INNER_PRODUCT
    )
    last: Vectors = scores[:, -1]
    return last


def recall(
    index: Any, probing: Probing, vectors: Vectors, questions: Vectors, best: Vectors
) -> float:
    """The share of the ten rows found that are among the ten best, or as good as the tenth."""
    wanted = min(K, len(vectors))
    depth = min(probing.depth(wanted), len(vectors))
    _, found = index.search(questions, depth, params=looking(probing.probes))
    hits = 0
    for question, rows, least in zip(questions, found, best, strict=True):
        scores = _exact(vectors, rows[rows >= 0], question)
        hits += min(wanted, int(np.count_nonzero(scores >= least - _TIE)))
    return hits / (wanted * len(questions))


def _exact(vectors: Vectors, rows: Rows, question: Vectors) -> Vectors:
    scores: Vectors = vectors[rows] @ question
    return scores


def _probings(kind: VectorKind, cells: int) -> Iterator[Probing]:
    """From the quickest to the most thorough: 4, 6, 8, 12, 16 … cells, a quarter in the end."""
    most = max(1, cells // _LARGEST_SHARE)
    steps = (base << n for n in range(most.bit_length()) for base in (4, 6))
    for probes in (*(step for step in steps if step < most), most):
        for extra in _EXTRA[kind]:
            yield Probing(probes, extra)
