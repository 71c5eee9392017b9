"""How sure we are that the corpus answers a question: a number between 0 and 1.

A logistic regression over signals of the best evidence and of the retrieval. Its weights were
fitted by ``python -m footnoted.eval.calibrate`` on development sets, never on the eval set of the
default corpus; docs/measurements.md has the figures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from footnoted.domain import Hit
from footnoted.service.evidence import Evidence


class Features(NamedTuple):
    """What confidence is made of, each about 0 to 1.

    ``dense``: the best cosine of question and passage; ``cover`` and ``shared``: of the best
    sentence; ``right_kind``: 1 or 0 where the question's kind of answer is known, else 0.5.
    """

    dense: float
    cover: float
    shared: float
    right_kind: float


NO_EVIDENCE = Features(0.0, 0.0, 0.0, 0.0)
WEIGHTS = Features(dense=5.27, cover=4.09, shared=0.44, right_kind=0.18)
BIAS = -6.69


def features(hits: Sequence[Hit], best: Evidence) -> Features:
    """The features of a question whose ``best`` evidence lies in one of ``hits``."""
    kind = 0.5 if best.right_kind is None else float(best.right_kind)
    dense = max((hit.signals.dense or 0.0 for hit in hits), default=0.0)
    return Features(dense, best.cover, best.shared, kind)


def confidence(given: Features) -> float:
    """The probability that the question is answered."""
    logit = BIAS + sum(w * x for w, x in zip(WEIGHTS, given, strict=True))
    return 1 / (1 + math.exp(-logit))
