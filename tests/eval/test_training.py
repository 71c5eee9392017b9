"""The reader's training: its data, its tensors, and that it can be taught and exported."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from footnoted.eval.training.batches import draw_batches, make_batch
from footnoted.eval.training.benchmarks import Asking
from footnoted.eval.training.encoder import LowerEncoder, store_states
from footnoted.eval.training.evaluate import measure, prepare, read_all, torch_forward
from footnoted.eval.training.export import export_reader, onnx_forward, sample_inputs
from footnoted.eval.training.squad import Asked, Pair, Squad, make_pairs, windows_of
from footnoted.eval.training.swaps import mentions, swapped_pairs
from footnoted.eval.training.train import Plan, losses_of, new_reader

BRIDGE = "The bridge was built by Ada Mason in 1932. It crosses the river at Hull."
TOLL = "The toll was two pence in 1951. Walkers crossed the bridge for nothing."


def squad() -> Squad:
    windows = (*windows_of("Bridge#0", "Bridge", BRIDGE), *windows_of("Bridge#1", "Bridge", TOLL))
    asked = (
        Asked("Who built the bridge in 1932?", "Bridge#0", ("Ada Mason",)),
        Asked("What was the toll in 1951?", "Bridge#1", ("two pence",)),
        Asked("Who painted the bridge?", "Bridge#0", ()),
    )
    return Squad(windows, {"Bridge#0": [0], "Bridge#1": [1]}, asked)


@pytest.fixture(scope="module")
def encoder() -> LowerEncoder:
    return LowerEncoder(3)


def test_every_question_gives_its_pairs() -> None:
    data = squad()
    pairs = make_pairs(data, seed=1)
    found = {(p.question, p.origin): p for p in pairs}
    assert Counter(p.origin for p in pairs) == {"answer": 2, "elsewhere": 2, "unanswerable": 1}
    built = found["Who built the bridge in 1932?", "answer"]
    assert data.windows[built.window].text[built.start : built.end] == "Ada Mason"
    assert found["Who built the bridge in 1932?", "elsewhere"].window == 1
    assert not found["Who painted the bridge?", "unanswerable"].answerable


def test_a_swap_changes_one_mention_for_one_of_its_kind() -> None:
    data = squad()
    swapped = swapped_pairs(make_pairs(data, seed=1), data.windows, seed=0)
    possible = {
        ("Who built the bridge in 1951?", 0),
        ("What was the toll in 1932?", 1),
    }
    assert swapped
    assert {(p.question, p.window) for p in swapped} <= possible
    assert all(not p.answerable for p in swapped)


def test_mentions_do_not_overlap_and_skip_the_first_word() -> None:
    found = mentions("When did Ada Mason of Hull pay 25 pence in May 1932?")
    assert [(m.kind, m.text) for m in sorted(found, key=lambda m: m.start)] == [
        ("name", "Ada Mason of Hull"),
        ("number", "25"),
        ("month", "May"),
        ("year", "1932"),
    ]


def test_draws_keep_the_shares_and_repeat_for_equal_seeds() -> None:
    pairs = [Pair("q", n % 7, *((0, 1) if n % 2 else (-1, -1)), "ab"[n % 2]) for n in range(400)]
    drawn = draw_batches(pairs, list(range(7)), {"a": 0.25, "b": 0.75}, 200, seed=3)
    assert drawn == draw_batches(pairs, list(range(7)), {"a": 0.25, "b": 0.75}, 200, seed=3)
    rows = [n for batch in drawn for n in batch]
    assert Counter(pairs[n].origin for n in rows) == {"a": 50, "b": 150}
    assert len(set(rows)) == 200


def test_stored_states_are_the_encoders_third_layer(encoder: LowerEncoder, tmp_path: Path) -> None:
    import torch
    from transformers import BertModel

    store = store_states(encoder, [BRIDGE, TOLL], tmp_path)
    whole = BertModel.from_pretrained(encoder.folder, add_pooling_layer=False).eval()
    for number, text in enumerate((BRIDGE, TOLL)):
        (encoding,) = encoder.encode([text])
        with torch.no_grad():
            out = whole(torch.tensor([encoding.ids]), output_hidden_states=True)
        exact = out.hidden_states[3][0].numpy()
        got = store[number].states.astype(np.float32)
        cosines = (exact * got).sum(1) / np.linalg.norm(exact, axis=1) / np.linalg.norm(got, axis=1)
        assert cosines.min() > 0.999
        assert len(store[number].spans) == len(encoding.ids)


def test_targets_point_at_the_answers_tokens(encoder: LowerEncoder, tmp_path: Path) -> None:
    data = squad()
    store = store_states(encoder, [w.text for w in data.windows], tmp_path)
    pairs = [p for p in make_pairs(data, seed=1) if p.answerable]
    inputs, targets = make_batch(pairs, encoder, store, random.Random(0))
    for row, pair in enumerate(pairs):
        first = int(np.flatnonzero(inputs.segments[row])[0])
        spans = store[pair.window].spans
        start, end = int(targets.start[row]) - first, int(targets.end[row]) - first
        text = data.windows[pair.window].text
        assert text[spans[start][0] : spans[end][1]] == text[pair.start : pair.end]


def test_a_reader_learns_a_handful_of_pairs_and_survives_its_export(
    encoder: LowerEncoder, tmp_path: Path
) -> None:
    import torch

    torch.manual_seed(0)
    data = squad()
    store = store_states(encoder, [w.text for w in data.windows], tmp_path)
    pairs = make_pairs(data, seed=1)
    reader = new_reader(Plan(), encoder)
    optimizer = torch.optim.AdamW(reader.parameters(), lr=3e-4)
    for step in range(40):
        inputs, targets = make_batch(pairs, encoder, store, random.Random(step))
        losses = losses_of(reader(*inputs), targets)
        (losses.answerable + losses.span).backward()
        optimizer.step()
        optimizer.zero_grad()
    asked = [
        Asking(
            p.question,
            "en",
            (data.windows[p.window].text,),
            p.answerable,
            ((data.windows[p.window].text[p.start : p.end],),) if p.answerable else (),
        )
        for p in pairs
    ]
    prepared = prepare(asked, encoder)
    scores = measure(prepared, torch_forward(reader.eval()))
    assert (scores.answerable, scores.recall) == (1.0, 1.0)
    path = tmp_path / "reader.onnx"
    export_reader(reader, path)
    assert path.stat().st_size < 8e6
    for pair, mine, exact in zip(
        pairs,
        read_all(prepared, onnx_forward(path)),
        read_all(prepared, torch_forward(reader)),
        strict=True,
    ):
        assert (mine[0].answerable > 0) == (exact[0].answerable > 0) == pair.answerable
        if pair.answerable:  # the best span of what does not answer may be any
            assert (mine[0].start, mine[0].end) == (exact[0].start, exact[0].end)
    assert measure(prepared, onnx_forward(path)).answerable == 1.0


def test_padding_changes_nothing(encoder: LowerEncoder) -> None:
    import torch

    reader = new_reader(Plan(), encoder).eval()
    inputs = sample_inputs(2, 8, 40)
    with torch.no_grad():
        padded = reader(*inputs)
        alone = reader(*(tensor[1:, :28] for tensor in inputs))
    assert torch.allclose(padded[0][1:], alone[0], atol=1e-4)
    assert torch.allclose(padded[1][1:, :28], alone[1], atol=1e-4)
    assert torch.allclose(padded[3][1:], alone[3], atol=1e-4)
