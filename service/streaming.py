"""Answers as Server-Sent Events (WHATWG HTML, 9.2): each step as it is done, then the whole.

The events of an answer are ``passages``, ``statements`` and ``answer``; their data is one JSON
document. What goes wrong after the first is a ``problem`` event with the problem document; what
goes wrong before it is an ordinary response with its own status. While nothing comes, a comment
every few seconds keeps proxies from hanging up, and finds out that nobody listens any more.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Mapping
from contextlib import closing
from typing import Any, NamedTuple

from anyio import CancelScope
from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Send

from footnoted.errors import FootnotedError
from footnoted.service.asking import Step, Steps
from footnoted.service.problems import error_problem, unexpected_problem

MEDIA_TYPE = "text/event-stream"
KEEP_ALIVE_SECONDS = 10.0
LAST = "answer"
"""The name and the id of the last event: who reconnects with it has the whole answer."""
_STILL_WORKING = b": still working\n\n"


def wants_events(accept: str) -> bool:
    """Whether an ``Accept`` header (RFC 9110, 12.5.1) prefers events to a JSON document."""
    ranges = [_media_range(part) for part in accept.split(",")]
    events = max((r.quality for r in ranges if r.media_type == MEDIA_TYPE), default=0.0)
    document = max((r.quality for r in ranges if r.media_type == "application/json"), default=0.0)
    return events > 0 and events >= document


async def event_stream(
    request: Request, steps: Steps, keep_alive: float = KEEP_ALIVE_SECONDS
) -> StreamingResponse:
    """The response that sends ``steps`` as events, and has them closed when the client goes.

    Returns when the first step is done. Raises what that raises.
    """
    work = _Work(steps)
    first = await work.next()
    return _EventStream(request, first, work, keep_alive)


class _Work:
    """The steps of one answer, done in a thread of the pool as for any other request.

    When the client goes, it ends with the step that it is in.
    """

    def __init__(self, steps: Steps) -> None:
        self._loop = asyncio.get_running_loop()
        self._done: asyncio.Queue[Step | Exception | None] = asyncio.Queue()
        self._left = threading.Event()
        self._ended = asyncio.Event()
        self._task = asyncio.create_task(run_in_threadpool(self._run, steps))
        self._task.add_done_callback(lambda _: self._ended.set())

    async def next(self) -> Step | None:
        """The next step; ``None`` after the last. Raises what the work on it raised."""
        what = await self._done.get()
        if isinstance(what, Exception):
            raise what
        return what

    async def leave(self) -> None:
        """Want no further step, and wait for the one that is being worked on.

        Only then is this request's place free: who leaves early must not gain threads by it.
        """
        self._left.set()
        with CancelScope(shield=True):
            await self._ended.wait()

    def _run(self, steps: Steps) -> None:
        try:
            with closing(steps):
                for step in steps:
                    if self._left.is_set():
                        return
                    self._tell(step)
        except Exception as error:  # noqa: BLE001 - raised again by who awaits it
            self._tell(error)
        else:
            self._tell(None)

    def _tell(self, what: Step | Exception | None) -> None:
        if not self._left.is_set():  # who has left may have taken the loop along
            self._loop.call_soon_threadsafe(self._done.put_nowait, what)


class _EventStream(StreamingResponse):
    media_type = MEDIA_TYPE

    def __init__(
        self, request: Request, first: Step | None, work: _Work, keep_alive: float
    ) -> None:
        # nginx would keep the events until the last, but for the second header.
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Accept"}
        super().__init__((), headers=headers)
        self._request, self._first, self._work = request, first, work
        self._keep_alive = keep_alive

    async def stream_response(self, send: Send) -> None:
        """Send the events; cancelled when the client goes."""
        headers = self.raw_headers
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        step = self._first
        try:
            while step is not None:
                await _send(send, _event(step.name, step.document))
                step = await self._next(send)
        except FootnotedError as error:
            await _send(send, self._problem(error_problem(error, self._request)))
        except OSError:  # the client has gone
            raise
        except Exception as error:  # noqa: BLE001 - the response has begun: it is told as an event
            await _send(send, self._problem(unexpected_problem(error, self._request)))
        finally:
            await self._work.leave()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _next(self, send: Send) -> Step | None:
        while True:
            try:
                return await asyncio.wait_for(self._work.next(), self._keep_alive)
            except TimeoutError:
                await _send(send, _STILL_WORKING)

    def _problem(self, document: Mapping[str, Any]) -> bytes:
        return _event("problem", {**document, "instance": self._request.url.path})


async def _send(send: Send, data: bytes) -> None:
    await send({"type": "http.response.body", "body": data, "more_body": True})


def _event(name: str, document: Mapping[str, Any]) -> bytes:
    # JSON writes a line break in a text as two characters, so that the data is one line.
    data = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return f"event: {name}\nid: {name}\ndata: {data}\n\n".encode()


class _MediaRange(NamedTuple):
    media_type: str
    quality: float


def _media_range(part: str) -> _MediaRange:
    media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                quality = min(max(float(value), 0.0), 1.0)
            except ValueError:
                quality = 0.0
    return _MediaRange(media_type, quality)
