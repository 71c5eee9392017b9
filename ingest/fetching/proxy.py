"""A way out through an HTTP proxy, for networks that have no other; only where the user names one.

Every connection is a tunnel (CONNECT, RFC 9110, 9.3.6) to a number that was checked before: the
proxy never resolves a name for us, and the Host header and TLS server name stay the cited site's.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import h11
import httpcore2

from footnoted.errors import UsageError

_REPLY_BYTES = 16_384
_MADE = range(200, 300)


class Proxy(NamedTuple):
    """Where a proxy listens, and what it wants to hear (RFC 7617), if anything."""

    host: str
    port: int
    authorization: str | None = None

    @classmethod
    def parse(cls, url: str) -> Proxy | None:
        """The proxy of ``http://[user:password@]host:port``; ``None`` for an empty text.

        Raises ``UsageError`` for anything else.
        """
        if not url.strip():
            return None
        try:
            parts = urlsplit(url.strip())
            host, port = parts.hostname, parts.port
        except ValueError:
            parts, host, port = urlsplit(""), None, None
        if parts.scheme != "http" or not host or port is None or parts.path.strip("/"):
            raise UsageError(
                "The proxy is not of the form http://host:port.",
                about="proxy",
                hint="For example: FOOTNOTED_PROXY=http://proxy.example:3128",
            )
        if parts.username is None:
            return cls(host, port)
        credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        return cls(host, port, f"Basic {base64.b64encode(credentials).decode()}")


class Tunnels(httpcore2.AsyncNetworkBackend):
    """Connects to numbers through ``proxy``; ``ConnectError`` says what the proxy answered."""

    def __init__(self, proxy: Proxy, plain: httpcore2.AsyncNetworkBackend) -> None:
        self._proxy = proxy
        self._plain = plain

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """A connection that ends at the number ``host``; ``timeout`` is for all of it."""
        try:
            async with asyncio.timeout(timeout):
                stream = await self._plain.connect_tcp(
                    self._proxy.host, self._proxy.port, None, local_address, socket_options
                )
                try:
                    await self._ask(stream, f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
                except BaseException:
                    await stream.aclose()
                    raise
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout("the proxy made no connection in time") from error
        return stream

    async def connect_unix_socket(self, *_: object, **__: object) -> httpcore2.AsyncNetworkStream:
        """Raise ``ConnectError``: no proxy leads to a socket of this computer."""
        raise httpcore2.ConnectError("a proxy leads to no socket of this computer")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _ask(self, stream: httpcore2.AsyncNetworkStream, place: str) -> None:
        headers = [("Host", place)]
        if self._proxy.authorization is not None:
            headers.append(("Proxy-Authorization", self._proxy.authorization))
        talk = h11.Connection(h11.CLIENT, max_incomplete_event_size=_REPLY_BYTES)
        request = talk.send(h11.Request(method="CONNECT", target=place, headers=headers))
        await stream.write(request or b"")
        reply = await self._reply(stream, talk)
        if reply.status_code not in _MADE:
            reason = bytes(reply.reason).decode("ascii", "replace")
            raise httpcore2.ConnectError(
                f"the proxy {self._proxy.host}:{self._proxy.port} answered "
                f"{reply.status_code} {reason}".rstrip()
            )

    async def _reply(self, stream: httpcore2.AsyncNetworkStream, talk: Any) -> h11.Response:
        while True:
            try:
                event = talk.next_event()
            except h11.RemoteProtocolError:
                raise httpcore2.ConnectError("the proxy does not speak HTTP") from None
            if isinstance(event, h11.Response):
                return event
            if event is h11.NEED_DATA:
                talk.receive_data(await stream.read(_REPLY_BYTES))
