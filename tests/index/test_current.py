"""``CURRENT``: what it says, what a rollback makes of it, and which revision is to be asked."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from footnoted.errors import IndexBroken, LockedError, NotFound
from footnoted.index import generations
from footnoted.index.current import (
    InUse,
    being_built,
    current,
    in_use,
    locked,
    previous,
    switch,
)
from footnoted.index.generations import (
    build_generation,
    list_generations,
    open_revision,
    revision_in_use,
    rollback,
)
from footnoted.index.rows import IndexRow

WordHash = Callable[..., Any]


def build(index_dir: Path, embedder: Any, revision: str, corpus: str = "bridge") -> Path:
    rows = [IndexRow(f"p-{revision}", f"words of {revision}", "", "en")]
    return build_generation(index_dir, rows, embedder, corpus_id=corpus, revision_id=revision)


def test_it_names_the_one_in_use_first(tmp_path: Path, word_hash: WordHash) -> None:
    assert in_use(tmp_path) is None
    first = build(tmp_path, word_hash(), "r1")
    assert (tmp_path / "CURRENT").read_text() == f"{first.name}\n"
    second = build(tmp_path, word_hash(), "r2")
    assert in_use(tmp_path) == InUse(second.name, previous=first.name)
    rollback(tmp_path, "bridge", ["r2", "r1"])
    assert in_use(tmp_path) == InUse(first.name, instead_of="r2")
    assert previous(tmp_path) is None
    for said in (InUse(second.name), InUse(second.name, first.name, "4-ab"), InUse(first.name)):
        switch(tmp_path, said)
        assert in_use(tmp_path) == said


@pytest.mark.parametrize("words", ["../../etc", "", "{name}\nprevious ../..", "{name} x"])
def test_nonsense_is_broken_and_cured_by_building(
    tmp_path: Path, word_hash: WordHash, words: str
) -> None:
    first = build(tmp_path, word_hash(), "r1")
    (tmp_path / "CURRENT").write_text(words.format(name=first.name))
    with pytest.raises(IndexBroken, match="names no generation"):
        current(tmp_path)
    assert revision_in_use(tmp_path, "r9") == "r9", "asking says what is wrong"
    second = build(tmp_path, word_hash(), "r1")
    assert list_generations(tmp_path) == [second]


def test_an_index_from_before_current_told_the_previous_one(
    tmp_path: Path, word_hash: WordHash
) -> None:
    first = build(tmp_path, word_hash(), "r1")
    second = build(tmp_path, word_hash(), "r2")
    (tmp_path / "CURRENT").write_text(f"{second.name}\n")
    assert rollback(tmp_path, "bridge", ["r2", "r1"]) == first


def test_the_revision_to_be_asked(tmp_path: Path, word_hash: WordHash) -> None:
    assert revision_in_use(tmp_path, "r1") == "r1"
    build(tmp_path, word_hash(), "r1")
    assert revision_in_use(tmp_path, "r2") == "r2", "it is newer, and to be indexed"
    build(tmp_path, word_hash(), "r2")
    rollback(tmp_path, "bridge", ["r2", "r1"])
    assert revision_in_use(tmp_path, "r2") == "r1", "that was the wish"
    assert revision_in_use(tmp_path, "r3") == "r3", "it was published after the wish"
    with (tmp_path / ".lock").open("w") as builder:
        fcntl.flock(builder, fcntl.LOCK_EX)
        assert being_built(tmp_path)
        assert revision_in_use(tmp_path, "r3") == "r1", "another process is indexing r3"
    assert not being_built(tmp_path)


def test_who_looks_whether_one_is_built_keeps_nobody_from_building(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / ".lock").open("w") as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        # Whoever only looks has gone by the second try.
        monkeypatch.setattr(time, "sleep", lambda _: fcntl.flock(looking, fcntl.LOCK_UN))
        with locked(tmp_path):
            assert being_built(tmp_path)
    assert not being_built(tmp_path)


def test_what_cannot_be_known_is_not_being_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not being_built(tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    assert not being_built(tmp_path / "file")
    (tmp_path / ".lock").write_text("")

    def refusing(path: Path, _: int) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(os, "open", refusing)
    assert not being_built(tmp_path), "another user's"


def test_a_revision_is_found_though_another_is_in_use(tmp_path: Path, word_hash: WordHash) -> None:
    assert open_revision(tmp_path, "r1") is None
    first = build(tmp_path, word_hash(), "r1")
    second = build(tmp_path, word_hash(), "r2")
    for revision, path in (("r1", first), ("r2", second)):
        found = open_revision(tmp_path, revision, word_hash(), "bridge")
        assert found is not None
        assert (found.path, found.passage_ids) == (path, (f"p-{revision}",))
        found.close()
    assert open_revision(tmp_path, "r3", word_hash(), "bridge") is None
    with pytest.raises(IndexBroken, match="belongs to the corpus bridge"):
        open_revision(tmp_path, "r1", word_hash(), "other")
    with pytest.raises(IndexBroken, match="made with the model"):
        open_revision(tmp_path, "r2", word_hash(salt="other"), "bridge")
    assert open_revision(tmp_path, "r1", word_hash(salt="other"), "bridge") is None, "to be built"


def test_a_reader_finds_a_whole_generation_however_fast_others_build(
    tmp_path: Path, word_hash: WordHash, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = build(tmp_path, word_hash(), "r1")
    read = generations.read_manifest
    built: list[Path] = []

    def slowly(path: Path) -> Any:
        while len(built) < 2:  # two others get in between the name and the manifest
            built.append(path)
            built[-1] = build(tmp_path, word_hash(), "r1")
        return read(path)

    monkeypatch.setattr(generations, "read_manifest", slowly)
    found = open_revision(tmp_path, "r1", word_hash(), "bridge")
    assert not first.exists()
    assert found is not None
    assert found.path == built[1] == current(tmp_path)


@pytest.mark.parametrize("file", ["dense.faiss", "tokens.i8", "rows.json", "manifest.json"])
def test_a_damaged_generation_is_not_rolled_back_to(
    tmp_path: Path, word_hash: WordHash, file: str
) -> None:
    first = build(tmp_path, word_hash(), "r1")
    second = build(tmp_path, word_hash(), "r2")
    data = bytearray((first / file).read_bytes())
    data[-1] ^= 1
    (first / file).write_bytes(data)
    with pytest.raises(IndexBroken) as caught:
        rollback(tmp_path, "bridge", ["r2", "r1"])
    assert str(first / file) in str(caught.value)
    assert current(tmp_path) == second


def test_what_else_is_not_rolled_back_to(tmp_path: Path, word_hash: WordHash) -> None:
    with pytest.raises(NotFound, match="no earlier"):
        rollback(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
    first = build(tmp_path, word_hash(), "r1")
    with pytest.raises(NotFound):
        rollback(tmp_path)
    second = build(tmp_path, word_hash(), "r2")
    with pytest.raises(IndexBroken, match="revision r1, which the corpus no longer has"):
        rollback(tmp_path, "bridge", ["r3", "r2"])
    manifest = json.loads((first / "manifest.json").read_text())
    (first / "manifest.json").write_text(json.dumps(manifest | {"corpus_id": "other"}))
    with pytest.raises(IndexBroken, match="belongs to the corpus other"):
        rollback(tmp_path, "bridge", ["r2", "r1"])
    with (tmp_path / ".lock").open("w") as builder:
        fcntl.flock(builder, fcntl.LOCK_EX)
        with pytest.raises(LockedError):
            rollback(tmp_path, "bridge", ["r2", "r1"])
    assert current(tmp_path) == second
