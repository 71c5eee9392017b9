"""Around every request: one line of the log when it has ended, and its numbers for Prometheus."""

from __future__ import annotations

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from footnoted.service.envelope import request_id
from footnoted.service.operations.corpora import noted
from footnoted.service.operations.logs import REQUESTS
from footnoted.service.operations.metrics import Metrics

CLIENT_LEFT = 499
"""The status of a request whose client went away before any (nginx's number for it)."""
_API = "/v1/"
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_logger = logging.getLogger(REQUESTS)


class Observing:
    """Counts and logs each request; must stand inside ``Envelope``, which names it."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0
        notes: dict[str, str] = {}
        began = time.perf_counter()

        async def send_seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        token = noted.set(notes)
        try:
            await self._app(scope, receive, send_seen)
        except Exception:
            status = status or 500  # what stands around this answers so
            raise
        finally:
            noted.reset(token)
            self._tell(scope, status or CLIENT_LEFT, time.perf_counter() - began, notes)

    def _tell(self, scope: Scope, status: int, seconds: float, notes: dict[str, str]) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = template(scope)
        self._metrics.request(route, method, status, seconds)
        if not _logger.isEnabledFor(logging.INFO):
            return
        facts: dict[str, object] = {
            "method": method,
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 1),
            "request": request_id(scope),
            **notes,
        }
        if key := scope["state"].get("key_name"):
            facts["key"] = key
        _logger.info("request", extra={"facts": facts})


def template(scope: Scope) -> str:
    """The path of the route that took a request, its parameters by name; `none` where none did."""
    path = getattr(scope.get("route"), "path", None)
    if not isinstance(path, str) or not path:
        return "none"
    # A route of a router inside another one does not know the whole of its path.
    inside = scope["path"].startswith(_API) and not path.startswith(_API)
    return _API.rstrip("/") + path if inside else path
