"""The fit that sets the weights of confidence."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from footnoted.eval.calibrate import (
    PENALTY,
    Sample,
    fit,
    risk_coverage_rows,
    sample_of,
    threshold_of,
)
from footnoted.service.confidence import READ, UNREAD, Features, confidence
from footnoted.settings import load_settings


def made_up(n: int, seed: int, share: float = 0.5) -> Sample:
    """Questions whose first feature tells, whose second is noise."""
    random = np.random.default_rng(seed)
    labels = random.random(n) < share
    telling = np.where(labels, 0.7, 0.3) + random.normal(0, 0.15, n)
    return Sample(np.column_stack([telling, random.random(n)]), labels)


def test_the_fit_is_the_minimum_of_the_penalised_loss() -> None:
    sample = made_up(200, seed=1)
    weights, bias = fit([sample])
    share = np.where(sample.answerable, 0.5 / sample.answerable.mean(), 0)
    share = np.where(sample.answerable, share, 0.5 / (1 - sample.answerable.mean())) / 200

    def loss(w: np.ndarray, b: float) -> float:
        logits = sample.features @ w + b
        likely = np.logaddexp(0, logits) - sample.answerable * logits
        return float((share * likely).sum() + PENALTY * (w**2).sum())

    best = loss(weights, bias)
    for column in range(2):
        for step in (-0.01, 0.01):
            moved = weights.copy()
            moved[column] += step
            assert loss(moved, bias) > best
    assert loss(weights, bias + 0.01) > best
    assert loss(weights, bias - 0.01) > best
    assert weights[0] > 5 * abs(weights[1])


def test_a_rare_kind_of_question_counts_as_much_as_a_frequent_one() -> None:
    weights, bias = fit([made_up(2000, seed=2, share=0.9)])
    middle = np.array([0.5, 0.5]) @ weights + bias
    assert abs(middle) < 0.5


def test_a_set_is_asked_and_labelled_by_its_qrels(tmp_path: Path) -> None:
    folder = tmp_path / "towers"
    folder.mkdir()
    texts = {"t": "The tower was built in 1901 by Ada Moss.", "b": "The bridge has five spans."}
    lines = [json.dumps({"_id": name, "title": "", "text": text}) for name, text in texts.items()]
    (folder / "corpus.jsonl").write_text("\n".join(lines), "utf-8")
    asked = {"q1": "Who built the tower in 1901?", "q2": "What colour is the moon?"}
    lines = [json.dumps({"_id": name, "text": text}) for name, text in asked.items()]
    (folder / "queries.jsonl").write_text("\n".join(lines), "utf-8")
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq1\tt\t1\n", "utf-8")
    sample = sample_of(folder, 10, load_settings())
    assert sample.answerable.tolist() == [True, False]
    assert sample.features.shape == (2, len(Features._fields))
    assert sample.features[0, 0] > sample.features[1, 0] + 0.2


UNREAD_FIELDS = ("dense", "cover", "shared", "right_kind")


@pytest.mark.parametrize("field", UNREAD_FIELDS)
def test_more_of_any_signal_makes_us_surer(field: str) -> None:
    base = Features(0.5, 0.5, 0.5, 0.5)
    assert getattr(UNREAD, field) > 0
    more = base._replace(**{field: 0.9})
    assert 0 < confidence(base) < confidence(more) < 1


@pytest.mark.parametrize("field", Features._fields)
def test_more_of_any_signal_of_a_reader_makes_us_surer(field: str) -> None:
    base = Features(0.5, 0.5, 0.5, 0.5, 0.5, 0.5)
    assert getattr(READ, field) > 0
    more = base._replace(**{field: 0.9})
    assert 0 < confidence(base) < confidence(more) < 1


def test_the_threshold_has_the_least_risk_that_coverage_allows() -> None:
    rows = [(0.1, 1.0, 0.5), (0.2, 0.97, 0.4), (0.3, 0.95, 0.3), (0.4, 0.9, 0.1)]
    assert threshold_of(rows, 0.95) == 0.3
    assert threshold_of(rows, 0.99) == 0.1
    assert threshold_of(rows[3:], 0.99) == 0.4, "the lowest that there is"


def test_coverage_and_risk_by_hand() -> None:
    sample = Sample(np.zeros((4, 2)), np.array([True, True, False, False]))
    logits = np.log(np.array([0.9, 0.3, 0.6, 0.1]) / (1 - np.array([0.9, 0.3, 0.6, 0.1])))
    rows = {round(t, 2): (c, r) for t, c, r in risk_coverage_rows({"a": sample}, {"a": logits})}
    assert rows[0.05] == (1.0, 0.5)
    assert rows[0.2] == (1.0, pytest.approx(1 / 3))  # one of two unanswerable ones is answered
    assert rows[0.5] == (0.5, 0.5)
    assert rows[0.75] == (0.5, 0.0)
