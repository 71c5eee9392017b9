"""Both pipelines served over HTTP, under closed-loop clients, while generations are switched.

Footnoted by ``footnoted serve``, the plain pipeline behind FastAPI; each number of clients asks
one server, then the other, then Footnoted again while its index generation is switched: all see
the same weather. No request may fail. Then, if wished, many requests are put to Footnoted alone,
and its memory is watched.
"""

from __future__ import annotations

import http.client
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from msgspec.structs import replace

from footnoted.errors import FootnotedError
from footnoted.eval.bench import memory
from footnoted.eval.bench.footnoted_worker import write_rows
from footnoted.eval.bench.load_clients import Clients, Load, put_load
from footnoted.eval.bench.load_report import Measured, UnderLoad, checks_of, rows_of
from footnoted.eval.bench.machine import describe_machine
from footnoted.eval.bench.processes import SERVE, environment, seconds_of, server_process
from footnoted.eval.bench.subjects import Subject
from footnoted.index.models import find_model
from footnoted.index.sessions import processors
from footnoted.ingest.locations import corpus_folder
from footnoted.service import housekeeping
from footnoted.settings import PREFIX, Settings

CLIENTS = (1, 8, 64)
_MEMORY_CLIENTS = 8
_MEMORY_LOOKS = 40
_LOOK_SECONDS = 0.05
_WARM = 120
_SWITCH_SECONDS = 20.0

Notify = Callable[[str], None]
_FOLDER = Path(__file__).parent


def measure_load(
    subject: Subject,
    settings: Settings,
    notify: Notify,
    *,
    runs: int,
    seconds: float,
    requests: int = 0,
) -> UnderLoad:
    """Measure ``runs`` alternating runs of ``seconds``, then ``requests`` more for memory.

    The corpus is copied, and generations of its index are made and switched in the copy. Raises
    ``UsageError`` on a system without /proc, ``FootnotedError`` with the last words of a process
    that fails.
    """
    memory.check_proc()
    threads = settings.threads or processors()
    machine = describe_machine(threads)
    measured = {clients: Measured() for clients in CLIENTS}
    sizes: list[float] = []
    with tempfile.TemporaryDirectory(prefix="footnoted-load-") as name, ExitStack() as stack:
        folder = Path(name)
        settings = replace(settings, corpus=_copied(subject.corpus, settings, folder))
        env = environment(settings, settings.corpus, threads) | {
            f"{PREFIX}JUDGE_AHEAD": "false",  # a server that nobody asks must not slow the other
            f"{PREFIX}STATE_DIR": str(folder / "state"),
        }
        notify(f"Building both indexes of {len(subject.rows)} passages")
        housekeeping.rebuild(settings, notify)
        plain = stack.enter_context(server_process(_plain(settings, subject, folder, env), env))
        ours = stack.enter_context(server_process(SERVE, env))
        for turn, clients in enumerate(CLIENTS * runs):
            notify(f"{clients} clients, run {turn // len(CLIENTS) + 1} of {runs}")
            questions = rotated(subject.questions, turn)
            found = measured[clients]
            for port, loads in ((ours.port, found.ours), (plain.port, found.plain)):
                warm_up(port, subject.questions, turn)
                loads.append(put_load(port, questions, clients, seconds))
            found.switched.append(_while_switched(ours.port, questions, clients, seconds, settings))
        if requests:
            notify(f"{requests} requests, and what memory they take")
            sizes = _memory(ours.pid, ours.port, subject.questions, requests)
    loads = [one for found in measured.values() for one in (*found.ours, *found.switched)]
    failed = [failure for load in loads for failure in load.failed]
    setting = machine | {
        "corpus": subject.corpus,
        "model": settings.model,
        "runs": runs,
        "seconds": seconds,
        "requests": requests,
        "answers": sum(len(load.ms) for load in loads),
        "memory_mb": [round(size, 1) for size in sizes],
    }
    return UnderLoad(rows_of(measured), checks_of(measured, sizes), tuple(failed), setting)


def rotated(questions: Sequence[str], turn: int) -> tuple[str, ...]:
    """The questions from another one on, each said otherwise in each turn: none is remembered."""
    at = turn * len(questions) // 7 % len(questions)
    return tuple(f"{question} [{turn}]" for question in (*questions[at:], *questions[:at]))


def warm_up(port: int, questions: Sequence[str], turn: int) -> None:
    """Ask a server so much that it has whatever it makes once and keeps: claims judged, pages read.

    A new generation begins without.
    """
    asking = Clients(port, [f"{question} [{turn}, warm]" for question in questions], 2)
    asking.start()
    while asking.load.answered < min(_WARM, len(questions)):
        time.sleep(_LOOK_SECONDS)
    asking.stop()


def _copied(corpus: str, settings: Settings, folder: Path) -> str:
    copy = folder / "corpus"
    shutil.copytree(corpus_folder(settings, corpus), copy)
    return str(copy)


def _plain(
    settings: Settings, subject: Subject, folder: Path, env: Mapping[str, str]
) -> tuple[str, ...]:
    """The command that serves the plain pipeline, its index built."""
    source = find_model(settings.model)
    model = str(source.folder or source.name)
    write_rows(folder / "all.jsonl", subject.rows)
    build = (sys.executable, str(_FOLDER / "plain_pipeline.py"), model, "build")
    seconds_of((*build, str(folder / "all.jsonl"), str(folder)), env)
    return sys.executable, str(_FOLDER / "plain_server.py"), model, str(folder)


def _while_switched(
    port: int, questions: Sequence[str], clients: int, seconds: float, settings: Settings
) -> Load:
    """What clients are answered while the generation in use is replaced, after half of the time.

    The one that is put in use was built before: building takes processors, switching does not.
    """
    _await_generation(port, housekeeping.rebuild(settings, lambda _: None))
    asking = Clients(port, questions, clients)
    asking.start()
    time.sleep(seconds / 2)
    other = housekeeping.rollback(settings)
    time.sleep(seconds / 2)
    load = asking.stop()
    _await_generation(port, other)
    return load


def _await_generation(port: int, name: str) -> None:
    """Wait until the server answers from this generation; ``FootnotedError`` if it never does."""
    until = time.monotonic() + _SWITCH_SECONDS
    found = None
    while found != name:
        if time.monotonic() > until:
            raise FootnotedError(
                f"The server still answers from generation {found}, not from {name}.",
                about=name,
                hint="Report this, with what `footnoted serve` printed.",
            )
        time.sleep(_LOOK_SECONDS)
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            connection.request("GET", "/v1/corpora")
            found = json.loads(connection.getresponse().read())["corpora"][0]["generation"]


def _memory(pid: int, port: int, questions: Sequence[str], requests: int) -> list[float]:
    """Megabytes that the server holds, looked at forty times in so many requests."""
    asking = Clients(port, [f"{question} [memory]" for question in questions], _MEMORY_CLIENTS)
    asking.start()
    sizes: list[float] = []
    while len(sizes) < _MEMORY_LOOKS:
        if asking.load.answered >= (len(sizes) + 1) * requests // _MEMORY_LOOKS:
            sizes.append(memory.memory_of(pid).rss)
        elif asking.load.failed:
            break
        time.sleep(_LOOK_SECONDS)
    failed = asking.stop().failed
    if failed:
        raise FootnotedError(
            f"A request failed: {failed[0]}", about="/v1/ask", hint="Run the same command again."
        )
    return sizes
