from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from footnoted.eval.costs import given_milliseconds, latencies, peak_memory


def test_latencies_are_percentiles_of_all_questions():
    times = {f"q{n}": float(n) for n in range(1, 101)}
    found = latencies(times, seed=1)
    assert list(found) == ["latency_p50_ms", "latency_p95_ms", "latency_p99_ms"]
    expected = np.percentile(list(times.values()), (50, 95, 99))
    assert [one.value for one in found.values()] == pytest.approx(list(expected))
    assert all(one.low <= one.value <= one.high and one.n == 100 for one in found.values())
    assert latencies({}, seed=1) == {}


def test_a_slower_system_costs_more():
    fast = latencies({f"q{n}": 10.0 + n for n in range(50)}, seed=1)
    slow = latencies({f"q{n}": 10.0 + n * 3 for n in range(50)}, seed=1)
    assert all(slow[name].value > fast[name].value for name in fast)


def test_the_peak_counts_what_was_held_and_let_go():
    code = (
        "from footnoted.eval.costs import peak_memory; a = peak_memory().value\n"
        "b = bytearray(b'x') * 200_000_000; del b; print(a, peak_memory().value)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    before, after = map(float, out.stdout.split())
    assert 190 < after - before < 215
    assert peak_memory().n == 1


def test_answers_made_elsewhere_may_say_what_they_took():
    documents = {
        "a": {"timings_ms": {"total": 12}},
        "b": {"timings_ms": None},
        "c": {"timings_ms": {"total": "12"}},
        "d": {"timings_ms": {"total": float("nan")}},
        "e": {"timings_ms": [1]},
        "f": {},
        "g": {"timings_ms": {"total": True}},
        "h": {"timings_ms": {"total": -1.5}},
    }
    assert given_milliseconds(documents) == {"a": 12.0}
