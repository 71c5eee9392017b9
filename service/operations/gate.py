"""How many requests work at once, and how many may wait for that: a line with an end.

More work at once than there are processors makes every answer slower and none sooner; a line
without end makes people wait for answers that they no longer want.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable

MOST_AT_ONCE = 32
"""Fewer than the 40 threads that routes run in: who passes the gate finds one free."""
_FIRST_GUESS_SECONDS = 0.1
_SMOOTHING = 0.1
_LONGEST_RETRY = 60


class Full(Exception):
    """The line is full; ``retry_after`` is in how many seconds it may have moved on."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"the line is full, try again in {retry_after} s")
        self.retry_after = retry_after


class Gate:
    """Lets ``at_once`` requests work, and ``waiting`` more wait in turn; for one event loop.

    ``changed`` is called with how many work and how many wait, whenever that changes.
    """

    def __init__(
        self,
        at_once: int,
        waiting: int,
        changed: Callable[[int, int], None] | None = None,
    ) -> None:
        self.at_once = at_once
        self.waiting = waiting
        self.working = 0
        self._line: deque[asyncio.Future[None]] = deque()
        self._seconds = _FIRST_GUESS_SECONDS
        self._told = changed

    @property
    def in_line(self) -> int:
        """How many wait."""
        return len(self._line)

    @property
    def retry_after(self) -> int:
        """In how many seconds all who are here now may have been answered: 1 to 60."""
        ahead = (self.working + self.in_line) * self._seconds / self.at_once
        return min(_LONGEST_RETRY, max(1, math.ceil(ahead)))

    def enter(self) -> asyncio.Future[None] | None:
        """Take a place: ``None`` if it is free now, else what to await before working.

        ``Full`` where there is none. A place is left with ``leave``, or with ``give_up`` by who
        did not come to work.
        """
        if self.working < self.at_once and not self._line:
            self.working += 1
            self._changed()
            return None
        if len(self._line) >= self.waiting:
            raise Full(self.retry_after)
        turn = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        self._changed()
        return turn

    def give_up(self, turn: asyncio.Future[None]) -> None:
        """Leave the line, or the place that was just given to who no longer wants it."""
        if turn.done() and not turn.cancelled():
            self._next()
        elif turn in self._line:
            self._line.remove(turn)
            self._changed()

    def leave(self, began: float) -> None:
        """The work that began then (``time.monotonic``) has ended."""
        self._seconds += _SMOOTHING * (time.monotonic() - began - self._seconds)
        self._next()

    def _changed(self) -> None:
        if self._told is not None:
            self._told(self.working, self.in_line)

    def _next(self) -> None:
        """Give the place that is free now to the first in line."""
        if self._line:
            self._line.popleft().set_result(None)
        else:
            self.working -= 1
        self._changed()
