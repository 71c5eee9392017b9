"""A hostile server on loopback against the client; forbidden listeners see no connection."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import subprocess
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpcore2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footnoted.domain import Access
from footnoted.errors import UsageError
from footnoted.ingest.fetching.addresses import AddressRules, Unanswered
from footnoted.ingest.fetching.client import Limits, SafeClient
from footnoted.ingest.fetching.content_coding import Unpacker, codings_of
from footnoted.ingest.fetching.network_failures import FAILURES, translated
from footnoted.ingest.fetching.responses import Get, NoResponse, Response

AGENT = "Footnoted-tests/1 (+https://footnoted.example)"
QUICK = Limits(seconds=5, connect_seconds=2, idle_seconds=2)
Script = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Plays a script for each path; remembers the heads of the requests, and what it sent."""

    def __init__(self) -> None:
        self.scripts: dict[str, Script] = {}
        self.heads: list[str] = []
        self.connections = 0
        self.sent = 0
        self.hung_up = asyncio.Event()
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.heads.append(head)
            await self.scripts[head.split(" ")[1]](writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            self.hung_up.set()  # as the client should on most of these
        finally:
            writer.close()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def paths(self) -> list[str]:
        return [head.split(" ")[1] for head in self.heads]

    def bytes(self, path: str, *parts: bytes, pause: float = 0.0) -> str:
        """Send exactly these bytes, then close; ``pause`` seconds between the parts."""

        async def script(writer: asyncio.StreamWriter) -> None:
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause)

        self.scripts[path] = script
        return self.url(path)

    def page(self, path: str, body: bytes, status: str = "200 OK", **headers: str) -> str:
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *lines])
        return self.bytes(path, head.encode() + b"\r\n\r\n" + body)

    def redirect(self, path: str, location: str, status: str = "302 Found") -> str:
        return self.page(path, b"elsewhere", status, Location=location)

    def endless(self, path: str, head: bytes, part: bytes, pause: float = 0.0) -> str:
        """Send ``part`` for ever after ``head``."""

        async def script(writer: asyncio.StreamWriter) -> None:
            writer.write(head)
            while True:
                writer.write(part)
                await writer.drain()
                self.sent += len(part)
                await asyncio.sleep(pause)

        self.scripts[path] = script
        return self.url(path)


@asynccontextmanager
async def serving(host: str = "127.0.0.1", port: int = 0, **options: Any) -> AsyncIterator[Server]:
    server = Server()
    listener = await asyncio.start_server(server.serve, host, port, **options)
    async with listener:
        server.port = listener.sockets[0].getsockname()[1]
        yield server


def running(scenario: Callable[[Server, Server], Coroutine[Any, Any, None]]) -> None:
    """Run ``scenario`` with the allowed server and a forbidden one on the same port."""

    async def run() -> None:
        async with serving() as server, serving("127.0.0.2", server.port) as forbidden:
            await scenario(server, forbidden)
            assert forbidden.connections == 0, "a forbidden address was contacted"

    asyncio.run(run())


async def names(host: str, port: int) -> Sequence[str]:
    """Everything lives on 127.0.0.1, and what is called private on 127.0.0.2."""
    return ["127.0.0.2"] if host.startswith("private") else ["127.0.0.1"]


@cache
def untrusting() -> ssl.SSLContext:
    """Made once: reading the system's certificates takes longer than most tests."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


async def ask(
    server: Server,
    url: str,
    headers: Sequence[tuple[str, str]] = (),
    limits: Limits = QUICK,
    context: ssl.SSLContext | None = None,
) -> Response | NoResponse:
    context = context or untrusting()
    rules = AddressRules.parse(f"127.0.0.1:{server.port}")
    async with SafeClient(
        rules, user_agent=AGENT, limits=limits, resolver=names, ssl_context=context
    ) as client:
        get: Get = client.get
        return await get(url, headers)


def refused(answer: Response | NoResponse, access: Access, *words: str) -> NoResponse:
    assert isinstance(answer, NoResponse)
    assert answer.access is access, answer.reason
    for word in (*words, " was not read: "):
        assert word in answer.reason
    assert answer.reason.endswith(".")
    return answer


def given_back(answer: Response | NoResponse) -> Response:
    assert isinstance(answer, Response), answer
    return answer


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


def test_the_environments_proxies_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(server: Server, forbidden: Server) -> None:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, forbidden.url("", "127.0.0.2"))
        assert given_back(await ask(server, server.page("/", b"direct"))).body == b"direct"

    running(scenario)


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZip, identity": gzip.compress,
    "deflate": zlib.compress,
    "deflate ": lambda data: zlib.compress(data)[2:-4],
    "gzip, deflate": lambda data: zlib.compress(gzip.compress(data)),
    "deflate, gzip": lambda data: gzip.compress(zlib.compress(data)),
    "gzip,gzip": lambda data: gzip.compress(gzip.compress(data)),
    "identity": lambda data: data,
}


@pytest.mark.parametrize("coding", PACKERS)
def test_packed_pages_arrive_unpacked(coding: str) -> None:
    words = b"".join(b"%d words, " % number for number in range(30_000))

    async def scenario(server: Server, _: Server) -> None:
        url = server.page("/", PACKERS[coding](words), Content_Encoding=coding.strip())
        assert given_back(await ask(server, url)).body == words

    running(scenario)


@given(st.binary(max_size=300), st.integers(1, 9), st.sampled_from(sorted(PACKERS)))
@settings(max_examples=60, deadline=None)
def test_unpacking_does_not_depend_on_how_bytes_arrive(
    words: bytes, step: int, coding: str
) -> None:
    packed = PACKERS[coding](words)
    if coding in {"gzip", "x-gzip"}:  # further members, and the padding of old tools
        packed += PACKERS[coding](words) + b"\0\0"
        words += words
    unpacker = Unpacker(codings_of([coding]), 1000)
    found = [p for i in range(0, len(packed), step) for p in unpacker.feed(packed[i : i + step])]
    unpacker.finish()
    assert b"".join(found) == words


@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate", "gzip, deflate"]))
@settings(max_examples=60, deadline=None)
def test_damaged_bytes_never_raise_anything_else(garbage: bytes, coding: str) -> None:
    unpacker = Unpacker(codings_of([coding]), 1000)
    with suppress(Unanswered):
        found = list(unpacker.feed(garbage))
        unpacker.finish()
        assert sum(map(len, found)) <= 1000


@pytest.mark.parametrize(
    ("coding", "words"),
    [
        ("br", "packed as br"),
        ("zstd", "packed as zstd"),
        ("gzip, br", "packed as br"),
        ("compress", "packed as compress"),
        ("gzip, gzip, gzip", "packed 3 times"),
        ("\x1b[31m", "packed as"),
    ],
)
def test_other_codings_are_refused_unread(coding: str, words: str) -> None:
    async def scenario(server: Server, _: Server) -> None:
        if coding.isprintable():
            head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\n\r\n".encode()
            url = server.endless("/", head, b"\xcf\xff\xff\x7f\xf8\x27\x00\xe2" * 8192)
            refused(await ask(server, url), Access.UNSUPPORTED_TYPE, words)
            assert server.sent < 8_000_000, "the body is not read"
        with pytest.raises(Unanswered) as caught:
            codings_of([coding])
        assert caught.value.why.isprintable()

    running(scenario)


MEMBER = gzip.compress(bytes(2**24), 9)
BOMBS = {
    "gzip": MEMBER * 64,  # 1 GiB in 1 MB
    "gzip, gzip": gzip.compress(MEMBER * 64),  # 1 GiB in 5 kB
    "deflate": zlib.compress(bytes(2**26), 9),
    "gzip, deflate": zlib.compress(MEMBER * 64, 9),
    "deflate, gzip": gzip.compress(zlib.compress(b"")[:2] + b"\0\0\0\xff\xff" * 2**22),
}


@pytest.mark.parametrize("coding", BOMBS)
def test_a_bomb_stops_at_the_cap(coding: str) -> None:
    cap = 2_000_000

    async def scenario(server: Server, _: Server) -> None:
        url = server.page("/", BOMBS[coding], Content_Encoding=coding)
        limits = Limits(body_bytes=cap, seconds=5)
        tracemalloc.start()
        try:
            answer = await ask(server, url, limits=limits)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        refused(answer, Access.TOO_LARGE, "2,000,000 bytes when unpacked")
        assert peak < 3 * cap + 2_000_000

    running(scenario)


def test_a_body_of_just_the_cap_is_read_and_one_byte_more_is_not() -> None:
    async def scenario(server: Server, _: Server) -> None:
        limits = Limits(body_bytes=5000, seconds=5)
        for body in (b"x" * 5000, b"x" * 5001):
            for coding in ("identity", "gzip"):
                url = server.page("/", PACKERS[coding](body), Content_Encoding=coding)
                answer = await ask(server, url, limits=limits)
                if len(body) == 5000:
                    assert given_back(answer).body == body
                else:
                    refused(answer, Access.TOO_LARGE)
        head = b"HTTP/1.0 200 OK\r\n\r\n"
        wire = Limits(wire_bytes=len(head) + 1000)
        url = server.bytes("/exact", head + b"y" * 1000)
        assert given_back(await ask(server, url, limits=wire)).body == b"y" * 1000
        url = server.bytes("/more", head + b"y" * 1001)
        refused(await ask(server, url, limits=wire), Access.TOO_LARGE, "1,019 bytes")

    running(scenario)


@pytest.mark.parametrize(
    ("head", "part"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65_536),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"10000\r\n" + b"x" * 65_536 + b"\r\n",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", gzip.compress(b"") * 1000),
    ],
)
def test_an_endless_body_stops_at_the_cap(head: bytes, part: bytes) -> None:
    async def scenario(server: Server, _: Server) -> None:
        limits = Limits(wire_bytes=500_000, seconds=5)
        tracemalloc.start()
        try:
            answer = await ask(server, server.endless("/", head, part), limits=limits)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        refused(answer, Access.TOO_LARGE, "500,000 bytes")
        assert peak < 6_000_000

    running(scenario)


def test_a_body_of_single_bytes_stops_before_it_costs_much() -> None:
    async def scenario(server: Server, _: Server) -> None:
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        url = server.endless("/", head, b"1\r\nx\r\n" * 1000)
        limits = Limits(pieces=5000, seconds=5)
        refused(await ask(server, url, limits=limits), Access.TOO_LARGE, "than 5,000 pieces")
        whole = head + b"1\r\nx\r\n" * 4999 + b"0\r\n\r\n"
        answer = given_back(await ask(server, server.bytes("/whole", whole), limits=limits))
        assert answer.body == b"x" * 4999

    running(scenario)


def test_an_announced_size_is_believed() -> None:
    async def scenario(server: Server, _: Server) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"
        url = server.endless("/", head, b"x", pause=0.01)
        refused(await ask(server, url), Access.TOO_LARGE, "announces 99,999,999,999 bytes")

    running(scenario)


@pytest.mark.parametrize(
    ("head", "part"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X-Header: " + b"y" * 1000 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"y" * 1000),
        (b"", b"y" * 1000),
        (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 20),
    ],
)
def test_huge_headers_stop_at_the_cap(head: bytes, part: bytes) -> None:
    async def scenario(server: Server, _: Server) -> None:
        answer = await ask(server, server.endless("/", head, part))
        refused(answer, Access.TOO_LARGE, "headers are longer than 65,536 bytes")

    running(scenario)


def test_headers_below_the_cap_are_read() -> None:
    async def scenario(server: Server, _: Server) -> None:
        url = server.page("/", b"z" * 100_000, X_Long="y" * 60_000)
        answer = given_back(await ask(server, url))
        assert len(answer.header("x-long") or "") == 60_000
        assert answer.body == b"z" * 100_000

    running(scenario)


def test_dripping_and_silent_servers_end_in_time() -> None:
    async def scenario(server: Server, _: Server) -> None:
        loop = asyncio.get_running_loop()
        drip = server.endless("/drip", b"HTTP/1.1 200 OK\r\n\r\n", b"x", pause=0.05)
        slow_head = server.endless("/head", b"", b"H", pause=0.05)
        silent = server.bytes("/silent", b"", pause=30)
        half = server.bytes("/half", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", pause=30)
        limits = Limits(seconds=0.8, idle_seconds=0.4)
        began = loop.time()
        answers = await asyncio.gather(
            *(ask(server, url, limits=limits) for url in (drip, slow_head, silent, half))
        )
        assert loop.time() - began < 3
        for answer in answers[:2]:
            assert not refused(answer, Access.DEAD, "not arrived whole after 0.8 sec").transient
        for answer in answers[2:]:
            assert refused(answer, Access.DEAD, "fell silent").transient

    running(scenario)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (b"", "broke off or is not HTTP"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "broke off or is not HTTP"),
        (b"\x16\x03\x01\x02\x00", "broke off or is not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "broke off or is not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nabc", "broke off or is not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "broke off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "not HTTP"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"abc")[:-6],
            "broke off before the end",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nplain words", "content is damaged"),
    ],
)
def test_broken_answers_say_what_happened(sent: bytes, words: str) -> None:
    async def scenario(server: Server, _: Server) -> None:
        answer = refused(await ask(server, server.bytes("/", sent)), Access.DEAD, words)
        assert answer.transient
        assert answer.reason.isprintable()

    running(scenario)


def test_nobody_listens_and_unknown_names() -> None:
    async def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    async def scenario(server: Server, _: Server) -> None:
        async with serving() as other:
            closed = other
        answer = refused(await ask(closed, closed.url("/")), Access.DEAD, "accepts no connection")
        assert answer.transient
        async with SafeClient(AddressRules(), user_agent=AGENT, resolver=unknown) as client:
            lost = refused(await client.get("https://lost.example/"), Access.DEAD, "lost.example")
        assert lost.transient

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


def test_no_failure_of_the_http_library_is_unmapped() -> None:
    raised = [
        getattr(httpcore2, name)
        for name in httpcore2.__all__
        if isinstance(getattr(httpcore2, name), type)
        and issubclass(getattr(httpcore2, name), Exception)
    ]
    assert len(raised) >= 14
    for kind in raised:
        if kind is not httpcore2.ConnectionNotAvailable:  # handled inside its pool
            assert issubclass(kind, FAILURES)
    for error in (ssl.SSLError(1, "bad record"), ConnectionResetError(104, "reset"), OSError()):
        assert isinstance(error, FAILURES)
        assert translated(error).transient
    causes = {translated(kind("x")).why for kind in raised}
    assert len(causes) >= 5


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-made certificate for ``site.example`` with its key, in one file."""
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    request = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    subject = ["-subj", "/CN=site.example", "-addext", "subjectAltName=DNS:site.example"]
    usage = ["-addext", "keyUsage=critical,digitalSignature,keyCertSign"]
    files = ["-keyout", str(key), "-out", str(cert), "-nodes", "-days", "2"]
    try:
        subprocess.run([*request, *subject, *usage, *files], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no openssl on this computer")
    both = folder / "both.pem"
    both.write_bytes(key.read_bytes() + cert.read_bytes())
    return both


def test_certificates_are_verified_for_the_name_in_the_address(certificate: Path) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate)
    asked: list[str | None] = []
    own.sni_callback = lambda _socket, name, _context: asked.append(name)

    async def run() -> None:
        async with serving(ssl=own) as server:
            server.page("/", b"secure")

            async def secure(host: str, context: ssl.SSLContext | None) -> Response | NoResponse:
                url = server.url("/", host).replace("http:", "https:")
                return await ask(server, url, context=context)

            assert given_back(await secure("site.example", trusting)).body == b"secure"
            assert asked == ["site.example"], "the server name is the name's, not the number's"
            for host, context, words in (
                ("other.example", trusting, "not valid for 'other.example'"),
                ("site.example", None, "self"),
                ("127.0.0.1", trusting, "not valid for '127.0.0.1'"),
            ):
                answer = refused(
                    await secure(host, context), Access.DEAD, f"certificate of {host}", words
                )
                assert not answer.transient
            assert server.paths() == ["/"], "nothing is asked of a server that is not verified"

    asyncio.run(run())


@pytest.mark.parametrize(
    ("greeting", "words", "transient"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "(wrong version number)", False),
        (b"", "", True),
    ],
)
def test_a_server_that_speaks_no_tls_is_said_to(
    greeting: bytes, words: str, transient: bool
) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await writer.drain()
        writer.close()

    async def run() -> None:
        listener = await asyncio.start_server(greet, "127.0.0.1")
        async with listener:
            server = Server()
            server.port = listener.sockets[0].getsockname()[1]
            answer = await ask(server, server.url("/").replace("http:", "https:"))
        found = refused(answer, Access.DEAD, "no secure connection to 127.0.0.1", words)
        assert found.transient is transient

    asyncio.run(run())


def test_a_silent_server_gets_no_secure_connection() -> None:
    async def scenario(server: Server, _: Server) -> None:
        limits = Limits(connect_seconds=0.2)
        url = server.url("/").replace("http:", "https:")
        answer = await ask(server, url, limits=limits)
        assert refused(answer, Access.DEAD, "secure connection", "in time").transient

    running(scenario)


def test_many_addresses_at_once_stay_apart() -> None:
    async def scenario(server: Server, _: Server) -> None:
        urls = [server.page(f"/{number}", b"%d" % number) for number in range(40)]
        rules = AddressRules.parse(f"127.0.0.1:{server.port}")
        async with SafeClient(rules, user_agent=AGENT, limits=QUICK) as client:
            answers = await asyncio.gather(*(client.get(url) for url in urls))
        assert [given_back(answer).body for answer in answers] == [b"%d" % n for n in range(40)]
        assert all(a.url != b.url for a, b in pairwise(answers))

    running(scenario)
