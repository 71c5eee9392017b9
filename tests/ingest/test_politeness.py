"""Pace, fairness, retries and robots, measured where they matter: at the servers."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.utils import formatdate

import httpx2
import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st
from stamina.instrumentation import RetryDetails, set_on_retry_hooks
from tests.web_server import Reply, Request, WebServer

from footnoted.domain import Access
from footnoted.ingest.fetching.politeness import PoliteGet, retry_after
from footnoted.ingest.fetching.responses import NoResponse, Response
from footnoted.ingest.fetching.robots import Robots

PACE = 0.15
SLACK = 0.02  # a server's thread may note one request late and the next one early
PAGE = Reply(b"<p>Words.", 200, {"Content-Type": "text/html"})


class Client:
    """A ``Get`` without any manners; ``most`` is how many requests it had under way at once."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client
        self._under_way = 0
        self.most = 0

    async def __call__(
        self, url: str, headers: Sequence[tuple[str, str]] = ()
    ) -> Response | NoResponse:
        self._under_way += 1
        self.most = max(self.most, self._under_way)
        try:
            answer = await self._client.get(url, headers=list(headers))
        except httpx2.TransportError as error:
            return NoResponse(url, Access.DEAD, f"{url} broke: {error!r}.", transient=True)
        finally:
            self._under_way -= 1
        found = tuple(answer.headers.multi_items())
        return Response(url, str(answer.url), answer.status_code, found, answer.content)


def ask(
    *urls: str, headers: Sequence[tuple[str, str]] = (), most: list[int] | None = None, **options
) -> list[Response | NoResponse]:
    """What a polite client gets from all these addresses, asked for at once."""

    async def run() -> list[Response | NoResponse]:
        limits = httpx2.Limits(max_connections=None)
        async with httpx2.AsyncClient(
            follow_redirects=True, trust_env=False, verify=False, timeout=10, limits=limits
        ) as plain:
            client = Client(plain)
            robots = Robots(client, "Footnoted/0.1")
            polite = PoliteGet(client, robots, **{"pace": PACE, **options})
            found = await asyncio.gather(*(polite(url, headers) for url in urls))
        if most is not None:
            most.append(client.most)
        return list(found)

    return asyncio.run(run())


def status(answer: Response | NoResponse) -> int:
    assert isinstance(answer, Response), answer
    return answer.status


def gaps(server: WebServer) -> list[float]:
    times = [request.at for request in server.requests]
    return [after - before for before, after in itertools.pairwise(times)]


def replies(server: WebServer, path: str, *in_turn: Reply) -> str:
    """Serve these replies to ``path`` one after the other, the last one for ever."""
    left = list(in_turn)

    def reply(_: Request) -> Reply:
        return left.pop(0) if len(left) > 1 else left[0]

    server.replies[path] = reply
    return server.url(path)


def quietly(server: WebServer) -> None:
    """Connections will break, and the server's threads need not say so on standard error."""
    server._server.handle_error = lambda *_: None


@pytest.fixture
def quick() -> Iterator[None]:
    """No random wait before a retry; as many attempts as the client wants."""
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@contextmanager
def servers(n: int) -> Iterator[list[WebServer]]:
    started = [WebServer() for _ in range(n)]
    try:
        yield started
    finally:
        for server in started:
            server.close()


def test_requests_to_one_host_keep_their_distance_and_their_order(web):
    web.replies |= {f"/{n}": PAGE._replace(delay=0.05) for n in range(4)}
    found = ask(*(web.url(f"/{n}") for n in range(4)))
    assert [status(answer) for answer in found] == [200] * 4
    assert [request.path for request in web.requests] == ["/robots.txt", "/0", "/1", "/2", "/3"]
    # From the end of one request, which takes 0.05 s, to the beginning of the next.
    first, *others = gaps(web)
    assert first >= PACE - SLACK
    assert min(others) >= PACE + 0.05 - SLACK


def test_a_longer_crawl_delay_counts_and_a_shorter_one_does_not(web):
    for delay, least in (("0.4", 0.4), ("0.01", PACE)):
        web.requests.clear()
        web.page("/robots.txt", f"User-agent: *\nCrawl-delay: {delay}\n")
        ask(web.url("/a"), web.url("/b"))
        assert gaps(web)[1] >= least - SLACK


def test_hosts_are_asked_at_the_same_time():
    with servers(4) as hosts:
        for host in hosts:
            host.replies["/page"] = PAGE._replace(delay=0.8)
        found = ask(*(host.url("/page") for host in hosts))
        assert [status(answer) for answer in found] == [200] * 4
        asked = [host.requests[-1].at for host in hosts]
    assert max(asked) - min(asked) < 0.7  # all before the first one had answered


def test_a_slow_host_of_fifty_addresses_keeps_nobody_waiting():
    with servers(3) as (slow, *others):
        slow.replies |= {f"/{n}": PAGE._replace(delay=0.01) for n in range(50)}
        for host in others:
            host.replies |= {f"/{n}": PAGE for n in range(3)}
        urls = [slow.url(f"/{n}") for n in range(50)]
        urls += [host.url(f"/{n}") for n in range(3) for host in others]
        # Fewer jobs than hosts: a place held while waiting for the slow one would be missed.
        most: list[int] = []
        found = ask(*urls, jobs=2, pace=0.01, most=most)
        assert [status(answer) for answer in found] == [200] * 56
        last = max(request.at for host in others for request in host.requests)
        before = sum(request.at < last for request in slow.requests)
    assert most == [2]
    assert before < 25
    assert [request.path for request in slow.requests[1:]] == [f"/{n}" for n in range(50)]


def test_no_more_jobs_than_allowed_robots_included():
    with servers(6) as hosts:
        for host in hosts:
            host.replies["/robots.txt"] = Reply(status=404, delay=0.05)
            host.replies["/page"] = PAGE._replace(delay=0.05)
        most: list[int] = []
        ask(*(host.url("/page") for host in hosts), jobs=3, pace=0.0, most=most)
    assert most == [3]


def test_robots_txt_is_asked_once_and_obeyed(web):
    web.page("/robots.txt", "User-agent: *\nDisallow: /no\n")
    web.replies |= {f"/yes/{n}": PAGE for n in range(10)}
    found = ask(*(web.url(f"/{w}/{n}") for n in range(10) for w in ("yes", "no")), pace=0.0)
    assert [status(answer) for answer in found[::2]] == [200] * 10
    refused = [answer.access for answer in found[1::2] if isinstance(answer, NoResponse)]
    assert refused == [Access.BLOCKED_BY_ROBOTS] * 10
    assert web.asked("/robots.txt") == 1
    assert len(web.requests) == 11


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


def test_an_exempt_host_is_paced_all_the_same(web):
    web.page("/robots.txt", "User-agent: *\nDisallow: /\nCrawl-delay: 5\n")
    web.replies |= {"/a": PAGE, "/b": PAGE}
    found = ask(web.url("/a"), web.url("/b"), exempt=frozenset({web.address}))
    assert [status(answer) for answer in found] == [200, 200]
    assert web.asked("/robots.txt") == 0
    assert PACE - SLACK <= gaps(web)[0] < 2


def test_headers_go_with_the_request_only(web):
    web.replies["/page"] = PAGE
    ask(web.url("/page"), headers=[("If-None-Match", '"1"')], pace=0.0)
    sent = [request.headers.get("if-none-match") for request in web.requests]
    assert sent == [None, '"1"']


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

    async def broken(url: str, headers: Sequence[tuple[str, str]] = ()) -> Response | NoResponse:
        if url.endswith("/robots.txt"):
            return Response(url, url, 404, (), b"")
        return NoResponse(url, Access.DEAD, "It broke.", transient=True)

    async def run() -> None:
        polite = PoliteGet(broken, Robots(broken, "Footnoted"), pace=0.0, jobs=50, attempts=3)
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
            robots = Robots(client, "Footnoted")
            polite = PoliteGet(client, robots, pace=1.0, clock=clock, sleep=sleep)
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


def test_a_cancelled_request_frees_its_host_and_its_place(web):
    quietly(web)
    web.replies |= {"/slow": PAGE._replace(delay=0.6), "/page": PAGE}

    async def run() -> Response | NoResponse:
        async with httpx2.AsyncClient(trust_env=False, verify=False) as plain:
            client = Client(plain)
            polite = PoliteGet(client, Robots(client, "Footnoted"), jobs=1, pace=PACE)
            slow = asyncio.create_task(polite(web.url("/slow")))
            while not web.asked("/slow"):
                await asyncio.sleep(0.01)
            slow.cancel()
            return await asyncio.wait_for(polite(web.url("/page")), 5)

    assert status(asyncio.run(run())) == 200
    assert gaps(web)[-1] >= PACE - SLACK


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
