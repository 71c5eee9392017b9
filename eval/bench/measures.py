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

    ``at_most`` or ``at_least`` is what the ratio may be; without either the row only informs.
    """

    name: str
    unit: str
    footnoted: tuple[float, ...]
    plain: tuple[float, ...]
    at_most: float | None = None
    at_least: float | None = None

    @property
    def ratio(self) -> float:
        """Footnoted's median as a share of the plain pipeline's."""
        return statistics.median(self.footnoted) / statistics.median(self.plain)

    @property
    def ok(self) -> bool | None:
        """Whether the bounds hold; ``None`` without any."""
        if self.at_most is None and self.at_least is None:
            return None
        above = self.at_most is not None and self.ratio > self.at_most
        below = self.at_least is not None and self.ratio < self.at_least
        return not above and not below

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
            "at_most": self.at_most,
            "at_least": self.at_least,
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
