"""A plan on paper: what more vectors than were measured would take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from footnoted.domain import Json
from footnoted.index.vector_plan import VectorKind, VectorPlan, candidates, cells_for

_CHECKSUM = 4  # bytes a row


@dataclass(frozen=True, slots=True)
class Known:
    """What was measured of an approximate index of so many rows, and of exact search there."""

    rows: int
    dim: int
    build_seconds: float
    search_ms: float
    exact_ms: float


@dataclass(frozen=True, slots=True)
class Planned:
    """What ``rows`` vectors would take, if all went on as measured.

    A search reads the same share of the rows: pessimistic, as cells shrink against the whole.
    Assigning rows to cells is rows x cells of work, and so grows with the power 1.5.
    """

    kind: VectorKind
    factory: str
    rows: int
    memory_mb: float
    disk_mb: float
    build_hours: float
    search_ms: float
    exact_ms: float

    def to_json(self) -> Json:
        return asdict(self) | {"kind": self.kind.value}


def on_paper(rows: int, known: Mapping[VectorKind, Known]) -> tuple[Planned, ...]:
    """The exact index and each approximate kind that is ``known``, of ``rows`` vectors."""
    any_known = next(iter(known.values()))
    return tuple(
        _planned(plan, rows, known.get(plan.kind, any_known))
        for plan in candidates(rows, any_known.dim)
        if plan.kind in known or plan.kind is VectorKind.FLAT
    )


def _planned(plan: VectorPlan, rows: int, known: Known) -> Planned:
    times = rows / known.rows
    work = times * cells_for(rows) / cells_for(known.rows)
    exact = plan.kind is VectorKind.FLAT
    kept = 0 if exact else rows * (4 * known.dim + _CHECKSUM) / 1e6
    return Planned(
        plan.kind,
        plan.factory,
        rows,
        memory_mb=round(plan.memory_mb),
        disk_mb=round(plan.memory_mb + kept),
        build_hours=0.0 if exact else round(known.build_seconds * work / 3600, 1),
        search_ms=round((known.exact_ms if exact else known.search_ms) * times, 1),
        exact_ms=round(known.exact_ms * times, 1),
    )
