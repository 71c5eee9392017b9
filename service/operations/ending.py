"""The end of a server: told first, so that nobody sends more; then open streams are closed."""

from __future__ import annotations

from collections.abc import Callable


class Ending:
    """Whether the server is about to end, and what must be told when it does.

    For one event loop; ``begin`` may be called by a signal handler as well.
    """

    def __init__(self) -> None:
        self.begun = False
        self._streams: set[Callable[[], object]] = set()

    def begin(self) -> None:
        """From now on the server is not ready, though it still answers."""
        self.begun = True

    def close_streams(self) -> None:
        """End the responses that would never end by themselves."""
        self.begin()
        for close in tuple(self._streams):
            close()

    def add(self, close: Callable[[], object]) -> None:
        """Have ``close`` called when streams are to end."""
        self._streams.add(close)

    def discard(self, close: Callable[[], object]) -> None:
        """The stream ended by itself."""
        self._streams.discard(close)
