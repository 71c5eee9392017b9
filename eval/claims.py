"""From claims, their labels and a system's scores or verdicts to AUROC, accuracy and macro F1.

Labels are WiCE's three (Kamoi et al. 2023). AUROC is taken twice, as a score may tell support from
everything else, or any support from none. Macro F1 is the plain mean of the classes' F1, over the
classes that a label has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from footnoted.errors import InputError
from footnoted.eval.datasets.lines import Line, read_lines, read_text
from footnoted.eval.statistics import Interval, bootstrap_auroc, bootstrap_mean, bootstrap_statistic


class Label(StrEnum):
    """How far the linked text supports a claim; the names are those of audit documents."""

    SUPPORTED = "supported"
    PARTLY = "partly_supported"
    NOT = "not_supported"


LABELS = {
    "supported": Label.SUPPORTED,
    "attributable": Label.SUPPORTED,
    "complete": Label.SUPPORTED,
    "partially_supported": Label.PARTLY,
    "partly_supported": Label.PARTLY,
    "partial": Label.PARTLY,
    "incomplete": Label.PARTLY,
    "not_supported": Label.NOT,
    "not attributable": Label.NOT,
    "missing": Label.NOT,
    "not_found": Label.NOT,
    "contradicted": Label.NOT,
    "source_unreadable": Label.NOT,
    "uncited": Label.NOT,
}
"""What data sets and audit documents call the three."""


class LinkedClaim(NamedTuple):
    """A claim, the texts that it is said to rest on, and how far they support it.

    ``part`` is the part of the set that it comes from, if any.
    """

    claim_id: str
    text: str
    documents: tuple[str, ...]
    label: Label
    part: str = ""


class Verdict(NamedTuple):
    """What a system says of a claim; ``score`` (higher is more support) may be missing."""

    label: Label
    score: float | None = None


def accuracy(labels: ArrayLike, verdicts: ArrayLike) -> float:
    """The share of claims whose verdict is their label."""
    return float(np.mean(np.asarray(labels) == np.asarray(verdicts)))


def macro_f1(labels: ArrayLike, verdicts: ArrayLike) -> float:
    """The mean over the classes among ``labels`` of each one's F1."""
    gold, given = np.asarray(labels), np.asarray(verdicts)
    return float(np.mean([_f1(gold == label, given == label) for label in np.unique(gold)]))


def score_measures(
    claims: Sequence[LinkedClaim], scores: Mapping[str, float], seed: int
) -> dict[str, Interval]:
    """``support_auroc`` (supported or not) and ``any_support_auroc`` (at least partly or not).

    Each is there when the labels have both sides of it, and not twice where both are the same.
    """
    given = [scores[claim.claim_id] for claim in claims]
    return {
        name: bootstrap_auroc(given, positive, seed=seed)
        for name, positive in sides_of(claims).items()
    }


def sides_of(claims: Sequence[LinkedClaim]) -> dict[str, list[bool]]:
    """Measure to which claims are on its positive side, for the measures that are defined."""
    sides = {
        "support_auroc": [claim.label is Label.SUPPORTED for claim in claims],
        "any_support_auroc": [claim.label is not Label.NOT for claim in claims],
    }
    if sides["support_auroc"] == sides["any_support_auroc"]:
        del sides["any_support_auroc"]
    return {name: positive for name, positive in sides.items() if len(set(positive)) == 2}


def verdict_measures(
    claims: Sequence[LinkedClaim], verdicts: Mapping[str, Verdict], seed: int
) -> dict[str, Interval]:
    """``verdict_accuracy`` and ``verdict_f1`` over all claims; AUROC where all have a score."""
    labels = [claim.label.value for claim in claims]
    given = [verdicts[claim.claim_id] for claim in claims]
    said = [verdict.label.value for verdict in given]
    measures = {
        "verdict_accuracy": bootstrap_mean(
            [float(label == one) for label, one in zip(labels, said, strict=True)], seed=seed
        ),
        "verdict_f1": bootstrap_statistic(macro_f1, _codes(labels), _codes(said), seed=seed),
    }
    scores = {c.claim_id: v.score for c, v in zip(claims, given, strict=True)}
    known = {claim_id: score for claim_id, score in scores.items() if score is not None}
    return measures | (score_measures(claims, known, seed) if len(known) == len(claims) else {})


def holds_verdicts(path: Path) -> bool:
    """Whether a file of answers holds verdicts on claims, by its first line."""
    first = next((line for line in read_text(path).split("\n") if line.strip()), "{}")
    try:
        fields = json.loads(first)
    except (ValueError, RecursionError) as error:
        raise Line(path, 1, {}).wrong(f"it is not JSON ({error})") from error
    return isinstance(fields, dict) and "verdict" in fields


def load_verdicts(path: Path, claims: Sequence[LinkedClaim]) -> dict[str, Verdict]:
    """The verdicts of a file by claim id: lines with ``id``, ``verdict`` and perhaps ``score``.

    Lines about other claims are left out. ``InputError`` for a broken line, a second verdict on a
    claim, and a claim without one.
    """
    known = {claim.claim_id for claim in claims}
    found: dict[str, Verdict] = {}
    for line in read_lines(path):
        claim_id, said = line.text("id"), line.text("verdict")
        if claim_id not in known:
            continue
        if said not in LABELS:
            raise line.wrong(f"{said!r} is no verdict; there are {', '.join(sorted(LABELS))}")
        if claim_id in found:
            raise line.wrong(f"the claim {claim_id!r} already has its verdict")
        found[claim_id] = Verdict(LABELS[said], _score(line))
    if missing := [claim.claim_id for claim in claims if claim.claim_id not in found]:
        raise InputError(
            f"{len(missing)} of {len(claims)} claims have no verdict in {path}: "
            f"{', '.join(missing[:5])}{', …' if missing[5:] else ''}.",
            about=missing[0],
            hint="Give each claim of the set one line with its id and a verdict.",
        )
    return found


def _score(line: Line) -> float | None:
    score = line.fields.get("score")
    if score is None:
        return None
    if isinstance(score, bool) or not isinstance(score, int | float) or not np.isfinite(score):
        raise line.wrong(f"the score {score!r} is no finite number")
    return float(score)


def _codes(labels: Sequence[str]) -> list[int]:
    """Labels as numbers, which is what is resampled."""
    names = [label.value for label in Label]
    return [names.index(label) for label in labels]


def _f1(gold: NDArray[np.bool_], given: NDArray[np.bool_]) -> float:
    either = int(gold.sum() + given.sum())
    return 2 * int((gold & given).sum()) / either if either else 0.0
