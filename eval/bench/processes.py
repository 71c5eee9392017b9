"""Real processes, started as a user starts them, and questions put to those that keep running."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, NamedTuple, Protocol

from footnoted.errors import EXIT_DONE, EXIT_REFUSED, FootnotedError, UsageError
from footnoted.settings import PREFIX, Settings

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS", f"{PREFIX}THREADS")
_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/")


class Timing(NamedTuple):
    """Seconds from the start of a process to its last output, and to its end."""

    printed: float
    ended: float


class Answering(Protocol):
    """A running process that answers."""

    pid: int

    def ask(self, question: str) -> float:
        """Ask, and return the milliseconds that it took."""
        ...


def environment(settings: Settings, corpus: str, threads: int) -> dict[str, str]:
    """What both sides run in: settings, corpus, ``threads`` everywhere, no network, bytecode kept.

    ``corpus`` (a name or a folder) stands in for that of the settings.
    """
    # Installers compile packages; a checkout without bytecode would measure Python's compiler.
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    named = ("model", "data_dir", "cache_dir", "reader")
    ours = {f"{PREFIX}{name.upper()}": str(getattr(settings, name)) for name in named}
    ours[f"{PREFIX}CORPUS"] = corpus
    same = dict.fromkeys(_THREAD_VARIABLES, str(threads))
    return kept | ours | same | {"HF_HUB_OFFLINE": "1", "PYTHONIOENCODING": "utf-8"}


def console_script() -> str:
    """The path of the installed ``footnoted`` program; ``UsageError`` where there is none."""
    name = "footnoted.exe" if sys.platform == "win32" else "footnoted"
    path = Path(sysconfig.get_path("scripts")) / name
    if not path.is_file():
        raise UsageError(
            f"There is no program {path}.",
            about=str(path),
            hint="Install Footnoted (pip install -e .): what is timed is the installed program.",
        )
    return str(path)


def json_line(questions: Sequence[str]) -> str:
    """Questions as one line that both sides' processes read."""
    return json.dumps(list(questions)) + "\n"


def time_command(command: Sequence[str], env: Mapping[str, str], given: str = "") -> Timing:
    """Run ``command`` to its end, ``given`` on its standard input.

    ``FootnotedError`` unless it succeeds or refuses.
    """
    with (
        tempfile.TemporaryFile() as errors,
        tempfile.TemporaryFile("w+", encoding="utf-8") as asked,
    ):
        asked.write(given)
        asked.seek(0)
        started = time.perf_counter()
        with subprocess.Popen(
            command, stdin=asked, stdout=subprocess.PIPE, stderr=errors, env=env
        ) as process:
            assert process.stdout is not None
            printed = started
            while os.read(process.stdout.fileno(), 1 << 16):
                printed = time.perf_counter()
        ended = time.perf_counter()
        if process.returncode not in (EXIT_DONE, EXIT_REFUSED):
            raise _failed(command, process.returncode, errors)
    return Timing(printed - started, ended - started)


def seconds_of(command: Sequence[str], env: Mapping[str, str]) -> float:
    """The ``seconds`` in the last line that ``command`` prints; ``FootnotedError`` if it fails."""
    with tempfile.TemporaryFile() as errors:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=errors, env=env, encoding="utf-8", check=False
        )
        if done.returncode != EXIT_DONE:
            raise _failed(command, done.returncode, errors)
    return float(json.loads(done.stdout.splitlines()[-1])["seconds"])


class LineProcess:
    """Reads a JSON list of questions a line, writes a JSON line with its own ``ms`` for each."""

    def __init__(self, process: subprocess.Popen[str], command: Sequence[str], errors: IO[bytes]):
        self.pid = process.pid
        self._process, self._command, self._errors = process, command, errors

    def ask(self, question: str) -> float:
        (ms,) = self._put([question])
        return ms

    def ask_at_once(self, questions: Sequence[str]) -> float:
        """The seconds until all questions are answered, by all clients of the process."""
        started = time.perf_counter()
        self._put(questions)
        return time.perf_counter() - started

    def _put(self, questions: Sequence[str]) -> list[float]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json_line(questions))
            self._process.stdin.flush()
            lines = [self._process.stdout.readline() for _ in questions]
        except BrokenPipeError:
            lines = [""]
        if not all(lines):
            raise _failed(self._command, self._process.wait(), self._errors)
        return [float(json.loads(line)["ms"]) for line in lines]


class HttpProcess:
    """A ``footnoted serve``, asked over one kept connection; the time is the client's."""

    def __init__(self, pid: int, connection: http.client.HTTPConnection) -> None:
        self.pid = pid
        self._connection = connection

    def ask(self, question: str) -> float:
        body = json.dumps({"question": question})
        started = time.perf_counter()
        self._connection.request("POST", "/v1/ask", body, {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        answer = response.read()
        spent = (time.perf_counter() - started) * 1000
        if response.status != http.HTTPStatus.OK:
            raise FootnotedError(
                f"The server answered {response.status}: {answer.decode('utf-8', 'replace')}",
                about=question,
                hint="Ask the same with `footnoted ask`.",
            )
        return spent


@contextmanager
def line_process(command: Sequence[str], env: Mapping[str, str]) -> Iterator[LineProcess]:
    """The process of ``command`` while the block runs; it must read questions line by line."""
    with tempfile.TemporaryFile() as errors, _running(command, env, errors) as process:
        yield LineProcess(process, command, errors)


@contextmanager
def serve_process(env: Mapping[str, str]) -> Iterator[HttpProcess]:
    """A ``footnoted serve`` on a free port of this machine, ready, while the block runs."""
    with (
        server_process(SERVE, env) as server,
        closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)) as connection,
    ):
        yield HttpProcess(server.pid, connection)


class ServerProcess(NamedTuple):
    """A server that runs, and the port of this machine that it answers on."""

    pid: int
    port: int


SERVE = ("serve", "--host", "127.0.0.1", "--port", "0")
"""Arguments of ``footnoted`` that serve on a free port of this machine."""


@contextmanager
def server_process(arguments: Sequence[str], env: Mapping[str, str]) -> Iterator[ServerProcess]:
    """A server, ready, while the block runs; it must print its address on standard error.

    ``arguments`` are those of ``footnoted``, or a whole command that begins with a path.
    """
    whole = os.path.isabs(arguments[0])  # noqa: PTH117 - a word, not always a path
    command = tuple(arguments) if whole else (console_script(), *arguments)
    with tempfile.TemporaryFile() as errors, _running(command, env, errors) as process:
        yield ServerProcess(process.pid, _port(process, command, errors))


@contextmanager
def _running(
    command: Sequence[str], env: Mapping[str, str], errors: IO[bytes]
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=env,
        encoding="utf-8",
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def _port(process: subprocess.Popen[str], command: Sequence[str], errors: IO[bytes]) -> int:
    while process.poll() is None:
        if found := _ADDRESS.search(_printed(errors)):
            return int(found[1])
        time.sleep(0.05)
    raise _failed(command, process.returncode, errors)


def _failed(command: Sequence[str], code: int, errors: IO[bytes]) -> FootnotedError:
    last = _printed(errors).strip().splitlines()[-3:]
    return FootnotedError(
        f"{' '.join(command)} ended with {code}: {' '.join(last)}",
        about=command[0],
        hint="Run that command by itself to see all that it prints.",
    )


def _printed(errors: IO[bytes]) -> str:
    # The child writes at the offset that it shares with this file: never move it by seek.
    return os.pread(errors.fileno(), 1 << 20, 0).decode("utf-8", "replace")
