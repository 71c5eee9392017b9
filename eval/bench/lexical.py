"""Our BM25 against bm25s: time and memory at many passages, and what both find.

Either side answers from a process of its own, started anew for each run; every claim goes to both,
one after the other, and no claim comes twice to one process. Folding the claim is part of the time.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from footnoted.domain import Json
from footnoted.errors import UsageError
from footnoted.eval.bench import memory
from footnoted.eval.bench.lexical_texts import CLAIMS, bench_claims, bench_passages
from footnoted.eval.bench.lexical_worker import BM25S, OURS, build, opened
from footnoted.eval.bench.machine import describe_machine
from footnoted.eval.bench.measures import Latencies, Row, latencies
from footnoted.eval.bench.processes import LineProcess, environment, line_process, time_command
from footnoted.eval.comparisons import Difference, compare
from footnoted.eval.datasets.beir import load_beir
from footnoted.eval.datasets.retrieval import shortened
from footnoted.eval.measures import score_runs, strict_run
from footnoted.eval.statistics import Interval, bootstrap_mean
from footnoted.service.indexing import Notify
from footnoted.settings import Settings

PASSAGES = 100_000
RUNS = 5
DEPTH = 100
P95_BOUND = 2.0
MEMORY_BOUND = 0.5
WARM_UP = ("What is this about?", "Who is named here?", "When did it start?")
SIDES = (OURS, BM25S)


@dataclass(frozen=True, slots=True)
class LexicalComparison:
    """The rows of the benchmark, what both sides find (nDCG@10), and what it was taken on."""

    rows: tuple[Row, ...]
    found: Mapping[str, Interval]
    difference: Difference
    setting: Json

    @property
    def ok(self) -> bool:
        """Whether every bound holds."""
        return all(row.ok is not False for row in self.rows)

    def to_json(self) -> Json:
        return {
            "ok": self.ok,
            "rows": [row.to_json() for row in self.rows],
            "nDCG@10": {side: one._asdict() for side, one in self.found.items()}
            | {"set": CLAIMS, "difference": self.difference.interval._asdict()}
            | {"p": self.difference.p},
        } | self.setting


def compare_lexical(
    bench: Path,
    settings: Settings,
    *,
    passages: int = PASSAGES,
    runs: int = RUNS,
    seed: int = 0,
    notify: Notify = lambda _: None,
) -> LexicalComparison:
    """Measure both sides on ``passages`` texts of the development sets in ``bench``.

    ``footnoted`` is the first side of every row, bm25s the second. Raises ``UsageError`` where
    bm25s is not installed or there is no /proc, ``InputError`` for sets that are not there.
    """
    memory.check_proc()
    bm25s = _bm25s_version()
    env = environment(settings, settings.corpus, threads=1)
    notify(f"Cutting {passages:,} passages of the development sets")
    texts, altered = bench_passages(bench, passages, seed)
    claims = bench_claims(bench)
    with tempfile.TemporaryDirectory(prefix="footnoted-lexical-") as name:
        folders = {side: Path(name) / side for side in SIDES}
        lines = Path(name) / "passages.jsonl"
        lines.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")
        built = {}
        for side, folder in folders.items():
            notify(f"Building the index of {side}")
            folder.mkdir()
            command = _worker(side, "build", lines, folder)
            built[side] = time_command(command, env).ended
        measured = []
        for run in range(1, runs + 1):
            notify(f"{len(claims)} claims to both, run {run} of {runs}")
            measured.append(_asked(folders, claims, env))
    notify(f"Ranking {CLAIMS}")
    found, difference = _quality(bench, seed)
    setting = describe_machine(1) | {
        "passages": len(texts),
        "altered_copies": altered,
        "claims": len(claims),
        "depth": DEPTH,
        "runs": runs,
        "bm25s": bm25s,
    }
    return LexicalComparison(_rows(measured, built), found, difference, setting)


def _bm25s_version() -> str:
    try:
        return version(BM25S)
    except PackageNotFoundError as error:
        raise UsageError(
            "bm25s is not installed, so there is nothing to compare with.",
            about=BM25S,
            hint="Install it: pip install bm25s",
        ) from error


def _worker(side: str, command: str, *arguments: object) -> tuple[str, ...]:
    module = "footnoted.eval.bench.lexical_worker"
    return (sys.executable, "-m", module, side, command, *map(str, arguments))


@dataclass(frozen=True, slots=True)
class _Side:
    """One process's run."""

    warm: Latencies
    memory: memory.Memory


def _asked(
    folders: Mapping[str, Path], claims: Sequence[str], env: Mapping[str, str]
) -> dict[str, _Side]:
    """Both sides' times of every claim, asked in turn, and their memory after the last one."""
    ours, theirs = (_worker(side, "serve", folders[side], DEPTH) for side in SIDES)
    with line_process(ours, env) as first, line_process(theirs, env) as second:
        processes: dict[str, LineProcess] = dict(zip(SIDES, (first, second), strict=True))
        times: dict[str, list[float]] = {side: [] for side in SIDES}
        for question in WARM_UP:
            for process in processes.values():
                process.ask(question)
        for n, claim in enumerate(claims):
            for side in SIDES if n % 2 else reversed(SIDES):
                times[side].append(processes[side].ask(claim))
        return {
            side: _Side(latencies(times[side]), memory.memory_of(process.pid))
            for side, process in processes.items()
        }


def _rows(measured: Sequence[Mapping[str, _Side]], built: Mapping[str, float]) -> tuple[Row, ...]:
    ours, theirs = ([run[side] for run in measured] for side in SIDES)

    def row(
        name: str, unit: str, value: Callable[[_Side], float], most: float | None = None
    ) -> Row:
        return Row(name, unit, tuple(map(value, ours)), tuple(map(value, theirs)), most)

    rows = [
        row("claim, median", "ms", lambda side: side.warm.p50),
        row("claim, p95", "ms", lambda side: side.warm.p95, P95_BOUND),
        row("claim, p99", "ms", lambda side: side.warm.p99),
        row("memory, RSS", "MB", lambda side: side.memory.rss, MEMORY_BOUND),
    ]
    pss = [tuple(s.memory.pss for s in side if s.memory.pss is not None) for side in (ours, theirs)]
    if all(pss):
        rows.append(Row("memory, PSS", "MB", pss[0], pss[1]))
    rows.append(Row("building the index", "s", (built[OURS],), (built[BM25S],)))
    return tuple(rows)


def _quality(bench: Path, seed: int) -> tuple[dict[str, Interval], Difference]:
    """The nDCG@10 of either side on the claims' own documents, and ours minus theirs."""
    dataset = load_beir(bench / CLAIMS)
    names = [document.name for document in dataset.documents]
    texts = [f"{document.title}\n{document.text}" for document in dataset.documents]
    values = {}
    for side in SIDES:
        with tempfile.TemporaryDirectory(prefix="footnoted-lexical-") as folder:
            build(side, texts, Path(folder))
            ask = opened(side, Path(folder))
            run = {}
            for question in dataset.questions:
                rows = ask(shortened(question.text), DEPTH)
                ranked = ((names[row], -float(rank)) for rank, row in enumerate(rows))
                run[question.question_id] = strict_run(ranked)
        values[side] = {"nDCG@10": score_runs(dataset.qrels, run)["nDCG@10"]}
    found = {
        side: bootstrap_mean(list(of_side["nDCG@10"].values()), seed=seed)
        for side, of_side in values.items()
    }
    return found, compare(values[BM25S], values[OURS], seed=seed)["nDCG@10"]
