"""Vectors are built as planned, or better; what finds too little is neither kept nor opened."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from footnoted.errors import IndexBroken, ModelError
from footnoted.index.backends import Backend
from footnoted.index.manifest import (
    FORMAT,
    MANIFEST_FILE,
    Manifest,
    checksums,
    read_manifest,
    write_manifest,
)
from footnoted.index.rows import IndexRow, KnownRows, write_rows
from footnoted.index.stored_vectors import STORED_FILE, StoredVectors, write_stored
from footnoted.index.tuning import made_up_questions
from footnoted.index.vector_files import DENSE_FILE, open_vectors, write_vectors
from footnoted.index.vector_plan import EXACT, VectorFacts, VectorKind, VectorPlan, candidates

Floats = NDArray[np.float32]
WordHash = Callable[..., Any]
FLAT, SQ8, PQ = VectorKind

SMALL: Any = {"backend": Backend(memory_mb=0), "corpus_id": "c", "generation_id": "g"}


def unit(vectors: NDArray[Any]) -> Floats:
    made: Floats = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return made


def topics(rows: int, dim: int) -> Floats:
    draw = np.random.default_rng(4)
    centres = draw.standard_normal((40, dim))
    return unit(centres[draw.integers(40, size=rows)] + 0.4 * draw.standard_normal((rows, dim)))


def plan(vectors: Floats, kind: VectorKind) -> VectorPlan:
    return next(found for found in candidates(*vectors.shape) if found.kind is kind)


def manifest(folder: Path, facts: VectorFacts, rows: int, dim: int) -> Manifest:
    return Manifest(
        *(FORMAT, "g", "bridge", "r1", "2026-01-01T00:00:00Z", "m", "0" * 64, dim, 0, rows),
        languages=("en",),
        versions={},
        files=checksums(folder),
        vectors=facts,
    )


def test_noise_without_neighbours_stays_exact(tmp_path: Path) -> None:
    noise = unit(np.random.default_rng(2).standard_normal((3000, 64)))
    facts = write_vectors(tmp_path, noise, plan=plan(noise, PQ))
    assert facts == EXACT
    assert {path.name for path in tmp_path.iterdir()} == {DENSE_FILE}
    assert open_vectors(tmp_path, facts, 64).search(noise[7], 1)[1].tolist() == [7]


def test_where_the_smallest_kind_finds_too_little_the_next_is_built(tmp_path: Path) -> None:
    vectors = topics(6000, 8)  # two bytes for eight numbers do not tell neighbours apart
    questions = made_up_questions(vectors, 5)
    assert len(questions) == 5
    bare = write_vectors(_made(tmp_path / "bare"), vectors, plan=plan(vectors, PQ), bound=0)
    assert bare.kind is PQ
    bound = bare.recall_at_10 + 0.001
    facts = write_vectors(_made(tmp_path / "kept"), vectors, plan=plan(vectors, PQ), bound=bound)
    assert facts.kind is not PQ
    assert facts.recall_at_10 >= bound


def test_the_memory_allowed_decides_the_kind(tmp_path: Path) -> None:
    vectors = topics(4000, 64)  # exactly 1.02 MB
    kinds = {mb: write_vectors(_made(tmp_path / str(mb)), vectors, mb).kind for mb in (2, 1, 0)}
    assert kinds == {2: FLAT, 1: SQ8, 0: PQ}


def test_an_index_with_too_few_rows_to_train_on_is_exact(tmp_path: Path) -> None:
    vectors = topics(300, 16)
    assert write_vectors(tmp_path, vectors, 0) == EXACT
    with pytest.raises(ValueError, match="300 rows of 16 numbers cannot be ivf-sq8"):
        write_vectors(tmp_path, vectors, plan=VectorPlan(SQ8, "IVF64,SQ8", 1))


def test_the_manifest_keeps_what_was_measured(tmp_path: Path) -> None:
    vectors = topics(4000, 32)
    facts = write_vectors(tmp_path, vectors, plan=plan(vectors, SQ8))
    assert facts.kind is SQ8
    assert 0.95 <= facts.recall_at_10 <= 1
    assert facts.measured_on == 256
    assert facts.parameters["probes"] <= 64 // 4
    write_manifest(manifest(tmp_path, facts, 4000, 32), tmp_path)
    read = read_manifest(tmp_path)
    assert read.vectors == facts
    assert len(open_vectors(tmp_path, read.vectors, 32)) == 4000


def test_a_recall_below_the_bound_is_not_opened(tmp_path: Path) -> None:
    vectors = topics(4000, 32)
    facts = write_vectors(tmp_path, vectors, plan=plan(vectors, SQ8))
    low = dataclasses.replace(facts, recall_at_10=0.94)
    with pytest.raises(IndexBroken, match=r"finds 0\.940 of the ten best, less than 0\.95"):
        open_vectors(tmp_path, low, 32)
    assert len(open_vectors(tmp_path, low, 32, bound=0.9)) == 4000
    odd = dataclasses.replace(facts, parameters={"depth": 3})
    with pytest.raises(IndexBroken, match="parameters"):
        open_vectors(tmp_path, odd, 32)


def test_a_manifest_of_the_first_format_is_of_an_exact_index(tmp_path: Path) -> None:
    vectors = topics(20, 8)
    write_vectors(tmp_path, vectors)
    write_manifest(manifest(tmp_path, EXACT, 20, 8), tmp_path)
    data = json.loads((tmp_path / MANIFEST_FILE).read_text("utf-8"))
    assert data["vectors"]["recall@10"] == 1
    del data["vectors"]
    data["format"] = 1
    (tmp_path / MANIFEST_FILE).write_text(json.dumps(data), "utf-8")
    read = read_manifest(tmp_path)
    assert (read.format, read.vectors) == (1, EXACT)
    assert len(open_vectors(tmp_path, read.vectors, 8)) == 20


@pytest.mark.parametrize("wrong", [{"kind": "tree"}, {"parameters": 3}, {"recall@10": None}])
def test_a_manifest_that_makes_no_sense_is_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    write_manifest(manifest(tmp_path, EXACT, 1, 8), tmp_path)
    data = json.loads((tmp_path / MANIFEST_FILE).read_text("utf-8"))
    data["vectors"] |= wrong
    (tmp_path / MANIFEST_FILE).write_text(json.dumps(data), "utf-8")
    with pytest.raises(IndexBroken, match=MANIFEST_FILE):
        read_manifest(tmp_path)


def test_a_changed_row_is_noticed_when_it_is_read(tmp_path: Path) -> None:
    vectors = topics(50, 8)
    write_stored(tmp_path, vectors)
    with (tmp_path / STORED_FILE).open("r+b") as file:
        file.seek(30 * 8 * 4 + 5)
        file.write(b"\x00\xff")
    stored = StoredVectors(tmp_path, 8)
    assert np.array_equal(stored.vectors(np.arange(30)), vectors[:30])
    with pytest.raises(IndexBroken, match="bytes of row 30 have changed"):
        stored.vectors(np.array([29, 30]))
    with pytest.raises(IndexError):
        stored.vectors(np.array([50]))


def test_an_index_that_is_open_answers_when_its_folder_is_gone(tmp_path: Path) -> None:
    vectors = topics(4000, 32)
    facts = write_vectors(tmp_path, vectors, plan=plan(vectors, SQ8))
    index = open_vectors(tmp_path, facts, 32)
    expected = index.search(vectors[5], 5)[1].tolist()
    for path in tmp_path.iterdir():
        path.unlink()
    assert index.search(vectors[5], 5)[1].tolist() == expected


@pytest.mark.skipif(sys.platform != "linux", reason="mapped pages are read from Linux's /proc")
@pytest.mark.parametrize("kind", [FLAT, SQ8])
def test_two_processes_share_the_pages_of_the_index(tmp_path: Path, kind: VectorKind) -> None:
    from footnoted.eval.bench.scale_memory import held, keep_facts

    vectors = topics(8000, 64)
    facts = write_vectors(tmp_path, vectors, plan=plan(vectors, kind), bound=0)
    assert facts.kind is kind
    keep_facts(tmp_path, facts, 64)
    np.save(tmp_path / "asked.npy", vectors[::10])
    told = held(tmp_path, tmp_path / "asked.npy", {})
    size = (tmp_path / DENSE_FILE).stat().st_size / 1e6
    assert told.shared > 0.8 * size
    assert told.private < 0.05 * size


class Broken:
    """An embedder whose vectors are ``spoilt`` before anybody sees them."""

    def __init__(self, whole: Any, spoilt: Callable[[Floats], Floats]) -> None:
        self.whole, self.spoilt = whole, spoilt
        self.card, self.name, self.dim = whole.card, whole.name, whole.dim

    def embed_passages(self, texts: Sequence[str]) -> Floats:
        return self.spoilt(self.whole.embed_passages(texts))


def not_a_number(vectors: Floats) -> Floats:
    vectors[1, 3] = np.nan
    return vectors


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        (not_a_number, "not finite numbers"),
        (lambda vectors: vectors[:, :5], r"shape \(3, 5\)"),
        (lambda vectors: vectors[:2], r"shape \(2, 32\)"),
    ],
)
def test_a_model_without_proper_vectors_indexes_nothing(
    tmp_path: Path, word_hash: WordHash, spoilt: Callable[[Floats], Floats], words: str
) -> None:
    rows = [IndexRow(name, f"The toll of {name}.", "", "en") for name in "abc"]
    broken: Any = Broken(word_hash(token_dim=0), spoilt)
    with pytest.raises(ModelError, match=words) as caught:
        write_rows(tmp_path, rows, broken, None, None, **SMALL)
    assert caught.value.about == broken.name
    assert list(tmp_path.iterdir()) == []


def test_rows_taken_over_from_an_approximate_index_are_exact(
    tmp_path: Path, word_hash: WordHash
) -> None:
    texts = [f"{f'topic{n % 60} ' * 5} toll {n}" for n in range(3000)]
    rows = [IndexRow(str(n), text, "", "en") for n, text in enumerate(texts)]
    first = word_hash(token_dim=0)
    facts = write_rows(
        _made(tmp_path / "1"),
        rows,
        first,
        None,
        None,
        backend=Backend(memory_mb=0),
        corpus_id="c",
        generation_id="g",
    )
    assert facts.kind is not FLAT
    dense = open_vectors(tmp_path / "1", facts, first.dim)
    keys = json.loads((tmp_path / "1" / "rows.json").read_text("utf-8"))["keys"]
    known = KnownRows(dense, None, {key: row for row, key in enumerate(keys)})
    second = word_hash(token_dim=0)
    facts = write_rows(
        _made(tmp_path / "2"),
        rows,
        second,
        known,
        None,
        backend=Backend(memory_mb=0),
        corpus_id="c",
        generation_id="g",
    )
    assert second.embedded == []
    again = open_vectors(tmp_path / "2", facts, first.dim)
    every = np.arange(3000)
    assert np.array_equal(again.vectors(every), first.embed_passages(texts))


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
