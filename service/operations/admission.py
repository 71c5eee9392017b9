"""Who asks, whether they may, and whether not too often: before anything else is done for them.

A key comes as ``Authorization: Bearer KEY`` (RFC 6750). A browser that is asked for one sends it
as the password of ``Basic`` (RFC 7617), under any user name; as it does so for every site that
links here, such a key grants no more than reading.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import NamedTuple

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from footnoted.service import access
from footnoted.service.envelope import PROBES
from footnoted.service.operations.keys import Key, Keys
from footnoted.service.operations.limits import RateLimit, Taken, client_of
from footnoted.service.scopes import Scope as Granted

_STATIC = "/static/"
_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_BASIC = 'Basic realm="footnoted: the key is the password"'
_CHALLENGE = f'Bearer realm="footnoted", {_BASIC}'
_WRONG = 'Bearer realm="footnoted", error="invalid_token"'


class Given(NamedTuple):
    """A key as it was sent; a browser sends it to whoever makes it ask, so it may only read."""

    key: str
    by_browser: bool


class Admission:
    """Looks up the key of each request, counts the request, and turns away who may not ask.

    ``local``: the server listens to this machine alone, and no proxy stands before it. With
    ``private`` a key is needed for all but the health probes. Raises ``HTTPException`` 401 and
    429: Starlette's ``ExceptionMiddleware`` must stand around it.
    """

    def __init__(
        self, app: ASGIApp, keys: Keys, limit: RateLimit | None, *, local: bool, private: bool
    ) -> None:
        self._app = app
        self._keys = keys
        self._limit = limit
        self._local = local
        self._private = private

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = _given(headers.get("authorization", ""))
        key = None if given is None else self._keys.holder(given.key)
        # Chat clients always send some key: where none was ever made, none can be wrong.
        wrong = given is not None and key is None and bool(self._keys.all())
        probe = scope["path"] in PROBES
        local = self._local and not any(name in headers for name in _FORWARDED)
        access.grant(scope, _scopes(key, given), local=local)
        if key is not None:
            scope["state"]["key_name"] = key.name
        # A page asks for its style sheet as well: only what was meant to be asked counts.
        if self._limit is not None and not probe and not scope["path"].startswith(_STATIC):
            send = self._counted(self._limit, scope, key, send)
        if wrong and not probe:
            again = f"{_WRONG}, {_BASIC}" if given and given.by_browser else _WRONG
            raise HTTPException(401, "This key opens nothing here.", {"WWW-Authenticate": again})
        if self._private and key is None and not probe:
            raise HTTPException(
                401,
                "This server answers only with a key, sent as Authorization: Bearer KEY; ask "
                "whoever runs it for one.",
                {"WWW-Authenticate": _CHALLENGE},
            )
        await self._app(scope, receive, send)

    def _counted(self, limit: RateLimit, scope: Scope, key: Key | None, send: Send) -> Send:
        """``send`` that tells what is left of the limit; ``HTTPException`` 429 when nothing is."""
        taken = limit.take(f"key {key.name}" if key else client_of(_address(scope)))
        told = _told(limit, taken)
        if not taken.allowed:
            raise HTTPException(
                429,
                f"Too many requests: at most {limit.most} in a minute. Ask again in "
                f"{taken.seconds} s.",
                {**told, "Retry-After": str(taken.seconds)},
            )

        async def send_telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(told)
            await send(message)

        return send_telling


def _scopes(key: Key | None, given: Given | None) -> frozenset[Granted]:
    if key is None or given is None:
        return frozenset()
    return frozenset({"read" if given.by_browser else key.scope})


def _given(authorization: str) -> Given | None:
    """The key in this header's value, if there is one."""
    scheme, _, rest = authorization.strip().partition(" ")
    if scheme.lower() == "bearer" and rest.strip():
        return Given(rest.strip(), by_browser=False)
    if scheme.lower() == "basic":
        try:
            words = base64.b64decode(rest.strip(), validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return Given(words.partition(":")[2], by_browser=True)
    return None


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def _told(limit: RateLimit, taken: Taken) -> Mapping[str, str]:
    """The fields of the IETF draft "RateLimit header fields for HTTP"."""
    return {
        "RateLimit-Policy": f'"minute";q={limit.most};w=60',
        "RateLimit": f'"minute";r={taken.remaining};t={taken.seconds}',
    }
