"""Fits the weights of `service.confidence` on development sets.

Run it as ``python -m footnoted.eval.calibrate ../shared/bench``. It asks questions of sets whose
corpora hold the passages that do *not* answer the unanswerable ones, fits a logistic regression
with a small L2 penalty to (features, answerable), each set counting alike, and prints the weights,
the refusal AUROC of each set when it was left out of the fit, the risk-coverage curve (Geifman and
El-Yaniv 2017), and the threshold of the least risk that still answers 99 of 100 answerable
questions; all that with our reader and without. The eval sets of the default corpus are never
read.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from scipy.optimize import minimize

from footnoted.eval.refusals import auroc
from footnoted.ingest.plain_documents import PlainDocument, publish_documents
from footnoted.ingest.store import writing
from footnoted.service.assistant import Assistant
from footnoted.service.confidence import Features, Weights
from footnoted.service.retrieving import EVERYTHING
from footnoted.settings import Settings, load_settings

SETS = ("clapnq-dev-A", "squad2-dev-A")
PENALTY = 1e-3
LEAST_COVERAGE = 0.99
"""Of the answerable questions: what a threshold must leave answered."""
NOW = "2026-01-01T00:00:00Z"

Floats = NDArray[np.float64]


class Sample(NamedTuple):
    """The features ``(n, those that were measured)`` and labels ``(n,)`` of one set's questions."""

    features: Floats
    answerable: NDArray[np.bool_]


def sample_of(folder: Path, questions: int, settings: Settings) -> Sample:
    """Ask up to ``questions`` of a BEIR folder's queries, spread evenly over the file."""
    documents = [
        PlainDocument(row["_id"], row.get("title") or "", row["text"])
        for row in _rows(folder / "corpus.jsonl")
    ]
    queries = _rows(folder / "queries.jsonl")
    gold = {line.split("\t")[0] for line in (folder / "qrels.tsv").read_text("utf-8").splitlines()}
    chosen = queries[:: max(1, len(queries) // questions)][:questions]
    with tempfile.TemporaryDirectory() as scratch:
        with writing(Path(scratch)) as writer:
            publish_documents(documents, writer, folder.name, now=NOW, language="en")
        with Assistant.open(scratch, settings=settings) as assistant:
            found = [assistant.features(query["text"], EVERYTHING) for query in chosen]
    rows = [[value for value in one if value is not None] for one in found]
    labels = [query["_id"] in gold for query in chosen]
    return Sample(np.array(rows, np.float64), np.array(labels))


def fit(samples: Sequence[Sample]) -> tuple[Floats, float]:
    """Weights and bias of a logistic regression in which each sample counts alike."""
    features = np.concatenate([s.features for s in samples])
    labels = np.concatenate([s.answerable for s in samples]).astype(np.float64)
    share = np.concatenate([_balanced(s.answerable) for s in samples])

    def loss(parameters: Floats) -> tuple[float, Floats]:
        weights, bias = parameters[:-1], parameters[-1]
        logits = features @ weights + bias
        value = (share * (np.logaddexp(0, logits) - labels * logits)).sum()
        slope = share * (1 / (1 + np.exp(-logits)) - labels)
        gradient = np.append(features.T @ slope + 2 * PENALTY * weights, slope.sum())
        return float(value + PENALTY * (weights**2).sum()), gradient

    found = minimize(loss, np.zeros(features.shape[1] + 1), jac=True, method="L-BFGS-B")
    return found.x[:-1], float(found.x[-1])


def _balanced(answerable: NDArray[np.bool_]) -> Floats:
    """Shares that sum to 1 and give both kinds of questions the same weight."""
    positive = answerable.mean()
    share = np.where(answerable, 0.5 / positive, 0.5 / (1 - positive)) / len(answerable)
    return np.asarray(share, np.float64)


def _sure(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-logits)), np.float64)


def _rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def risk_coverage_rows(
    samples: Mapping[str, Sample], logits: Mapping[str, Floats]
) -> list[tuple[float, float, float]]:
    """Thresholds on confidence, each with coverage and risk, every set counting alike.

    Coverage is the share of the answerable questions that are answered, risk the share of the
    answered ones that have no answer, as if both kinds were asked equally often.
    """
    rows = []
    for threshold in np.arange(0.05, 0.96, 0.05):
        kept = [
            (_sure(logits[name][one.answerable]) >= threshold).mean()
            for name, one in samples.items()
        ]
        let_by = [
            (_sure(logits[name][~one.answerable]) >= threshold).mean()
            for name, one in samples.items()
        ]
        coverage, wrong = float(np.mean(kept)), float(np.mean(let_by))
        rows.append((float(threshold), coverage, wrong / max(coverage + wrong, 1e-9)))
    return rows


def threshold_of(rows: Sequence[tuple[float, float, float]], least_coverage: float) -> float:
    """The threshold of the least risk that still answers ``least_coverage`` of the answerable."""
    allowed = [row for row in rows if row[1] >= least_coverage] or [rows[0]]
    return min(allowed, key=lambda row: row[2])[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench", type=Path, help="the folder of development sets")
    parser.add_argument("--questions", type=int, default=400, help="of each set")
    given = parser.parse_args()
    for name, read in (("READ", True), ("UNREAD", False)):
        settings = replace(load_settings(), reader=read)
        samples = {one: sample_of(given.bench / one, given.questions, settings) for one in SETS}
        sys.stdout.write(f"{name}\n{report(samples, name)}\n")


def report(samples: Mapping[str, Sample], name: str) -> str:
    """AUROCs left out and fitted, the risk-coverage curve, and the constants called ``name``."""
    lines = []
    columns = next(iter(samples.values())).features.shape[1]
    fields = Features._fields[:columns]
    for one, sample in samples.items():
        weights, _ = fit([other for key, other in samples.items() if key != one])
        left_out = auroc(sample.features @ weights, sample.answerable)
        single = " ".join(
            f"{field} {auroc(sample.features[:, n], sample.answerable):.3f}"
            for n, field in enumerate(fields)
        )
        lines.append(f"{one}: AUROC {left_out:.3f} when left out; single features: {single}")
    weights, bias = fit(list(samples.values()))
    logits = {one: sample.features @ weights + bias for one, sample in samples.items()}
    for one, sample in samples.items():
        lines.append(f"{one}: AUROC {auroc(logits[one], sample.answerable):.3f} fitted")
    rows = risk_coverage_rows(samples, logits)
    lines += [f"from {t:.2f}: coverage {c:.3f}, risk {r:.3f}" for t, c, r in rows]
    values = [*weights.tolist(), *[0.0] * (len(Features._fields) - columns), bias]
    named = ", ".join(
        f"{field}={value:.2f}" for field, value in zip(Weights._fields, values, strict=True)
    )
    lines.append(f"{name} = Weights({named})")
    lines.append(f"refuse_below = {threshold_of(rows, LEAST_COVERAGE):.2f}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
