"""From confidences to how well a system knows when not to answer.

Ties between confidences are common (a refusal's is often 0) and never broken by the order of the
questions: AUROC counts them as half, the risk-coverage curve takes the mean over all orders.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]


class RiskCoverage(NamedTuple):
    """Shape ``(n,)`` each: answering the ``coverage`` share that is surest costs ``risk``."""

    coverage: Floats
    risk: Floats

    @property
    def area(self) -> float:
        """AURC (Geifman and El-Yaniv 2017): the mean risk over all coverages; lower is better."""
        return float(self.risk.mean())


class RefusalScores(NamedTuple):
    """Of refusing as the finding of unanswerable questions; 0 where a share is of nothing."""

    precision: float
    recall: float
    f1: float


def auroc(confidences: ArrayLike, answerable: ArrayLike) -> float:
    """The chance that an answerable question gets more confidence than an unanswerable one.

    ``confidences`` and the booleans ``answerable``: shape ``(n,)``. Mann and Whitney's rank
    formula. ``ValueError`` unless both kinds of question are there.
    """
    scores, positive = np.asarray(confidences, dtype=np.float64), np.asarray(answerable, dtype=bool)
    positives = int(positive.sum())
    negatives = positive.size - positives
    if not positives or not negatives:
        raise ValueError("AUROC needs answerable and unanswerable questions")
    _, place, ties = np.unique(scores, return_inverse=True, return_counts=True)
    mid_ranks = np.cumsum(ties) - (ties - 1) / 2
    rank_sum = float(mid_ranks[place][positive].sum())
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def risk_coverage(confidences: ArrayLike, losses: ArrayLike) -> RiskCoverage:
    """The mean loss of the surest 1, 2, … n of the questions; ``losses`` in [0, 1], shape ``(n,)``.

    Within a group of equal confidences each step adds the group's mean loss.
    """
    scores, loss = np.asarray(confidences, dtype=np.float64), np.asarray(losses, dtype=np.float64)
    if not scores.size:
        raise ValueError("a risk-coverage curve needs questions")
    _, group = np.unique(-scores, return_inverse=True)  # groups count from the surest
    mean_loss = np.bincount(group, weights=loss) / np.bincount(group)
    steps = np.arange(1, scores.size + 1)
    return RiskCoverage(steps / scores.size, np.cumsum(mean_loss[np.sort(group)]) / steps)


def score_refusals(refused: ArrayLike, answerable: ArrayLike) -> RefusalScores:
    """Precision, recall and F1 at the threshold that the system ships: by its documents' status.

    Both are booleans of shape ``(n,)``.
    """
    gave_up, unanswerable = np.asarray(refused, bool), ~np.asarray(answerable, bool)
    right = int((gave_up & unanswerable).sum())
    total = int(gave_up.sum() + unanswerable.sum())
    return RefusalScores(
        precision=right / max(int(gave_up.sum()), 1),
        recall=right / max(int(unanswerable.sum()), 1),
        f1=2 * right / max(total, 1),
    )


def calibration_error(confidences: ArrayLike, outcomes: ArrayLike, bins: int = 10) -> float:
    """Expected calibration error (Naeini et al. 2015): mean distance of confidence from outcome.

    ``confidences`` and ``outcomes`` in [0, 1], shape ``(n,)``; ``bins`` of equal width, closed at
    the right as in Guo et al. 2017, the first at both ends. ``ValueError`` without any.
    """
    scores, found = (
        np.asarray(confidences, dtype=np.float64),
        np.asarray(outcomes, dtype=np.float64),
    )
    if not scores.size:
        raise ValueError("a calibration error needs answers")
    place = np.searchsorted(np.arange(1, bins) / bins, scores, side="left")
    gaps = np.bincount(place, weights=found - scores, minlength=bins)
    return float(np.abs(gaps).sum() / scores.size)
