"""Fitting the ledger's weights: it finds what tells, judges nothing it has seen, and says so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from footnoted.eval.calibrate_ledger import (
    constants,
    cross_fitted,
    cut,
    fit,
    gain,
    intervals,
    report,
    said,
)
from footnoted.eval.ledger_sample import WORDS, Sample, without_reader
from footnoted.eval.refusals import auroc
from footnoted.service.ledger.weights import Signals, Weighing, Weights


def sample(n: int, told: float, seed: int = 1) -> Sample:
    """Claims whose label shows in the first signal as strongly as ``told``; the rest is noise."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, n)
    signals = random.normal(size=(n, len(Signals._fields)))
    signals[:, 0] += told * labels
    return Sample(
        signals, labels, random.random(n), random.random(n), random.random((len(WORDS), n))
    )


def test_a_fit_finds_the_signal_that_tells() -> None:
    given = sample(600, told=2.0)
    found = fit(given.signals, given.labels == 2)
    assert int(np.abs(found.weights).argmax()) == 0
    assert auroc(found.probabilities(given.signals), given.labels == 2) > 0.9


def test_noise_is_not_learnt_when_cross_fitted() -> None:
    given = sample(300, told=0.0)
    whole, _, verdicts = cross_fitted(given, seed=3)
    assert auroc(whole, given.labels == 2) == pytest.approx(0.5, abs=0.1)
    assert (verdicts == given.labels).mean() < 0.5


def test_cuts_part_the_classes() -> None:
    labels = np.array([0, 0, 1, 1, 2, 2])
    whole = np.array([0.0, 0.1, 0.2, 0.3, 0.9, 0.8])
    some = np.array([0.1, 0.2, 0.7, 0.8, 0.9, 0.9])
    cuts = cut(whole, some, labels)
    assert said(whole, some, cuts).tolist() == labels.tolist()


def test_the_report_says_what_was_measured() -> None:
    given = sample(200, told=1.5)
    found = intervals(given, seed=1)
    assert found.differences.keys() == found.overlap.keys() < found.ours.keys()
    assert found.differences["audit_support_auroc"].low > 0  # random words against a true signal
    assert found.ours["audit_verdict_f1"].value > 0.5
    best = float(given.by_words.mean(axis=1).max())
    assert found.overlap["audit_evidence_f1"].value == pytest.approx(best)
    text = report(given, seed=1)
    assert "ledger minus word overlap: audit_evidence_f1" in text
    assert text.count("labelled ") == 3


def test_without_the_reader_its_opinion_is_gone_and_nothing_else() -> None:
    given = sample(200, told=1.0)
    unread = without_reader(given)
    assert (unread.signals[:, -2:] == 0).all()
    assert (unread.signals[:, :-2] == given.signals[:, :-2]).all()
    assert (given.signals[:, -2:] != 0).all()
    read, plain = constants("WITH", given), constants("WITHOUT", unread)
    assert read.count("Weights(Signals(cover=") == plain.count("Weights(Signals(cover=") == 2
    assert read.count("read_whole=") == read.count("read_some=") == 2
    assert "read_" not in plain


def test_what_the_reader_adds_is_told_with_its_interval() -> None:
    given = sample(300, told=0.0)
    random = np.random.default_rng(5)
    given.signals[:, Signals._fields.index("read_whole")] = given.labels + random.normal(size=300)
    lines = gain(given, without_reader(given), seed=1).splitlines()
    assert [line.split()[5] for line in lines] == [
        "audit_support_auroc",
        "audit_any_support_auroc",
        "audit_verdict_f1",
    ]
    assert all(float(line.split("[")[1].split(",")[0]) > 0 for line in lines)


def test_the_constants_are_those_that_the_ledger_can_read() -> None:
    given = sample(200, told=1.0)
    names = {"Weighing": Weighing, "Weights": Weights, "Signals": Signals}
    scope: dict[str, Any] = {}
    whole = given._replace(signals=np.abs(given.signals))  # every signal has a weight
    exec(constants("MADE", whole), names, scope)
    assert isinstance(scope["MADE"], Weighing)
    found = fit(whole.signals, whole.labels == 2)
    assert scope["MADE"].whole.signals == pytest.approx(found.weights, abs=0.006)
    assert scope["MADE"].whole.bias == pytest.approx(found.bias, abs=0.006)
