"""Claims to train on: made of questions and answers, and of a file of WiCE's kind."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from footnoted.eval.training.batches import make_batch
from footnoted.eval.training.claims import claim_of, claim_pairs, wice_pairs
from footnoted.eval.training.encoder import JoinedStores, LowerEncoder, store_states
from footnoted.eval.training.squad import (
    NO_CLAIM,
    NOT_SUPPORTED,
    PARTLY,
    SUPPORTED,
    Asked,
    Pair,
    Squad,
    make_pairs,
    windows_of,
)
from footnoted.eval.training.train import Plan, losses_of, new_reader

BRIDGE = "The bridge was built by Ada Mason in 1932. It crosses the river at Hull."
TOLL = "The toll was two pence in 1951. Walkers crossed the bridge for nothing."


@pytest.mark.parametrize(
    ("question", "answer", "claim"),
    [
        ("Who built the bridge?", "Ada Mason", "Ada Mason built the bridge"),
        ("What is the town's name?", "Hull", "Hull is the town's name"),
        ("Which feast does Hull keep?", "Easter", "Hull keep Easter"),
        ("When was the bridge built?", "1932", "the bridge built 1932"),
        ("How many people live in Hull?", "12,000", "12,000 people live in Hull"),
        ("In what year did Hull burn?", "1861", "Hull burn In 1861"),
        ("The bridge crosses which river?", "the Ouse", "The bridge crosses the Ouse"),
        ("Name the river.", "the Ouse", None),
    ],
)
def test_a_question_and_its_answer_make_a_claim(
    question: str, answer: str, claim: str | None
) -> None:
    assert claim_of(question, answer) == claim


def test_claims_say_what_their_window_makes_of_them() -> None:
    windows = (*windows_of("Bridge#0", "Bridge", BRIDGE), *windows_of("Bridge#1", "Bridge", TOLL))
    asked = (
        Asked("When was the bridge built?", "Bridge#0", ("1932",)),
        Asked("Who built the bridge?", "Bridge#0", ("Ada Mason",)),
        Asked("When was the toll two pence?", "Bridge#1", ("1951",)),
    )
    squad = Squad(windows, {"Bridge#0": [0], "Bridge#1": [1]}, asked)
    made = claim_pairs(make_pairs(squad, seed=1), windows, seed=1)
    by_origin = {}
    for pair in made:
        by_origin.setdefault(pair.origin, set()).add((pair.question, pair.window, pair.support))
    assert ("Ada Mason built the bridge", 0, SUPPORTED) in by_origin["claim"]
    assert by_origin["claim_swapped"] == {
        ("the bridge built 1951", 0, PARTLY),
        ("the toll two pence 1932", 1, PARTLY),
    }
    assert ("the bridge built 1932", 1, NOT_SUPPORTED) in by_origin["claim_elsewhere"]
    for claim, window, support in by_origin["claim_two"]:
        assert (window, support) == (0, SUPPORTED)
        assert "Ada Mason built the bridge" in claim
        assert "the bridge built 1932" in claim
    assert {support for _, _, support in by_origin.get("claim_half", set())} <= {PARTLY}
    assert all(pair.answerable == (pair.support != NOT_SUPPORTED) for pair in made)


def test_marked_words_make_a_claim_partly_supported(tmp_path: Path) -> None:
    rows = [
        {
            "claim": "The old bridge opened in 1932 with music.",
            "claim_tokens": ["The", "old", "bridge", "opened", "in", "1932", "with", "music", "."],
            "non_supported_spans": [False] * 6 + [True, True, False],
            "supporting_sentences": [[1]],
            "evidence": ["(meta data) TITLE: Bridges", "The bridge opened in 1932.", *["So."] * 3]
            + [f"Sentence {n} speaks of quite another thing than any bridge." for n in range(30)],
        },
        {
            "claim": "A claim of the development set.",
            "claim_tokens": ["A"],
            "non_supported_spans": [False],
            "supporting_sentences": [[0]],
            "evidence": ["A page."],
        },
    ]
    path = tmp_path / "train.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    windows, pairs = wice_pairs(path, 100, frozenset({"a claim of the development set."}))
    assert windows[0].text.startswith("Bridges\nThe bridge opened in 1932.")
    assert len(windows) > 1
    by_origin = {pair.origin: pair for pair in pairs}
    assert by_origin["wice"] == Pair(rows[0]["claim"], 100, -1, -1, "wice", PARTLY)
    assert by_origin["wice_rest"].question == "The old bridge opened in 1932 ."
    assert by_origin["wice_rest"].support == SUPPORTED
    assert by_origin["wice_elsewhere"].window > 100
    assert by_origin["wice_elsewhere"].support == NOT_SUPPORTED


def test_a_claim_trains_its_own_head_and_no_span(tmp_path: Path) -> None:
    import torch

    torch.manual_seed(0)
    encoder = LowerEncoder(3)
    stores = [store_states(encoder, [BRIDGE], tmp_path / "a")]
    stores.append(store_states(encoder, [TOLL], tmp_path / "b"))
    store = JoinedStores(stores)
    assert len(store) == 2
    assert store.lengths().tolist() == [len(store[0].states), len(store[1].states)]
    assert np.array_equal(store[1].states, stores[1][0].states)
    pairs = [
        Pair("Ada Mason built the bridge", 0, -1, -1, "claim", SUPPORTED),
        Pair("Ada Mason built the bridge", 1, -1, -1, "claim_elsewhere", NOT_SUPPORTED),
        Pair("Ada Mason built the bridge in 1951", 0, -1, -1, "claim_swapped", PARTLY),
    ]
    reader = new_reader(Plan(), encoder)
    optimizer = torch.optim.AdamW(reader.parameters(), lr=3e-4)
    for step in range(40):
        inputs, targets = make_batch(pairs, encoder, store, random.Random(step))
        assert targets.start.tolist() == [-100, 0, -100]
        losses = losses_of(reader(*inputs), targets)
        losses.sum().backward()
        optimizer.step()
        optimizer.zero_grad()
    with torch.no_grad():
        support = reader(*inputs)[3]
    assert support.argmax(dim=1).tolist() == [SUPPORTED, NOT_SUPPORTED, PARTLY]
    inputs, targets = make_batch(
        [Pair("Who built it?", 0, 0, 5, "answer")], encoder, store, random.Random(0)
    )
    assert targets.support.tolist() == [NO_CLAIM]
    assert losses_of(reader(*inputs), targets).support.tolist() == 0

    begun = tmp_path / "begin.pt"
    weights = {name: value for name, value in reader.state_dict().items() if "claim" not in name}
    torch.save(weights, begun)
    again = new_reader(Plan(), encoder, begun)
    assert torch.equal(again.span.weight, reader.span.weight)
    assert not torch.equal(again.claim_pool.weight, reader.claim_pool.weight)
