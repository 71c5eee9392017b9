"""Overload and deadlines over real connections: who waits, who is turned away, who is told."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from contextlib import closing

import pytest
import uvicorn
from starlette.responses import StreamingResponse

from footnoted.service.app import create_app
from footnoted.settings import Settings

ASK = "/v1/ask?q=bridge"


class Slow:
    """Answers when it is let; counts who is being answered."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun = threading.Semaphore(0)
        self.asked = 0

    def wait(self) -> None:
        self.asked += 1
        self.begun.release()
        assert self.go.wait(20)


class Served:
    def __init__(self, standin, tmp_path, **settings) -> None:
        self.slow = slow = Slow()

        class Corpus(standin):
            def ask(self, question, *values, **named):
                if "slow" in question:
                    slow.wait()
                return super().ask(question, *values, **named)

        chosen = Settings(state_dir=tmp_path, **settings)
        self.app = create_app({"town": Corpus()}, settings=chosen)
        self.operations = self.app.state.operations

    def __enter__(self):
        config = uvicorn.Config(self.app, port=0, log_config=None)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run)
        self.thread.start()
        while not self.server.started:
            assert self.thread.is_alive()
            time.sleep(0.01)
        self.port = self.server.servers[0].sockets[0].getsockname()[1]
        self.get(ASK)  # the first request makes what later ones share
        return self

    def __exit__(self, *_):
        self.slow.go.set()
        self.server.should_exit = True
        self.thread.join(10)
        assert not self.thread.is_alive()

    def get(self, path, **options):
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request("GET", path, **options)
            response = connection.getresponse()
            return response.status, response.headers, response.read()

    def ask_slowly(self, number, told):
        """As many clients ask and wait; each adds its status to ``told``."""
        clients = [
            threading.Thread(
                target=lambda: told.append(self.get("/v1/ask?q=slow+bridge")[0]), daemon=True
            )
            for _ in range(number)
        ]
        for client in clients:
            client.start()
        return clients

    def until(self, holds):
        end = time.monotonic() + 10
        while not holds():
            assert time.monotonic() < end
            time.sleep(0.01)


def test_a_full_line_answers_503_at_once_and_probes_do_not_wait(standin, tmp_path) -> None:
    with Served(standin, tmp_path, waiting=2) as served:
        gate, told = served.operations.gate, []
        clients = served.ask_slowly(gate.at_once + 2, told)
        served.until(lambda: (gate.working, gate.in_line) == (gate.at_once, 2))
        began = time.monotonic()
        status, headers, body = served.get(ASK)
        assert status == 503
        assert 1 <= int(headers["Retry-After"]) <= 60
        assert headers["Content-Type"] == "application/problem+json"
        assert "Too many requests are waiting" in json.loads(body)["detail"]
        for path in ("/healthz", "/readyz", "/metrics"):
            assert served.get(path)[0] == 200
        assert time.monotonic() - began < 5
        assert b'footnoted_turned_away_total{why="overloaded"} 1.0' in served.get("/metrics")[2]
        assert b"footnoted_requests_waiting 2.0" in served.get("/metrics")[2]
        assert served.slow.asked == gate.at_once, "who waits in line has no thread"
        served.slow.go.set()
        for client in clients:
            client.join(10)
        assert told == [200] * len(clients)
        assert (gate.working, gate.in_line) == (0, 0)


def test_at_the_deadline_the_asker_is_told_and_the_place_stays_taken(standin, tmp_path) -> None:
    with Served(standin, tmp_path, request_seconds=0.4) as served:
        gate = served.operations.gate
        began = time.monotonic()
        with closing(http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)) as client:
            client.request("GET", "/v1/ask?q=slow+bridge", headers={"X-Request-Id": "late"})
            response = client.getresponse()
            problem = json.loads(response.read())
            assert 0.3 < time.monotonic() - began < 5
            assert (response.status, problem["status"]) == (503, 503)
            assert problem["detail"] == "No answer was ready after 0.4 s."
            assert response.headers["X-Request-Id"] == "late"
            assert int(response.headers["Retry-After"]) >= 1
            assert gate.working == 1, "its thread still works"
            client.request("GET", ASK)
            assert client.getresponse().status == 200, "the connection is good for more"
        served.slow.go.set()
        served.until(lambda: gate.working == 0)
        assert b'why="deadline"} 1.0' in served.get("/metrics")[2]


def test_who_waits_in_line_at_the_deadline_is_told_and_never_answered(standin, tmp_path) -> None:
    with Served(standin, tmp_path, request_seconds=0.4) as served:
        gate, told = served.operations.gate, []
        clients = served.ask_slowly(gate.at_once + 1, told)
        for client in clients:
            client.join(10)
        assert told == [503] * len(clients)
        served.until(lambda: gate.in_line == 0)
        assert gate.working == gate.at_once
        served.slow.go.set()
        served.until(lambda: gate.working == 0)
        assert served.slow.asked == gate.at_once


def test_who_leaves_the_line_is_not_worked_for(standin, tmp_path) -> None:
    with Served(standin, tmp_path) as served:
        gate, told = served.operations.gate, []
        clients = served.ask_slowly(gate.at_once, told)
        served.until(lambda: gate.working == gate.at_once)
        with socket.create_connection(("127.0.0.1", served.port)) as leaving:
            leaving.sendall(b"GET /v1/ask?q=slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
            served.until(lambda: gate.in_line == 1)
        served.until(lambda: gate.in_line == 0)
        served.slow.go.set()
        for client in clients:
            client.join(10)
        assert served.slow.asked == gate.at_once


def test_slow_bodies_take_no_place(standin, tmp_path) -> None:
    with Served(standin, tmp_path, request_seconds=0.6) as served:
        sockets = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(12)]
        for one in sockets:
            one.sendall(
                b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b'Content-Length: 30\r\n\r\n{"question":'
            )
        assert served.get(ASK)[0] == 200
        assert served.operations.gate.working == 0
        for one in sockets:
            one.settimeout(10)
            told = one.recv(65536)
            assert told.startswith(b"HTTP/1.1 408 ")
            assert b"connection: close" in told.lower()
            one.close()


def test_a_failure_after_the_deadline_is_logged(standin, tmp_path, caplog) -> None:
    with Served(standin, tmp_path, request_seconds=0.3) as served:
        ask = served.operations

        def fail():
            served.slow.begun.release()
            served.slow.go.wait(20)
            raise RuntimeError("too late")

        served.slow.wait = fail
        assert served.get("/v1/ask?q=slow", headers={"X-Request-Id": "lost"})[0] == 503
        served.slow.go.set()
        served.until(lambda: ask.gate.working == 0)
    assert "request lost: failed after its deadline" in caplog.text
    assert "too late" in caplog.text


WATCHED = "/v1/ingest/7/events"


@pytest.fixture
def streaming(standin, tmp_path):
    served = Served(standin, tmp_path, request_seconds=1.5)
    left = threading.Event()

    def events():
        yield "event: begun\ndata: {}\n\n"
        left.wait(8)
        yield "event: late\ndata: {}\n\n"

    for path in ("/v1/stream", WATCHED):
        served.app.add_api_route(
            path, lambda: StreamingResponse(events(), media_type="text/event-stream")
        )
    served.app.router.routes.insert(0, served.app.router.routes.pop())  # before the real one
    with served:
        yield served
        left.set()


def test_a_stream_ends_at_the_deadline_with_an_event_that_says_so(streaming) -> None:
    status, _, body = streaming.get("/v1/stream")
    first, last = body.decode().strip().split("\n\n")
    assert (status, first) == (200, "event: begun\ndata: {}")
    assert last.startswith("event: problem\n")
    assert json.loads(last.partition("data: ")[2])["status"] == 503


def test_a_watched_stream_has_no_deadline_and_ends_with_the_server(streaming) -> None:
    told = []
    watcher = threading.Thread(target=lambda: told.append(streaming.get(WATCHED)))
    watcher.start()
    time.sleep(1.8)
    assert watcher.is_alive()
    assert streaming.operations.gate.working == 0
    loop = streaming.server.servers[0].get_loop()
    assert streaming.get("/readyz")[0] == 200
    loop.call_soon_threadsafe(streaming.operations.ending.close_streams)
    watcher.join(5)
    assert told[0][2] == b"event: begun\ndata: {}\n\n", "a whole reply, ended early"
    status, headers, body = streaming.get("/readyz")
    assert (status, json.loads(body)["detail"]) == (503, "This server is about to end.")
    assert headers["Retry-After"]
    assert streaming.get(ASK)[0] == 200, "those who still come are answered"
