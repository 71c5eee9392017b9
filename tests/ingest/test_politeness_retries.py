"""What is asked again, after how long, and when a host is left alone."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from email.utils import formatdate

import httpx2
import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st
from stamina.instrumentation import RetryDetails, set_on_retry_hooks
from tests.polite_client import (
    AGENT,
    PAGE,
    SLACK,
    Client,
    ask,
    gaps,
    quietly,
    replies,
    servers,
    status,
)
from tests.web_server import Reply, Request

from footnoted.domain import Access
from footnoted.ingest.fetching.politeness import PoliteGet, retry_after
from footnoted.ingest.fetching.redirects import NOTHING, Redirect, Spent
from footnoted.ingest.fetching.responses import NoResponse, Response


@pytest.fixture
def quick() -> Iterator[None]:
    """No random wait before a retry; as many attempts as the client wants."""
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest.mark.parametrize("bad", [429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(web, quick, bad):
    url = replies(web, "/page", Reply(status=bad), Reply(status=bad), PAGE)
    assert status(ask(url, pace=0.0)[0]) == 200
    assert web.asked("/page") == 3
    web.requests.clear()
    url = replies(web, "/page", Reply(status=bad), Reply(status=bad), PAGE)
    assert status(ask(url, pace=0.0, attempts=2)[0]) == bad
    assert web.asked("/page") == 2


@pytest.mark.parametrize("final", [403, 404, 410, 451, 501])
def test_what_will_not_pass_is_asked_once(web, quick, final):
    assert status(ask(replies(web, "/page", Reply(status=final)), pace=0.0)[0]) == final
    assert web.asked("/page") == 1


def test_a_connection_that_breaks_is_tried_again(web, quick):
    def hang_up(request: Request) -> Reply:
        if web.asked("/page") == 1:
            raise ConnectionAbortedError
        return PAGE

    quietly(web)
    web.replies["/page"] = hang_up
    assert status(ask(web.url("/page"), pace=0.0)[0]) == 200
    assert web.asked("/page") == 2


def test_retries_wait_a_random_time_that_may_grow(monkeypatch):
    """Full jitter: anything from nothing to 2 s before the first retry, and 4 s for the next."""
    waits: dict[int, list[float]] = {1: [], 2: []}
    sleep = asyncio.sleep
    monkeypatch.setattr(asyncio, "sleep", lambda _: sleep(0))

    def note(details: RetryDetails) -> None:
        waits[details.retry_num].append(details.wait_for)

    async def broken(
        url: str, headers: Sequence[tuple[str, str]] = (), spent: Spent = NOTHING
    ) -> Response | NoResponse | Redirect:
        if url.endswith("/robots.txt"):
            return Response(url, url, 404, (), b"")
        return NoResponse(url, Access.DEAD, "It broke.", transient=True)

    async def run() -> None:
        polite = PoliteGet(broken, AGENT, pace=0.0, jobs=50, attempts=3)
        answers = asyncio.gather(*(polite(f"http://h{n}.example/") for n in range(40)))
        assert all(isinstance(answer, NoResponse) for answer in await answers)

    set_on_retry_hooks([note])
    random.seed(3)
    try:
        asyncio.run(run())
    finally:
        set_on_retry_hooks(None)
    assert {n: len(found) for n, found in waits.items()} == {1: 40, 2: 40}
    for number, most in ((1, 2.0), (2, 4.0)):
        assert 0 <= min(waits[number]) < most / 4
        assert most * 3 / 4 < max(waits[number]) <= most


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_holds_the_whole_host_back(web, quick, form):
    def busy(_: Request) -> Reply:
        if web.asked("/busy") > 1:
            return PAGE
        # A date has whole seconds: this one is between one and two away.
        date = formatdate(time.time() + 2, usegmt=True)
        return Reply(status=429, headers={"Retry-After": "1" if form == "seconds" else date})

    web.replies |= {"/busy": busy, "/other": PAGE}
    found = ask(web.url("/busy"), web.url("/other"), pace=0.0)
    assert [status(answer) for answer in found] == [200, 200]
    assert sorted(request.path for request in web.requests[1:]) == ["/busy", "/busy", "/other"]
    assert web.requests[1].path == "/busy"
    assert 1 - SLACK <= gaps(web)[1] < 2.5


def test_a_host_that_wants_too_much_patience_gets_its_answer_handed_on(web, quick):
    url = replies(web, "/busy", Reply(status=503, headers={"Retry-After": "61"}), PAGE)
    started = time.monotonic()
    answer = ask(url, pace=0.0)[0]
    assert status(answer) == 503
    assert isinstance(answer, Response)
    assert answer.header("retry-after") == "61"
    assert web.asked("/busy") == 1
    assert time.monotonic() - started < 5


def test_patience_is_one_sum_until_the_host_answers_again(web, quick):
    busy = Reply(status=429, headers={"Retry-After": "40"})
    slept: list[float] = []
    now = 0.0

    def clock() -> float:
        return now

    async def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds

    # 40 s, then a second 40 would be too much; after an answer there is patience again.
    urls = [
        replies(web, "/a", busy),
        replies(web, "/b", busy, PAGE),
        replies(web, "/c", PAGE),
        replies(web, "/d", busy, PAGE),
    ]

    async def run() -> list[Response | NoResponse]:
        async with httpx2.AsyncClient(trust_env=False, verify=False) as plain:
            client = Client(plain)
            polite = PoliteGet(client, AGENT, pace=1.0, clock=clock, sleep=sleep)
            return [await polite(url) for url in urls]

    assert [status(answer) for answer in asyncio.run(run())] == [429, 429, 200, 200]
    assert [web.asked(f"/{name}") for name in "abcd"] == [2, 1, 1, 2]
    assert slept == [1.0, 40.0, 1.0, 1.0, 1.0, 40.0]


def test_a_host_that_only_fails_is_left_alone_and_others_are_not(web, quick):
    with servers(1) as (other,):
        web.replies |= {f"/{n}": Reply(status=500) for n in range(40)}
        other.replies |= {f"/{n}": Reply(status=500) for n in range(15)} | {"/good": PAGE}
        urls = [web.url(f"/{n}") for n in range(40)]
        found = ask(*urls, pace=0.0, attempts=1)
        assert [status(answer) for answer in found[:20]] == [500] * 20
        for answer in found[20:]:
            assert isinstance(answer, NoResponse)
            assert (answer.access, answer.transient) == (Access.BLOCKED_BY_SITE, True)
            assert "20 times in a row" in answer.reason
            assert "500 Internal Server Error" in answer.reason
        assert len(web.requests) == 1 + 20
        # An answer in between starts the count anew.
        urls = [other.url(f"/{n}") for n in range(15)]
        found = ask(*urls, other.url("/good"), *urls, pace=0.0, attempts=1)
        assert [status(answer) for answer in found] == [500] * 15 + [200] + [500] * 15


def response(**headers: str) -> Response:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Response("http://a/", "http://a/", 429, named, b"")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        (" 120 ", 120.0),
        ("9" * 5000, float("inf")),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 37.0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 37.0),
        ("Sun Nov  6 08:49:37 1994", 37.0),
        ("Sun, 06 Nov 1994 08:48:37 GMT", 0.0),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_in_seconds_or_as_a_date(value, seconds):
    assert retry_after(response(date="Sun, 06 Nov 1994 08:49:00 GMT", retry_after=value)) == seconds


def test_a_date_counts_from_now_where_the_response_has_none():
    in_a_minute = formatdate(time.time() + 60, usegmt=True)
    found = retry_after(response(Retry_After=in_a_minute))
    assert found is not None
    assert 50 < found <= 60
    assert retry_after(response()) is None


@given(st.text(), st.text())
def test_no_retry_after_raises_or_is_negative(value, date):
    found = retry_after(response(retry_after=value, date=date))
    assert found is None or found >= 0


def test_a_broken_robots_txt_is_tried_again_and_then_blocks_the_site(web, quick):
    web.replies["/page"] = PAGE
    web.page("/robots.txt", "", 503)
    found = ask(web.url("/page"), web.url("/page"), pace=0.0)
    for answer in found:
        assert isinstance(answer, NoResponse)
        assert (answer.access, answer.transient) == (Access.BLOCKED_BY_SITE, True)
    assert [request.path for request in web.requests] == ["/robots.txt"] * 3
    replies(web, "/robots.txt", Reply(status=503), Reply(b"User-agent: *\nDisallow: /x\n"))
    assert status(ask(web.url("/page"), pace=0.0)[0]) == 200
