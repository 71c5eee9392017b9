"""Numbers of two pipelines side by side: medians, percentiles, ratios and their bounds."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from footnoted.domain import Json

UNSTEADY = 1.5


@dataclass(frozen=True, slots=True)
class Row:
    """One measure of both pipelines in ``unit``; every value is one run's, ratios are of medians.

    ``bound`` is what the ratio may be at most; without one the row only informs.
    """

    name: str
    unit: str
    footnoted: tuple[float, ...]
    plain: tuple[float, ...]
    bound: float | None = None

    @property
    def ratio(self) -> float:
        """Footnoted's median as a share of the plain pipeline's."""
        return statistics.median(self.footnoted) / statistics.median(self.plain)

    @property
    def ok(self) -> bool | None:
        """Whether the bound holds; ``None`` without one."""
        return None if self.bound is None else self.ratio <= self.bound

    @property
    def steady(self) -> bool:
        """Whether neither side's slowest run took above 1.5 times its fastest."""
        return all(max(side) <= UNSTEADY * min(side) for side in (self.footnoted, self.plain))

    def to_json(self) -> Json:
        return {
            "name": self.name,
            "unit": self.unit,
            "footnoted": statistics.median(self.footnoted),
            "plain": statistics.median(self.plain),
            "ratio": self.ratio,
            "bound": self.bound,
            "ok": self.ok,
            "steady": self.steady,
            "runs": {"footnoted": list(self.footnoted), "plain": list(self.plain)},
        }


@dataclass(frozen=True, slots=True)
class Latencies:
    """Percentiles of one process's warm questions, in milliseconds, linearly interpolated."""

    p50: float
    p95: float
    p99: float


def latencies(ms: Sequence[float]) -> Latencies:
    """The percentiles of at least one question's milliseconds."""
    if not ms:
        raise ValueError("no question was timed")
    p50, p95, p99 = np.percentile(np.asarray(ms, np.float64), (50, 95, 99))
    return Latencies(float(p50), float(p95), float(p99))
