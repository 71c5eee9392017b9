"""A proxy that the user names: tunnels to checked numbers, and nothing else about it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from tests.web_server import Reply, WebServer

from footnoted.domain import Access
from footnoted.errors import UsageError
from footnoted.ingest.fetching.addresses import AddressRules
from footnoted.ingest.fetching.client import Limits, SafeClient
from footnoted.ingest.fetching.proxy import Proxy
from footnoted.ingest.fetching.responses import NoResponse, Response


class MadeUpProxy:
    """Tunnels where it is told to, or gives ``answer`` instead; keeps every head it was sent."""

    def __init__(self, answer: bytes = b"") -> None:
        self.answer = answer
        self.heads: list[str] = []
        self.served: list[asyncio.Task[None] | None] = []
        self.writers: list[asyncio.StreamWriter] = []

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.served.append(asyncio.current_task())
        self.writers.append(writer)
        await self.serve(reader, writer)

    async def close(self) -> None:
        for writer in self.writers:
            writer.close()
        await asyncio.gather(*filter(None, self.served), return_exceptions=True)
        await asyncio.gather(*(w.wait_closed() for w in self.writers), return_exceptions=True)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        if self.answer:
            writer.write(self.answer)
            await writer.drain()
            writer.close()
            return
        host, _, port = head.split()[1].rpartition(":")
        far_reader, far_writer = await asyncio.open_connection(host.strip("[]"), int(port))
        self.writers.append(far_writer)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(4096):
        writer.write(data)
        await writer.drain()
    writer.close()


@asynccontextmanager
async def listening(proxy: MadeUpProxy) -> AsyncIterator[int]:
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        await proxy.close()


def ask(
    proxy: MadeUpProxy,
    url: str,
    rules: str,
    *,
    numbers: Sequence[str] = ("127.0.0.1",),
    credentials: str = "",
    limits: Limits | None = None,
) -> Response | NoResponse:
    async def resolver(_host: str, _port: int) -> Sequence[str]:
        return numbers

    async def go() -> Response | NoResponse:
        async with (
            listening(proxy) as port,
            SafeClient(
                AddressRules.parse(rules),
                user_agent="Test",
                limits=limits,
                resolver=resolver,
                ssl_context=ssl.create_default_context(),
                proxy=Proxy.parse(f"http://{credentials}127.0.0.1:{port}"),
            ) as client,
        ):
            return await client.get(url)

    return asyncio.run(go())


def test_a_tunnel_leads_to_the_checked_number_under_the_names_own_host(web: WebServer) -> None:
    web.replies["/tolls"] = Reply(b"three pence", 200, {"Content-Type": "text/plain"})
    proxy = MadeUpProxy()
    place = f"bridge.example:{web.port}"
    found = ask(proxy, f"http://{place}/tolls", f"{place}", credentials="holm:l%C3%A4mp@")
    assert isinstance(found, Response)
    assert found.body == b"three pence"
    (head,) = proxy.heads
    assert head.startswith(f"CONNECT 127.0.0.1:{web.port} HTTP/1.1\r\n")
    assert "authorization: basic ag9sbtpsw6rtca==" in head.lower()  # holm:lämp
    sent = {name.lower(): value for name, value in dict(web.requests[0].headers).items()}
    assert sent["host"] == place
    assert "proxy-authorization" not in sent


def test_a_forbidden_number_is_not_asked_of_the_proxy_either(web: WebServer) -> None:
    proxy = MadeUpProxy()
    found = ask(proxy, "http://bridge.example/", "", numbers=("10.0.0.7",))
    assert isinstance(found, NoResponse)
    assert found.access is Access.UNSAFE
    assert proxy.heads == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 407 Who are you\r\n\r\n", "answered 407 Who are you"),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", "answered 403 Forbidden"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "does not speak HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 40_000, "does not speak HTTP"),
    ],
)
def test_what_a_proxy_answers_instead_is_told(answer: bytes, words: str) -> None:
    found = ask(MadeUpProxy(answer), "http://bridge.example/", "bridge.example:80")
    assert isinstance(found, NoResponse)
    assert (found.access, found.transient) == (Access.DEAD, True)
    assert words in found.reason


def test_a_proxy_that_closes_or_falls_silent_costs_one_source() -> None:
    class Closing(MadeUpProxy):
        async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.close()

    class Silent(MadeUpProxy):
        async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

    for proxy in (Closing(), Silent()):
        limits = Limits(connect_seconds=0.3)
        found = ask(proxy, "http://bridge.example/", "bridge.example:80", limits=limits)
        assert isinstance(found, NoResponse)
        assert found.access is Access.DEAD


@pytest.mark.parametrize("url", ["socks5://p:1", "http://p", "p:3128", "http://[::1", "http://p:x"])
def test_a_proxy_that_is_none_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(UsageError, match="http://host:port"):
        Proxy.parse(url)


def test_no_proxy_is_the_default() -> None:
    assert Proxy.parse("") is None
    assert Proxy.parse("http://[2001:db8::7]:3128/") == Proxy("2001:db8::7", 3128)
