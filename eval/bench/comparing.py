"""The benchmark: both pipelines in turn, on the same passages, questions and threads.

Each run is a cold question of either side, an index built by either, then warm questions to
processes that stay: the plain script, our retrieval alone and ``Assistant.ask``, a few questions
in turn; ``footnoted serve`` after them.
Both sides' own indexes and the exported model are made first, which also brings the files of both
into the disk's cache. What is timed while a process lives is asked of a new one in every run.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from footnoted.domain import Json
from footnoted.eval.bench import memory
from footnoted.eval.bench.footnoted_worker import write_rows
from footnoted.eval.bench.machine import describe_machine
from footnoted.eval.bench.measures import Row, latencies
from footnoted.eval.bench.processes import (
    Answering,
    console_script,
    environment,
    json_line,
    line_process,
    seconds_of,
    serve_process,
    time_command,
)
from footnoted.eval.bench.subjects import WARM_UP, Subject
from footnoted.eval.bench.table import CLIENTS, Part, Rate, Served, rows_of
from footnoted.index.models import find_model
from footnoted.index.sessions import processors
from footnoted.settings import Settings

QUESTIONS_BEFORE_MEMORY = 50
_AT_A_TIME = 5  # few enough that both sides see the same weather

Notify = Callable[[str], None]
_PLAIN = Path(__file__).with_name("plain_pipeline.py")
_WORKER = (sys.executable, "-m", "footnoted.eval.bench.footnoted_worker")


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rows of a benchmark, and what it was taken on and with."""

    rows: tuple[Row, ...]
    setting: Json

    @property
    def ok(self) -> bool:
        """Whether every bound holds."""
        return all(row.ok is not False for row in self.rows)

    def to_json(self) -> Json:
        return {"ok": self.ok, "rows": [row.to_json() for row in self.rows]} | self.setting


@dataclass(frozen=True, slots=True)
class _Sides:
    """What starts either side: the plain script's command and index, and the environment."""

    plain: tuple[str, ...]
    folder: Path
    env: Mapping[str, str]


def compare(subject: Subject, settings: Settings, runs: int, notify: Notify) -> Comparison:
    """Measure ``runs`` alternating runs on a subject with at least one question.

    Raises ``UsageError`` on a system without /proc or without the installed program, and
    ``FootnotedError`` with the last words of a process that fails.
    """
    memory.check_proc()
    threads = settings.threads or processors()
    machine = describe_machine(threads)
    if machine["load_before"] is not None and machine["load_before"] > processors() / 2:
        notify(f"This machine is busy (load {machine['load_before']:.1f}): times will not hold.")
    ours, theirs = defaultdict[Part, list[object]](list), defaultdict[Part, list[object]](list)
    with tempfile.TemporaryDirectory(prefix="footnoted-bench-") as name:
        folder = Path(name)
        env = environment(settings, subject.corpus, threads)
        sides = _Sides(_plain_command(settings), folder, env)
        notify(f"Building the plain pipeline's index of {len(subject.rows)} passages")
        write_rows(folder / "all.jsonl", subject.rows)
        write_rows(folder / "timed.jsonl", subject.built)
        seconds_of((*sides.plain, "build", str(folder / "all.jsonl"), name), env)
        # The command line is compiled by Python when it is first imported: once uncounted.
        _our_cold(sides, subject.questions[0])
        for run in range(1, runs + 1):
            notify(f"Cold start and {len(subject.built)} passages to index, run {run} of {runs}")
            question = subject.questions[run % len(subject.questions)]
            _keep(ours, _our_cold(sides, question))
            _keep(ours, _built(_WORKER, sides, len(subject.built)))
            _keep(theirs, _plain_cold(sides, question))
            _keep(theirs, _built(sides.plain, sides, len(subject.built)))
        for run in range(1, runs + 1):
            notify(f"{len(subject.questions)} warm questions and memory, run {run} of {runs}")
            our_warm, plain_warm = _warm(sides, subject.questions)
            _keep(ours, our_warm)
            _keep(theirs, plain_warm)
    setting = machine | {
        "corpus": subject.corpus,
        "model": settings.model,
        "passages": len(subject.rows),
        "passages_built": len(subject.built),
        "questions": len(subject.questions),
        "clients": CLIENTS,
        "runs": runs,
    }
    return Comparison(rows_of(ours, theirs), setting)


def _plain_command(settings: Settings) -> tuple[str, ...]:
    source = find_model(settings.model)
    return sys.executable, str(_PLAIN), str(source.folder or source.name)


def _keep(side: Mapping[Part, list[object]], measured: Mapping[Part, object]) -> None:
    for part, value in measured.items():
        side[part].append(value)


def _our_cold(sides: _Sides, question: str) -> dict[Part, object]:
    return {Part.COLD: time_command((console_script(), "ask", "--", question), sides.env)}


def _plain_cold(sides: _Sides, question: str) -> dict[Part, object]:
    command = (*sides.plain, "serve", str(sides.folder), "1")
    return {Part.COLD: time_command(command, sides.env, json_line([question]))}


def _built(command: Sequence[str], sides: _Sides, passages: int) -> dict[Part, object]:
    """The passages that a side indexes in a second, its model loaded before."""
    with tempfile.TemporaryDirectory(dir=sides.folder) as folder:
        timed = str(sides.folder / "timed.jsonl")
        seconds = seconds_of((*command, "build", timed, folder), sides.env)
    return {Part.BUILD: Rate(passages / seconds)}


def _warm(sides: _Sides, questions: Sequence[str]) -> tuple[dict[Part, object], dict[Part, object]]:
    """Ours and the plain side's; HTTP alone, as its memory must not be shared with another's."""
    plain = (*sides.plain, "serve", str(sides.folder))
    search, ask = (*_WORKER, "serve", "search"), (*_WORKER, "serve", "ask")
    with ExitStack() as stack:
        three = [
            stack.enter_context(line_process((*command, "1"), sides.env))
            for command in (plain, search, ask)
        ]
        theirs, retrieval, answers = in_turns(three, questions)
    with serve_process(sides.env) as server:
        (http,) = in_turns([server], questions)
    return {
        Part.RETRIEVAL: retrieval,
        Part.RETRIEVAL_AT_ONCE: _at_once(search, questions, sides.env),
        Part.ANSWERS: answers,
        Part.ANSWERS_AT_ONCE: _at_once(ask, questions, sides.env),
        Part.HTTP: http,
    }, {
        Part.RETRIEVAL: theirs,
        Part.RETRIEVAL_AT_ONCE: _at_once(plain, questions, sides.env),
    }


def _at_once(command: Sequence[str], questions: Sequence[str], env: Mapping[str, str]) -> Rate:
    with line_process((*command, str(CLIENTS)), env) as process:
        process.ask_at_once(WARM_UP)
        return Rate(len(questions) / process.ask_at_once(questions))


def in_turns(processes: Sequence[Answering], questions: Sequence[str]) -> list[Served]:
    """What each process took for the questions, put to one process after another, five at a time.

    So all have their share of whatever else goes on on this machine. Their memory is read after
    the fiftieth question, those that warm up included.
    """
    for process in processes:
        for question in WARM_UP:
            process.ask(question)
    times: list[list[float]] = [[] for _ in processes]
    spent = [0.0] * len(processes)
    held: dict[int, memory.Memory] = {}
    for start in range(0, len(questions), _AT_A_TIME):
        for n, process in enumerate(processes):
            started = time.perf_counter()
            times[n] += [process.ask(q) for q in questions[start : start + _AT_A_TIME]]
            spent[n] += time.perf_counter() - started
            asked = len(WARM_UP) + len(times[n])
            if n not in held and (
                asked >= QUESTIONS_BEFORE_MEMORY or len(times[n]) == len(questions)
            ):
                held[n] = memory.memory_of(process.pid)
    return [_served(process, times[n], spent[n], held[n]) for n, process in enumerate(processes)]


def _served(
    process: Answering, times: Sequence[float], spent: float, held: memory.Memory
) -> Served:
    found = latencies(times)
    return Served(
        p50=found.p50,
        p95=found.p95,
        p99=found.p99,
        per_second=len(times) / spent,
        rss=held.rss,
        pss=held.pss,
        torch=float(len(memory.torch_libraries(process.pid))),
    )
