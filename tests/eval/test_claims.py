"""Measures of claims against hand-computed cases and brute force; verdicts of a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.errors import InputError
from footnoted.eval.claims import (
    Label,
    LinkedClaim,
    Verdict,
    accuracy,
    holds_verdicts,
    load_verdicts,
    macro_f1,
    score_measures,
    verdict_measures,
)

CLASSES = [0, 1, 2]


def claims(*labels: Label) -> list[LinkedClaim]:
    return [LinkedClaim(f"c{n}", f"Claim {n}.", (), label) for n, label in enumerate(labels)]


def file_of(path: Path, *lines: object) -> Path:
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\n", "utf-8")
    return path


def test_accuracy_and_macro_f1_by_hand() -> None:
    gold, said = ["s", "s", "p", "n"], ["s", "p", "p", "p"]
    assert accuracy(gold, said) == 0.5
    # s: precision 1, recall 1/2; p: precision 1/3, recall 1; n is never said.
    assert macro_f1(gold, said) == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)


@given(st.lists(st.tuples(st.sampled_from(CLASSES), st.sampled_from(CLASSES)), min_size=1))
def test_macro_f1_equals_its_definition(pairs: list[tuple[int, int]]) -> None:
    f1 = []
    for label in {gold for gold, _ in pairs}:
        hits = sum(gold == said == label for gold, said in pairs)
        precision = hits / max(1, sum(said == label for _, said in pairs))
        recall = hits / sum(gold == label for gold, _ in pairs)
        f1.append(2 * precision * recall / (precision + recall) if hits else 0.0)
    gold, said = zip(*pairs, strict=True)
    assert macro_f1(gold, said) == pytest.approx(sum(f1) / len(f1))
    assert accuracy(gold, said) == pytest.approx(sum(g == s for g, s in pairs) / len(pairs))


def test_scores_tell_full_support_and_any_support_apart() -> None:
    known = claims(Label.SUPPORTED, Label.PARTLY, Label.NOT, Label.SUPPORTED)
    found = score_measures(known, {"c0": 0.9, "c1": 0.95, "c2": 0.1, "c3": 0.5}, seed=1)
    assert found["support_auroc"].value == 2 / 4  # of 2 x 2 pairs
    assert found["any_support_auroc"].value == 1.0  # of 3 x 1 pairs
    assert found["support_auroc"].n == 4
    two = score_measures(claims(Label.SUPPORTED, Label.NOT), {"c0": 1, "c1": 0}, seed=1)
    assert list(two) == ["support_auroc"]
    assert score_measures(claims(Label.PARTLY, Label.PARTLY), {"c0": 1, "c1": 0}, seed=1) == {}


def test_verdicts_measure_three_ways_and_wrong_ones_measure_less() -> None:
    known = claims(*[Label.SUPPORTED] * 4, *[Label.PARTLY] * 4, *[Label.NOT] * 4)
    right = {c.claim_id: Verdict(c.label, float(c.label is Label.SUPPORTED)) for c in known}
    found = verdict_measures(known, right, seed=1)
    assert {name: one.value for name, one in found.items()} == {
        "verdict_accuracy": 1.0,
        "verdict_f1": 1.0,
        "support_auroc": 1.0,
        "any_support_auroc": 0.75,
    }
    constant = {c.claim_id: Verdict(Label.PARTLY) for c in known}
    worse = verdict_measures(known, constant, seed=1)
    assert worse["verdict_accuracy"].value == pytest.approx(1 / 3)
    assert worse["verdict_f1"].value == pytest.approx((0 + 0.5 + 0) / 3)
    assert "support_auroc" not in worse


def test_verdicts_of_a_file(tmp_path: Path) -> None:
    path = file_of(
        tmp_path / "verdicts.jsonl",
        {"id": "c1", "verdict": "contradicted", "score": 0.25},
        {"id": "another", "verdict": "nonsense"},
        {"id": "c0", "verdict": "partly_supported"},
    )
    assert holds_verdicts(path)
    assert load_verdicts(path, claims(Label.NOT, Label.NOT)) == {
        "c0": Verdict(Label.PARTLY),
        "c1": Verdict(Label.NOT, 0.25),
    }
    assert not holds_verdicts(file_of(tmp_path / "answers.jsonl", {"id": "c1", "status": "x"}))


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([{"id": "c0", "verdict": "yes"}], "line 1: 'yes' is no verdict"),
        ([{"id": "c0", "verdict": "supported", "score": "high"}], "line 1: the score 'high'"),
        ([{"id": "c0", "verdict": "supported"}] * 2, "line 2: the claim 'c0' already"),
        ([{"id": "c1", "verdict": "supported"}], "1 of 2 claims have no verdict"),
        ([{"verdict": "supported"}], "line 1: 'id' is text"),
    ],
)
def test_broken_verdicts_name_their_line(
    tmp_path: Path, lines: list[dict[str, object]], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        load_verdicts(file_of(tmp_path / "v.jsonl", *lines), claims(Label.NOT, Label.NOT))
