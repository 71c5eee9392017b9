"""What the client sends and gives back, and whom it never asks."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from tests.scripted_server import AGENT, QUICK, Server, ask, given_back, refused, running

from footnoted.domain import Access
from footnoted.errors import UsageError
from footnoted.ingest.fetching.addresses import AddressRules
from footnoted.ingest.fetching.client import SafeClient


def test_a_page_arrives_as_it_was_sent() -> None:
    async def scenario(server: Server, _: Server) -> None:
        url = server.page("/a?b=c", b"words", Content_Type="text/html", ETag='"1"', X_Name="Ünï")
        answer = given_back(await ask(server, url + "#part", [("If-None-Match", '"0"')]))
        assert (answer.url, answer.final_url, answer.hops) == (url + "#part", url + "#part", ())
        assert (answer.status, answer.body) == (200, b"words")
        assert answer.header("etag") == '"1"'
        assert answer.header("x-name") == "Ünï"
        assert answer.media_type == "text/html"
        (head,) = server.heads
        lines = head.split("\r\n")
        assert lines[0] == "GET /a?b=c HTTP/1.1"
        assert f"Host: 127.0.0.1:{server.port}" in lines
        assert f"User-Agent: {AGENT}" in lines
        assert "Accept-Encoding: gzip, deflate" in lines
        assert 'If-None-Match: "0"' in lines

    running(scenario)


@pytest.mark.parametrize("status", ["404 Not Found", "429 Too Many", "500 Oops", "304 Same"])
def test_every_status_is_given_back_with_its_headers(status: str) -> None:
    async def scenario(server: Server, _: Server) -> None:
        url = server.page("/", b"" if status == "304 Same" else b"no", status, Retry_After="7")
        answer = given_back(await ask(server, url))
        assert answer.status == int(status[:3])
        assert answer.header("Retry-After") == "7"
        assert answer.body == (b"" if status == "304 Same" else b"no")

    running(scenario)


def test_cookies_are_never_kept() -> None:
    async def scenario(server: Server, _: Server) -> None:
        server.page("/b", b"", "302 Found", Set_Cookie="a=b", Location="/c")
        server.page("/c", b"end")
        rules = AddressRules.parse(f"127.0.0.1:{server.port}")
        async with SafeClient(rules, user_agent=AGENT, limits=QUICK) as client:
            await client.get(server.url("/b"))
            await client.get(server.url("/c"))
        assert server.paths() == ["/b", "/c", "/c"]
        assert not any("cookie" in head.lower() for head in server.heads)

    running(scenario)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.2:{port}/",
        "http://private.example:{port}/",
        "http://[::ffff:127.0.0.2]:{port}/",
        "http://2130706434:{port}/",
        "http://127.0.0.1:{port}@127.0.0.2:{port}/",
        "http://secret:word@127.0.0.1:{port}/",
        "ftp://127.0.0.1:{port}/",
    ],
)
def test_forbidden_addresses_are_never_contacted(url: str) -> None:
    async def scenario(server: Server, _: Server) -> None:
        answer = refused(await ask(server, url.format(port=server.port)), Access.UNSAFE)
        assert "secret" not in answer.reason
        assert not answer.transient
        assert server.connections == 0

    running(scenario)


def test_the_environments_proxies_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(server: Server, forbidden: Server) -> None:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, forbidden.url("", "127.0.0.2"))
        assert given_back(await ask(server, server.page("/", b"direct"))).body == b"direct"

    running(scenario)


def test_a_request_that_is_cancelled_leaves_nothing_behind() -> None:
    async def scenario(server: Server, _: Server) -> None:
        url = server.endless("/", b"HTTP/1.1 200 OK\r\n\r\n", b"x", pause=0.01)
        task = asyncio.create_task(ask(server, url))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(server.hung_up.wait(), 2)

    running(scenario)


@pytest.mark.parametrize(
    "header",
    [
        ("Host", "other.example"),
        ("accept-encoding", "br"),
        ("X-Name", "a\r\nInjected: b"),
        ("X-Name", "ü"),
        ("X Name", "a"),
        ("", "a"),
    ],
)
def test_headers_that_cannot_be_sent_are_a_usage_error(header: tuple[str, str]) -> None:
    async def scenario(server: Server, _: Server) -> None:
        with pytest.raises(UsageError):
            await ask(server, server.page("/", b""), [header])
        assert server.connections == 0

    running(scenario)


def test_a_user_agent_is_printable_ascii() -> None:
    with pytest.raises(UsageError, match="User-Agent"):
        SafeClient(AddressRules(), user_agent="Fußnote\r\nX: y")


def test_many_addresses_at_once_stay_apart() -> None:
    async def scenario(server: Server, _: Server) -> None:
        urls = [server.page(f"/{number}", b"%d" % number) for number in range(40)]
        rules = AddressRules.parse(f"127.0.0.1:{server.port}")
        async with SafeClient(rules, user_agent=AGENT, limits=QUICK) as client:
            answers = await asyncio.gather(*(client.get(url) for url in urls))
        assert [given_back(answer).body for answer in answers] == [b"%d" % n for n in range(40)]
        assert all(a.url != b.url for a, b in pairwise(answers))

    running(scenario)
