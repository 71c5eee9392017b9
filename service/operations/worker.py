"""One worker: its place, the process that has it, and what that process does all its life."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import connection, get_context, parent_process
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import NamedTuple

from footnoted.errors import FootnotedError
from footnoted.service.operations.logs import configure, notices
from footnoted.settings import Settings

FIRST_PAUSE = 0.5

Notify = Callable[[str], None]


class Given(NamedTuple):
    """What every worker is started with."""

    names: Sequence[str]
    settings: Settings
    listener: socket.socket
    folder: Path
    notify: Notify


@dataclass(slots=True)
class Worker:
    """The place of a worker, and the process that has it, if one does."""

    number: int
    process: SpawnProcess | None = None
    news: Connection | None = None
    ready: bool = False
    problem: FootnotedError | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = 0.0

    def start(self, given: Given) -> None:
        """Start a process; it sends news when it is ready, or what keeps it from that."""
        context = get_context("spawn")  # a fork would copy locks that threads hold
        self.news, theirs = context.Pipe(duplex=False)
        self.process = context.Process(
            target=_work, args=(self.number, theirs, given), name=f"worker {self.number}"
        )
        self.ready, self.problem, self.started = False, None, time.monotonic()
        self.process.start()
        theirs.close()

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self.process is not None and self.process.is_alive()

    @property
    def ended(self) -> str:
        """How its process ended."""
        code = self.process.exitcode if self.process is not None else None
        return f"signal {signal.Signals(-code).name}" if code and code < 0 else f"exit code {code}"


def _work(number: int, news: Connection, given: Given) -> None:
    """The whole life of a worker, in a process of its own."""
    settings = given.settings
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; the parent decides
    configure(settings.log_format, settings.log_level)
    threading.Thread(target=_end_with_parent, name="parent watched", daemon=True).start()
    from footnoted.service.operations.metrics import share  # noqa: PLC0415 - not in the parent

    share(given.folder, number)
    from footnoted.service.operations.process import answer  # noqa: PLC0415

    try:
        answer(
            given.names,
            settings,
            given.listener,
            notices(settings.log_format, given.notify),
            lambda: news.send(None),
            metrics_folder=given.folder,
            one_of_many=True,
        )
    except FootnotedError as error:
        news.send(error)
        sys.exit(error.exit_code)


def _end_with_parent() -> None:
    """End this process gently when its parent is gone."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
