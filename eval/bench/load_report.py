"""What servers were measured to do under load: rows of both sides, and bounds on ours."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from footnoted.domain import Json
from footnoted.eval.bench.load_clients import Load
from footnoted.eval.bench.measures import Row

SPREAD_CLIENTS = 8
MOST_SPREAD = 5.0
MOST_GROWTH = 1.05


class Check(NamedTuple):
    """A value of Footnoted's alone, and the most that it may be; ``None`` where it only informs."""

    name: str
    value: float
    at_most: float | None

    @property
    def ok(self) -> bool:
        """Whether the bound holds."""
        return self.at_most is None or self.value <= self.at_most

    def to_json(self) -> Json:
        return {**self._asdict(), "ok": self.ok}


@dataclass(frozen=True, slots=True)
class UnderLoad:
    """The rows of both sides, the checks of ours, and what all was measured on and with."""

    rows: tuple[Row, ...]
    checks: tuple[Check, ...]
    failed: tuple[str, ...]
    setting: Json

    @property
    def ok(self) -> bool:
        """Whether every bound holds."""
        return all(check.ok for check in self.checks)

    def to_json(self) -> Json:
        return {
            "ok": self.ok,
            "rows": [row.to_json() for row in self.rows],
            "checks": [check.to_json() for check in self.checks],
            "failed": list(self.failed),
        } | self.setting


@dataclass(frozen=True, slots=True)
class Measured:
    """The loads of one number of clients, run by run; ``switched``: ours, while it was."""

    ours: list[Load] = field(default_factory=list)
    plain: list[Load] = field(default_factory=list)
    switched: list[Load] = field(default_factory=list)


def growth(sizes: Sequence[float]) -> float:
    """The memory of the last quarter as a multiple of that of the second, by their medians.

    In the first quarter caches fill, which is no growth.
    """
    quarter = len(sizes) // 4
    return statistics.median(sizes[-quarter:]) / statistics.median(sizes[quarter : 2 * quarter])


def rows_of(measured: Mapping[int, Measured]) -> tuple[Row, ...]:
    """Medians, p99 and answers in a second, for each number of clients."""
    rows: list[Row] = []
    for clients, found in measured.items():
        who = "1 client" if clients == 1 else f"{clients} clients"
        plain = [load.percentiles for load in found.plain]
        for ours, when in ((found.ours, ""), (found.switched, " while switched")):
            times = [load.percentiles for load in ours]
            p50 = tuple(t.p50 for t in times), tuple(t.p50 for t in plain)
            p99 = tuple(t.p99 for t in times), tuple(t.p99 for t in plain)
            rows.append(Row(f"{who}{when}, median", "ms", *p50))
            rows.append(Row(f"{who}{when}, p99", "ms", *p99))
        rates = (
            tuple(load.per_second for load in found.ours),
            tuple(load.per_second for load in found.plain),
        )
        rows.append(Row(f"{who}, answers", "/s", *rates))
    return tuple(rows)


def checks_of(measured: Mapping[int, Measured], sizes: Sequence[float]) -> tuple[Check, ...]:
    """The bounds; that on memory only where it was looked at."""
    loads = [load for found in measured.values() for load in (*found.ours, *found.switched)]
    times = [load.percentiles for load in measured[SPREAD_CLIENTS].switched]
    checks = [
        Check("requests that failed", sum(len(load.failed) for load in loads), 0),
        Check("requests turned away", sum(load.turned_away for load in loads), 0),
        Check(
            f"p99 as a multiple of the median, {SPREAD_CLIENTS} clients while switched",
            statistics.median(one.p99 / one.p50 for one in times),
            MOST_SPREAD,
        ),
    ]
    if sizes:
        checks.append(Check("memory at the end as a multiple", growth(sizes), MOST_GROWTH))
    return tuple(checks)
