"""Vectors at scale: time, recall and memory of the index that is chosen, against exact search.

Every size is measured in one run: both indexes are asked the same real questions in turn, and what
they hold is measured in fresh processes.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from footnoted.domain import Json
from footnoted.eval.bench.machine import describe_machine
from footnoted.eval.bench.measures import Latencies, latencies
from footnoted.eval.bench.memory import check_proc
from footnoted.eval.bench.processes import environment
from footnoted.eval.bench.scale_data import QUANTILES, Grown, ScaleData, grown, load_scale_data
from footnoted.eval.bench.scale_memory import Held, held, keep_facts
from footnoted.eval.bench.scale_paper import Known, Planned, on_paper
from footnoted.index.sessions import processors
from footnoted.index.vector_files import open_vectors, write_vectors
from footnoted.index.vector_plan import (
    RECALL,
    VectorFacts,
    VectorKind,
    VectorPlan,
    candidates,
    choose,
)
from footnoted.protocols import Rows, VectorIndex, Vectors
from footnoted.service.indexing import Notify
from footnoted.settings import Settings

SIZES = (10_000, 100_000, 1_000_000)
PAPER = 100_000_000
TIME_BOUND = 0.1  # p95 as a share of exact search's
MEMORY_BOUND = 0.5  # as a share of the exact index's
K = 10
DEEP = 100  # what a question takes from the vectors before fusion


@dataclass(frozen=True, slots=True)
class Side:
    """One index at one size: milliseconds for ``K`` and for ``DEEP`` rows, and megabytes."""

    ten: Latencies
    hundred: Latencies
    memory: Held

    def to_json(self) -> Json:
        ten = {"p50": self.ten.p50, "p95": self.ten.p95}
        hundred = {"p50": self.hundred.p50, "p95": self.hundred.p95}
        return {"k=10": ten, "k=100": hundred, "memory": self.memory.to_json()}


@dataclass(frozen=True, slots=True)
class ScaleRow:
    """An approximate index of ``rows`` vectors beside the exact one.

    ``facts`` is what its manifest would say, of made-up questions; ``recall`` and ``recall_deep``
    (of the 100 best) are measured on real ones. ``chosen`` tells the kind that would be built.
    """

    rows: int
    chosen: bool
    facts: VectorFacts
    build_seconds: float
    recall: float
    recall_deep: float
    ours: Side
    exact: Side
    real_cosines: tuple[float, ...]
    made_cosines: tuple[float, ...]

    @property
    def time_ratio(self) -> float:
        return self.ours.ten.p95 / self.exact.ten.p95

    @property
    def memory_ratio(self) -> float:
        return self.ours.memory.resident / self.exact.memory.resident

    @property
    def ok(self) -> bool:
        """Whether recall, p95 and memory keep their bounds."""
        return (
            self.recall >= RECALL
            and self.time_ratio <= TIME_BOUND
            and self.memory_ratio <= MEMORY_BOUND
        )

    def to_json(self) -> Json:
        return {
            "rows": self.rows,
            "chosen": self.chosen,
            "vectors": self.facts.to_json(),
            "build_seconds": self.build_seconds,
            "recall@10": self.recall,
            "recall@100": self.recall_deep,
            "ours": self.ours.to_json(),
            "exact": self.exact.to_json(),
            "p95_ratio": self.time_ratio,
            "memory_ratio": self.memory_ratio,
            "ok": self.ok,
            "nearest_cosines": {
                "quantiles": list(QUANTILES),
                "real": list(self.real_cosines),
                "made": list(self.made_cosines),
            },
        }


@dataclass(frozen=True, slots=True)
class ScaleReport:
    """The rows of every size, the plan on paper, and what it was taken on and with."""

    rows: tuple[ScaleRow, ...]
    paper: tuple[Planned, ...]
    setting: Json

    @property
    def ok(self) -> bool:
        """Whether the bounds hold for the chosen kind at the largest size, if that is not exact."""
        last = max((row.rows for row in self.rows), default=0)
        return all(row.ok for row in self.rows if row.chosen and row.rows == last)

    def to_json(self) -> Json:
        return {
            "ok": self.ok,
            "rows": [row.to_json() for row in self.rows],
            "paper": [planned.to_json() for planned in self.paper],
        } | self.setting


def measure_scale(
    settings: Settings,
    folders: Sequence[Path],
    sizes: Sequence[int],
    notify: Notify,
    memory_mb: int | None = None,
) -> ScaleReport:
    """Measure with the passages and questions of BEIR ``folders``; 1 million takes half an hour.

    Raises ``UsageError`` on a system without /proc, ``InputError`` for folders of anything else.
    """
    check_proc()
    env = environment(settings, settings.corpus, settings.threads or processors())
    return measure_data(load_scale_data(folders, settings, notify), sizes, env, notify, memory_mb)


def measure_data(
    data: ScaleData,
    sizes: Sequence[int],
    env: Mapping[str, str],
    notify: Notify,
    memory_mb: int | None = None,
) -> ScaleReport:
    """Measure every approximate kind at each of ``sizes``, and say which would be chosen."""
    setting = describe_machine(processors()) | {
        "passages": len(data.passages),
        "questions": len(data.questions),
    }
    rows: list[ScaleRow] = []
    for size in sorted(sizes):
        notify(f"Growing {len(data.passages)} real vectors to {size}")
        with tempfile.TemporaryDirectory(prefix="footnoted-scale-") as folder:
            made = grown(data.passages, size)
            rows += _measured(
                Path(folder),
                made,
                data.questions,
                chosen=choose(size, data.passages.shape[1], memory_mb).kind,
                env=env,
                notify=notify,
            )
    return ScaleReport(tuple(rows), _paper(rows, data.passages.shape[1]) if rows else (), setting)


def _measured(
    folder: Path,
    made: Grown,
    questions: Vectors,
    *,
    chosen: VectorKind,
    env: Mapping[str, str],
    notify: Notify,
) -> list[ScaleRow]:
    """A row for each approximate kind that so many vectors can have."""
    rows, dim = made.vectors.shape
    flat, *others = candidates(rows, dim)
    asked = folder / "questions.npy"
    np.save(asked, questions)
    exact, _, _ = _built(folder, made.vectors, flat)
    exact_memory = held(folder / flat.kind, asked, env)
    found = []
    for plan in others:
        notify(f"Building {plan.factory} of {rows} vectors")
        ours, facts, seconds = _built(folder, made.vectors, plan)
        notify(f"Asking it and the exact index {len(questions)} questions in turn")
        ten = _in_turn(ours, exact, questions, K)
        hundred = _in_turn(ours, exact, questions, DEEP)
        found.append(
            ScaleRow(
                rows,
                plan.kind is chosen,
                facts,
                seconds,
                ten.recall,
                hundred.recall,
                Side(ten.ours, hundred.ours, held(folder / plan.kind, asked, env)),
                Side(ten.exact, hundred.exact, exact_memory),
                made.real,
                made.made,
            )
        )
    return found


def _built(
    folder: Path, vectors: Vectors, plan: VectorPlan
) -> tuple[VectorIndex, VectorFacts, float]:
    """The opened index, what became of the plan whatever its recall, and the seconds it took."""
    (folder / plan.kind).mkdir()
    started = time.perf_counter()
    facts = write_vectors(folder / plan.kind, vectors, bound=0, plan=plan)
    seconds = time.perf_counter() - started
    keep_facts(folder / plan.kind, facts, vectors.shape[1])
    return open_vectors(folder / plan.kind, facts, vectors.shape[1], bound=0), facts, seconds


class _Asked(NamedTuple):
    ours: Latencies
    exact: Latencies
    recall: float


def _in_turn(ours: VectorIndex, exact: VectorIndex, questions: Vectors, k: int) -> _Asked:
    """Both sides' milliseconds for each question, and our share of the exact ``k`` best."""
    times: tuple[list[float], list[float]] = ([], [])
    shares = []
    for question in questions:
        found: list[Rows] = []
        for side, index in zip(times, (ours, exact), strict=True):
            started = time.perf_counter()
            _, rows = index.search(question, k)
            side.append((time.perf_counter() - started) * 1000)
            found.append(rows)
        shares.append(len(np.intersect1d(found[0], found[1])) / len(found[1]))
    return _Asked(latencies(times[0]), latencies(times[1]), float(np.mean(shares)))


def _paper(rows: Sequence[ScaleRow], dim: int) -> tuple[Planned, ...]:
    """The plan for ``PAPER`` vectors from the largest size measured: a line a kind."""
    largest = [row for row in rows if row.rows == rows[-1].rows]
    known = {
        row.facts.kind: Known(row.rows, dim, row.build_seconds, row.ours.ten.p50, row.exact.ten.p50)
        for row in largest
    }
    return on_paper(PAPER, known)
