"""Every kind of vector index must answer as plain arithmetic does, but for a few rows missed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from footnoted.errors import IndexBroken
from footnoted.index.approximate import SCORED_AT_MOST
from footnoted.index.dense import FlatIndex
from footnoted.index.tuning import made_up_questions
from footnoted.index.vector_files import open_vectors, write_vectors
from footnoted.index.vector_plan import (
    RECALL,
    VectorFacts,
    VectorKind,
    candidates,
)
from footnoted.protocols import VectorIndex

Floats = NDArray[np.float32]

DIM, ROWS = 64, 6_000
KINDS = tuple(VectorKind)


@dataclass(frozen=True)
class Built:
    kind: VectorKind
    folder: Path
    facts: VectorFacts
    index: VectorIndex


def unit(vectors: NDArray[Any]) -> Floats:
    made: Floats = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return made


def topics(rows: int = ROWS) -> Floats:
    """Rows around a hundred topics, as passages are; some twice."""
    draw = np.random.default_rng(1)
    centres = draw.standard_normal((100, DIM))
    made = unit(centres[draw.integers(100, size=rows)] + 0.4 * draw.standard_normal((rows, DIM)))
    made[rows // 2 : rows // 2 + 20] = made[:20]
    return made


VECTORS = topics()
QUESTIONS = made_up_questions(VECTORS, 60, seed=77)


def build(folder: Path, vectors: Floats, kind: VectorKind) -> Built:
    (plan,) = [plan for plan in candidates(*vectors.shape) if plan.kind is kind]
    facts = write_vectors(folder, vectors, plan=plan)
    return Built(kind, folder, facts, open_vectors(folder, facts, vectors.shape[1]))


@pytest.fixture(scope="module", params=KINDS)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    made = build(tmp_path_factory.mktemp(request.param), VECTORS, request.param)
    assert made.facts.kind is request.param, "it fell back to another kind"
    return made


def best_of(query: Floats, k: int, among: NDArray[np.int64] | None = None) -> list[int]:
    rows = np.arange(len(VECTORS)) if among is None else np.unique(among)
    scores = np.einsum("nd,d->n", VECTORS[rows], query)  # BLAS may score equal rows unequally
    return [int(row) for row in rows[np.lexsort((rows, -scores))][:k]]


def found_share(built: Built, among: NDArray[np.int64] | None = None, k: int = 10) -> float:
    shares = []
    for query in QUESTIONS:
        rows = built.index.search(query, k, among)[1]
        best = best_of(query, k, among)
        assert len(rows) == len(best)
        shares.append(len(set(rows.tolist()) & set(best)) / len(best))
    return float(np.mean(shares))


def test_the_best_rows_are_found_with_their_exact_scores(built: Built) -> None:
    least = 1.0 if built.kind is VectorKind.FLAT else RECALL
    assert found_share(built) >= least
    for query in QUESTIONS[:10]:
        scores, rows = built.index.search(query, 25)
        assert (scores.dtype, rows.dtype, len(rows)) == (np.float32, np.int64, 25)
        assert np.allclose(scores, VECTORS[rows] @ query, atol=1e-6)
        assert rows.tolist() == rows[np.lexsort((rows, -scores))].tolist()


@pytest.mark.parametrize("count", [1, 7, 200])
def test_of_few_allowed_rows_none_is_missed(built: Built, count: int) -> None:
    draw = np.random.default_rng(count)
    allowed = draw.choice(ROWS, count, replace=False)
    assert found_share(built, np.concatenate([allowed, allowed[:3]])) == 1.0


@pytest.mark.parametrize("step", [9, 2, 1])
def test_many_allowed_rows_are_searched_as_well_as_all(built: Built, step: int) -> None:
    allowed = np.arange(0, ROWS, step)
    assert found_share(built, allowed) >= RECALL
    rows = built.index.search(QUESTIONS[0], 200, allowed)[1]
    assert set(rows.tolist()) <= set(allowed.tolist())


def test_ties_at_the_last_row_wanted_are_won_by_the_first_rows() -> None:
    index = FlatIndex(DIM)
    index.add(np.tile(VECTORS[:500], (4, 1)))  # each row four times, far apart
    for query in QUESTIONS:
        assert index.search(query, 10)[1].tolist() == index.search(query, 40)[1][:10].tolist()


def test_allowed_rows_far_from_the_question_are_found(built: Built) -> None:
    query = QUESTIONS[0]
    # Rows of other topics, as a filter by language or source leaves them: more than are all scored.
    farthest = np.argsort(VECTORS @ query)[:3000]
    assert len(farthest) > SCORED_AT_MOST
    scores = built.index.search(query, 10, farthest)[0]
    best = np.sort(VECTORS[farthest] @ query)[::-1][:10]
    assert np.all(scores > best - 0.02), "what is missed differs by rounding alone"


def test_no_rows_for_no_allowed_rows_and_for_a_k_below_one(built: Built) -> None:
    query = QUESTIONS[0]
    nothing = np.zeros(0, np.int64)
    for k, allowed in ((5, nothing), (0, None), (-3, None), (5, np.array([ROWS, ROWS + 9, -1]))):
        scores, rows = built.index.search(query, k, allowed)
        assert (scores.tolist(), rows.tolist()) == ([], [])
        assert (scores.dtype, rows.dtype) == (np.float32, np.int64)
    assert built.index.scores_for(query, nothing).tolist() == []
    assert built.index.vectors(nothing).shape == (0, DIM)


def test_allowed_rows_beyond_the_end_are_left_out(built: Built) -> None:
    rows = built.index.search(QUESTIONS[0], 5, np.array([3, ROWS, ROWS + 7, ROWS - 1]))[1]
    assert sorted(rows.tolist()) == [3, ROWS - 1]


def test_a_k_above_the_size_gives_every_row(built: Built) -> None:
    scores, rows = built.index.search(QUESTIONS[1], ROWS + 5)
    assert len(built.index) == ROWS
    assert sorted(rows.tolist()) == list(range(ROWS))
    assert np.allclose(scores, np.sort(VECTORS @ QUESTIONS[1])[::-1], atol=1e-6)


def test_vectors_come_back_as_they_were_made(built: Built) -> None:
    rows = np.array([11, 3, 3, ROWS - 1, 12, 0])
    assert np.array_equal(built.index.vectors(rows), VECTORS[rows])
    expected = VECTORS[rows] @ QUESTIONS[2]
    assert np.allclose(built.index.scores_for(QUESTIONS[2], rows), expected, atol=1e-6)
    assert built.index.dim == DIM


def test_a_second_generation_is_as_exact_as_the_first(built: Built, tmp_path: Path) -> None:
    taken = built.index.vectors(np.arange(ROWS))
    again = build(tmp_path, taken, built.kind)
    assert np.array_equal(again.index.vectors(np.arange(ROWS)), VECTORS)
    assert again.facts == built.facts


def test_threads_find_what_one_finds(built: Built) -> None:
    def rows_of(at: int) -> list[int]:
        among = np.arange(0, ROWS, 2) if at % 2 else None
        found: list[int] = built.index.search(QUESTIONS[at], 10, among)[1].tolist()
        return found

    expected = [rows_of(at) for at in range(40)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(rows_of, range(40))) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_ten_thousand_identical_vectors_come_in_row_order(kind: VectorKind, tmp_path: Path) -> None:
    same = np.repeat(VECTORS[:1], 10_000, axis=0)
    made = build(tmp_path, same, kind)
    assert made.facts.recall_at_10 == 1.0
    scores, rows = made.index.search(VECTORS[0], 12)
    assert rows.tolist() == list(range(12))
    assert np.allclose(scores, 1, atol=1e-6)
    chosen = np.arange(9_999, 4_000, -1)
    assert made.index.search(QUESTIONS[0], 3, chosen)[1].tolist() == [4001, 4002, 4003]


@pytest.mark.parametrize("keep", [0, 3, 40, 200, 20_000])
def test_a_cut_or_missing_file_is_refused(built: Built, tmp_path: Path, keep: int) -> None:
    for name in (path.name for path in built.folder.iterdir()):
        folder = tmp_path / name
        folder.mkdir()
        for path in built.folder.iterdir():
            (folder / path.name).write_bytes(path.read_bytes())
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[:keep])
        with pytest.raises(IndexBroken) as caught:
            open_vectors(folder, built.facts, DIM)
        assert str(folder) in str(caught.value.about)
        (folder / name).unlink()
        with pytest.raises(IndexBroken):
            open_vectors(folder, built.facts, DIM)


def test_an_index_of_another_dimension_is_refused(built: Built) -> None:
    with pytest.raises(IndexBroken):
        open_vectors(built.folder, built.facts, DIM * 2)


def test_an_index_of_another_kind_is_refused(built: Built) -> None:
    other = VectorKind.SQ8 if built.kind is VectorKind.FLAT else VectorKind.FLAT
    facts = VectorFacts(other, built.facts.factory, {"probes": 4, "extra": 20})
    with pytest.raises(IndexBroken):
        open_vectors(built.folder, facts, DIM)
