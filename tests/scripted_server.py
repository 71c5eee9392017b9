"""A server on loopback that plays a script for each path, and the safe client in front of it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from footnoted.domain import Access
from footnoted.ingest.fetching.addresses import AddressRules
from footnoted.ingest.fetching.client import Limits, SafeClient
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
