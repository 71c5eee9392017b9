"""The way to the network: only to addresses that were checked, and only so many bytes from them.

A name is resolved once; every number that it stands for must pass the rules, and the connection
goes to one of those very numbers, while the Host header and the TLS server name stay the name's.
A resolver that answers differently the second time is never asked a second time. What httpcore2
sees is an ordinary network backend; what httpx2 sees is an ordinary transport.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeAlias

import httpcore2
import httpx2

from footnoted.domain import Access
from footnoted.ingest.fetching.addresses import AddressRules, Unanswered, is_number, shown
from footnoted.ingest.fetching.network_failures import not_secure, unreachable
from footnoted.ingest.fetching.proxy import Proxy, Tunnels

Resolver: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""The numbers of a host name, best first; raises ``OSError`` where there are none."""

_GONE = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})


async def resolve(host: str, port: int) -> Sequence[str]:
    """The numbers of ``host`` by the operating system's resolver, in its order."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(place[0]) for *_, place in found))


class Meter:
    """Counts what a server sends for one answer, and stops it at the caps.

    ``head_bytes`` is for the status line and headers, informational answers (1xx) before them
    included; ``wire_bytes`` for all that arrives, framing included, and for the ``wire`` bytes
    that came before this answer.
    """

    def __init__(self, head_bytes: int, wire_bytes: int, wire: int = 0) -> None:
        self.head_bytes = head_bytes
        self.wire_bytes = wire_bytes
        self.wire = wire
        self._head = 0
        self._in_head = True

    def end_head(self) -> None:
        """The headers are complete; what follows is the body."""
        self._in_head = False

    def room(self) -> int:
        """How many bytes may be read now; raises ``Unanswered`` where a head does not end."""
        # One byte more than fits, so that an overflow differs from a body of just that size.
        left = self.wire_bytes - self.wire + 1
        if not self._in_head:
            return left
        if self._head >= self.head_bytes:
            raise Unanswered(
                Access.TOO_LARGE, f"its headers are longer than {self.head_bytes:,} bytes."
            )
        return min(left, self.head_bytes - self._head)

    def count(self, size: int) -> None:
        """Add ``size`` bytes that arrived; raises ``Unanswered`` when they are too many."""
        self.wire += size
        self._head += size
        if self.wire > self.wire_bytes:
            raise Unanswered(
                Access.TOO_LARGE,
                f"it is larger than {self.wire_bytes:,} bytes, and reading stopped there. Save "
                "the page and supply it with --source.",
            )


class CheckedBackend(httpcore2.AsyncNetworkBackend):
    """Connects to names whose every number passes ``rules``, and to nothing else."""

    def __init__(
        self,
        rules: AddressRules,
        meter: Meter,
        resolver: Resolver = resolve,
        proxy: Proxy | None = None,
    ) -> None:
        """``proxy`` is what connections are made through, where there is one."""
        self._rules = rules
        self._meter = meter
        self._resolver = resolver
        plain: Any = httpcore2.AnyIOBackend()  # its type has a stand-in for a missing anyio
        self._plain: httpcore2.AsyncNetworkBackend = Tunnels(proxy, plain) if proxy else plain

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """A connection to a checked number of ``host``, the first that accepts one.

        ``timeout`` is for looking up the name and all attempts together, in seconds.
        """
        loop = asyncio.get_running_loop()
        deadline = None if timeout is None else loop.time() + timeout
        try:
            async with asyncio.timeout_at(deadline):
                numbers = await self._checked(host, port)
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout(f"{host} could not be looked up in time") from error
        for attempt, number in enumerate(numbers):
            left = len(numbers) - attempt
            share = None if deadline is None else max(0.0, deadline - loop.time()) / left
            try:
                stream = await self._plain.connect_tcp(
                    number, port, share, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                if left == 1:
                    raise unreachable(host, port, error) from error
            else:
                return MeteredStream(stream, self._meter, host)
        raise Unanswered(Access.DEAD, f"{host} has no address.", transient=True)

    async def connect_unix_socket(
        self, path: str, *_: object, **__: object
    ) -> httpcore2.AsyncNetworkStream:
        """Raise ``Unanswered``: behind a socket of this computer lies no web page."""
        raise Unanswered(
            Access.UNSAFE,
            f"{shown(path)} is a socket of this computer itself, not a public web server.",
        )

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _checked(self, host: str, port: int) -> Sequence[str]:
        """Every number of ``host``; raises ``Unanswered`` when even one of them is forbidden."""
        numbers = [host] if is_number(host) else await self._looked_up(host, port)
        for number in numbers:
            self._rules.check_address(number, host, port)
        return numbers

    async def _looked_up(self, host: str, port: int) -> Sequence[str]:
        try:
            return await self._resolver(host, port)
        except OSError as error:
            gone = isinstance(error, socket.gaierror) and error.errno in _GONE
            raise Unanswered(
                Access.DEAD,
                f"the name {host} could not be looked up ({error.strerror or error}). "
                "The site may be gone, or this computer may be offline.",
                transient=not gone,
            ) from error


class MeteredStream(httpcore2.AsyncNetworkStream):
    """A connection that reads no more than its meter has room for."""

    def __init__(self, stream: httpcore2.AsyncNetworkStream, meter: Meter, host: str) -> None:
        self._stream = stream
        self._meter = meter
        self._host = host

    async def read(
        self,
        max_bytes: int,
        timeout: float | None = None,
    ) -> bytes:
        data = await self._stream.read(min(max_bytes, self._meter.room()), timeout)
        self._meter.count(len(data))
        return data

    async def write(
        self,
        buffer: bytes,
        timeout: float | None = None,
    ) -> None:
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """The same connection, encrypted; a certificate that fails says why."""
        try:
            stream = await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
            raise not_secure(self._host, error) from error
        return MeteredStream(stream, self._meter, self._host)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class CheckedTransport(httpx2.AsyncBaseTransport):
    """Sends httpx2 requests over ``backend``; knows no HTTP/2, and no proxy variables.

    httpcore2's exceptions pass through as they are, and so does ``Unanswered``.
    """

    def __init__(self, backend: CheckedBackend, ssl_context: ssl.SSLContext) -> None:
        # A connection serves one request: nothing that a server sends ahead is ever taken for
        # its next answer, and no idle connection goes stale between two polite requests.
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=ssl_context, max_keepalive_connections=0, network_backend=backend
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self._pool.handle_async_request(
            httpcore2.Request(
                method=request.method,
                url=httpcore2.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx2.Response(
            answer.status, headers=answer.headers, stream=_Body(answer), request=request
        )

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx2.AsyncByteStream):
    """The bytes of an answer as they come."""

    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        stream = self._answer.stream
        if not isinstance(stream, AsyncIterable):
            raise TypeError("an asynchronous pool gives asynchronous answers")
        async for chunk in stream:
            yield chunk

    async def aclose(self) -> None:
        await self._answer.aclose()
