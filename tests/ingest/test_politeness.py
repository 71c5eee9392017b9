"""Pace, fairness and robots, measured where they matter: at the servers."""

from __future__ import annotations

import asyncio

import httpx2
from tests.polite_client import (
    AGENT,
    PACE,
    PAGE,
    SLACK,
    Client,
    ask,
    gaps,
    quietly,
    servers,
    status,
)
from tests.web_server import Reply

from footnoted.domain import Access
from footnoted.ingest.fetching.politeness import PoliteGet
from footnoted.ingest.fetching.responses import NoResponse, Response


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


def test_a_cancelled_request_frees_its_host_and_its_place(web):
    quietly(web)
    web.replies |= {"/slow": PAGE._replace(delay=0.6), "/page": PAGE}

    async def run() -> Response | NoResponse:
        async with httpx2.AsyncClient(trust_env=False, verify=False) as plain:
            client = Client(plain)
            polite = PoliteGet(client, AGENT, jobs=1, pace=PACE)
            slow = asyncio.create_task(polite(web.url("/slow")))
            while not web.asked("/slow"):
                await asyncio.sleep(0.01)
            slow.cancel()
            return await asyncio.wait_for(polite(web.url("/page")), 5)

    assert status(asyncio.run(run())) == 200
    assert gaps(web)[-1] >= PACE - SLACK
