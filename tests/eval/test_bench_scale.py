"""The scale bench: grown vectors are like real ones, and every figure of its report is measured."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from footnoted.errors import FootnotedError, InputError
from footnoted.eval.bench.measures import latencies
from footnoted.eval.bench.scale import ScaleReport, ScaleRow, Side, measure_data, measure_scale
from footnoted.eval.bench.scale_data import ScaleData, grown, nearest_cosines, quantiles
from footnoted.eval.bench.scale_memory import Held, held, mapped
from footnoted.eval.bench.scale_paper import Known, on_paper
from footnoted.index.tuning import turned
from footnoted.index.vector_plan import VectorFacts, VectorKind
from footnoted.settings import load_settings

Floats = NDArray[np.float32]
FLAT, SQ8, PQ = VectorKind


def unit(vectors: NDArray[Any]) -> Floats:
    made: Floats = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return made


def topics(rows: int, dim: int = 48) -> Floats:
    draw = np.random.default_rng(8)
    centres = draw.standard_normal((50, dim))
    return unit(centres[draw.integers(50, size=rows)] + 0.6 * draw.standard_normal((rows, dim)))


def test_grown_vectors_have_neighbours_as_near_as_the_real_ones() -> None:
    real = topics(1500)
    made = grown(real, 9000)
    assert made.vectors.shape == (9000, 48)
    assert np.array_equal(made.vectors[:1500], real)
    assert np.allclose(np.linalg.norm(made.vectors, axis=1), 1, atol=1e-4)
    assert made.real == quantiles(nearest_cosines(real))
    assert np.allclose(made.made, made.real, atol=0.04)
    random = unit(np.random.default_rng(3).standard_normal((9000, 48)))
    assert not np.allclose(quantiles(nearest_cosines(random)), made.real, atol=0.04)


def test_fewer_vectors_than_real_ones_are_real_ones() -> None:
    real = topics(500)
    made = grown(real, 200)
    assert np.array_equal(made.vectors, real[:200])
    assert made.real == made.made == quantiles(nearest_cosines(real[:200]))
    with pytest.raises(ValueError, match="no neighbours"):
        grown(real, 1)


def test_a_nearest_neighbour_is_another_row() -> None:
    twins = np.repeat(topics(40), 2, axis=0)
    assert np.allclose(nearest_cosines(twins), 1, atol=1e-5)
    corners = np.eye(4, dtype=np.float32)
    assert nearest_cosines(corners).tolist() == [0, 0, 0, 0]


def test_a_turned_vector_has_the_cosine_asked_for() -> None:
    vectors = topics(30)
    wanted = np.linspace(0, 1, 30).astype(np.float32)
    made = turned(vectors, topics(60)[30:], wanted)
    assert np.allclose(np.einsum("nd,nd->n", made, vectors), wanted, atol=1e-5)
    assert np.array_equal(turned(vectors, vectors, wanted), vectors)


def test_every_kind_is_measured_and_the_chosen_one_named(tmp_path: Path) -> None:
    real = topics(3000)
    draw = np.random.default_rng(2)
    questions = unit(real[:30] + 0.05 * draw.standard_normal((30, 48)))
    heard: list[str] = []
    report = measure_data(
        ScaleData(real, questions), [4000], dict(os.environ), heard.append, memory_mb=0
    )
    assert [(row.rows, row.facts.kind, row.chosen) for row in report.rows] == [
        (4000, SQ8, False),
        (4000, PQ, True),
    ]
    for row in report.rows:
        assert row.recall > 0.7
        assert 0 < row.ours.ten.p50 <= row.ours.ten.p95
        assert (row.ours.memory.shared > 0) is (row.facts.kind is SQ8)  # PQ is not mapped
        assert row.exact.memory.shared > 0
        assert row.build_seconds > 0
    assert [planned.kind for planned in report.paper] == [FLAT, SQ8, PQ]
    document = json.loads(json.dumps(report.to_json()))
    assert document["rows"][1]["vectors"]["kind"] == "ivf-pq"
    assert document["rows"][0]["nearest_cosines"]["real"] == list(report.rows[0].real_cosines)
    assert document["questions"] == 30
    assert any("IVF" in line for line in heard)


def side(p95: float, resident: float) -> Side:
    times = latencies([p95])
    return Side(times, times, Held(resident, resident, 0))


def row(size: int, chosen: bool, p95: float, resident: float, recall: float) -> ScaleRow:
    return ScaleRow(
        size,
        chosen,
        VectorFacts(SQ8, "IVF64,SQ8"),
        build_seconds=1,
        recall=recall,
        recall_deep=recall,
        ours=side(p95, resident),
        exact=side(100, 1000),
        real_cosines=(),
        made_cosines=(),
    )


@pytest.mark.parametrize(
    ("p95", "resident", "recall", "ok"),
    [(10, 500, 0.95, True), (11, 500, 1, False), (1, 501, 1, False), (1, 1, 0.949, False)],
)
def test_the_chosen_kind_is_held_to_the_bounds_at_the_largest_size(
    p95: float, resident: float, recall: float, ok: bool
) -> None:
    measured = row(10**6, True, p95, resident, recall)
    assert measured.ok is ok
    others = (row(1000, True, 99, 999, 0), row(10**6, False, 99, 999, 0))
    assert ScaleReport((*others, measured), (), {}).ok is ok


def test_the_plan_on_paper_follows_from_what_was_measured() -> None:
    known = {SQ8: Known(1_000_000, 384, build_seconds=360, search_ms=5, exact_ms=100)}
    flat, sq8 = on_paper(4_000_000, known)
    assert (flat.kind, flat.search_ms, flat.build_hours) == (FLAT, 400, 0)
    assert flat.memory_mb == flat.disk_mb == 6144
    assert (sq8.kind, sq8.search_ms, sq8.exact_ms) == (SQ8, 20, 400)
    assert sq8.build_hours == 0.8  # four times the rows, twice the cells
    assert sq8.memory_mb == pytest.approx(1581, abs=2)
    assert sq8.disk_mb == sq8.memory_mb + 6160


def test_mapped_pages_are_counted_by_file() -> None:
    smaps = (
        "7f00-7f10 r--s 00000000 fe:00 12 /data/dense.faiss\n"
        "Rss: 900 kB\nShared_Clean: 500 kB\nPrivate_Clean: 300 kB\nPrivate_Dirty: 100 kB\n"
        "7f10-7f20 r--p 00000000 fe:00 13 /data/other.faiss\nShared_Clean: 7000 kB\n"
        "7f20-7f30 r--s 00000000 fe:00 12 /data/dense.faiss\nShared_Dirty: 500 kB\n"
    )
    assert mapped("dense.faiss", smaps) == pytest.approx((1.024, 0.4096))


def test_a_process_that_fails_is_told_with_its_words(tmp_path: Path) -> None:
    with pytest.raises(FootnotedError, match="No such file"):
        held(tmp_path / "none", tmp_path / "questions.npy", dict(os.environ))


def test_no_folders_are_refused() -> None:
    with pytest.raises(InputError, match="no passages"):
        measure_scale(load_settings(), [], [1000], lambda _: None)
