"""How often a client may ask: so many requests a minute, counted once for all workers.

The generic cell rate algorithm (ITU-T I.371; a token bucket that keeps one number): each client
has the moment at which all that it asked would be paid for, at an even pace. A whole minute's
requests may come at once; after that, each at its pace.
"""

from __future__ import annotations

import ipaddress
import math
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock

from footnoted.errors import StorageError, storage_errors
from footnoted.service.operations.state import state_folder

FILE_NAME = "limits.sqlite"
WINDOW_SECONDS = 60.0
_FORGET_EVERY = 1000
_BUSY_SECONDS = 2.0
_TABLE = "CREATE TABLE IF NOT EXISTS clients (client TEXT PRIMARY KEY, paid REAL NOT NULL) STRICT"
_SLACK = 1e-6  # of a second, for sums of floats
# One statement, so that two workers never both take the last request.
_TAKE = """
INSERT INTO clients VALUES (:client, :now + :pace) ON CONFLICT (client) DO UPDATE
SET paid = max(paid, :now) + :pace WHERE max(paid, :now) + :pace <= :full
RETURNING paid
"""
# After a clock was set back, nobody waits longer than a window.
_WAITS = "UPDATE clients SET paid = min(paid, :full) WHERE client = :client RETURNING paid"


class Taken(NamedTuple):
    """Whether a request may be made, and how many more could be at once.

    ``seconds``: until one may be made, or, where it may, until all could be made anew.
    """

    allowed: bool
    remaining: int
    seconds: int


class RateLimit:
    """``most`` requests a minute for each client, in the file at ``path``, or in memory alone."""

    def __init__(
        self, most: int, path: Path | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        """Raises ``StorageError`` (or ``ReadOnly``, ``DiskFull``) for a file that cannot be used.

        ``clock`` must be the same for all processes that share the file.
        """
        self.most = most
        self._pace = WINDOW_SECONDS / most
        self._clock = clock
        self._until_forgetting = _FORGET_EVERY
        try:
            self._counts = _opened(path)
        except sqlite3.Error as error:
            raise self._broken(error) from error

    def take(self, client: str) -> Taken:
        """Count one request of ``client``, if it may be made.

        ``StorageError`` where it cannot be counted: nobody is let in uncounted.
        """
        now = self._clock()
        values = {
            "client": client,
            "now": now,
            "pace": self._pace,
            "full": now + WINDOW_SECONDS + _SLACK,
        }
        try:
            self._forget(now)
            found = self._counts.execute(_TAKE, values).fetchone()
            if found is not None:
                ahead = found[0] - now
                left = math.floor((WINDOW_SECONDS + _SLACK - ahead) / self._pace)
                return Taken(True, left, math.ceil(ahead - _SLACK))
            ((paid,),) = self._counts.execute(_WAITS, values).fetchall()
        except sqlite3.Error as error:
            raise self._broken(error) from error
        return Taken(False, 0, math.ceil(paid + self._pace - now - WINDOW_SECONDS - _SLACK))

    def close(self) -> None:
        """Let go of the file."""
        self._counts.close()

    def _forget(self, now: float) -> None:
        """Now and then, drop the clients that have nothing left to pay."""
        self._until_forgetting -= 1
        if self._until_forgetting <= 0:
            self._until_forgetting = _FORGET_EVERY
            self._counts.execute("DELETE FROM clients WHERE paid < ?", (now,))

    def _broken(self, error: sqlite3.Error) -> StorageError:
        return StorageError(
            f"Requests cannot be counted for the rate limit: {error}.",
            about=FILE_NAME,
            hint=f"Mend or remove {FILE_NAME} in the state folder, or set rate_limit to 0.",
        )


def client_of(address: str) -> str:
    """Whom an address stands for: itself; in IPv6 its /64, which one line is given whole."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:  # a test client, a Unix socket
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return address


def _opened(path: Path | None) -> sqlite3.Connection:
    if path is None:
        return _prepared(":memory:")
    # SQLite does not wait for another process that sets the journal's mode just now.
    with (
        storage_errors(state_folder(path.parent)),
        FileLock(path.with_suffix(".lock"), mode=0o600),
    ):
        return _prepared(path)


def _prepared(database: Path | str) -> sqlite3.Connection:
    # One event loop uses it; in tests each request has a loop, in a thread of its own.
    counts = sqlite3.connect(
        database, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        # What is counted is worth nothing after a power cut: no waiting for the disk.
        for pragma in ("journal_mode = WAL", "synchronous = OFF"):
            counts.execute(f"PRAGMA {pragma}").fetchall()
        counts.execute(_TABLE)
    except BaseException:
        counts.close()
        raise
    return counts
