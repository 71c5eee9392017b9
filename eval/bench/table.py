"""The measures of a benchmark with their bounds, in one table, and the rows that they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from footnoted.errors import InvariantBroken
from footnoted.eval.bench.measures import Row

CLIENTS = 2  # that ask at once


class Part(StrEnum):
    """What a run measures of a side; each is measured in a process of its own."""

    COLD = "cold"
    RETRIEVAL = "retrieval"
    ANSWERS = "answers"
    HTTP = "http"
    RETRIEVAL_AT_ONCE = "retrieval at once"
    ANSWERS_AT_ONCE = "answers at once"
    BUILD = "build"


Runs = Mapping[Part, Sequence[object]]


@dataclass(frozen=True, slots=True)
class Served:
    """One process that answered every question, one after the other; memory after the fiftieth.

    Percentiles in milliseconds, memory in megabytes; ``torch`` counts its libraries.
    """

    p50: float
    p95: float
    p99: float
    per_second: float
    rss: float
    pss: float | None
    torch: float


@dataclass(frozen=True, slots=True)
class Rate:
    """How many passages were built, or questions answered by several clients, in a second."""

    per_second: float


@dataclass(frozen=True, slots=True)
class Measure:
    """A row to be: the value named ``value`` of a ``part`` of ours against one of the plain's."""

    name: str
    unit: str
    part: Part
    value: str
    against: Part
    at_most: float | None = None
    at_least: float | None = None


# The plain pipeline has no answers: whatever we do with a question stands against its retrieval.
MEASURES = (
    Measure("cold start to the answer", "s", Part.COLD, "printed", Part.COLD, at_most=0.10),
    Measure("cold start to the exit", "s", Part.COLD, "ended", Part.COLD),
    Measure("retrieval, median", "ms", Part.RETRIEVAL, "p50", Part.RETRIEVAL, at_most=0.25),
    Measure("retrieval, p95", "ms", Part.RETRIEVAL, "p95", Part.RETRIEVAL),
    Measure("retrieval, p99", "ms", Part.RETRIEVAL, "p99", Part.RETRIEVAL, at_most=0.4),
    Measure("whole answer, median", "ms", Part.ANSWERS, "p50", Part.RETRIEVAL, at_most=0.5),
    Measure("whole answer, p95", "ms", Part.ANSWERS, "p95", Part.RETRIEVAL),
    Measure("whole answer, p99", "ms", Part.ANSWERS, "p99", Part.RETRIEVAL),
    Measure("over HTTP, median", "ms", Part.HTTP, "p50", Part.RETRIEVAL),
    Measure("over HTTP, p95", "ms", Part.HTTP, "p95", Part.RETRIEVAL),
    Measure("over HTTP, p99", "ms", Part.HTTP, "p99", Part.RETRIEVAL),
    Measure("retrievals, one client", "/s", Part.RETRIEVAL, "per_second", Part.RETRIEVAL),
    Measure(
        *(f"retrievals, {CLIENTS} clients", "/s", Part.RETRIEVAL_AT_ONCE, "per_second"),
        Part.RETRIEVAL_AT_ONCE,
    ),
    Measure("whole answers, one client", "/s", Part.ANSWERS, "per_second", Part.RETRIEVAL),
    Measure(
        *(f"whole answers, {CLIENTS} clients", "/s", Part.ANSWERS_AT_ONCE, "per_second"),
        Part.RETRIEVAL_AT_ONCE,
    ),
    Measure("building, passages", "/s", Part.BUILD, "per_second", Part.BUILD, at_least=1.6),
    Measure("serving memory, RSS", "MB", Part.HTTP, "rss", Part.RETRIEVAL, at_most=0.4),
    Measure("serving memory, PSS", "MB", Part.HTTP, "pss", Part.RETRIEVAL, at_most=0.4),
    Measure("torch libraries while serving", "", Part.HTTP, "torch", Part.RETRIEVAL, at_most=0),
)


def rows_of(ours: Runs, plain: Runs) -> tuple[Row, ...]:
    """A row for each measure; without memory's PSS where the kernel does not tell it.

    ``InvariantBroken`` where the plain side shows no torch, by which ours is judged free of it.
    """
    found = (_row(measure, ours, plain) for measure in MEASURES)
    rows = tuple(row for row in found if row is not None)
    if not all(next(row.plain for row in rows if row.name == MEASURES[-1].name)):
        raise InvariantBroken(
            "The plain script's process shows no torch either, so the check proves nothing.",
            about=MEASURES[-1].name,
            hint="Report this with `footnoted bench --json` and the version of torch.",
        )
    return rows


def _row(measure: Measure, ours: Runs, plain: Runs) -> Row | None:
    values = [getattr(run, measure.value) for run in ours[measure.part]]
    others = [getattr(run, measure.value) for run in plain[measure.against]]
    if None in (*values, *others):
        return None
    return Row(
        measure.name,
        measure.unit,
        tuple(values),
        tuple(others),
        at_most=measure.at_most,
        at_least=measure.at_least,
    )
