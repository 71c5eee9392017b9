"""Answers as Server-Sent Events: in order, over real connections, to the end or until one goes."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
import time
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from tests.described import check_described
from tests.loopback_server import listening

from footnoted import Assistant, documents
from footnoted.errors import IndexBroken, QuestionError
from footnoted.service import schemas, streaming
from footnoted.service.app import create_app
from footnoted.service.asking import Step

JORDAN = "How many US soldiers were killed in Jordan on 28 January 2024?"
EVENTS = {"Accept": "text/event-stream"}


def events(text):
    """The events of a stream, by the rules of the specification: name, id and data."""
    found = []
    for block in text.split("\n\n"):
        fields = {}
        for line in block.split("\n"):
            if line and not line.startswith(":"):
                name, _, value = line.partition(":")
                fields.setdefault(name, []).append(value.removeprefix(" "))
        if fields:
            data = json.loads("\n".join(fields["data"]))
            found.append((fields["event"][0], fields["id"][0], data))
    return found


def without_time(document):
    return {key: value for key, value in document.items() if key != "timings_ms"}


@pytest.fixture(scope="module")
def packaged():
    with Assistant.open("default") as assistant:
        app = create_app({"default": assistant})
        yield TestClient(app, base_url="http://localhost")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_passages_come_first_then_statements_then_the_same_document(packaged, method):
    if method == "GET":
        streamed = packaged.get("/v1/ask", params={"q": JORDAN, "k": 3}, headers=EVENTS)
    else:
        streamed = packaged.post("/v1/ask", json={"question": JORDAN, "k": 3}, headers=EVENTS)
    assert streamed.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert streamed.headers["cache-control"] == "no-store"
    (first, _, found), (second, _, stated), (last, identity, answer) = events(streamed.text)
    assert (first, second, last, identity) == ("passages", "statements", "answer", "answer")
    whole = packaged.post("/v1/ask", json={"question": JORDAN, "k": 3}).json()
    assert without_time(answer) == without_time(whole)
    check_described(documents.AnswerDocument, answer)
    assert stated == {key: answer[key] for key in stated}
    assert stated["statements"]
    assert found["question"] == JORDAN
    assert found["corpus"] == answer["corpus"]
    assert [p["citation"].pop("number") for p in found["passages"]] == [None] * 3
    for passage in answer["passages"]:
        del passage["citation"]["number"]
    assert found["passages"] == answer["passages"]


def test_a_refusal_is_streamed_to_its_end(packaged):
    streamed = packaged.get("/v1/ask", params={"q": "Who rules Brazil?"}, headers=EVENTS)
    assert [name for name, *_ in events(streamed.text)] == ["passages", "statements", "answer"]
    _, (_, _, stated), (_, _, answer) = events(streamed.text)
    assert (stated["status"], stated["statements"]) == ("refused", [])
    assert answer["reason"] == stated["reason"] == "not_in_corpus"


@pytest.mark.parametrize(
    ("accept", "streams"),
    [
        ("text/event-stream", True),
        ("Text/Event-Stream; charset=utf-8", True),
        ("application/json;q=0.5, text/event-stream", True),
        ("application/json, text/event-stream;q=0.9", False),
        ("text/event-stream;q=0", False),
        ("text/event-stream;q=nonsense", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_the_accept_header_decides(client, accept, streams):
    answered = client.get("/v1/ask", params={"q": "bridge"}, headers={"Accept": accept})
    assert answered.headers["content-type"].startswith(
        "text/event-stream" if streams else "application/json"
    )
    assert "Accept" in answered.headers["vary"]


def test_an_event_source_that_comes_back_is_sent_away(client):
    again = client.get(
        "/v1/ask", params={"q": "bridge"}, headers=EVENTS | {"Last-Event-ID": streaming.LAST}
    )
    assert (again.status_code, again.content) == (204, b"")
    half = client.get("/v1/ask", params={"q": "bridge"}, headers=EVENTS | {"Last-Event-ID": "x"})
    assert half.status_code == 200


def test_what_cannot_be_asked_is_an_ordinary_problem(client):
    for body, status in (({"question": " "}, 422), ({}, 422), ({"question": "x", "k": 0}, 422)):
        refused = client.post("/v1/ask", json=body, headers=EVENTS)
        assert refused.status_code == status
        assert refused.headers["content-type"] == "application/problem+json"
    missing = client.get("/v1/ask", params={"q": "x", "corpus": "lost"}, headers=EVENTS)
    assert (missing.status_code, missing.json()["about"]) == (404, "lost")


@pytest.fixture
def failing(standin):
    """Makes a corpus whose answer fails with an error after its passages."""

    class Failing(standin):
        def ask_in_steps(self, *_, **__):
            yield Step("passages", {"passages": []})
            raise self.error

    def make(error):
        corpus = Failing()
        corpus.error = error
        return TestClient(create_app({"town": corpus}), base_url="http://localhost")

    return make


def test_an_error_on_the_way_is_an_event_with_the_problem(failing, caplog):
    broken = IndexBroken("The index is gone.", hint="Build it.")
    client = failing(broken)
    (_, _, _), (name, _, problem) = events(
        client.get("/v1/ask", params={"q": "bridge"}, headers=EVENTS).text
    )
    assert name == "problem"
    schemas.Problem.model_validate(problem, strict=True)
    assert (problem["status"], problem["detail"], problem["instance"]) == (
        503,
        "The index is gone.",
        "/v1/ask",
    )
    unexpected = failing(RuntimeError("secret /srv/secret"))
    (_, _, _), (name, _, problem) = events(
        unexpected.get("/v1/ask", params={"q": "bridge"}, headers=EVENTS).text
    )
    assert (name, problem["status"]) == ("problem", 500)
    assert "secret" not in json.dumps(problem)
    assert "/srv/secret" in caplog.text


class Slow:
    """Steps that wait for leave, and tell when they were closed."""

    def __init__(self):
        self.go = threading.Event()
        self.closed = threading.Event()
        self.worked = 0

    def ask_in_steps(self, *_, **__):
        try:
            yield Step("passages", {"passages": []})
            for number in range(2000):
                self.go.wait(20)
                time.sleep(0.01)
                self.worked = number + 1
                yield Step("statements", {"number": number})
        finally:
            self.closed.set()


@pytest.fixture
def slow(standin):
    class SlowCorpus(Slow, standin):
        def __init__(self):
            Slow.__init__(self)
            standin.__init__(self)

    return SlowCorpus()


def test_who_goes_ends_the_work(slow):
    with listening(create_app({"town": slow})) as address:
        place = urlsplit(address)
        with closing(http.client.HTTPConnection(place.hostname, place.port, timeout=20)) as asked:
            asked.request("GET", "/v1/ask?q=bridge", headers=EVENTS)
            response = asked.getresponse()
            assert response.readline() == b"event: passages\n"
            assert not slow.closed.is_set()
            response.close()
        deadline = time.monotonic() + 10
        while not slow.closed.is_set() and time.monotonic() < deadline:
            slow.go.set()
            time.sleep(0.01)
        assert slow.closed.is_set()
        assert slow.worked < 1000  # of 2,000, in 20 seconds
        with closing(http.client.HTTPConnection(place.hostname, place.port, timeout=20)) as asked:
            asked.request("GET", "/healthz")
            assert asked.getresponse().status == 200


def test_a_place_is_free_when_its_thread_is_and_not_when_the_client_goes(slow):
    """Else who hangs up again and again takes every thread of the pool."""
    app = create_app({"town": slow})
    gate = app.state.operations.gate
    with listening(app) as address:
        place = urlsplit(address)
        with closing(http.client.HTTPConnection(place.hostname, place.port, timeout=20)) as asked:
            asked.request("GET", "/v1/ask?q=bridge", headers=EVENTS)
            assert asked.getresponse().readline() == b"event: passages\n"
        time.sleep(0.5)  # the hang-up is noticed long before
        assert (gate.working, slow.closed.is_set()) == (1, False)
        slow.go.set()
        assert slow.closed.wait(10)
        deadline = time.monotonic() + 10
        while gate.working and time.monotonic() < deadline:
            time.sleep(0.01)
        assert gate.working == 0


def test_silence_is_filled_with_comments(slow, monkeypatch):
    monkeypatch.setattr(streaming.event_stream, "__defaults__", (0.02,))
    with listening(create_app({"town": slow})) as address:
        place = urlsplit(address)
        with closing(http.client.HTTPConnection(place.hostname, place.port, timeout=20)) as asked:
            asked.request("GET", "/v1/ask?q=bridge", headers=EVENTS)
            lines = iter(asked.getresponse().readline, b"")
            assert [next(lines) for _ in range(4)][3] == b"\n"
            assert [next(lines), next(lines)] == [b": still working\n", b"\n"]
            slow.go.set()
            assert any(line == b"event: statements\n" for line in lines)


def test_steps_are_closed_when_the_first_fails():
    closed = threading.Event()

    def steps():
        try:
            raise QuestionError("The question is empty.")
            yield
        finally:
            closed.set()

    async def ask():
        with pytest.raises(QuestionError):
            await streaming.event_stream(None, steps())

    asyncio.run(ask())
    assert closed.is_set()


def test_streams_are_not_compressed_and_documents_are(packaged):
    asked = {"q": JORDAN}
    compressed = packaged.get("/v1/ask", params=asked, headers={"Accept-Encoding": "gzip"})
    assert compressed.headers["content-encoding"] == "gzip"
    plain = packaged.get("/v1/ask", params=asked, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    streamed = packaged.get("/v1/ask", params=asked, headers=EVENTS | {"Accept-Encoding": "gzip"})
    assert "content-encoding" not in streamed.headers
