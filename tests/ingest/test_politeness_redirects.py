"""Redirects are requests like any other: robots.txt, turn and pace are those of their target."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator

import pytest
import stamina
from tests.hostile_server import HostileWeb
from tests.web_server import Reply, Request, WebServer

from footnoted.domain import Access
from footnoted.ingest.fetching.responses import NoResponse, Response
from footnoted.ingest.fetching.web import connect
from footnoted.settings import Settings

PAGE = Reply(b"<p>Words.", 200, {"Content-Type": "text/html"})
NOBODY = "User-agent: *\nDisallow: "


@pytest.fixture
def other() -> Iterator[WebServer]:
    server = WebServer()
    yield server
    server.close()


def ask(
    *urls: str, servers: tuple[WebServer, ...], exempt: tuple[str, ...] = (), **options
) -> list[Response | NoResponse]:
    """What an ingest gets from all these addresses, asked for at once; no pace if none is given."""
    allow = ",".join(server.address for server in servers)
    settings = Settings(fetch_allow=allow, **{"pace": 0.0, "fetch_seconds": 10.0, **options})

    async def run() -> list[Response | NoResponse]:
        async with connect(settings, *exempt) as get:
            return list(await asyncio.gather(*(get(url) for url in urls)))

    return asyncio.run(asyncio.wait_for(run(), 30))


def to(location: str, status: int = 302) -> Reply:
    return Reply(b"", status, {"Location": location})


def refused(answer: Response | NoResponse, access: Access, *words: str) -> NoResponse:
    assert isinstance(answer, NoResponse), answer
    assert answer.access is access, answer.reason
    for word in words:
        assert word in answer.reason
    return answer


def body(answer: Response | NoResponse) -> bytes:
    assert isinstance(answer, Response), answer
    return answer.body


def paths(server: WebServer) -> list[str]:
    return [request.path for request in server.requests]


def test_a_redirect_to_another_site_obeys_that_sites_robots_txt(web, other):
    url = web.url("/old")
    web.replies["/old"] = to(other.url("/private/page"))
    other.page("/robots.txt", NOBODY + "/private/")
    other.replies["/private/page"] = PAGE
    (answer,) = ask(url, servers=(web, other))
    told = refused(answer, Access.BLOCKED_BY_ROBOTS, other.address, "redirects to", url, "--source")
    assert (told.url, told.hops) == (url, (url,))
    assert paths(other) == ["/robots.txt"]
    assert paths(web) == ["/robots.txt", "/old"]


def test_a_redirect_within_a_site_obeys_its_robots_txt(web):
    web.replies |= {"/old": to("new"), "/new": to("/print/new"), "/print/new": PAGE}
    web.page("/robots.txt", NOBODY + "/print/")
    (answer,) = ask(web.url("/old"), servers=(web,))
    told = refused(answer, Access.BLOCKED_BY_ROBOTS, web.url("/print/new"))
    assert told.hops == (web.url("/old"), web.url("/new"))
    assert paths(web) == ["/robots.txt", "/old", "/new"]


def test_where_a_redirect_may_lead_it_is_followed(web, other):
    web.replies["/old"] = to(other.url("/page"))
    web.page("/robots.txt", NOBODY + "/page")  # the first site's rules are not the second's
    other.replies["/page"] = PAGE
    (answer,) = ask(web.url("/old"), servers=(web, other))
    assert body(answer) == PAGE.body
    assert isinstance(answer, Response)
    assert (answer.url, answer.final_url) == (web.url("/old"), other.url("/page"))
    assert answer.hops == (web.url("/old"),)
    assert paths(other) == ["/robots.txt", "/page"]


def test_a_redirect_waits_for_its_targets_turn(web, other):
    web.replies |= {f"/{n}": to(other.url(f"/{n}")) for n in range(3)}
    other.replies |= {f"/{n}": PAGE for n in range(3)}
    found = ask(*(web.url(f"/{n}") for n in range(3)), servers=(web, other), pace=0.3)
    assert [body(answer) for answer in found] == [PAGE.body] * 3
    times = [request.at for request in other.requests]
    assert len(times) == 4
    assert min(b - a for a, b in itertools.pairwise(times)) >= 0.28


def test_sites_that_redirect_to_each_other_do_not_wait_for_each_other(web, other):
    for one, another in ((web, other), (other, web)):
        one.replies |= {"/there": to(another.url("/here")), "/here": PAGE}
    urls = (web.url("/there"), other.url("/there"))
    found = ask(*urls, servers=(web, other), jobs=1, pace=0.01)
    assert [body(answer) for answer in found] == [PAGE.body] * 2


def test_only_the_redirect_that_failed_is_tried_again(web, other):
    def busy(_: Request) -> Reply:
        return PAGE if other.asked("/page") > 1 else Reply(status=503)

    web.replies["/old"] = to(other.url("/page"))
    other.replies["/page"] = busy
    with stamina.set_testing(True, attempts=100, cap=True):
        (answer,) = ask(web.url("/old"), servers=(web, other))
    assert body(answer) == PAGE.body
    assert (web.asked("/old"), other.asked("/page")) == (1, 2)


def test_a_forbidden_target_is_not_even_asked_for_its_robots_txt(web):
    forbidden = HostileWeb()
    try:
        forbidden.forbid("127.0.0.2", web.port)
        web.replies["/old"] = to(f"http://127.0.0.2:{web.port}/page")
        (answer,) = ask(web.url("/old"), servers=(web,))
        refused(answer, Access.UNSAFE, "this computer itself", "redirects to")
        assert forbidden.contacts == []
    finally:
        forbidden.close()


def test_an_interface_that_redirects_elsewhere_opens_no_other_site(web, other):
    web.page("/robots.txt", NOBODY + "/")
    web.replies["/api"] = to(other.url("/page"))
    other.page("/robots.txt", NOBODY + "/")
    (answer,) = ask(web.url("/api"), servers=(web, other), exempt=(web.url("/"),))
    refused(answer, Access.BLOCKED_BY_ROBOTS, other.address)
    assert (paths(web), paths(other)) == (["/api"], ["/robots.txt"])


def test_the_web_archive_is_an_interface(web):
    web.page("/robots.txt", NOBODY + "/")
    web.replies["/web/2020id_/x"] = PAGE
    for name in ("archive_url", "archive_api"):
        (answer,) = ask(web.url("/web/2020id_/x"), servers=(web,), **{name: web.url("")})
        assert body(answer) == PAGE.body
    assert web.asked("/robots.txt") == 0


def test_a_robots_txt_may_redirect_to_another_sites(web, other):
    """RFC 9309, 2.3.1.2: its rules hold for the site that was asked first, and for no other."""
    web.replies |= {"/robots.txt": to(other.url("/rules/robots.txt")), "/a": PAGE, "/b": PAGE}
    other.page("/robots.txt", NOBODY + "/rules/")
    other.page("/rules/robots.txt", NOBODY + "/a")
    other.replies["/a"] = PAGE
    first, second, third = ask(web.url("/a"), web.url("/b"), other.url("/a"), servers=(web, other))
    refused(first, Access.BLOCKED_BY_ROBOTS, web.address)
    assert (body(second), body(third)) == (PAGE.body, PAGE.body)


def test_a_robots_txt_that_leads_to_a_private_address_closes_the_site(web):
    """RFC 9309, 2.3.1.4: it cannot be reached, so nothing may be read."""
    web.replies |= {"/robots.txt": to("http://10.0.0.1/robots.txt"), "/page": PAGE}
    (answer,) = ask(web.url("/page"), servers=(web,))
    told = refused(answer, Access.BLOCKED_BY_SITE, "10.0.0.1 is a private address", "robots.txt")
    assert not told.transient
    assert paths(web) == ["/robots.txt"]


def test_a_robots_txt_on_a_dead_host_closes_the_site_but_does_not_make_it_dead(web, other):
    web.replies |= {"/robots.txt": to(other.url("/robots.txt")), "/page": PAGE}
    other.close()
    with stamina.set_testing(True, attempts=100, cap=True):
        (answer,) = ask(web.url("/page"), servers=(web, other))
    assert refused(answer, Access.BLOCKED_BY_SITE, "accepts no connection").transient
    assert web.asked("/page") == 0


@pytest.mark.parametrize("location", ["/robots.txt?", "/robots.txt?{n}"])
def test_a_robots_txt_that_redirects_for_ever_is_none(web, location):
    """RFC 9309, 2.3.1.2: after five redirects a crawler may take it as not there."""
    web.replies["/page"] = PAGE
    web.fallback = lambda _: to(location.format(n=len(web.requests)))
    (answer,) = ask(web.url("/page"), servers=(web,))
    assert body(answer) == PAGE.body
    assert len(web.requests) <= 1 + 6
