"""Generations are whole or absent, and only what belongs to this corpus and model is opened."""

from __future__ import annotations

import json
import resource
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from footnoted.errors import DiskFull, IndexBroken, InputError, LockedError, NotFound
from footnoted.index.generations import (
    build_generation,
    check_generation,
    current,
    list_generations,
    open_generation,
    rollback,
    verify_generation,
)
from footnoted.index.late_interaction import VECTORS_FILE
from footnoted.index.rows import IndexRow
from footnoted.index.tokens import fold

WordHash = Callable[..., Any]


def rows(*texts: str) -> list[IndexRow]:
    return [IndexRow(f"p-{text}", text, "", "en") for text in texts]


def build(index_dir: Path, embedder: Any, *texts: str, revision: str = "r1") -> Path:
    return build_generation(
        index_dir, rows(*texts), embedder, corpus_id="bridge", revision_id=revision
    )


def test_a_built_generation_answers_and_describes_itself(
    tmp_path: Path, word_hash: WordHash
) -> None:
    embedder = word_hash()
    heard: list[tuple[int, int]] = []
    entries = [
        IndexRow("a", "The toll was two pence.", "Tolls", "en"),
        IndexRow("b", "Die Brücke ist alt.", "", "de"),
        IndexRow("c", "The bridge fell in 1931.", "", "en"),
    ]
    path = build_generation(
        tmp_path,
        entries,
        embedder,
        corpus_id="bridge",
        revision_id="r9",
        progress=lambda done, total: heard.append((done, total)),
    )
    assert current(tmp_path) == path
    assert heard[-1] == (3, 3)
    generation = open_generation(path, embedder, "bridge")
    assert generation.passage_ids == ("a", "b", "c")
    assert generation.row_of == {"a": 0, "b": 1, "c": 2}
    manifest = generation.manifest
    assert (manifest.corpus_id, manifest.revision_id, manifest.rows) == ("bridge", "r9", 3)
    assert manifest.languages == ("en", "de")
    assert manifest.generation_id == path.name

    texts = ["Tolls\nThe toll was two pence.", "Die Brücke ist alt.", "The bridge fell in 1931."]
    stored = generation.dense.vectors(np.arange(3))
    assert np.allclose(stored, embedder.embed_passages(texts), atol=1e-5)
    assert generation.lexical.search(fold("Tolls", "en"), 3)[1].tolist() == [0]
    assert generation.lexical.search(fold("Brücken", "de"), 3)[1].tolist() == [1]
    assert generation.tokens is not None
    assert generation.tokens.vectors(1).shape == (4, 8)


def test_a_model_without_tokens_gets_a_generation_without_them(
    tmp_path: Path, word_hash: WordHash
) -> None:
    path = build(tmp_path, word_hash(token_dim=0), "one", "two")
    assert open_generation(path).tokens is None
    assert not (path / VECTORS_FILE).exists()


def test_unchanged_texts_are_not_embedded_again(tmp_path: Path, word_hash: WordHash) -> None:
    build(tmp_path, word_hash(), "one two", "three", "four")
    later = word_hash()
    path = build(tmp_path, later, "four", "five", "one two", revision="r2")
    assert later.embedded == ["five"]
    fresh = build(tmp_path / "fresh", word_hash(), "four", "five", "one two")
    one, other = open_generation(path), open_generation(fresh)
    every = np.arange(3)
    assert np.allclose(one.dense.vectors(every), other.dense.vectors(every), atol=1e-6)
    assert one.tokens is not None
    assert other.tokens is not None
    for row in range(3):
        assert np.array_equal(one.tokens.packed(row), other.tokens.packed(row))


def test_another_model_embeds_everything_again(tmp_path: Path, word_hash: WordHash) -> None:
    build(tmp_path, word_hash(), "one", "two")
    other = word_hash(salt="other")
    path = build(tmp_path, other, "one", "two")
    assert sorted(other.embedded) == ["one", "two"]
    with pytest.raises(IndexBroken, match="made with the model word-hashother") as caught:
        open_generation(path, word_hash())
    assert "index rebuild --corpus bridge" in str(caught.value.hint)


def test_the_previous_generation_is_kept_and_can_be_put_back(
    tmp_path: Path, word_hash: WordHash
) -> None:
    first = build(tmp_path, word_hash(), "one")
    second = build(tmp_path, word_hash(), "one", "two")
    third = build(tmp_path, word_hash(), "one", "two", "three")
    assert list_generations(tmp_path) == [second, third]
    assert not first.exists()
    assert rollback(tmp_path) == second
    assert current(tmp_path) == second
    with pytest.raises(NotFound):
        rollback(tmp_path)
    fourth = build(tmp_path, word_hash(), "four")
    assert list_generations(tmp_path) == [second, fourth], "what was rolled back goes"


def test_an_index_that_was_never_built_is_none_and_one_that_is_gone_is_broken(
    tmp_path: Path, word_hash: WordHash
) -> None:
    assert current(tmp_path) is None
    assert list_generations(tmp_path) == []
    shutil.rmtree(build(tmp_path, word_hash(), "one"))
    with pytest.raises(IndexBroken, match="missing"):
        current(tmp_path)
    (tmp_path / "CURRENT").write_text("../../etc")
    with pytest.raises(IndexBroken, match="names no generation"):
        current(tmp_path)


def test_every_damaged_file_is_noticed(tmp_path: Path, word_hash: WordHash) -> None:
    path = build(tmp_path, word_hash(), "one two", "three")
    names = json.loads((path / "manifest.json").read_text())["files"]
    assert len(names) >= 10
    for name in names:
        file = path / name
        data = file.read_bytes()
        if data:
            file.write_bytes(bytes([data[0] ^ 1]) + data[1:])
            with pytest.raises(IndexBroken) as caught:
                verify_generation(path)
            assert caught.value.about == str(file)
            if name != VECTORS_FILE:
                with pytest.raises(IndexBroken):
                    open_generation(path)
        file.unlink()
        with pytest.raises(IndexBroken):
            open_generation(path)
        file.write_bytes(data)
    verify_generation(path)
    open_generation(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 99}, "newer Footnoted"),
        ({"corpus_id": "other"}, "belongs to the corpus other"),
        ({"rows": 7}, "different sizes"),
        ({"surplus": 1}, "cannot be read"),
    ],
)
def test_a_manifest_of_something_else_is_refused(
    tmp_path: Path, word_hash: WordHash, change: dict[str, Any], message: str
) -> None:
    path = build(tmp_path, word_hash(), "one")
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps(manifest | change))
    with pytest.raises(IndexBroken, match=message):
        open_generation(path, word_hash(), "bridge")


def test_the_generation_in_use_is_compared_with_its_corpus(
    tmp_path: Path, word_hash: WordHash
) -> None:
    def check(*passage_ids: str, corpus: str = "bridge", revision: str = "r1") -> Any:
        return check_generation(
            tmp_path, corpus_id=corpus, revision_id=revision, passage_ids=passage_ids
        )

    assert check("p-one") == (0, [])
    path = build(tmp_path, word_hash(), "one", "two")
    assert check("p-two", "p-one") == (2, [])
    _, problems = check("p-one", "p-three", revision="r2")
    assert [
        word in problem for word, problem in zip(("r2", "p-three", "p-two"), problems, strict=True)
    ] == [True] * 3
    assert "belongs to the corpus bridge" in check("p-one", corpus="other")[1][0]
    with (path / VECTORS_FILE).open("r+b") as file:
        file.write(b"\x7f\x7f\x7f")
    checked, problems = check("p-two", "p-one")
    assert checked == 0
    assert VECTORS_FILE in problems[0]


def test_a_broken_index_is_replaced_by_building(tmp_path: Path, word_hash: WordHash) -> None:
    (build(tmp_path, word_hash(), "one") / "dense.faiss").write_bytes(b"")
    path = build(tmp_path, word_hash(), "one", "two")
    assert open_generation(path).passage_ids == ("p-one", "p-two")


def test_no_rows_and_a_row_twice_are_refused(tmp_path: Path, word_hash: WordHash) -> None:
    with pytest.raises(InputError, match="no passages"):
        build(tmp_path, word_hash())
    with pytest.raises(InputError, match="more than once") as caught:
        build(tmp_path, word_hash(), "one", "one")
    assert caught.value.about == "p-one"
    assert current(tmp_path) is None


def test_two_processes_do_not_build_at_once(tmp_path: Path, word_hash: WordHash) -> None:
    embedder = word_hash()

    def second(done: int, total: int) -> None:
        with pytest.raises(LockedError):
            build(tmp_path, word_hash(), "two")

    path = build_generation(
        tmp_path, rows("one"), embedder, corpus_id="bridge", revision_id="r", progress=second
    )
    assert current(tmp_path) == path


@pytest.mark.parametrize("limit", [2000, 27_000])  # the vectors do not fit; the terms do not
def test_a_full_disk_leaves_the_last_generation(
    tmp_path: Path, word_hash: WordHash, limit: int
) -> None:
    first = build(tmp_path, word_hash(), "one")
    texts = [" ".join(f"w{n}x{word}" for word in range(40)) for n in range(200)]
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        with pytest.raises(DiskFull) as caught:
            build(tmp_path, word_hash(), *texts)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.about == str(tmp_path)
    assert current(tmp_path) == first
    assert list((tmp_path / "generations").iterdir()) == [first]
