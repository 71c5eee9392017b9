"""Fits the claim ledger's weights on claims that people judged, and measures it cross-fitted.

Run it as ``python -m footnoted.eval.calibrate_ledger ../shared/bench/wice-dev``. Every claim is
judged by a fit that has not seen it (five folds, drawn with the seed): AUROC beside word overlap,
with paired intervals; three-way macro F1; how well the scores are calibrated; and the sentences
chosen, beside the best number of sentences by shared words. All this with our reader's opinion,
without it (as with ``--fast``), and the difference. Then it prints the weights of fits on all
claims and the thresholds, to be put into ``service/ledger/weights.py``. The eval sets of the
default corpus are never read.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from footnoted.eval.claims import macro_f1
from footnoted.eval.ledger_sample import CLASSES, Floats, Sample, sample_of, without_reader
from footnoted.eval.refusals import auroc
from footnoted.eval.statistics import (
    Interval,
    bootstrap_auroc,
    bootstrap_mean,
    bootstrap_statistic,
)
from footnoted.service.ledger.weights import Signals

FOLDS = 5
PENALTY = 0.1  # of the weights of standardised signals
FULL = 2  # the number of full support among the classes


class Fit(NamedTuple):
    """A logistic regression's weights and bias."""

    weights: Floats
    bias: float

    def probabilities(self, signals: Floats) -> Floats:
        """Shape ``(n,)`` for signals ``(n, features)``."""
        return np.asarray(1 / (1 + np.exp(-(signals @ self.weights + self.bias))), np.float64)


class Cuts(NamedTuple):
    """The least probability of full support, and of any, for either verdict."""

    supported: float
    partly: float


def fit(signals: Floats, positive: NDArray[np.bool_]) -> Fit:
    """A logistic regression with an L2 penalty on the weights of standardised signals."""
    centre, scale = signals.mean(axis=0), signals.std(axis=0) + 1e-6
    standard, wanted = (signals - centre) / scale, positive.astype(np.float64)

    def loss(parameters: Floats) -> tuple[float, Floats]:
        weights, logits = parameters[:-1], standard @ parameters[:-1] + parameters[-1]
        value = float((np.logaddexp(0, logits) - wanted * logits).mean())
        slope = (1 / (1 + np.exp(-logits)) - wanted) / len(wanted)
        gradient = np.append(standard.T @ slope + 2 * PENALTY * weights, slope.sum())
        return value + PENALTY * float(weights @ weights), gradient

    found = minimize(loss, np.zeros(signals.shape[1] + 1), jac=True, method="L-BFGS-B").x
    weights = found[:-1] / scale
    return Fit(weights, float(found[-1] - weights @ centre))


def cut(whole: Floats, any_part: Floats, labels: NDArray[np.int64]) -> Cuts:
    """The thresholds with the best macro F1, on a grid of twentieths."""
    grid = np.arange(0.1, 0.96, 0.05)
    pairs = [Cuts(float(a), float(b)) for a in grid for b in grid]
    return max(pairs, key=lambda one: macro_f1(labels, said(whole, any_part, one)))


def said(whole: Floats, any_part: Floats, cuts: Cuts) -> NDArray[np.int64]:
    """The class of each claim for its two probabilities."""
    return np.where(whole >= cuts.supported, 2, np.where(any_part >= cuts.partly, 1, 0))


def cross_fitted(sample: Sample, seed: int) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Each claim's two probabilities and its class by a fit on the other folds."""
    order = np.random.default_rng(seed).permutation(len(sample.labels))
    whole, any_part = np.zeros(len(order)), np.zeros(len(order))
    verdicts = np.zeros(len(order), np.int64)
    for number in range(FOLDS):
        held = order[number::FOLDS]
        rest = np.setdiff1d(order, held)
        signals, labels = sample.signals[rest], sample.labels[rest]
        fits = fit(signals, labels == FULL), fit(signals, labels > 0)
        cuts = cut(fits[0].probabilities(signals), fits[1].probabilities(signals), labels)
        whole[held], any_part[held] = (one.probabilities(sample.signals[held]) for one in fits)
        verdicts[held] = said(whole[held], any_part[held], cuts)
    return whole, any_part, verdicts


class Measured(NamedTuple):
    """The ledger's measures, cross-fitted, those of word overlap, and ours minus these."""

    ours: dict[str, Interval]
    overlap: dict[str, Interval]
    differences: dict[str, Interval]


def intervals(sample: Sample, seed: int) -> Measured:
    """``audit_`` measures of claims and of the sentences chosen for them.

    Word overlap chooses the number of sentences that is best for it on this very set.
    """
    whole, any_part, verdicts = cross_fitted(sample, seed)
    supported, some = sample.labels == FULL, sample.labels > 0
    ours = {
        "audit_support_auroc": bootstrap_auroc(whole, supported, seed=seed),
        "audit_any_support_auroc": bootstrap_auroc(any_part, some, seed=seed),
        "audit_verdict_f1": bootstrap_statistic(macro_f1, sample.labels, verdicts, seed=seed),
        "audit_verdict_accuracy": bootstrap_mean(
            (sample.labels == verdicts).astype(np.float64), seed=seed
        ),
    }
    overlap = {
        "audit_support_auroc": bootstrap_auroc(sample.overlap, supported, seed=seed),
        "audit_any_support_auroc": bootstrap_auroc(sample.overlap, some, seed=seed),
    }
    differences = {
        "audit_support_auroc": _difference(whole, sample.overlap, supported, seed),
        "audit_any_support_auroc": _difference(any_part, sample.overlap, some, seed),
    }
    if len(sample.evidence):
        words = sample.by_words[int(sample.by_words.mean(axis=1).argmax())]
        ours["audit_evidence_f1"] = bootstrap_mean(sample.evidence, seed=seed)
        overlap["audit_evidence_f1"] = bootstrap_mean(words, seed=seed)
        differences["audit_evidence_f1"] = bootstrap_mean(sample.evidence - words, seed=seed)
    return Measured(ours, overlap, differences)


def report(sample: Sample, seed: int) -> str:
    """The measures in lines, how verdicts fall on labels, and how true the scores are."""
    found = intervals(sample, seed)
    lines = []
    for title, values in (
        ("ledger", found.ours),
        ("word overlap", found.overlap),
        ("ledger minus word overlap", found.differences),
    ):
        lines += [
            f"{title}: {name} {one.value:.3f} [{one.low:.3f}, {one.high:.3f}], n {one.n}"
            for name, one in values.items()
        ]
    whole, _, verdicts = cross_fitted(sample, seed)
    for row, label in enumerate(CLASSES):
        counts = np.bincount(verdicts[sample.labels == row], minlength=len(CLASSES))
        lines.append(f"labelled {label.value}: said not, partly, supported {counts.tolist()}")
    for low in np.arange(0.0, 1.0, 0.2):
        inside = (whole >= low) & (whole < low + 0.2)
        if inside.any():
            share = (sample.labels[inside] == FULL).mean()
            lines.append(
                f"scores {low:.1f} to {low + 0.2:.1f}: {share:.2f} of {int(inside.sum())} supported"
            )
    return "\n".join(lines)


def _difference(ours: Floats, floor: Floats, positive: NDArray[np.bool_], seed: int) -> Interval:
    def statistic(one: Floats, other: Floats, side: NDArray[np.bool_]) -> float:
        return auroc(one, side) - auroc(other, side)

    return bootstrap_statistic(
        statistic, ours, floor, positive, seed=seed, strata=positive.tolist()
    )


def gain(read: Sample, unread: Sample, seed: int) -> str:
    """What the reader's opinion adds, cross-fitted and paired, in lines.

    Both have the same claims in the same order, so each is judged by fits on the same others.
    """
    with_whole, with_some, with_verdicts = cross_fitted(read, seed)
    whole, some, verdicts = cross_fitted(unread, seed)

    def more_f1(
        labels: NDArray[np.int64], ours: NDArray[np.int64], others: NDArray[np.int64]
    ) -> float:
        return macro_f1(labels, ours) - macro_f1(labels, others)

    labels = read.labels
    found = {
        "audit_support_auroc": _difference(with_whole, whole, labels == FULL, seed),
        "audit_any_support_auroc": _difference(with_some, some, labels > 0, seed),
        "audit_verdict_f1": bootstrap_statistic(
            more_f1, labels, with_verdicts, verdicts, seed=seed
        ),
    }
    return "\n".join(
        f"with the reader minus without: {name} {one.value:.3f} [{one.low:.3f}, {one.high:.3f}]"
        for name, one in found.items()
    )


def constants(name: str, sample: Sample) -> str:
    """The lines of the ``Weighing`` called ``name`` that ``service/ledger/weights.py`` wants."""
    whole, some = fit(sample.signals, sample.labels == FULL), fit(sample.signals, sample.labels > 0)
    cuts = cut(
        whole.probabilities(sample.signals), some.probabilities(sample.signals), sample.labels
    )
    lines = []
    for found in (whole, some):
        numbers = ", ".join(
            f"{field}={weight:.2f}"
            for field, weight in zip(Signals._fields, found.weights, strict=True)
            if weight
        )
        lines.append(f"    Weights(Signals({numbers}), bias={found.bias:.2f}),")
    ends = f"    supported_from={cuts.supported:.2f},\n    partly_from={cuts.partly:.2f},"
    return "\n".join([f"{name} = Weighing(", *lines, ends, ")"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a BEIR folder with judged claims")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    read = sample_of(given.folder)
    unread = without_reader(read)
    for title, sample in (("With the reader", read), ("Without it", unread)):
        sys.stdout.write(f"{title}\n{report(sample, given.seed)}\n\n")
    sys.stdout.write(f"{gain(read, unread, given.seed)}\n\n")
    for name, sample in (("WITH_READER", read), ("WITHOUT_READER", unread)):
        sys.stdout.write(f"{constants(name, sample)}\n")


if __name__ == "__main__":
    main()
