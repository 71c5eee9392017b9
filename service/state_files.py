"""SQLite files of a server's state folder, which several workers and threads read and write.

A file is made when something is first written. It is in WAL mode, so that who reads never waits
for who writes; the folder must therefore lie on a disk of this machine (sqlite.org/wal.html).
``PRAGMA user_version`` is the schema's version, and ``migrations[n]`` leads from n to n + 1.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeAlias

from footnoted.errors import DiskFull, LockedError, ReadOnly, StorageError, storage_errors

BUSY_SECONDS = 10.0
_AGAIN_SECONDS = 0.01
_PLACE = "in the state folder (the setting state_dir)"
_WRITABLE = "Have the setting state_dir name a folder that the server can write."
# A quota or a limit on file sizes makes the write itself fail, where a full disk has its own code.
_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE})
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})

Migration: TypeAlias = Sequence[str]
"""The statements that lead from one version of a schema to the next."""


class StateFile:
    """One file, opened when first needed; threads may share it, and take turns.

    Raises ``ReadOnly``, ``DiskFull``, ``LockedError``, and ``StorageError`` for a file that is
    damaged or newer than this program.
    """

    def __init__(self, path: Path, migrations: Sequence[Migration]) -> None:
        self.path = path
        self._migrations = migrations
        self._turn = threading.Lock()
        self._open: sqlite3.Connection | None = None

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """What a query finds; nothing where no file was made yet."""
        with self._turn, _errors(self.path):
            if self._open is None and not self.path.is_file():
                return []
            return self._connection().execute(sql, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection that alone may write, from now to the end of the block; all or nothing."""
        with self._turn, _errors(self.path):
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                if connection.in_transaction:
                    connection.rollback()
                raise
            connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file; whoever uses it again opens it again."""
        with self._turn:
            if self._open is not None:
                self._open.close()
                self._open = None

    def _connection(self) -> sqlite3.Connection:
        if self._open is None:
            with storage_errors(f"{self.path.name} {_PLACE}"):
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            connection = sqlite3.connect(
                self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                connection.row_factory = sqlite3.Row
                _write_ahead(connection)
                connection.execute("PRAGMA synchronous = FULL")
                self._migrate(connection)
            except BaseException:
                connection.close()
                raise
            self._open = connection
        return self._open

    def _migrate(self, connection: sqlite3.Connection) -> None:
        """Bring the schema up to date, in one transaction: another worker may be at it as well."""
        newest = len(self._migrations)
        if _version(connection) == newest:
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            found = _version(connection)
            if found > newest:
                raise StorageError(
                    f"{self.path.name} {_PLACE} was written by a newer Footnoted "
                    f"(version {found}; this one reads up to {newest}).",
                    about=self.path.name,
                    hint="Upgrade with `pip install -U footnoted`; the file was not touched.",
                )
            for migration in self._migrations[found:]:
                for statement in migration:
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {newest}")
        except BaseException:
            if connection.in_transaction:
                connection.rollback()
            raise
        connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Set WAL mode. SQLite does not wait for another process that sets it at the same moment."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            with closing(connection.execute("PRAGMA journal_mode = WAL")) as done:
                done.fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _BUSY or time.monotonic() > until:
                raise
            time.sleep(_AGAIN_SECONDS)
        else:
            return


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about ``path`` into ours; its folder is the operator's to know."""
    name = path.name
    try:
        yield
    except sqlite3.OperationalError as error:
        code = error.sqlite_errorcode
        if code in _FULL:
            raise DiskFull(
                f"No space left while writing {name} {_PLACE}.",
                about=name,
                hint="Free some space and send the same request again.",
            ) from error
        if code & 0xFF in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
            raise ReadOnly(
                f"{name} {_PLACE} cannot be written ({error}).", about=name, hint=_WRITABLE
            ) from error
        if code & 0xFF in _BUSY:
            raise LockedError(
                f"{name} {_PLACE} is being written by another process.",
                about=name,
                hint="Try again in a moment.",
            ) from error
        raise _damaged(name, error) from error
    except sqlite3.DatabaseError as error:
        raise _damaged(name, error) from error


def _damaged(name: str, error: sqlite3.Error) -> StorageError:
    return StorageError(
        f"{name} {_PLACE} cannot be used: {error}.",
        about=name,
        hint="Put a backup back, or move the file away: then a new, empty one is made.",
    )
