"""An index that reads texts otherwise than this version is not used, and is made anew cheaply."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from footnoted.errors import IndexBroken
from footnoted.index import building, generations
from footnoted.index.generations import (
    build_generation,
    check_generation,
    current,
    open_generation,
    open_revision,
    rollback,
)
from footnoted.index.rows import IndexRow

WordHash = Callable[..., Any]


def build(index_dir: Path, embedder: Any) -> Path:
    rows = [IndexRow("p", "The toll was two pence.", "", "en")]
    return build_generation(index_dir, rows, embedder, corpus_id="c", revision_id="r")


def test_another_folding_makes_an_index_outdated_but_not_its_vectors(
    tmp_path: Path, word_hash: WordHash, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = word_hash()
    build(tmp_path, embedder)
    assert open_revision(tmp_path, "r", embedder, "c") is not None
    for module in (generations, building):
        monkeypatch.setattr(module, "FOLDING", "another")
    assert open_revision(tmp_path, "r", embedder, "c") is None
    assert open_revision(tmp_path, "r", None, "c") is None
    before = list(embedder.embedded)
    path = build(tmp_path, embedder)
    assert embedder.embedded == before, "the vectors were taken over"
    with_folding = open_revision(tmp_path, "r", embedder, "c")
    assert with_folding is not None
    assert with_folding.path == path
    assert with_folding.manifest.folding == "another"


def test_vectors_of_another_precision_or_prompt_are_made_anew(
    tmp_path: Path, word_hash: WordHash
) -> None:
    first = word_hash()
    build(tmp_path, first)
    second = word_hash()
    second.precision = "int8"
    assert open_revision(tmp_path, "r", second, "c") is not None, "it can still be asked"
    assert open_generation(build(tmp_path, second)).manifest.precision == "int8"
    assert second.embedded == first.embedded

    third = word_hash()
    third.precision = "int8"
    third.card = dataclasses.replace(third.card, passage_prompt="passage: ")
    assert open_revision(tmp_path, "r", third, "c") is None
    assert open_generation(build(tmp_path, third)).manifest.passage_prompt == "passage: "
    assert third.embedded == first.embedded


def test_an_outdated_generation_is_not_rolled_back_to_and_verifying_says_why(
    tmp_path: Path, word_hash: WordHash, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check() -> tuple[int, list[str]]:
        return check_generation(tmp_path, corpus_id="c", revision_id="r", passage_ids=["p"])

    build(tmp_path, word_hash())
    assert check() == (1, [])
    for module in (generations, building):
        monkeypatch.setattr(module, "FOLDING", "another")
    checked, (problem,) = check()
    assert checked == 1, "its files are whole"
    assert "made by an earlier version of Footnoted" in problem
    assert "the next question makes it anew" in problem
    newer = build(tmp_path, word_hash())
    assert check() == (1, [])
    with pytest.raises(IndexBroken, match="made by an earlier version") as caught:
        rollback(tmp_path, "c", ["r"])
    assert "index rebuild --corpus c" in str(caught.value.hint)
    assert current(tmp_path) == newer
    newest = build(tmp_path, word_hash())
    assert rollback(tmp_path, "c", ["r"]) == newer != newest
