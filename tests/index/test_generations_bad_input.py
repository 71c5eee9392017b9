"""What is no generation of this corpus and model, and builds that fail: the last one stays."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from footnoted.errors import IndexBroken, InputError, ModelError
from footnoted.index.dense import FlatIndex
from footnoted.index.generations import (
    build_generation,
    current,
    list_generations,
    open_generation,
)
from footnoted.index.rows import IndexRow
from footnoted.index.vector_plan import EXACT, VectorKind

WordHash = Callable[..., Any]


def build(index_dir: Path, embedder: Any, *texts: str) -> Path:
    rows = [IndexRow(f"p-{text}", text, "", "en") for text in texts]
    return build_generation(index_dir, rows, embedder, corpus_id="bridge", revision_id="r1")


def rewrite(generation: Path, name: str, data: bytes) -> None:
    """Put other bytes in place of a file, and their checksum into the manifest."""
    (generation / name).write_bytes(data)
    manifest = json.loads((generation / "manifest.json").read_text())
    manifest["files"][name] = [len(data), hashlib.sha256(data).hexdigest()]
    (generation / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize("keep", [0, 4, 40, -1])
def test_truncated_vectors_are_refused_though_their_checksum_fits(
    tmp_path: Path, word_hash: WordHash, keep: int
) -> None:
    path = build(tmp_path, word_hash(), "one", "two", "three")
    data = (path / "dense.faiss").read_bytes()
    (path / "dense.faiss").write_bytes(data[:keep])
    with pytest.raises(IndexBroken, match=f"it has {len(data[:keep])} bytes, expected {len(data)}"):
        open_generation(path)
    rewrite(path, "dense.faiss", data[:keep])
    with pytest.raises(IndexBroken) as caught:
        open_generation(path)
    assert "dense.faiss" in str(caught.value)
    assert "index rebuild" in str(caught.value.hint)


def test_vectors_of_another_dimension_or_number_are_refused(
    tmp_path: Path, word_hash: WordHash
) -> None:
    path = build(tmp_path, word_hash(), "one", "two")
    for dim, size in ((16, 2), (32, 3)):
        other = FlatIndex(dim)
        other.add(np.eye(size, dim, dtype=np.float32))
        other.save(tmp_path / "other")
        rewrite(path, "dense.faiss", (tmp_path / "other").read_bytes())
        with pytest.raises(IndexBroken, match=r"dense\.faiss|different sizes"):
            open_generation(path)


def test_a_manifest_of_another_dimension_is_refused(tmp_path: Path, word_hash: WordHash) -> None:
    path = build(tmp_path, word_hash(), "one", "two")
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps(manifest | {"dim": 16}))
    for embedder in (None, word_hash()):
        with pytest.raises(IndexBroken) as caught:
            open_generation(path, embedder)
        assert str(path) in str(caught.value)


def test_a_model_of_another_dimension_is_refused(tmp_path: Path, word_hash: WordHash) -> None:
    path = build(tmp_path, word_hash(), "one", "two")
    with pytest.raises(IndexBroken, match="it was made with the model word-hash"):
        open_generation(path, word_hash(dim=16))


class Fails:
    """A model that breaks at its second batch of texts."""

    def __init__(self, working: Any, fail: Callable[[], object]) -> None:
        self._working = working
        self._fail = fail
        self._calls = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._working, name)

    def embed_passages(self, texts: Sequence[str]) -> Any:
        self._calls += 1
        if self._calls > 1:
            self._fail()
        return self._working.embed_passages(texts)


def no_numbers() -> None:
    raise ModelError("The model gave no numbers.", about="model", hint="Choose another.")


class Crash(BaseException):
    """Something that nobody expects, such as Ctrl+C."""


def crash() -> None:
    raise Crash


@pytest.mark.parametrize(("fail", "error"), [(no_numbers, ModelError), (crash, Crash)])
def test_a_model_that_breaks_leaves_the_last_generation(
    tmp_path: Path, word_hash: WordHash, fail: Callable[[], object], error: type[BaseException]
) -> None:
    first = build(tmp_path, word_hash(token_dim=0), "one")
    texts = [f"text {n}" for n in range(600)]
    with pytest.raises(error):
        build(tmp_path, Fails(word_hash(token_dim=0), fail), "one", *texts)
    assert current(tmp_path) == first
    assert list((tmp_path / "generations").iterdir()) == [first]
    generation = open_generation(first, word_hash(token_dim=0), "bridge")
    assert generation.passage_ids == ("p-one",)


def test_no_passages_leave_the_last_generation(tmp_path: Path, word_hash: WordHash) -> None:
    first = build(tmp_path, word_hash(), "one")
    with pytest.raises(InputError, match="no passages"):
        build(tmp_path, word_hash())
    assert current(tmp_path) == first


def test_a_check_that_fails_leaves_the_last_generation(tmp_path: Path, word_hash: WordHash) -> None:
    first = build(tmp_path, word_hash(), "one")
    embedder = word_hash()
    with pytest.raises(ModelError):
        build_generation(
            tmp_path,
            [IndexRow("p", "two", "", "en")],
            embedder,
            corpus_id="bridge",
            revision_id="r2",
            check=no_numbers,
        )
    assert embedder.embedded == [], "nothing was embedded for nothing"
    assert list_generations(tmp_path) == [first]


def test_what_was_made_of_the_vectors_is_recorded_and_decides_how_they_are_opened(
    tmp_path: Path, word_hash: WordHash
) -> None:
    path = build(tmp_path, word_hash(), "one", "two")
    generation = open_generation(path)
    assert generation.manifest.vectors == EXACT
    assert isinstance(generation.dense, FlatIndex)
    manifest = json.loads((path / "manifest.json").read_text())
    other = manifest["vectors"] | {"kind": VectorKind.SQ8.value}
    (path / "manifest.json").write_text(json.dumps(manifest | {"vectors": other}))
    with pytest.raises(IndexBroken):
        open_generation(path)
