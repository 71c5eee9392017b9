"""Asks for web addresses that strangers wrote down, and gives a response or an honest reason.

Where a redirect leads is checked like a first address. Nothing that a server does raises: forbidden
addresses, broken connections, bombs and endless answers become a ``NoResponse`` that says what
happened. Proxies of the environment, cookies and user names are never used; a server's bytes are
counted as they arrive and unpacked in pieces, so that memory stays small.
"""

from __future__ import annotations

import asyncio
import io
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urljoin

import httpx2

from footnoted.domain import Access
from footnoted.errors import UsageError
from footnoted.ingest.fetching.addresses import AddressRules, Target, Unanswered, shown
from footnoted.ingest.fetching.content_coding import ACCEPTED, Unpacker, codings_of
from footnoted.ingest.fetching.network import (
    CheckedBackend,
    CheckedTransport,
    Meter,
    Resolver,
    resolve,
)
from footnoted.ingest.fetching.network_failures import FAILURES, translated
from footnoted.ingest.fetching.proxy import Proxy
from footnoted.ingest.fetching.redirects import NOTHING, Redirect, Spent, follow
from footnoted.ingest.fetching.responses import NoResponse, Response

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BODILESS = frozenset({204, 304})
_OURS = frozenset({"host", "connection", "accept-encoding", "content-length", "transfer-encoding"})
_FIELD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\t\x20-\x7e]*")  # RFC 9110, 5.1 and 5.5
_ACCEPT = "text/html,application/xhtml+xml,application/pdf,text/plain;q=0.9,*/*;q=0.8"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one address may cost, redirects included, in bytes and seconds.

    ``header_bytes`` is for each answer, ``body_bytes`` for what is unpacked. ``pieces`` counts the
    chunks of a body: one that comes byte by byte costs work rather than memory.
    ``connect_seconds`` covers looking up a name and connecting, and again the secure handshake;
    ``idle_seconds`` is the longest silence.
    """

    header_bytes: int = 64 * 2**10
    wire_bytes: int = 20_000_000
    body_bytes: int = 30_000_000
    pieces: int = 100_000
    seconds: float = 60.0
    connect_seconds: float = 15.0
    idle_seconds: float = 20.0


class SafeClient:
    """``get`` asks one address; any number may be asked at the same time."""

    def __init__(
        self,
        rules: AddressRules,
        *,
        user_agent: str,
        limits: Limits | None = None,
        resolver: Resolver | None = None,
        ssl_context: ssl.SSLContext | None = None,
        proxy: Proxy | None = None,
    ) -> None:
        """``ssl_context`` verifies servers; by default against the system's certificates.

        ``proxy`` is the only one that is used: the environment's variables are not read.

        Raises ``UsageError`` for a ``user_agent`` that is not printable ASCII.
        """
        _check_fields([("User-Agent", user_agent)])
        self._rules = rules
        self._limits = limits or Limits()
        self._resolver = resolver or resolve
        self._ssl_context = ssl_context
        self._proxy = proxy
        self._headers = {
            "User-Agent": user_agent,
            "Accept": _ACCEPT,
            "Accept-Encoding": ACCEPTED,
            "Connection": "close",
        }

    async def __aenter__(self) -> Self:
        if self._ssl_context is None:
            self._ssl_context = httpx2.create_ssl_context()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Nothing is left open: every address closes its own connections."""

    async def get(self, url: str, headers: Sequence[tuple[str, str]] = ()) -> Response | NoResponse:
        """The response of ``url`` after its redirects, or why there is none.

        ``headers`` as in ``once``; ``Authorization`` and ``Cookie`` go to the first site only.
        """
        return await follow(self.once, url, headers)

    async def once(
        self, url: str, headers: Sequence[tuple[str, str]] = (), spent: Spent = NOTHING
    ) -> Response | NoResponse | Redirect:
        """What ``url`` itself answers, be it a redirect, or why it answers nothing.

        ``headers`` are sent besides the client's own and replace them; ``spent`` counts towards
        the limits. Raises ``UsageError`` for headers that HTTP does not allow, or that belong to
        the client (``Host``, ``Accept-Encoding``).
        """
        _check_fields(headers)
        limits = self._limits
        clock = asyncio.get_running_loop()
        began = clock.time()
        meter = Meter(limits.header_bytes, limits.wire_bytes, spent.wire_bytes)
        whole = asyncio.timeout(max(0.0, limits.seconds - spent.seconds))
        try:
            async with whole:
                target = self._rules.check_url(url)
                answer = await self._ask(target, self._fields(headers), meter)
                if isinstance(answer, _Answer):
                    return Response(url, url, answer.status, answer.headers, answer.body)
                cost = Spent(spent.seconds + clock.time() - began, meter.wire)
                return Redirect(target.url, self._normalised(answer.to), cost)
        except Unanswered as error:
            return _no_response(url, error)
        except FAILURES as error:
            if isinstance(error, TimeoutError) and whole.expired():
                return _no_response(url, _too_slow(limits.seconds))
            return _no_response(url, translated(error))

    def _normalised(self, url: str) -> str:
        try:
            return self._rules.check_url(url).url
        except Unanswered:  # whoever asks for it is told why that cannot be
            return url

    async def _ask(
        self, target: Target, fields: dict[str, str], meter: Meter
    ) -> _Answer | _Elsewhere:
        """One request over one connection, which is closed afterwards."""
        if self._ssl_context is None:
            raise RuntimeError("a SafeClient asks only inside its `async with`")
        limits = self._limits
        waits = {"connect": limits.connect_seconds, "pool": limits.connect_seconds}
        waits |= {"read": limits.idle_seconds, "write": limits.idle_seconds}
        request = httpx2.Request("GET", target.url, headers=fields, extensions={"timeout": waits})
        backend = CheckedBackend(self._rules, meter, self._resolver, self._proxy)
        async with CheckedTransport(backend, self._ssl_context) as transport:
            response = await transport.handle_async_request(request)
            meter.end_head()
            try:
                headers = tuple((_text(k), _text(v)) for k, v in response.headers.raw)
                location = next((v for k, v in headers if k.lower() == "location"), "")
                if response.status_code in _REDIRECTS and location:
                    return _Elsewhere(_joined(target.url, location))
                return _Answer(response.status_code, headers, await self._body(response, headers))
            finally:
                await response.aclose()

    async def _body(self, response: httpx2.Response, headers: Sequence[tuple[str, str]]) -> bytes:
        """The unpacked body, or ``Unanswered`` as soon as it is known to be too much."""
        if response.status_code in _BODILESS:
            return b""
        unpacker = Unpacker(
            codings_of([v for k, v in headers if k.lower() == "content-encoding"]),
            self._limits.body_bytes,
        )
        announced = next((v for k, v in headers if k.lower() == "content-length"), "0")
        if announced.isdecimal() and int(announced) > self._limits.wire_bytes:
            raise Unanswered(
                Access.TOO_LARGE,
                f"its server announces {int(announced):,} bytes, and no more than "
                f"{self._limits.wire_bytes:,} are read. Save it and supply it with --source.",
            )
        body = io.BytesIO()  # its value is given out without a second copy
        pieces = 0
        async for chunk in response.aiter_raw():
            pieces += 1
            if pieces > self._limits.pieces:
                raise Unanswered(
                    Access.TOO_LARGE,
                    f"it came in more than {self._limits.pieces:,} pieces, as no page does.",
                )
            for piece in unpacker.feed(chunk):
                body.write(piece)
        unpacker.finish()
        return body.getvalue()

    def _fields(self, headers: Sequence[tuple[str, str]]) -> dict[str, str]:
        fields = dict(self._headers)
        known = {name.lower(): name for name in fields}
        for name, value in headers:
            fields[known.get(name.lower(), name)] = value
        return fields


class _Elsewhere(NamedTuple):
    to: str


class _Answer(NamedTuple):
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def _joined(base: str, location: str) -> str:
    try:
        return urljoin(base, location.strip())
    except ValueError as error:
        raise Unanswered(
            Access.URL_UNKNOWN, f"it redirects to {shown(location)}, which is no address."
        ) from error


def _text(value: bytes) -> str:
    """A header as text: UTF-8 as many servers send it, else ISO 8859-1, which fits any bytes."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("iso-8859-1")


def _check_fields(headers: Sequence[tuple[str, str]]) -> None:
    for name, value in headers:
        if name.lower() in _OURS or not _FIELD.fullmatch(f"{name}: {value}"):
            raise UsageError(
                f"The header {name!r} cannot be sent with the value {value!r}.",
                about=name,
                hint="Use printable ASCII, and leave the connection's own headers to the client.",
            )


def _no_response(url: str, error: Unanswered) -> NoResponse:
    return NoResponse(url, error.access, f"{shown(url)} was not read: {error.why}", error.transient)


def _too_slow(seconds: float) -> Unanswered:
    return Unanswered(
        Access.DEAD,
        f"it had not arrived whole after {seconds:g} seconds. Run the ingest with --refresh to "
        "try again, or save the page and supply it with --source.",
    )
