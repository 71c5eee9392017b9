"""Several processes that answer on one socket: started, watched, replaced when they die.

The parent listens and never accepts: while a worker lives, whoever connects is answered. A worker
that dies takes only the requests with it that it had accepted; who still waits in the socket's
queue comes to the next one. When the parent dies, its workers end gently.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import connection
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType

from footnoted.errors import FootnotedError
from footnoted.service.operations.metric_files import metrics_folder
from footnoted.service.operations.worker import FIRST_PAUSE, Given, Notify, Worker
from footnoted.settings import Settings

LONGEST_PAUSE = 30.0
SETTLED_SECONDS = 60.0
"""A worker that lived so long was all right: the next one comes after the first pause."""
PATIENCE_SECONDS = 15.0
"""How long after the last deadline workers may take to end before they are killed."""
_LOOK_SECONDS = 0.1

_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Told:
    """The signals that this process was sent."""

    signals: list[int] = field(default_factory=list)


def serve_with_workers(
    names: Sequence[str],
    settings: Settings,
    listener: socket.socket,
    notify: Notify,
    when_ready: Callable[[], None],
) -> None:
    """Answer on ``listener`` with ``settings.workers`` processes until told to end.

    The first one opens the corpora alone: it may have to build an index, or to export a model.
    Raises what keeps a first worker from starting; later ones are started again and again.
    """
    with metrics_folder(settings.state_dir) as folder, _listening_to_signals() as told:
        workers = [Worker(number) for number in range(1, settings.workers + 1)]
        given = Given(names, settings, listener, folder, notify)
        try:
            workers[0].start(given)
            _await_ready(workers[:1], told)
            for worker in workers[1:]:
                if not told.signals:
                    worker.start(given)
            _await_ready(workers, told)
            if not told.signals:
                when_ready()
            while not told.signals:
                _look_after(workers, given)
        finally:
            _end(workers, told, settings)
    if signal.SIGINT in told.signals:
        raise KeyboardInterrupt


def _await_ready(workers: Sequence[Worker], told: _Told) -> None:
    """Wait until these workers answer; raise what keeps one from it."""
    while not told.signals:
        waiting = [worker for worker in workers if not worker.ready]
        if not waiting:
            return
        _hear(waiting)
        for worker in waiting:
            if worker.problem is not None:
                raise worker.problem
            if not worker.alive and not worker.ready:
                raise FootnotedError(
                    f"Worker {worker.number} ended before it could answer ({worker.ended}).",
                    about=f"worker {worker.number}",
                    hint="Its last words stand above; `--workers 1` shows more.",
                )


def _look_after(workers: Sequence[Worker], given: Given) -> None:
    """Hear what workers say for a moment, and start another for each that has died."""
    _hear(workers)
    now = time.monotonic()
    for worker in workers:
        if worker.process is not None and not worker.alive:
            if now - worker.started >= SETTLED_SECONDS:
                worker.pause = FIRST_PAUSE
            worker.due = now + worker.pause
            _logger.error(
                "worker %d (process %s) died: %s; another is started in %g s",
                worker.number,
                worker.process.pid,
                worker.problem or worker.ended,
                worker.pause,
            )
            worker.pause = min(LONGEST_PAUSE, 2 * worker.pause)
            _bury(worker, given.folder)
        elif worker.process is None and now >= worker.due:
            worker.start(given)


def _bury(worker: Worker, folder: Path) -> None:
    """Let go of a dead process, and of the numbers that only a living one has."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 - rarely needed

    if worker.process is not None and worker.news is not None:
        worker.news.close()
        worker.process.close()
    worker.process = worker.news = None
    mark_process_dead(worker.number, str(folder))  # type: ignore[no-untyped-call]


def _hear(workers: Sequence[Worker]) -> None:
    """Wait a moment for news: that a worker is ready, or why it cannot be, or that it has died."""
    speaking = {worker.news: worker for worker in workers if worker.news is not None}
    dying = [worker.process.sentinel for worker in workers if worker.process and worker.alive]
    for heard in connection.wait([*speaking, *dying], timeout=_LOOK_SECONDS):
        if isinstance(heard, Connection):
            worker = speaking[heard]
            try:
                worker.problem = heard.recv()
            except EOFError:  # it closed its end: nothing more is to come
                worker.news = None
            else:
                worker.ready = worker.problem is None
            if worker.news is None:
                heard.close()


def _end(workers: Sequence[Worker], told: _Told, settings: Settings) -> None:
    """Tell the workers to end as this process was told to, and wait for them; then kill them.

    Who is told twice does not want to wait.
    """
    sent = told.signals[0] if told.signals else signal.SIGTERM
    for worker in workers:
        if worker.process is not None and worker.process.pid and worker.alive:
            # One that still loads has nothing to finish, and does not hear Ctrl+C.
            os.kill(worker.process.pid, sent if worker.ready else signal.SIGTERM)
    until = time.monotonic() + settings.drain_seconds + settings.request_seconds + PATIENCE_SECONDS
    while any(worker.alive for worker in workers) and time.monotonic() < until:
        if len(told.signals) > 1:
            break
        _hear(workers)
    for worker in workers:
        if worker.process is not None:
            if worker.alive:
                _logger.error("worker %d did not end; it is killed", worker.number)
                worker.process.kill()
            worker.process.join()


@contextmanager
def _listening_to_signals() -> Iterator[_Told]:
    """The signals to end that come while the block runs; nothing else is done about them."""
    told = _Told()

    def hear(number: int, _: FrameType | None) -> None:
        told.signals.append(number)

    before = {number: signal.signal(number, hear) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
