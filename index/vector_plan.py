"""Which kind of vector index suits so many rows and so much memory, and what became of the plan.

| kind | per row (384 numbers) | used |
| --- | --- | --- |
| ``flat`` | 1,536 bytes | while comparing every row takes a few milliseconds |
| ``ivf-sq8`` | 392 bytes | beyond that |
| ``ivf-pq`` | 56 bytes | where the memory allowed does not hold the others; not shared |

Measured in ``docs/decisions/0010-vectors-at-scale.md``, which also says why no graph (HNSW).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from footnoted.domain import Json

EXACT_NUMBERS = 20_000_000  # rows x dim compared in about 6 ms by one core: 52,000 rows of 384
ROWS_A_CELL = 40  # that training looks at; FAISS warns below 39
LEAST_ROWS = 64 * ROWS_A_CELL  # fewer make too few cells to be worth it
RECALL = 0.95  # of the exact ten best; below it an index is neither kept nor opened

_ROW_NUMBER = 8  # bytes that a cell keeps beside each code
_NUMBERS_A_CODE = 4  # a product quantiser's part of a vector, coded in half a byte


class VectorKind(StrEnum):
    """How vectors are kept for search, from the exact one to the smallest."""

    FLAT = "flat"
    SQ8 = "ivf-sq8"
    PQ = "ivf-pq"


@dataclass(frozen=True, slots=True)
class VectorPlan:
    """A kind, its FAISS factory string, and the memory (10^6 bytes) that searching takes."""

    kind: VectorKind
    factory: str
    memory_mb: float


@dataclass(frozen=True, slots=True)
class VectorFacts:
    """What the manifest says of a built index.

    ``parameters`` are those of each search; ``recall_at_10`` is the share of the exact ten best
    that ``measured_on`` questions found. An exact index has 1, measured on none.
    """

    kind: VectorKind = VectorKind.FLAT
    factory: str = "Flat"
    parameters: Mapping[str, int] = field(default_factory=dict)
    recall_at_10: float = 1.0
    measured_on: int = 0

    def to_json(self) -> Json:
        return {
            "kind": self.kind.value,
            "factory": self.factory,
            "parameters": dict(self.parameters),
            "recall@10": self.recall_at_10,
            "measured_on": self.measured_on,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """``ValueError``, ``KeyError``, ``TypeError`` or ``AttributeError`` for anything else."""
        parameters = {str(name): int(value) for name, value in data["parameters"].items()}
        return cls(
            VectorKind(data["kind"]),
            str(data["factory"]),
            parameters,
            float(data["recall@10"]),
            int(data["measured_on"]),
        )


EXACT = VectorFacts()


def choose(rows: int, dim: int, memory_mb: int | None = None) -> VectorPlan:
    """The plan for ``rows`` vectors of ``dim`` numbers, in at most ``memory_mb`` (10^6 bytes).

    ``None`` leaves the memory free. Where nothing fits the plan is the smallest there is, and its
    ``memory_mb`` says so; rows too few to train on stay exact.
    """
    plans = candidates(rows, dim)
    if rows * dim > EXACT_NUMBERS and len(plans) > 1:
        plans = plans[1:]
    fitting = [plan for plan in plans if memory_mb is None or plan.memory_mb <= memory_mb]
    return fitting[0] if fitting else plans[-1]


def candidates(rows: int, dim: int) -> list[VectorPlan]:
    """The plans possible for so many rows, the exact one first, the smallest last."""
    plans = [VectorPlan(VectorKind.FLAT, "Flat", rows * dim * 4 / 1e6)]
    if rows < LEAST_ROWS:
        return plans
    cells = cells_for(rows)
    table = cells * dim * 4
    sq8 = (table + rows * (dim + _ROW_NUMBER)) / 1e6
    plans.append(VectorPlan(VectorKind.SQ8, f"IVF{cells},SQ8", sq8))
    if dim % _NUMBERS_A_CODE == 0:
        codes = dim // _NUMBERS_A_CODE
        pq = (table + rows * (codes / 2 + _ROW_NUMBER)) / 1e6
        plans.append(VectorPlan(VectorKind.PQ, f"IVF{cells},PQ{codes}x4fs", pq))
    return plans


def cells_for(rows: int) -> int:
    """A power of two near four times the root of ``rows``, of at least 40 rows each."""
    wanted = round(math.log2(4 * math.sqrt(rows)))
    trained = math.floor(math.log2(rows / ROWS_A_CELL))
    return 1 << min(wanted, trained)
