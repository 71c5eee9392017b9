"""Claims audited: support scores, or verdicts made elsewhere, against the labels and floors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from footnoted.errors import InputError
from footnoted.eval.claims import (
    Label,
    LinkedClaim,
    Verdict,
    load_verdicts,
    score_measures,
    sides_of,
    verdict_measures,
)
from footnoted.eval.comparisons import Difference
from footnoted.eval.datasets.beir import load_beir
from footnoted.eval.datasets.claim_sets import load_claims, load_pairs
from footnoted.eval.datasets.corpora import dataset_assistant
from footnoted.eval.datasets.kinds import DatasetKind
from footnoted.eval.datasets.results import DatasetEvaluation
from footnoted.eval.datasets.support import (
    OVERLAP,
    Support,
    claim_scores,
    ledger_support,
    overlap_support,
    unique_texts,
)
from footnoted.eval.refusals import auroc
from footnoted.eval.runs import EvalReport, Values
from footnoted.eval.statistics import (
    Floats,
    Interval,
    bootstrap_statistic,
    holm,
    paired_statistic_p_value,
)
from footnoted.ingest.language import detect_language
from footnoted.ingest.plain_documents import PlainDocument
from footnoted.service.indexing import Notify, Progress
from footnoted.settings import Settings

_SAMPLED = 60


@dataclass(frozen=True, slots=True)
class Audited:
    """The measures of claims by one support, beside word overlap, and by part; values by claim."""

    measures: Mapping[str, Interval]
    values: Values
    baselines: Mapping[str, Mapping[str, Interval]]
    differences: Mapping[str, Mapping[str, Difference]]
    parts: Mapping[str, Mapping[str, Interval]]


def evaluate_pairs(
    folder: Path,
    settings: Settings,
    *,
    answers: Path | None,
    support: Support | None,
    seed: int,
    progress: Progress,
    notify: Notify,
) -> DatasetEvaluation:
    """Measure the claims of ``pairs.jsonl``; ``answers`` holds verdicts on them made elsewhere.

    Without ``support`` their texts become a corpus, and the claim ledger scores them.
    """
    claims, name = load_pairs(folder), folder.resolve().name
    if answers is not None:
        return evaluate_verdicts(name, DatasetKind.PAIRS, claims, answers, seed)
    sample = claims[:: max(1, len(claims) // _SAMPLED)]
    language = detect_language("\n".join(claim.text for claim in sample))
    if support is not None:
        audited = score_claims(claims, support, language, seed, progress)
    else:
        texts = [PlainDocument(key, "", text) for key, text in unique_texts(claims).items()]
        with dataset_assistant(
            name, texts, language, settings, progress=progress, notify=notify
        ) as assistant:
            chosen = ledger_support(assistant)
            audited = score_claims(claims, chosen, language, seed, progress)
    report = with_claims(EvalReport(name, None, {}, ()), audited)
    return DatasetEvaluation(
        DatasetKind.PAIRS,
        report,
        baselines=audited.baselines,
        differences=audited.differences,
        parts=audited.parts,
        notes=(f"{len(claims)} claims. A claim has the score of its best text.",),
    )


def evaluate_verdicts_of(folder: Path, answers: Path, seed: int) -> DatasetEvaluation:
    """Measure verdicts made elsewhere on the claims of a BEIR folder; nothing is retrieved.

    Raises ``InputError`` for a folder without claims.
    """
    dataset = load_beir(folder)
    claims = load_claims(dataset)
    if not claims:
        raise InputError(
            f"{answers} holds verdicts, and {folder} has no claims that are linked to a document.",
            about=str(answers),
            hint="Give answer documents with --answers, as `footnoted ask --batch` makes them.",
        )
    return evaluate_verdicts(dataset.name, DatasetKind.RETRIEVAL, claims, answers, seed)


def evaluate_verdicts(
    name: str, kind: DatasetKind, claims: Sequence[LinkedClaim], path: Path, seed: int
) -> DatasetEvaluation:
    """Measure the verdicts of ``path`` on ``claims``, beside giving all the commonest label."""
    verdicts = load_verdicts(path, claims)
    right = {c.claim_id: float(verdicts[c.claim_id].label is c.label) for c in claims}
    labels = [claim.label for claim in claims]
    commonest = max(Label, key=labels.count)
    constant = {claim.claim_id: Verdict(commonest) for claim in claims}
    report = EvalReport(
        name,
        None,
        verdict_measures(claims, verdicts, seed),
        (),
        item_values={"verdict_accuracy": right},
    )
    return DatasetEvaluation(
        kind,
        report,
        baselines={f"always {commonest.value}": verdict_measures(claims, constant, seed)},
        notes=(f"{len(claims)} verdicts from {path.name}.",),
    )


def score_claims(
    claims: Sequence[LinkedClaim],
    support: Support,
    language: str,
    seed: int,
    progress: Progress,
) -> Audited:
    """Score every claim by ``support`` and by word overlap, measure both, and compare them."""
    scores = claim_scores(claims, support, progress)
    floor = claim_scores(claims, overlap_support(language), lambda *_: None)
    parts = dict.fromkeys(claim.part for claim in claims if claim.part)
    return Audited(
        measures=score_measures(claims, scores, seed),
        values={"support_score": scores},
        baselines={OVERLAP: score_measures(claims, floor, seed)},
        differences={OVERLAP: _differences(claims, scores, floor, seed)},
        parts={
            part: score_measures([c for c in claims if c.part == part], scores, seed)
            for part in parts
        },
    )


def with_claims(report: EvalReport, audited: Audited) -> EvalReport:
    """``report`` with the claims' measures and values."""
    return replace(
        report,
        measures={**report.measures, **audited.measures},
        item_values={**report.item_values, **audited.values},
    )


def _differences(
    claims: Sequence[LinkedClaim], ours: Mapping[str, float], floor: Mapping[str, float], seed: int
) -> dict[str, Difference]:
    """Our AUROC minus the floor's, for each of the two ways to part the labels.

    The test exchanges the systems' ranks of a claim: their scores are on scales of their own.
    """
    from scipy.stats import rankdata  # noqa: PLC0415 - a second to import

    now, old = (rankdata([scores[claim.claim_id] for claim in claims]) for scores in (ours, floor))
    found: dict[str, Difference] = {}
    for measure, sides in sides_of(claims).items():
        supported = np.array(sides)
        interval = bootstrap_statistic(
            lambda one, other, side: _auroc(one, side) - _auroc(other, side),
            now,
            old,
            supported,
            seed=seed,
            strata=sides,
        )
        p = paired_statistic_p_value(_auroc, [now, supported], [old, supported], seed=seed)
        found[measure] = Difference(interval, p, p)
    corrected = holm({measure: one.p for measure, one in found.items()})
    return {measure: one._replace(p_holm=corrected[measure]) for measure, one in found.items()}


def _auroc(scores: Floats, supported: NDArray[np.bool_]) -> float:
    """NaN in a resample that has only one kind of claim."""
    both = bool(supported.any() and not supported.all())
    return auroc(scores, supported) if both else float("nan")
