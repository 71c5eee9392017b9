"""The reply to one request, which the server may end before those who work on it do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from footnoted.domain import Json
from footnoted.service.chat.failures import is_chat
from footnoted.service.problems import problem_response

EVENT_STREAM = "text/event-stream"


class Reply:
    """Passes on what the application sends, until the reply is ended from here.

    ``on_start`` is called when the application starts a reply that it has whole: not a stream of
    events, which it still works on.
    """

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, on_start: Callable[[], None]
    ) -> None:
        self.started = False
        self.streams = False
        self.over = False
        self._complete = False
        self._sending = False
        self._scope = scope
        self._receive = receive
        self._send = send
        self._on_start = on_start
        self._ending: asyncio.Task[None] | None = None

    async def send(self, message: Message) -> None:
        """Send a message of the application; nothing of it once the reply was ended."""
        if self.over:
            return
        if message["type"] == "http.response.start":
            self.started = True
            kind = Headers(raw=list(message.get("headers", ()))).get("content-type", "")
            self.streams = kind.startswith(EVENT_STREAM)
            if not self.streams:
                self._on_start()
        elif not message.get("more_body", False):
            self._complete = True
        self._sending = True
        try:
            await self._send(message)
        finally:
            self._sending = False

    def end(self, problem: Json | None = None, retry_after: int | None = None) -> bool:
        """End the reply now, and return whether that could be done.

        Before it has started, ``problem`` is the reply; a stream gets it as its last event. What
        was started and is no stream is whole, and only has to reach its reader; so has an event
        that its reader does not take.
        """
        if self._complete or self.over or self._sending or (self.started and not self.streams):
            return False
        if not self.started and problem is None:
            return False
        self.over = True
        self._ending = asyncio.ensure_future(self._end(problem, retry_after))
        return True

    async def ended(self) -> None:
        """Wait until what ended the reply is sent, if anything did."""
        if self._ending is not None:
            await self._ending

    async def _end(self, problem: Json | None, retry_after: int | None) -> None:
        path = self._scope["path"]
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        if problem is None:
            await self._send({"type": "http.response.body", "body": b""})
        elif self.started:
            named = b"" if is_chat(path) else b"event: problem\nid: problem\n"
            event = named + b"data: " + bytes(problem_response(problem, path).body) + b"\n\n"
            await self._send({"type": "http.response.body", "body": event})
        else:
            if problem["status"] == 408:
                headers["Connection"] = "close"
            await problem_response(problem, path, headers)(self._scope, self._receive, self._send)
