"""A corpus changes under a running server: every request is answered, and soon from the new one."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

ARTICLE = Path(__file__).parents[1] / "fixtures" / "articles" / "lighthouse.txt"
ASK = "/v1/ask?q=How+many+times+brighter+is+the+lamp+than+its+predecessor%3F"
CLIENTS = 2


@pytest.fixture
def folder(copied: Callable[[], Path]) -> Path:
    return copied()


@pytest.fixture
def port(commands, folder: Path) -> Iterator[int]:
    """The port of a server of the corpus in ``folder``; its last words are looked at as well."""
    process = commands.start("serve", "--corpus", folder, "--port", "0")
    assert process.stderr is not None
    found = re.search(r"http://127\.0\.0\.1:(\d+)", process.stderr.readline())
    assert found
    yield int(found[1])
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err, err


def get(port: int, path: str) -> tuple[int, Any]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, json.loads(response.read())


class Clients:
    """Threads that ask again and again, and what each was told."""

    def __init__(self, port: int) -> None:
        self.told: list[tuple[str, str, str]] = []  # revision, generation, answer
        self.failed: list[object] = []
        self._port = port
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def _ask(self) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)) as connection:
            while not self._stop.is_set():
                try:
                    connection.request("GET", ASK)
                    response = connection.getresponse()
                    document = json.loads(response.read())
                except (OSError, http.client.HTTPException, ValueError) as error:
                    self.failed.append(error)
                    return
                if response.status != 200:
                    self.failed.append(document)
                    continue
                named = document["corpus"]
                self.told.append((named["revision"], named["generation"], document["answer"]))
                time.sleep(0.01)  # the two cores are wanted for building, too

    def until(self, generation: str) -> None:
        """Wait until somebody is answered from this generation."""
        deadline = time.monotonic() + 30
        while not any(told[1] == generation for told in self.told[-CLIENTS:]):
            assert not self.failed
            assert time.monotonic() < deadline, self.told[-3:]
            time.sleep(0.01)

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)


@pytest.mark.timeout(120)
def test_no_request_fails_while_others_change_the_corpus(
    commands, folder: Path, port: int, tmp_path: Path
) -> None:
    def run(*arguments: object) -> str:
        """Run a command, not in the server's process, and give the generation in use then."""
        done = commands(*arguments, "--corpus", folder)
        assert done.code == 0, done.err
        return (folder / "index" / "CURRENT").read_text().split()[0]

    changed = tmp_path / "lighthouse.txt"
    changed.write_text(ARTICLE.read_text("utf-8").replace("12.5 times", "13.5 times"), "utf-8")
    first = get(port, ASK)[1]["corpus"]
    clients = Clients(port)
    try:
        clients.until(first["generation"])
        second = run("ingest", changed)
        clients.until(second)
        third = run("index", "rebuild")
        clients.until(third)
        back = run("index", "rollback")
        assert back == second
        before = len(clients.told)
        clients.until(second)
        fourth = run("forget", "1")
        status, answer = get(port, ASK)
        assert (status, answer["corpus"]["generation"]) == (200, fourth), "at once"
        clients.until(fourth)
        assert clients.told[before:]
    finally:
        clients.stop()
    assert clients.failed == []
    assert {told[1] for told in clients.told} == {first["generation"], second, third, fourth}
    revisions = dict.fromkeys(revision for revision, _, _ in clients.told)
    assert len(revisions) == 3, "as ingested, ingested anew, and without what was forgotten"
    for revision, _, words in clients.told:
        number = "12.5" if revision == first["revision"] else "13.5"
        assert f"{number} times" in words
    listing = get(port, "/v1/corpora")[1]["corpora"][0]
    assert (listing["generation"], listing["problem"]) == (fourth, None)


@pytest.mark.timeout(60)
def test_a_broken_generation_is_told_and_the_server_stays_ready(
    commands, folder: Path, port: int
) -> None:
    first = get(port, ASK)[1]["corpus"]["generation"]
    index = folder / "index"
    assert commands("index", "rebuild", "--corpus", folder).code == 0
    second = (index / "CURRENT").read_text().split()[0]
    (index / "generations" / second / "rows.json").write_text("{}")
    deadline = time.monotonic() + 20
    while (problem := get(port, "/v1/corpora")[1]["corpora"][0]["problem"]) is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert "rows.json" in problem
    status, answer = get(port, ASK)
    assert (status, answer["corpus"]["generation"]) == (200, first)
    assert get(port, "/readyz") == (200, {"status": "ready"})


def test_the_port_is_taken_before_the_model_is_loaded(commands, folder: Path, tmp_path) -> None:
    """A model that cannot be loaded would be the error, if it were loaded first."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        named = ("--corpus", folder, "--port", port, "--model", tmp_path / "no-model")
        done = commands("serve", *named)
    assert done.code == 2
    assert f"127.0.0.1:{port} cannot be listened on" in done.err
    done = commands("serve", "--corpus", folder, "--port", "0", "--model", tmp_path / "no-model")
    assert done.code != 0
    assert "no-model" in done.err
