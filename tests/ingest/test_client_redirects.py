"""Redirects: followed by hand, each checked, within one sum of limits."""

from __future__ import annotations

import asyncio

import pytest
from tests.scripted_server import Server, ask, given_back, refused, running

from footnoted.domain import Access
from footnoted.ingest.fetching.client import Limits


def test_redirects_are_followed_by_hand() -> None:
    async def scenario(server: Server, _: Server) -> None:
        start = server.redirect("/start", "next?é=1")
        server.redirect("/next?%C3%A9=1", server.url("/end#top", "other.example"), "301 Moved")
        server.page("/end", b"here", Set_Cookie="a=b")
        secrets = [("Authorization", "Bearer x"), ("Cookie", "c=d"), ("Accept", "text/plain")]
        answer = given_back(await ask(server, start, secrets))
        end = server.url("/end", "other.example")
        assert (answer.url, answer.final_url, answer.body) == (start, end, b"here")
        assert answer.hops == (start, server.url("/next?%C3%A9=1"))
        assert ["Bearer x" in head and "c=d" in head for head in server.heads] == [
            *(True, True),
            False,
        ], "what was meant for one host goes to no other"
        assert all("Accept: text/plain\r\n" in head for head in server.heads)
        assert f"Host: other.example:{server.port}\r\n" in server.heads[2]

    running(scenario)


@pytest.mark.parametrize(
    ("location", "access"),
    [
        ("http://127.0.0.2:{port}/", Access.UNSAFE),
        ("//127.0.0.2:{port}/", Access.UNSAFE),
        ("http://private.example:{port}/", Access.UNSAFE),
        ("http://[::ffff:127.0.0.2]:{port}/", Access.UNSAFE),
        ("http://0x7f000002:{port}/", Access.UNSAFE),
        ("http://127.2:{port}/", Access.UNSAFE),
        ("http://１２７.０.０.２:{port}/", Access.UNSAFE),
        ("http://user@127.0.0.1:{port}/", Access.UNSAFE),
        ("http://127.0.0.1:22/", Access.UNSAFE),
        ("http://169.254.169.254/latest/meta-data/", Access.UNSAFE),
        ("file:///etc/passwd", Access.UNSAFE),
        ("gopher://127.0.0.2:{port}/_x", Access.UNSAFE),
        ("data:text/html,hello", Access.UNSAFE),
        ("http://[nonsense/", Access.URL_UNKNOWN),
    ],
)
def test_a_redirect_is_checked_like_a_first_address(location: str, access: Access) -> None:
    async def scenario(server: Server, forbidden: Server) -> None:
        url = server.redirect("/", location.format(port=server.port))
        answer = refused(await ask(server, url), access, url, "redirects to")
        assert not answer.transient
        assert answer.url == url
        assert server.connections == 1

    running(scenario)


def test_circles_and_long_chains_end() -> None:
    async def scenario(server: Server, _: Server) -> None:
        refused(await ask(server, server.redirect("/self", "/self#again")), Access.DEAD, "circle")
        assert server.paths() == ["/self"]
        server.redirect("/a", "/b")
        server.redirect("/b", "/a")
        refused(await ask(server, server.url("/a")), Access.DEAD, "circle")
        server.heads.clear()
        for number in range(9):
            server.redirect(f"/{number}", f"/{number + 1}")
        server.page("/9", b"end")
        refused(await ask(server, server.url("/0")), Access.DEAD, "more than 5 redirects")
        assert server.paths() == [f"/{number}" for number in range(6)]
        assert given_back(await ask(server, server.url("/4"))).body == b"end"

    running(scenario)


def test_the_seconds_and_bytes_of_redirects_count_towards_those_of_the_page() -> None:
    async def scenario(server: Server, _: Server) -> None:
        slow = b"HTTP/1.1 302 Found\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n"
        server.bytes("/slow/0", b"", slow % b"/slow/1", pause=0.4)
        server.bytes("/slow/1", b"", slow % b"/slow/2", pause=0.4)
        server.bytes("/slow/2", b"", slow % b"/slow/3", pause=0.4)
        began = asyncio.get_running_loop().time()
        answer = await ask(server, server.url("/slow/0"), limits=Limits(seconds=1.0))
        refused(answer, Access.DEAD, "not arrived whole after 1 sec", server.url("/slow/2"))
        assert asyncio.get_running_loop().time() - began < 2

        fat = b"HTTP/1.1 302 Found\r\nX: %b\r\nLocation: /page\r\n\r\n" % (b"x" * 3000)
        start = server.bytes("/fat", fat)
        server.page("/page", b"y" * 3000)
        answer = await ask(server, start, limits=Limits(wire_bytes=5000))
        refused(answer, Access.TOO_LARGE, "larger than 5,000 bytes", server.url("/page"))
        answer = await ask(server, start, limits=Limits(wire_bytes=7000))
        assert given_back(answer).body == b"y" * 3000

    running(scenario)


def test_a_failure_behind_redirects_says_which_way_it_was() -> None:
    async def scenario(server: Server, _: Server) -> None:
        server.redirect("/a", "/b")
        server.redirect("/b", "/c")
        server.bytes("/c", b"")
        answer = refused(await ask(server, server.url("/a")), Access.DEAD, "broke off")
        assert answer.transient
        assert answer.hops == (server.url("/a"), server.url("/b"))
        assert answer.reason.startswith(
            f"{server.url('/a')} redirects to {server.url('/c')}. {server.url('/c')} was not read:"
        )

    running(scenario)
