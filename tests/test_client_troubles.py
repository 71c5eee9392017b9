"""The HTTP client with wrong addresses, and with servers that are busy, broken, or none of ours."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx2
import pytest
from tests.chat_server import ChatServer, chatting, head
from tests.web_server import Reply, WebServer

from footnoted import Client, errors

QUESTION = "When was the bridge opened?"


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:8321", "ftp://a.example", "http://", "http://a:99999", "http://me:pw@a.example",
     "http://a.example/?x=1", "http://a.example/#x"],
)  # fmt: skip
def test_an_address_that_cannot_be_one(url) -> None:
    with pytest.raises(errors.UsageError) as e:
        Client(url)
    assert "pw" not in f"{e.value} {e.value.about}"


@pytest.mark.parametrize("key", ["", "a b", "a\r\nX-Evil: 1", "clé"])
def test_a_key_that_cannot_be_one(key) -> None:
    with pytest.raises(errors.UsageError) as e:
        Client("http://a.example", key)
    assert "Evil" not in str(e.value)


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    with chatting() as server:
        yield server


@pytest.fixture
def web() -> Iterator[WebServer]:
    server = WebServer()
    yield server
    server.close()


@pytest.fixture
def to() -> Iterator[Callable[..., Client]]:
    """Makes clients that are closed in the end."""
    with ExitStack() as stack:
        yield lambda *values, **named: stack.enter_context(Client(*values, **named))


def answers(document: Any, status: int = 200, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(
        json.dumps(document).encode(), status, {"Content-Type": "application/json"} | named
    )


def test_nothing_answers(to) -> None:
    with WebServerGone() as gone, pytest.raises(errors.FetchError, match="Nothing answers") as e:
        to(gone).sources()
    assert e.value.about == gone
    assert "footnoted serve" in str(e.value.hint)


class WebServerGone:
    """The address of a server that has just ended."""

    def __enter__(self) -> str:
        server = WebServer()
        server.close()
        return f"http://{server.address}"

    def __exit__(self, *_: object) -> None:
        pass


def test_a_server_that_is_silent(to, web) -> None:
    web.fallback = Reply(b"{}", delay=0.5)
    with pytest.raises(errors.FetchError, match=r"did not answer within 0\.1 s"):
        to(web.url(""), timeout=0.1).sources()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"<h1>Welcome</h1>", 200, {"Content-Type": "text/html"}),
        Reply(b"<h1>No</h1>", 404, {"Content-Type": "text/html"}),
        Reply(b"[1]", 200, {"Content-Type": "application/json"}),
        Reply(b"[" * 200_000, 200, {"Content-Type": "application/json"}),
        Reply(b'{"a": ', 500, {"Content-Type": "application/json"}),
        Reply(b"", 204),
    ],
    ids=["a page", "another 404", "a list", "very deep", "cut off", "nothing"],
)
def test_a_server_of_another_kind(to, web, reply) -> None:
    web.fallback = reply
    with pytest.raises(errors.FetchError, match="does not answer as Footnoted does") as e:
        to(web.url("")).sources()
    assert e.value.hint


def test_a_redirect_is_not_followed_and_the_key_stays(to, web) -> None:
    elsewhere = WebServer()
    web.fallback = Reply(b"", 307, {"Location": elsewhere.url("/v1/sources")})
    with pytest.raises(errors.FetchError, match=r"sends its clients on to 'http://127"):
        to(web.url(""), "secret").sources()
    elsewhere.close()
    assert web.requests[0].headers["authorization"] == "Bearer secret"
    assert elsewhere.requests == []


def test_a_server_behind_a_path(to, web) -> None:
    web.replies["/answers/v1/sources"] = answers({"references": [], "counts": {}})
    assert to(web.url("/answers/")).sources()["references"] == []
    assert "authorization" not in web.requests[0].headers


def test_proxies_of_the_environment_are_for_other_machines(to, web, monkeypatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", web.url(""))
    monkeypatch.setenv("ALL_PROXY", web.url(""))
    monkeypatch.delenv("NO_PROXY", raising=False)
    direct = WebServer()
    direct.replies["/v1/sources"] = answers({"direct": True})
    web.fallback = answers({"direct": False})
    assert to(direct.url("")).sources() == {"direct": True}
    assert to("http://answers.example").sources() == {"direct": False}
    direct.close()


BUSY = {"type": "about:blank", "title": "Busy", "status": 503, "detail": "Too many ask at once."}


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again_only_when_told_to(to, web, status) -> None:
    def first_busy(_: Any) -> Reply:
        if len(web.requests) == 1:
            return answers(BUSY | {"status": status}, status, Retry_After="1")
        return answers({"whole": True})

    web.fallback = first_busy
    with pytest.raises(errors.FetchError, match="Too many ask at once"):
        to(web.url("")).sources()
    web.requests.clear()
    before = time.monotonic()
    assert to(web.url(""), wait=1).sources() == {"whole": True}
    assert time.monotonic() - before >= 1


def test_waiting_ends(to, web) -> None:
    web.fallback = answers(BUSY, 503, Retry_After="0")
    with pytest.raises(errors.FetchError):
        to(web.url(""), wait=0.35).sources()
    assert len(web.requests) == 4  # at once, and after each tenth of a second


def test_an_error_of_a_newer_server_is_told_by_its_status(to, web) -> None:
    new = {"type": "urn:footnoted:problem:moon-phase", "status": 404, "detail": "Wrong moon."}
    web.fallback = answers(new, 404)
    with pytest.raises(errors.NotFound, match="Wrong moon"):
        to(web.url("")).sources()
    web.fallback = answers({"type": "urn:footnoted:problem:index-broken", "detail": "Cut."}, 503)
    with pytest.raises(errors.IndexBroken, match="Cut"):
        to(web.url("")).sources()


STREAM = head("200 OK", {"Content-Type": "text/event-stream"})
PASSAGES = b'event: passages\ndata: {"passages": []}\n\n'


def test_a_stream_that_breaks_off(to, chat) -> None:
    chat.raw(STREAM, PASSAGES)
    seen = []
    with pytest.raises(errors.FetchError, match="before it was whole"):
        seen.extend(to(chat.url[:-3]).ask_in_steps(QUESTION))


def test_a_problem_in_a_stream_and_events_of_a_newer_server(to, chat) -> None:
    problem = {"type": "urn:footnoted:problem:gone", "status": 410, "detail": "Forgotten."}
    chat.raw(
        STREAM,
        *(b": still working\n\n", b"event: moon\ndata: {}\n\n", PASSAGES),
        b"event: problem\ndata: " + json.dumps(problem).encode() + b"\n\n",
    )
    steps = to(chat.url[:-3]).ask_in_steps(QUESTION)
    assert next(steps) == ("passages", {"passages": []})
    with pytest.raises(errors.Gone, match="Forgotten"):
        next(steps)


def test_a_body_without_end_is_not_read_whole(to, chat, monkeypatch) -> None:
    monkeypatch.setattr("footnoted.client.connection.MOST_BYTES", 2_000_000)
    chat.endless(head("200 OK", {"Content-Type": "application/json"}), b" " * 500_000)
    with pytest.raises(errors.FetchError, match="sends more than"):
        to(chat.url[:-3]).ask(QUESTION)


def test_a_transport_of_ones_own(to) -> None:
    def handle(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json={"asked": str(request.url)})

    client = to("https://a.example", transport=httpx2.MockTransport(handle))
    assert client.sources() == {"asked": "https://a.example/v1/sources"}
