"""The load generator counts what it is told, and the report holds ours to its bounds."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from footnoted.eval.bench.load import rotated
from footnoted.eval.bench.load_clients import Clients, Load, put_load
from footnoted.eval.bench.load_report import Measured, UnderLoad, checks_of, rows_of


class Answering(BaseHTTPRequestHandler):
    """Answers by turns: well, that it is too busy, wrongly; and now and then not at all."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append(json.loads(body)["question"])
        turn = len(self.asked) % 4
        if turn == 0:
            self.close_connection = True
            return
        self.send_response({1: 200, 2: 503, 3: 500}[turn])
        if turn == 2:
            self.send_header("Retry-After", "1")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"no")

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    Answering.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_every_reply_is_counted_as_what_it_is(port: int) -> None:
    clients = Clients(port, ["Who?", "When?"], 1)
    clients.start()
    while clients.load.answered < 12:
        time.sleep(0.005)
    load = clients.stop()
    per_kind = len(load.ms), load.turned_away, len(load.failed)
    assert sum(per_kind) == load.answered == len(Answering.asked)
    assert len(load.ms) == pytest.approx(load.turned_away, abs=1)
    assert {failure.partition(":")[0] for failure in load.failed} == {"500", "no reply"}
    assert load.seconds > 0
    assert load.per_second == len(load.ms) / load.seconds


def test_no_question_comes_twice(port: int) -> None:
    put_load(port, ["Who?", "When?"], 3, 0.1)
    assert len(Answering.asked) > 6
    assert len(set(Answering.asked)) == len(Answering.asked)
    assert Answering.asked[0] in ("Who?", "When?")
    turns = [question for turn in range(5) for question in rotated(["a", "b", "c"], turn)]
    assert len(set(turns)) == 15


def load(clients: int, ms: list[float], failed: tuple[str, ...] = (), away: int = 0) -> Load:
    return Load(clients, 2.0, ms, away, list(failed))


def measured(**changes: Any) -> dict[int, Measured]:
    switched = load(8, [10.0] * 99 + [30.0], **changes)
    plain, ours = load(8, [40.0] * 10), load(8, [20.0] * 10)
    return {n: Measured([ours], [plain], [switched]) for n in (1, 8, 64)}


def test_rows_compare_both_sides_and_bounds_are_ours() -> None:
    found = measured()
    rows = {row.name: row.ratio for row in rows_of(found)}
    assert rows["8 clients, median"] == 0.5
    assert rows["64 clients while switched, median"] == 0.25
    assert rows["1 client, answers"] == 1
    flat = [300.0] * 40
    assert all(check.ok for check in checks_of(found, flat))
    assert len(checks_of(found, [])) == len(checks_of(found, flat)) - 1


@pytest.mark.parametrize(
    ("changes", "sizes", "missed"),
    [
        ({"failed": ("500: no",)}, [], "requests that failed"),
        ({"away": 1}, [], "requests turned away"),
        ({}, [300.0 + n for n in range(40)], "memory at the end as a multiple"),
    ],
)
def test_each_bound_can_be_missed(changes: Any, sizes: list[float], missed: str) -> None:
    checks = checks_of(measured(**changes), sizes)
    assert [check.name for check in checks if not check.ok] == [missed]
    found = UnderLoad((), checks, (), {"runs": 1})
    assert (found.ok, found.to_json()["ok"], found.to_json()["runs"]) == (False, False, 1)


def test_slow_answers_miss_the_bound_on_spread() -> None:
    found = measured()
    found[8].switched[0].ms[:] = [10.0] * 90 + [60.0] * 10
    assert [check.at_most for check in checks_of(found, []) if not check.ok] == [5.0]
