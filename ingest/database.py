"""Opening ``corpus.sqlite``: for reading, for writing, and what its errors mean to a user."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from footnoted.errors import CorpusError, DiskFull, LockedError, NotFound, ReadOnly
from footnoted.ingest import schema

FILE_NAME = "corpus.sqlite"
_BUSY_SECONDS = 30.0
# A quota or a limit on file sizes makes the write itself fail, where a full disk has its own code.
_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE})


def connect_for_reading(folder: Path) -> sqlite3.Connection:
    """A read-only connection, usable from several threads one at a time.

    A corpus in a folder that cannot be written is opened as immutable, so that SQLite asks for
    no lock file. Raises ``NotFound``, ``CorpusError`` or ``NewerSchema``.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        raise NotFound(
            f"There is no corpus in {folder}.",
            about=str(folder),
            hint="`footnoted corpora list` shows what there is; `footnoted ingest` makes one.",
        )
    mode = "mode=ro" if os.access(folder, os.W_OK) else "mode=ro&immutable=1"
    if (folder / f"{FILE_NAME}-journal").exists() and os.access(path, os.W_OK):
        mode = "mode=rw"  # only who may write can roll back what a killed writer left half done
    with database_errors(path):
        connection = _connect(f"{path.absolute().as_uri()}?{mode}")
        connection.execute("PRAGMA query_only = ON")
        schema.check(connection, path)
    return connection


def connect_for_writing(folder: Path) -> sqlite3.Connection:
    """A connection that may write, the schema brought up to date, the file made if needed."""
    path = folder / FILE_NAME
    with database_errors(path):
        connection = _connect(f"{path.absolute().as_uri()}?mode=rwc")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        schema.migrate(connection, path)
    return connection


@contextmanager
def database_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about ``path`` into ours."""
    try:
        yield
    except sqlite3.OperationalError as error:
        words = str(error)
        if error.sqlite_errorcode in _FULL:
            raise DiskFull(
                f"No space left while writing {path}.",
                about=str(path),
                hint="Free some space and run the same command again; nothing was lost.",
            ) from error
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            raise ReadOnly(
                f"{path} cannot be written ({words}).",
                about=str(path),
                hint="Name a folder that you can write with --corpus.",
            ) from error
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise LockedError(
                f"{path} is being written by another process.",
                about=str(path),
                hint="Try again when it has finished.",
            ) from error
        raise _broken(path, words) from error
    except sqlite3.DatabaseError as error:
        raise _broken(path, str(error)) from error


def _broken(path: Path, words: str) -> CorpusError:
    return CorpusError(
        f"{path} cannot be read as a corpus: {words}.",
        about=str(path),
        hint="Restore it from a backup, or remove the folder and run `footnoted ingest` again.",
    )


def _connect(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    connection.row_factory = sqlite3.Row
    return connection
