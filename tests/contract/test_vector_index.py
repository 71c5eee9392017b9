"""Every vector index must answer as plain arithmetic does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from footnoted.errors import IndexBroken
from footnoted.index.dense import FlatIndex, load_flat


@dataclass(frozen=True)
class Backend:
    make: Callable[[int], Any]
    load: Callable[[Path], Any]


BACKENDS = {"flat": Backend(FlatIndex, load_flat)}


@pytest.fixture(params=BACKENDS.values(), ids=BACKENDS.keys())
def backend(request: pytest.FixtureRequest) -> Backend:
    made: Backend = request.param
    return made


def unit(seed: int, rows: int, dim: int) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).standard_normal((rows, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 999), st.integers(0, 40), st.integers(1, 50), st.data())
@pytest.mark.parametrize("backend", BACKENDS.values(), ids=BACKENDS.keys())
def test_search_is_exact(
    backend: Backend, seed: int, size: int, k: int, data: st.DataObject
) -> None:
    vectors, query = unit(seed, size, 16), unit(seed + 1, 1, 16)[0]
    index = backend.make(16)
    half = size // 2
    index.add(vectors[:half])
    index.add(vectors[half:])
    exact = vectors @ query
    assert len(index) == size

    scores, rows = index.search(query, k)
    order = np.lexsort((np.arange(size), -exact))[:k]
    assert rows.tolist() == order.tolist()
    assert np.allclose(scores, exact[order], atol=1e-6)
    assert (scores.dtype, rows.dtype) == (np.float32, np.int64)

    allowed = np.array(
        data.draw(st.lists(st.integers(0, max(size - 1, 0)), max_size=size)), np.int64
    )
    scores, rows = index.search(query, k, allowed)
    among = np.unique(allowed)
    expected = among[np.lexsort((among, -exact[among]))][:k]
    assert rows.tolist() == expected.tolist()

    assert np.allclose(index.scores_for(query, allowed), exact[allowed], atol=1e-6)


def test_what_was_saved_answers_the_same(backend: Backend, tmp_path: Path) -> None:
    vectors, query = unit(1, 20, 8), unit(2, 1, 8)[0]
    index = backend.make(8)
    index.add(vectors)
    index.save(tmp_path / "vectors")
    loaded = backend.load(tmp_path / "vectors")
    for found, expected in zip(loaded.search(query, 9), index.search(query, 9), strict=True):
        assert np.array_equal(found, expected)
    assert np.array_equal(loaded.vectors(np.array([3, 1])), vectors[[3, 1]])


def test_equal_scores_come_in_row_order(backend: Backend) -> None:
    index = backend.make(4)
    index.add(np.repeat(unit(3, 1, 4), 6, axis=0))
    assert index.search(unit(3, 1, 4)[0], 6)[1].tolist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("keep", [0, 3, 40, 200])
def test_a_cut_or_missing_file_is_refused(backend: Backend, tmp_path: Path, keep: int) -> None:
    index = backend.make(8)
    index.add(unit(1, 20, 8))
    path = tmp_path / "vectors"
    index.save(path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(IndexBroken) as caught:
        backend.load(path)
    assert caught.value.about == str(path)
    path.unlink()
    with pytest.raises(IndexBroken):
        backend.load(path)


def test_an_index_of_another_kind_is_refused(tmp_path: Path) -> None:
    faiss = pytest.importorskip("faiss")
    faiss.write_index(faiss.IndexFlatL2(4), str(tmp_path / "l2"))
    with pytest.raises(IndexBroken, match="not an exact inner product"):
        load_flat(tmp_path / "l2")
