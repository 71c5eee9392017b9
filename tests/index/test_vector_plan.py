"""Which kind of index is chosen for how many rows and how much memory."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.index.vector_plan import (
    LEAST_ROWS,
    ROWS_A_CELL,
    VectorFacts,
    VectorKind,
    candidates,
    cells_for,
    choose,
)

FLAT, SQ8, PQ = VectorKind


@pytest.mark.parametrize(
    ("rows", "dim", "memory_mb", "kind"),
    [
        (1, 384, None, FLAT),
        (52_000, 384, None, FLAT),
        (53_000, 384, None, SQ8),
        (20_000, 1024, None, SQ8),  # wider vectors take as long in fewer rows
        (1_000_000, 384, None, SQ8),
        (1_000_000, 384, 2_000, SQ8),
        (1_000_000, 384, 200, PQ),
        (1_000_000, 384, 1, PQ),  # nothing fits: the smallest there is
        (1_000_000, 383, 1, SQ8),  # no parts of four numbers to code
        (20_000, 384, 10, SQ8),
        (20_000, 384, 5, PQ),
        (2_000, 384, 1, FLAT),  # too few rows to train on
    ],
)
def test_the_kind_follows_rows_and_memory(
    rows: int, dim: int, memory_mb: int | None, kind: VectorKind
) -> None:
    assert choose(rows, dim, memory_mb).kind is kind


def test_a_million_passages_take_a_quarter_of_the_exact_index() -> None:
    flat, sq8, pq = candidates(1_000_000, 384)
    assert flat.memory_mb == pytest.approx(1536)
    assert (sq8.factory, pq.factory) == ("IVF4096,SQ8", "IVF4096,PQ96x4fs")
    assert sq8.memory_mb == pytest.approx(398, abs=1)
    assert pq.memory_mb == pytest.approx(62, abs=1)


@given(st.integers(LEAST_ROWS, 10**9), st.sampled_from([64, 384, 768, 1024]))
def test_each_further_candidate_is_smaller(rows: int, dim: int) -> None:
    plans = candidates(rows, dim)
    assert all(left.memory_mb > right.memory_mb for left, right in pairwise(plans))


@given(st.integers(LEAST_ROWS, 10**9))
def test_every_cell_can_be_trained(rows: int) -> None:
    assert 64 <= cells_for(rows) <= rows / ROWS_A_CELL


def test_facts_are_read_as_they_were_written() -> None:
    facts = VectorFacts(SQ8, "IVF64,SQ8", {"probes": 12, "extra": 20}, 0.9712, 256)
    document = facts.to_json()
    assert document["recall@10"] == 0.9712
    assert document["kind"] == "ivf-sq8"
    assert VectorFacts.from_json(document) == facts
