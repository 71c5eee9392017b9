"""What a verdict is made of, and the two sets of weights that make it: with our reader, without it.

They were fitted by ``python -m footnoted.eval.calibrate_ledger`` on a development set of claims
that people judged, never on the eval sets of the default corpus.
"""

from __future__ import annotations

import math
from typing import NamedTuple


class Signals(NamedTuple):
    """What a verdict is made of, each 0 to 1, but for the reader's.

    ``cover`` and ``shared``: of the claim's words, by the chosen sentences together; ``best``: the
    cover by the best of them alone; ``weakest``: the mean cover of the telling third that is
    covered least; ``anywhere``: the words repeated by any sentence of the source; ``numbers``,
    ``dates``, ``names``: the share of the claim's that are found, 1 where it has none; ``denied``:
    whether one is contradicted; ``length``: the claim's telling words, 1 for forty; ``read_whole``,
    ``read_some``: a reader's opinion, -1 to 1, and 0 where there is none.
    """

    cover: float
    best: float
    shared: float
    weakest: float
    anywhere: float
    numbers: float
    dates: float
    names: float
    denied: float
    length: float
    read_whole: float = 0.0
    read_some: float = 0.0


class Weights(NamedTuple):
    """A logistic regression: a weight for each signal, the bias."""

    signals: Signals
    bias: float

    def probability(self, signals: Signals) -> float:
        """The probability that these weights give to ``signals``."""
        logit = self.bias + sum(w * x for w, x in zip(self.signals, signals, strict=True))
        return 1 / (1 + math.exp(-logit))


class Weighing(NamedTuple):
    """The weights of full and of any support, and from which probability either is said."""

    whole: Weights
    any_part: Weights
    supported_from: float
    partly_from: float


WITH_READER = Weighing(
    Weights(
        Signals(
            cover=1.17,
            best=1.44,
            shared=0.64,
            weakest=1.18,
            anywhere=0.74,
            numbers=0.37,
            dates=0.05,
            names=0.52,
            denied=-0.44,
            length=-0.51,
            read_whole=0.53,
            read_some=0.44,
        ),
        bias=-4.61,
    ),
    Weights(
        Signals(
            cover=1.98,
            best=1.31,
            shared=0.80,
            weakest=1.40,
            anywhere=1.02,
            numbers=0.25,
            dates=0.03,
            names=0.40,
            denied=-0.60,
            length=0.26,
            read_whole=0.23,
            read_some=0.40,
        ),
        bias=-2.41,
    ),
    supported_from=0.45,
    partly_from=0.80,
)
WITHOUT_READER = Weighing(
    Weights(
        Signals(
            cover=1.43,
            best=1.93,
            shared=0.79,
            weakest=1.40,
            anywhere=0.87,
            numbers=0.40,
            dates=0.14,
            names=0.58,
            denied=-0.41,
            length=-0.69,
        ),
        bias=-5.56,
    ),
    Weights(
        Signals(
            cover=2.16,
            best=1.50,
            shared=0.89,
            weakest=1.51,
            anywhere=1.11,
            numbers=0.27,
            dates=0.05,
            names=0.42,
            denied=-0.59,
            length=0.25,
        ),
        bias=-2.93,
    ),
    supported_from=0.40,
    partly_from=0.80,
)
