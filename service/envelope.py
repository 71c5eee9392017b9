"""What goes around every request and response: its id, security headers, allowed hosts, size.

Three ASGI middlewares, outermost first: ``Envelope``, ``AllowedHosts``, ``BodyLimit``. The latter
two raise ``HTTPException``, and need Starlette's ``ExceptionMiddleware`` around them.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
MAX_BODY = 64 * 1024
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
        "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
PROBES = frozenset({"/healthz", "/readyz"})
_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\[\]:@/?#]+))(?::\d{1,5})?", re.IGNORECASE)


def request_id(scope: Scope) -> str:
    """The id of the request, as ``Envelope`` gave it."""
    return str(scope["state"]["request_id"])


def envelope_headers(scope: Scope) -> dict[str, str]:
    """The headers of every response: security, no storing of questions, and the request's id."""
    return {
        **SECURITY_HEADERS,
        "Cache-Control": "no-store",
        "X-Request-Id": request_id(scope),
    }


class Envelope:
    """Gives each request an id (the caller's, where it is a plain one) and adds the headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope).get("x-request-id", "")
        identity = asked if _REQUEST_ID.fullmatch(asked) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = identity

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in envelope_headers(scope).items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class AllowedHosts:
    """Refuses requests for names that are not ours (421): a defence against DNS rebinding.

    ``hosts`` are names or addresses without port; ``*`` allows any. Health probes ask by address
    and learn nothing, so they pass.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower().strip("[]") for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] != "http"
            or "*" in self._hosts
            or scope["path"] in PROBES
            or _host_name(scope) in self._hosts
        ):
            await self._app(scope, receive, send)
            return
        raise HTTPException(
            421, "This server does not answer to the host name of this request (see allowed_hosts)."
        )


class BodyLimit:
    """Refuses bodies of more than ``limit`` bytes (413), announced or counted while reading.

    ``larger`` are the limits of the paths that have one of their own.
    """

    def __init__(
        self, app: ASGIApp, limit: int = MAX_BODY, larger: Mapping[str, int] | None = None
    ) -> None:
        self._app = app
        self._limit = limit
        self._larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._larger.get(scope["path"], self._limit)
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > limit:
            raise _too_large(limit)
        read = 0

        async def receive_counting() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise _too_large(limit)
            return message

        await self._app(scope, receive_counting, send)


def _too_large(limit: int) -> HTTPException:
    # Closing keeps the server from reading on, for nothing, what the client still sends.
    return HTTPException(413, f"The body exceeds {limit // 1024} kB.", {"Connection": "close"})


def _host_name(scope: Scope) -> str | None:
    match = _HOST.fullmatch(Headers(scope=scope).get("host", ""))
    return (match[1] or match[2]).lower() if match else None
