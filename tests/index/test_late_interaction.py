from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from footnoted.errors import IndexBroken
from footnoted.index import late_interaction
from footnoted.index.late_interaction import (
    CHECKSUMS_FILE,
    OFFSETS_FILE,
    VECTORS_FILE,
    TokenStore,
    compare,
    pack,
    unpack,
    write_tokens,
)


def unit(seed: int, rows: int, dim: int = 64) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).standard_normal((rows, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 999), st.lists(st.integers(0, 9), min_size=1, max_size=6))
def test_what_is_stored_comes_back_as_nearly_the_same_unit_vectors(
    tmp_path_factory: pytest.TempPathFactory, seed: int, lengths: list[int]
) -> None:
    rows = [unit(seed + at, length) for at, length in enumerate(lengths)]
    folder = tmp_path_factory.mktemp("tokens")
    write_tokens(folder, 64, [pack(row) for row in rows])
    store = TokenStore(folder, 64)
    assert len(store) == len(rows)
    for at, row in enumerate(rows):
        found = store.vectors(at)
        assert found.shape == row.shape
        assert np.all((found * row).sum(axis=1) > 0.999)
        assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_packing_uses_the_whole_byte() -> None:
    packed = pack(unit(0, 3))
    assert packed.dtype == np.int8
    assert np.abs(packed).max(axis=1).tolist() == [127, 127, 127]
    assert unpack(np.zeros((1, 4), np.int8)).tolist() == [[0, 0, 0, 0]]


def test_max_sims_of_many_rows_are_those_of_each(tmp_path: Path) -> None:
    rows = [unit(1, 3), unit(2, 0), unit(3, 7), unit(4, 1), unit(5, 0)]
    write_tokens(tmp_path, 64, [pack(row) for row in rows])
    store = TokenStore(tmp_path, 64)
    query = unit(9, 4)
    compared = compare(query, store, [4, 2, 1, 0, 3])
    found = compared.max_sims()
    each = [
        (query @ store.vectors(row).T).max(axis=1, initial=-1).mean() if len(rows[row]) else 0
        for row in (4, 2, 1, 0, 3)
    ]
    assert found.tolist() == pytest.approx(each, abs=1e-6)
    assert found[0] == found[2] == 0
    for at, row in enumerate((4, 2, 1, 0, 3)):
        assert np.allclose(compared.of_rows()[at], query @ store.vectors(row).T, atol=1e-6)
    assert compare(query[:0], store, [0, 1]).max_sims().tolist() == [0, 0]
    assert compare(query, store, []).max_sims().tolist() == []


def test_rows_read_again_come_from_memory_and_only_the_last_ones_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [unit(n, 1 + n % 3) for n in range(9)]
    write_tokens(tmp_path, 64, [pack(row) for row in rows])
    monkeypatch.setattr(late_interaction, "_KEPT", 4)
    store = TokenStore(tmp_path, 64)
    together, starts = store.gathered([7, 2, 2, 5])
    assert starts.tolist() == [0, 2, 5, 8]
    for at, row in zip(starts, (7, 2, 2, 5), strict=True):
        assert np.allclose(together[at : at + len(rows[row])], rows[row], atol=0.02)
    assert store.vectors(2) is store.vectors(2)
    assert not store.vectors(2).flags.writeable
    kept = store.vectors(7)
    store.gathered([0, 1, 3, 4, 6])
    assert store.vectors(7) is not kept
    assert np.array_equal(store.vectors(7), kept)


def test_changed_bytes_of_a_row_are_noticed_when_it_is_read(tmp_path: Path) -> None:
    write_tokens(tmp_path, 64, [pack(unit(n, 3)) for n in range(3)])
    path = tmp_path / VECTORS_FILE
    data = bytearray(path.read_bytes())
    data[3 * 64 + 5] ^= 1
    path.write_bytes(data)
    store = TokenStore(tmp_path, 64)
    assert store.vectors(0).shape == (3, 64)
    with pytest.raises(IndexBroken, match="row 1"):
        store.vectors(1)


@pytest.mark.parametrize("name", [OFFSETS_FILE, CHECKSUMS_FILE])
def test_an_emptied_table_is_refused(tmp_path: Path, name: str) -> None:
    write_tokens(tmp_path, 64, [pack(unit(0, 3))])
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(IndexBroken):
        TokenStore(tmp_path, 64)


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    write_tokens(tmp_path, 64, [pack(unit(0, 3))])
    path = tmp_path / VECTORS_FILE
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(IndexBroken) as caught:
        TokenStore(tmp_path, 64)
    assert caught.value.about == str(path)
