"""Fits the weights of `service.confidence` on development sets.

Run it as ``python -m footnoted.eval.calibrate ../shared/bench``. It asks questions of sets whose
corpora hold the passages that do *not* answer the unanswerable ones, fits a logistic regression
with a small L2 penalty to (features, answerable), each set counting alike, and prints the weights,
the refusal AUROC of each set when it was left out of the fit, and the threshold below which no
more than one in fifty of any set's answerable questions fall. The eval sets of the default corpus
are never read.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from footnoted.eval.refusals import auroc
from footnoted.ingest.plain_documents import PlainDocument, publish_documents
from footnoted.ingest.store import writing
from footnoted.service.assistant import Assistant
from footnoted.service.confidence import Features
from footnoted.service.retrieving import EVERYTHING
from footnoted.settings import Settings, load_settings

SETS = ("clapnq-dev-A", "squad2-dev-A")
PENALTY = 1e-3
REFUSED_WRONGLY = 0.02
NOW = "2026-01-01T00:00:00Z"

Floats = NDArray[np.float64]


class Sample(NamedTuple):
    """The features ``(n, len(Features._fields))`` and labels ``(n,)`` of one set's questions."""

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
            rows = [assistant.features(query["text"], EVERYTHING) for query in chosen]
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench", type=Path, help="the folder of development sets")
    parser.add_argument("--questions", type=int, default=400, help="of each set")
    given = parser.parse_args()
    settings = load_settings()
    samples = {name: sample_of(given.bench / name, given.questions, settings) for name in SETS}
    out = sys.stdout
    for name, sample in samples.items():
        weights, _ = fit([other for key, other in samples.items() if key != name])
        left_out = auroc(sample.features @ weights, sample.answerable)
        out.write(f"{name}: AUROC {left_out:.3f} when left out; single features:")
        for column, field in enumerate(Features._fields):
            out.write(f" {field} {auroc(sample.features[:, column], sample.answerable):.3f}")
        out.write("\n")
    weights, bias = fit(list(samples.values()))
    for name, sample in samples.items():
        out.write(
            f"{name}: AUROC {auroc(sample.features @ weights, sample.answerable):.3f} fitted\n"
        )
    threshold = min(
        np.quantile(_sure(sample.features @ weights + bias)[sample.answerable], REFUSED_WRONGLY)
        for sample in samples.values()
    )
    named = ", ".join(
        f"{field}={weight:.2f}" for field, weight in zip(Features._fields, weights, strict=True)
    )
    out.write(f"WEIGHTS = Features({named})\nBIAS = {bias:.2f}\n")
    out.write(f"refuse_below = {threshold:.2f}\n")
    for name, sample in samples.items():
        refused = _sure(sample.features @ weights + bias) < threshold
        out.write(
            f"{name}: refuses {refused[sample.answerable].mean():.2f} of the answerable, "
            f"{refused[~sample.answerable].mean():.2f} of the others\n"
        )


if __name__ == "__main__":
    main()
