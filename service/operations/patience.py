"""How long a request waits and works: in a line with an end, and until a deadline.

A thread that answers cannot be stopped. At the deadline the asker is told, and the answer goes
nowhere when it comes; but its place is not given away before, or the threads of given-up requests
would pile up. Bodies are read before a place is taken: who sends slowly keeps nobody else waiting.
"""

from __future__ import annotations

import asyncio
import logging
import math
import re
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, Literal, TypeAlias

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from footnoted.service.envelope import PROBES, request_id
from footnoted.service.operations.ending import Ending
from footnoted.service.operations.gate import Full, Gate
from footnoted.service.operations.replies import Reply
from footnoted.service.problems import plain_problem

UNQUEUED = PROBES | {"/metrics"}
_STATIC = "/static/"
_WATCHED = re.compile(r"/v1/ingest/[^/]+/events")
_ENDING_RETRY = "5"

TurnedAway: TypeAlias = Literal["overloaded", "deadline", "slow_body", "ending"]
_logger = logging.getLogger(__name__)


class Patience:
    """Has requests wait at ``gate`` and ends those that take longer than ``seconds``.

    Health probes, metrics and files neither wait nor count. The events of an ingest
    job are only watched: they take no place and have no deadline, and end with the server.
    ``turned_away`` hears why a request was not answered. Raises ``HTTPException`` 503.
    """

    def __init__(
        self,
        app: ASGIApp,
        gate: Gate,
        ending: Ending,
        seconds: float,
        turned_away: Callable[[TurnedAway], None],
    ) -> None:
        self._app = app
        self._gate = gate
        self._ending = ending
        self._seconds = seconds
        self._turned_away = turned_away

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] in UNQUEUED or scope["path"].startswith(_STATIC):
            await self._at_once(scope, receive, send)
        elif _only_watches(scope):
            await self._watch(scope, receive, send)
        else:
            await self._in_turn(scope, receive, send)

    async def _at_once(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._ending.begun and scope["path"] == "/readyz":
            self._turned_away("ending")
            raise HTTPException(503, "This server is about to end.", {"Retry-After": _ENDING_RETRY})
        await self._app(scope, receive, send)

    async def _watch(self, scope: Scope, receive: Receive, send: Send) -> None:
        reply = Reply(scope, receive, send, on_start=lambda: None)
        self._ending.add(reply.end)
        try:
            await self._app(scope, receive, reply.send)
        finally:
            self._ending.discard(reply.end)
            await reply.ended()

    async def _in_turn(self, scope: Scope, receive: Receive, send: Send) -> None:
        place = _Place(self._gate)
        reply = Reply(scope, receive, send, on_start=place.leave)
        deadline = asyncio.get_running_loop().call_later(
            self._seconds, partial(self._expire, reply, place)
        )
        try:
            messages = await _body(receive)
            place.body_read = True
            if messages[-1]["type"] == "http.disconnect" or not await self._place(place, receive):
                return
            await self._app(scope, _replayed(messages, receive), reply.send)
        except Exception as error:  # whatever it is, the asker has been told already
            if not reply.over:
                raise
            _logger.error(
                "request %s: failed after its deadline", request_id(scope), exc_info=error
            )
        finally:
            deadline.cancel()
            place.leave()
            await reply.ended()

    async def _place(self, place: _Place, receive: Receive) -> bool:
        """Take the place, or wait for it; ``False`` when who asked went away meanwhile."""
        try:
            turn = self._gate.enter()
        except Full as full:
            self._turned_away("overloaded")
            raise HTTPException(
                503,
                f"Too many requests are waiting here already. Ask again in {full.retry_after} s.",
                {"Retry-After": str(full.retry_after)},
            ) from full
        if turn is not None:
            gone = asyncio.ensure_future(receive())  # nothing else can come after the body
            either: set[asyncio.Future[Any]] = {turn, gone}
            try:
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            finally:
                there = turn.done() and not gone.done()
                gone.cancel()
                if not there:
                    self._gate.give_up(turn)
            if not there:
                return False
        place.take()
        return True

    def _expire(self, reply: Reply, place: _Place) -> None:
        """The deadline: tell the asker, if a reply has not begun to reach them."""
        if not place.body_read:
            why: TurnedAway = "slow_body"
            problem = plain_problem(408, "The body of the request did not arrive in time.")
        else:
            why = "deadline"
            problem = plain_problem(
                503,
                f"No answer was ready after {self._seconds:g} s.",
                "Ask again later, or ask for less: fewer passages, or without writing.",
            )
        if reply.end(problem, max(self._gate.retry_after, math.ceil(min(self._seconds, 5)))):
            self._turned_away(why)
        elif reply.streams:
            place.leave()  # the reader of a stream takes nothing: nobody works for it


class _Place:
    """A request's place at the gate, once it is taken; left once."""

    def __init__(self, gate: Gate) -> None:
        self.body_read = False
        self._gate = gate
        self._began: float | None = None

    def take(self) -> None:
        self._began = time.monotonic()

    def leave(self) -> None:
        if self._began is not None:
            began, self._began = self._began, None
            self._gate.leave(began)


def _only_watches(scope: Scope) -> bool:
    path: str = scope["path"]
    return _WATCHED.fullmatch(path) is not None


async def _body(receive: Receive) -> deque[Message]:
    """The messages of the body, to the last one, or to that of a lost connection."""
    messages = deque([await receive()])
    while messages[-1].get("more_body", False):
        messages.append(await receive())
    return messages


def _replayed(messages: deque[Message], receive: Receive) -> Receive:
    async def replay() -> Message:
        return messages.popleft() if messages else await receive()

    return replay
