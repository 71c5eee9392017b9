"""A ``footnoted serve`` in processes of its own, its log, its workers, and requests to it."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Self

import psutil
from tests.conftest import Commands


class ServedProcess:
    """Started with these arguments of ``serve`` and settings; ended with SIGTERM, if not before."""

    def __init__(
        self, commands: Commands, corpus: Path, state_dir: Path, *arguments: object, **settings: str
    ) -> None:
        self.process: subprocess.Popen[str] = commands.start(
            *("serve", "--corpus", corpus, "--port", "0", *arguments),
            FOOTNOTED_STATE_DIR=str(state_dir),
            FOOTNOTED_JUDGE_AHEAD="false",
            **{f"FOOTNOTED_{name.upper()}": value for name, value in settings.items()},
        )
        self.log: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Self:
        self._reader.start()
        self.until(lambda: self._address() is not None or self.process.poll() is not None, 60)
        address = self._address()
        assert address, self.log
        self.port = int(address[1])
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        finally:
            for one in self.family():
                one.kill()
            self._reader.join(10)
            for pipe in (self.process.stdout, self.process.stderr):
                assert pipe is not None
                pipe.close()
        assert not any("Traceback" in line for line in self.log), self.log

    def family(self) -> list[psutil.Process]:
        """This process and all that it started."""
        try:
            parent = psutil.Process(self.process.pid)
            return [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def workers(self) -> list[int]:
        """The processes that answer."""
        return [
            one.pid for one in self.family()[1:] if any("spawn_main" in w for w in one.cmdline())
        ]

    def until(self, holds: Callable[[], object], seconds: float = 30) -> None:
        """Wait until it holds."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, self.log
            time.sleep(0.02)

    def request(
        self, path: str, body: object = None, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Ask on a connection of its own."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            if body is None:
                connection.request("GET", path, headers=given)
            else:
                given["Content-Type"] = "application/json"
                connection.request("POST", path, json.dumps(body), given)
            response = connection.getresponse()
            return response.status, response.headers, response.read()

    def get(self, path: str, **headers: str) -> tuple[int, Any]:
        """A status, and a JSON document."""
        status, _, body = self.request(path, **headers)
        return status, json.loads(body)

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(line)

    def _address(self) -> re.Match[str] | None:
        return re.search(r"http://127\.0\.0\.1:(\d+)/", "".join(self.log))
