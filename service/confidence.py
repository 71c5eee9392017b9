"""How sure we are that the corpus answers a question: a number between 0 and 1.

A logistic regression over signals of the best evidence and of the retrieval (Platt, "Probabilistic
Outputs for Support Vector Machines", 1999). Its weights were fitted by ``python -m
footnoted.eval.calibrate`` on development sets, never on the eval set of the default corpus;
docs/measurements.md has the figures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from footnoted.domain import Hit
from footnoted.service.evidence import Evidence

_MOST_SPAN = 15.0  # of a span's score: beyond it nothing more is said


class Features(NamedTuple):
    """What confidence is made of.

    ``dense``: the best cosine of question and passage; ``cover`` and ``shared``: of the best
    sentence; ``right_kind``: 1 or 0 where the question's kind of answer is known, else 0.5: each
    about 0 to 1. ``relevance`` and ``span``: a reader's logit that the best sentence's passage
    answers, and the score of the likeliest answer in it; ``None`` where nothing was read.
    """

    dense: float
    cover: float
    shared: float
    right_kind: float
    relevance: float | None = None
    span: float | None = None


class Weights(NamedTuple):
    """A logistic regression: a weight for each feature, those of a reader 0 without one."""

    dense: float
    cover: float
    shared: float
    right_kind: float
    relevance: float
    span: float
    bias: float


NO_EVIDENCE = Features(0.0, 0.0, 0.0, 0.0)
READ = Weights(
    dense=3.98, cover=2.77, shared=0.09, right_kind=0.06, relevance=0.11, span=0.16, bias=-3.98
)
UNREAD = Weights(
    dense=4.77, cover=4.00, shared=0.48, right_kind=0.32, relevance=0.0, span=0.0, bias=-6.36
)


def features(hits: Sequence[Hit], best: Evidence) -> Features:
    """The features of a question whose ``best`` evidence lies in one of ``hits``."""
    kind = 0.5 if best.right_kind is None else float(best.right_kind)
    dense = max((hit.signals.dense or 0.0 for hit in hits), default=0.0)
    span = None
    if best.relevance is not None:
        score = best.answer.score if best.answer is not None else -_MOST_SPAN
        span = min(max(score, -_MOST_SPAN), _MOST_SPAN)
    return Features(dense, best.cover, best.shared, kind, best.relevance, span)


def confidence(given: Features) -> float:
    """The probability that the question is answered."""
    weights = UNREAD if given.relevance is None else READ
    values = (value or 0.0 for value in given)
    logit = weights.bias + sum(w * x for w, x in zip(weights, values, strict=False))
    return 1 / (1 + math.exp(-logit))
