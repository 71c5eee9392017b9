"""The MCP server over streamable HTTP, at exactly ``/mcp``: one JSON response for each POST.

No session is kept, so any worker can answer any request. Which host names are ours is checked by
the middleware around everything; which pages may ask from a browser is checked here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from footnoted.service.connectors.addresses import base_address
from footnoted.service.origins import from_own_page
from footnoted.service.shelf import Shelf
from footnoted.settings import Settings

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

PATH = "/mcp"


@dataclass(slots=True, eq=False)
class _Run:
    """The time between the start of the application and its end."""

    wanted: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    manager: StreamableHTTPSessionManager | None = None


class McpEndpoint:
    """The ASGI application at ``/mcp``; it answers while the block of ``running`` does."""

    def __init__(self, shelf: Shelf, settings: Settings) -> None:
        self._shelf = shelf
        self._check_origin = from_own_page(settings)
        self._public_url = settings.public_url
        self._run: _Run | None = None

    @property
    def route(self) -> Route:
        """POST to ``/mcp``; other methods are for sessions, of which there are none."""
        return Route(PATH, self, methods=["POST"], include_in_schema=False)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Answer requests while the block runs: a step of the application's lifespan.

        The SDK is imported for the first request: 28 MB and half a second that most never need.
        """
        self._run = run = _Run()
        kept = asyncio.create_task(self._keep(run))
        try:
            yield
        finally:
            self._run = None
            run.over.set()
            run.wanted.set()
            await kept

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._check_origin(Request(scope))
        run = self._run
        if run is not None:
            run.wanted.set()
            await run.open.wait()
        if run is None or run.manager is None:
            raise HTTPException(503, "The server is starting or stopping.", {"Retry-After": "1"})
        await run.manager.handle_request(scope, receive, send)

    async def _keep(self, run: _Run) -> None:
        """Keep the SDK's manager open from the first request to the end, in one task as it asks."""
        await run.wanted.wait()
        try:
            if not run.over.is_set():
                manager = await run_in_threadpool(self._new_manager)
                async with manager.run():
                    run.manager = manager
                    run.open.set()
                    await run.over.wait()
        finally:
            run.manager = None
            run.open.set()

    def _new_manager(self) -> StreamableHTTPSessionManager:
        from mcp.server.streamable_http_manager import (  # noqa: PLC0415 - see ``running``
            StreamableHTTPSessionManager,
        )

        from footnoted.service.connectors.protocol import mcp_server  # noqa: PLC0415

        server = mcp_server(self._shelf, self._base)
        return StreamableHTTPSessionManager(server, json_response=True, stateless=True)

    def _base(self, request: Request | None) -> str:
        return base_address(self._public_url, str(request.base_url) if request else "")
