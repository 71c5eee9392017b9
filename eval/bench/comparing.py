"""The benchmark: both pipelines in turn, on the same passages, questions and threads.

Each run is a cold question of either side, then warm questions to three processes that stay: the
plain script, ``Assistant.ask`` in a worker, and ``footnoted serve``. Both indexes and the exported
model are made first; building them also brings both sides' files into the disk's cache.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from footnoted.domain import Json
from footnoted.errors import InvariantBroken
from footnoted.eval.bench import memory
from footnoted.eval.bench.machine import cores, describe_machine
from footnoted.eval.bench.measures import Latencies, Row, latencies
from footnoted.eval.bench.processes import (
    Answering,
    Timing,
    console_script,
    environment,
    line_process,
    serve_process,
    time_command,
)
from footnoted.index.models import find_model
from footnoted.service.assistant import Assistant
from footnoted.settings import Settings

COLD_BOUND = 0.15
WARM_BOUND = 0.5
MEMORY_BOUND = 0.5
QUESTIONS_BEFORE_MEMORY = 50
# None stands in an eval set: a question asked before would find its vector remembered.
WARM_UP = (
    *("What is this about?", "Who is named here?", "When did it start?"),
    *("Where did it happen?", "How many were there?"),
)

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
class _Served:
    """One process that answered every question: its speed, and its memory after the fiftieth."""

    warm: Latencies
    memory: memory.Memory
    torch: int


@dataclass(slots=True)
class _Runs:
    """What was measured of one side, a value a run."""

    cold: list[Timing] = field(default_factory=list)
    warm: list[Latencies] = field(default_factory=list)
    served: list[_Served] = field(default_factory=list)


def compare(settings: Settings, questions: Sequence[str], runs: int, notify: Notify) -> Comparison:
    """Measure ``runs`` alternating runs on the settings' corpus with at least one question.

    Raises ``UsageError`` on a system without /proc or without the installed program, and
    ``FootnotedError`` with the last words of a process that fails.
    """
    memory.check_proc()
    threads = settings.threads or cores()
    env = environment(settings, threads)
    machine = describe_machine(threads)
    if machine["load_before"] is not None and machine["load_before"] > cores() / 2:
        notify(f"This machine is busy (load {machine['load_before']:.1f}): times will not hold.")
    texts = _prepare(settings, notify)
    with tempfile.TemporaryDirectory(prefix="footnoted-bench-") as folder:
        plain = _plain_command(settings)
        notify(f"Building both indexes of {len(texts)} passages")
        built = _build(Path(folder), texts, plain, env)
        ours, theirs = _Runs(), _Runs()
        # Building does not import the command line: once uncounted, as Python compiles it then.
        time_command((console_script(), "ask", "--", questions[0]), env)
        for run in range(1, runs + 1):
            notify(f"Cold start, run {run} of {runs}")
            question = questions[run % len(questions)]
            ours.cold.append(time_command((console_script(), "ask", "--", question), env))
            theirs.cold.append(time_command((*plain, "ask", folder, question), env))
        for run in range(1, runs + 1):
            notify(f"{len(questions)} warm questions and memory, run {run} of {runs}")
            with line_process((*_WORKER, "serve"), env) as worker:
                ours.warm.append(_ask_all(worker, questions).warm)
            with line_process((*plain, "serve", folder), env) as process:
                theirs.served.append(_ask_all(process, questions))
            with serve_process(env) as server:
                ours.served.append(_ask_all(server, questions))
    theirs.warm.extend(served.warm for served in theirs.served)
    setting = machine | {
        "corpus": settings.corpus,
        "model": settings.model,
        "passages": len(texts),
        "questions": len(questions),
        "runs": runs,
    }
    return Comparison(_rows(ours, theirs, built), setting)


def _prepare(settings: Settings, notify: Notify) -> list[str]:
    """The texts of the corpus's passages; its model is exported and its index built after this."""
    with Assistant.open(settings=settings, notify=notify) as assistant:
        assistant.load()
        corpus = assistant.corpus
        return [p.span.of(corpus.documents[p.document_id].text) for p in corpus.passages.values()]


def _plain_command(settings: Settings) -> tuple[str, ...]:
    source = find_model(settings.model)
    return sys.executable, str(_PLAIN), str(source.folder or source.name)


def _build(
    folder: Path, texts: Sequence[str], plain: Sequence[str], env: Mapping[str, str]
) -> tuple[float, float]:
    """The seconds of building either index, from the process's start to its end."""
    passages = folder / "passages.jsonl"
    lines = (json.dumps({"text": text}) + "\n" for text in texts)
    passages.write_text("".join(lines), "utf-8")
    ours = time_command((*_WORKER, "build", str(folder / "index")), env)
    theirs = time_command((*plain, "build", str(passages), str(folder)), env)
    return ours.ended, theirs.ended


def _ask_all(process: Answering, questions: Sequence[str]) -> _Served:
    for question in WARM_UP:
        process.ask(question)
    most = QUESTIONS_BEFORE_MEMORY - len(WARM_UP)
    times = [process.ask(question) for question in questions[:most]]
    held = memory.memory_of(process.pid)
    times += [process.ask(question) for question in questions[most:]]
    return _Served(latencies(times), held, len(memory.torch_libraries(process.pid)))


def _rows(ours: _Runs, theirs: _Runs, built: tuple[float, float]) -> tuple[Row, ...]:
    torch = tuple(float(served.torch) for served in theirs.served)
    if not all(torch):
        raise InvariantBroken(
            "The plain script's process shows no torch either, so the check proves nothing.",
            about=str(_PLAIN),
            hint="Report this with `footnoted bench --json` and the version of torch.",
        )
    cold = _Pair(ours.cold, theirs.cold)
    warm = _Pair(ours.warm, theirs.warm)
    over_http = _Pair([served.warm for served in ours.served], theirs.warm)
    held = _Pair([run.memory for run in ours.served], [run.memory for run in theirs.served])
    rows = (
        cold.row("cold start to the answer", "s", "printed", COLD_BOUND),
        cold.row("cold start to the exit", "s", "ended"),
        warm.row("warm question, median", "ms", "p50", WARM_BOUND),
        warm.row("warm question, p95", "ms", "p95"),
        warm.row("warm question, p99", "ms", "p99"),
        over_http.row("over HTTP, median", "ms", "p50"),
        over_http.row("over HTTP, p95", "ms", "p95"),
        over_http.row("over HTTP, p99", "ms", "p99"),
        held.row("serving memory, RSS", "MB", "rss", MEMORY_BOUND),
        held.row("serving memory, PSS", "MB", "pss"),
        Row(
            "torch libraries while serving",
            "",
            tuple(float(served.torch) for served in ours.served),
            torch,
            bound=0,
        ),
        Row("building the index", "s", built[:1], built[1:]),
    )
    return tuple(row for row in rows if row is not None)


class _Pair(NamedTuple):
    """The runs of Footnoted and of the plain pipeline, alike."""

    ours: Sequence[object]
    theirs: Sequence[object]

    def row(self, name: str, unit: str, value: str, bound: float | None = None) -> Row | None:
        """The row of one value of each run; ``None`` where this system does not tell it."""
        ours, theirs = ([getattr(run, value) for run in side] for side in self)
        if None in (*ours, *theirs):
            return None
        return Row(name, unit, tuple(ours), tuple(theirs), bound)
