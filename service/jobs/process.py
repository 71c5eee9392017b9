"""The process of one job as the server sees it: started, listened to, and really ended."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import NamedTuple, Self

from footnoted.domain import Json

GRACE_SECONDS = 5.0
"""How long an interrupted ingest may take to close its files."""


class Told(NamedTuple):
    """One thing that the process said."""

    kind: str
    data: Json


class JobProcess:
    """A child that leads a group of its own, so that nothing it starts outlives it."""

    def __init__(self, order: bytes) -> None:
        """Start it, and tell it what to do."""
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-W", "ignore", "-m", "footnoted.service.jobs.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._over = False
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it ended already, as its exit code will tell
            self._process.stdin.write(order)
            self._process.stdin.flush()

    @property
    def pid(self) -> int:
        return self._process.pid

    def hear(self, seconds: float) -> list[Told]:
        """What it said since the last time, after at most ``seconds``."""
        until = time.monotonic() + seconds
        told = []
        while not self._over:
            try:
                line = self._lines.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            if line is None:
                self._over = True
            else:
                told.append(Told(**json.loads(line)))
        return told

    @property
    def over(self) -> bool:
        """Whether it said all that it will ever say."""
        return self._over

    def end(self, grace: float = GRACE_SECONDS) -> int:
        """Interrupt it, kill what is left of it and its children, and return its exit code.

        A negative code is the number of the signal that ended it.
        """
        if self._process.poll() is None and not self._over:
            self._process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(grace)
        with suppress(ProcessLookupError, PermissionError):  # the group is empty
            os.killpg(self.pid, signal.SIGKILL)
        return self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end(0.0 if error is not None else GRACE_SECONDS)
        self._listener.join()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(BrokenPipeError):
                pipe.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)
