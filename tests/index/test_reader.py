"""The reader at run time against the same weights in torch: these tests load torch."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.errors import ModelError
from footnoted.index.embedder import OnnxEmbedder
from footnoted.index.models import file_sha256
from footnoted.index.reader import (
    LONGEST_SPAN,
    MANIFEST,
    READER_FILE,
    Reader,
    best_span,
    open_reader,
)

BRIDGE = "Bridge\nThe bridge was built by Ada Mason in 1932. It crosses the river at Hull."
TOLL = "Bridge\nThe toll was two pence in 1951. Walkers crossed the bridge for nothing."
QUESTION = "Who built the bridge?"


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, object]:
    """A reader of one layer of the encoder's and random heads: its file, and itself in torch."""
    import torch

    from footnoted.eval.training.encoder import LowerEncoder
    from footnoted.eval.training.export import export_reader
    from footnoted.eval.training.train import Plan, new_reader

    torch.manual_seed(1)
    reader = new_reader(Plan(lower_layers=5), LowerEncoder(1)).eval()
    path = tmp_path_factory.mktemp("reader") / "reader.onnx"
    export_reader(reader, path)
    return path, reader


def test_it_says_what_the_same_weights_say_in_torch(
    weights: tuple[Path, object], embedder: OnnxEmbedder
) -> None:
    import torch

    path, exact = weights
    readings = Reader(path, embedder, threads=2).read(QUESTION, [BRIDGE, TOLL])
    asked = embedder.lower_states(QUESTION).states
    for text, reading in zip((BRIDGE, TOLL), readings, strict=True):
        passage = embedder.lower_states(text)
        states = torch.from_numpy(np.concatenate([asked, passage.states])[None])
        segments = torch.ones(states.shape[:2], dtype=torch.long)
        segments[0, : len(asked)] = 0
        with torch.no_grad():
            made = exact(states, segments, torch.ones_like(segments))  # type: ignore[operator]
        answerable, starts, ends, support = (output[0].numpy() for output in made)
        assert reading.relevance == pytest.approx(float(answerable), abs=0.05)
        assert reading.support == pytest.approx(np.exp(support) / np.exp(support).sum(), abs=0.02)
        assert sum(reading.support) == pytest.approx(1)
        placed = np.stack([starts, ends], axis=1)[len(asked) :]
        score = best_span(placed, passage.spans)[0] - float(starts[0] + ends[0])
        found = reading.best_span()
        assert found is not None
        assert found.score == pytest.approx(score, abs=0.2)
        assert 0 <= found.start < found.end <= len(text)
        second = text.index(" It crosses") + 1 if text is BRIDGE else text.index(" Walkers") + 1
        later = reading.best_span(second)
        assert later is not None
        assert second <= later.start < later.end <= len(text)
        earlier = reading.best_span(0, second)
        assert earlier is not None
        assert max(earlier.score, later.score) <= found.score
        assert reading.best_span(len(text)) is None


def test_the_lower_states_are_the_encoders(embedder: OnnxEmbedder) -> None:
    import torch

    from footnoted.eval.training.encoder import LowerEncoder
    from footnoted.index.models import LOWER_LAYERS

    lower = LowerEncoder(LOWER_LAYERS)
    (encoding,) = lower.encode([BRIDGE])
    exact = lower.states([encoding])[0].numpy()
    found = embedder.lower_states(BRIDGE)
    assert found.states.shape == exact.shape
    assert found.spans.tolist() == [list(offsets) for offsets in encoding.offsets]
    assert (
        float(
            torch.nn.functional.cosine_similarity(
                torch.from_numpy(exact), torch.from_numpy(found.states), dim=1
            ).min()
        )
        > 0.97
    )


def test_one_thread_and_several_and_a_second_time_say_the_same(
    weights: tuple[Path, object], embedder: OnnxEmbedder
) -> None:
    alone = Reader(weights[0], embedder, threads=1)
    several = Reader(weights[0], embedder, threads=3)
    passages = [BRIDGE, TOLL, BRIDGE, f"{TOLL} {BRIDGE}"]
    first = several.read(QUESTION, passages)
    assert first[0] is first[2]
    assert all(a is b for a, b in zip(first, several.read(QUESTION, passages), strict=True))
    for one, other in zip(first, alone.read(QUESTION, passages), strict=True):
        assert (one.relevance, one.support) == (other.relevance, other.support)
        assert one.best_span() == other.best_span()
    assert several.read(QUESTION, []) == []
    scores = several.score(QUESTION, passages)
    assert (scores.dtype, scores.shape) == (np.float32, (4,))
    assert scores[1] == np.float32(first[1].relevance)


def test_a_passage_beyond_the_model_is_read_as_far_as_it_goes(
    weights: tuple[Path, object], embedder: OnnxEmbedder
) -> None:
    long = "word " * 3000 + "The bridge."
    (reading,) = Reader(weights[0], embedder).read(QUESTION, [long])
    found = reading.best_span()
    assert found is not None
    assert found.end <= reading.end <= 5 * embedder.max_tokens
    (whole,) = Reader(weights[0], embedder).read(QUESTION, [BRIDGE])
    assert whole.end == len(BRIDGE)


def test_a_file_of_other_bytes_is_refused(
    weights: tuple[Path, object], embedder: OnnxEmbedder, tmp_path: Path
) -> None:
    path = tmp_path / READER_FILE
    manifest = {READER_FILE: {"sha256": file_sha256(weights[0])}}
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match="no file at all"):
        open_reader(embedder, folder=tmp_path)
    path.write_bytes(weights[0].read_bytes())
    assert open_reader(embedder, folder=tmp_path).read(QUESTION, [TOLL])
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match="not the one that was shipped"):
        open_reader(embedder, folder=tmp_path)


@given(st.data())
def test_the_best_span_is_the_best_of_all(data: st.DataObject) -> None:
    size = data.draw(st.integers(0, 30))
    lengths = data.draw(st.lists(st.integers(0, 4), min_size=size, max_size=size))
    numbers = st.floats(-9, 9, width=32)
    logits = np.array(
        data.draw(st.lists(st.tuples(numbers, numbers), min_size=size, max_size=size)), np.float32
    ).reshape(size, 2)
    ends = np.cumsum(lengths, dtype=np.int32)
    spans = np.stack([ends - np.array(lengths, np.int32), ends], axis=1).reshape(size, 2)
    score, start, end = best_span(logits, spans)
    real = [n for n in range(size) if lengths[n]]
    possible = {
        (float(logits[a, 0] + logits[b, 1]), int(spans[a, 0]), int(spans[b, 1]))
        for i, a in enumerate(real)
        for b in real[i : i + LONGEST_SPAN]
    }
    if not possible:
        assert (score, start, end) == (float("-inf"), 0, 0)
    else:
        assert score == max(possible)[0]
        assert (score, start, end) in possible
