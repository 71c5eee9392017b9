"""What answers cost: percentiles of their milliseconds, and the memory of the process.

Costs are kept apart from measures, because no two runs have the same: a run's results are
identical to the last digit, its costs are not.
"""

from __future__ import annotations

import re
import resource
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from footnoted.eval.statistics import Interval, bootstrap_percentiles

PERCENTS = (50, 95, 99)
MEMORY = "memory_peak_mb"


def latency_name(percent: int) -> str:
    """The name of a percentile of the milliseconds per question (``latency_p95_ms``)."""
    return f"latency_p{percent}_ms"


def latencies(milliseconds: Mapping[str, float], *, seed: int) -> dict[str, Interval]:
    """The 50th, 95th and 99th percentile of the questions' milliseconds; empty without any."""
    if not milliseconds:
        return {}
    found = bootstrap_percentiles(list(milliseconds.values()), PERCENTS, seed=seed)
    return {latency_name(percent): one for percent, one in zip(PERCENTS, found, strict=True)}


def peak_memory() -> Interval:
    """The most megabytes (10^6 bytes) that this process held so far, whatever it did; n is 1."""
    megabytes = _high_water_mark()
    return Interval(megabytes, megabytes, megabytes, 1)


def _high_water_mark(status: Path = Path("/proc/self/status")) -> float:
    """Linux's own mark: that of ``getrusage`` begins with the memory of the process's parent."""
    text = status.read_text("utf-8") if status.is_file() else ""
    if found := re.search(r"^VmHWM:\s+(\d+) kB$", text, re.MULTILINE):
        return int(found[1]) * 1024 / 1e6
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most * 1024 / 1e6


def given_milliseconds(documents: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """What answer documents made elsewhere say that they took (``timings_ms.total``), if they do.

    A number that cannot be a duration is left out.
    """
    said = {
        question_id: (document.get("timings_ms") or {}).get("total")
        for question_id, document in documents.items()
        if isinstance(document.get("timings_ms") or {}, Mapping)
    }
    return {
        question_id: float(total)
        for question_id, total in said.items()
        if isinstance(total, (int, float)) and not isinstance(total, bool) and 0 <= total < 1e9
    }
