"""Keys that grant access: made once, shown once, kept only as hashes in ``state_dir/keys.json``.

A key is 256 random bits. Nobody can guess it, so a plain SHA-256 keeps it (a slow password hash
protects words that people choose), and looking one up costs microseconds.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout
from msgspec import Struct

from footnoted.errors import LockedError, NotFound, StorageError, UsageError, storage_errors
from footnoted.service.operations.state import state_folder
from footnoted.service.scopes import Scope

FILE_NAME = "keys.json"
PREFIX = "fn_"
"""Every key begins so: whoever finds one in a file or a log knows what it opens."""
_BYTES = 32
_LOCK_SECONDS = 10
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


class Key(Struct, frozen=True):
    """Who holds a key and what it grants; ``sha256`` is all that is known of the key itself."""

    name: str
    scope: Scope
    created: str
    sha256: str


class Keys:
    """The keys of a state folder. A server that runs sees at once what is added or removed."""

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / FILE_NAME
        self._seen: tuple[int, ...] | None = None
        self._keys: tuple[Key, ...] = ()

    def all(self) -> tuple[Key, ...]:
        """Every key, in the order they were made; ``StorageError`` for a file that is broken."""
        found = _stamp(self._path)
        if found != self._seen:
            self._keys = self._read()
            self._seen = found
        return self._keys

    def holder(self, given: str) -> Key | None:
        """Whose key ``given`` is; ``None`` for nobody's.

        Each stored hash is compared, in a time that does not tell how much of one was right.
        """
        asked = hashlib.sha256(given.encode("utf-8", "surrogateescape")).hexdigest()
        found = None
        for key in self.all():
            if hmac.compare_digest(key.sha256, asked):
                found = key
        return found

    def add(self, name: str, scope: Scope) -> str:
        """Make a key for ``name`` and return it: it is never to be seen again.

        ``UsageError`` for a name that is taken or is not plain.
        """
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"A key cannot be named {name!r}: use up to 64 letters, digits, and . _ @ -",
                about=name,
                hint="Name who will use it: reading-room, ana@example.org.",
            )
        given = PREFIX + secrets.token_urlsafe(_BYTES)
        made = Key(
            name=name,
            scope=scope,
            created=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            sha256=hashlib.sha256(given.encode("ascii")).hexdigest(),
        )
        with self._writing():
            keys = self._read()
            if any(key.name == name for key in keys):
                raise UsageError(
                    f"There is a key named {name} already.",
                    about=name,
                    hint=f"Choose another name, or take it away: footnoted keys remove {name}",
                )
            self._write((*keys, made))
        return given

    def remove(self, name: str) -> Key:
        """Take a key away, from the next request on; ``NotFound``."""
        with self._writing():
            keys = self._read()
            gone = next((key for key in keys if key.name == name), None)
            if gone is None:
                raise NotFound(
                    f"There is no key named {name}.",
                    about=name,
                    hint="`footnoted keys list` shows them all.",
                )
            self._write(key for key in keys if key.name != name)
        return gone

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with storage_errors(state_folder(self._path.parent)):
            lock = FileLock(self._path.with_suffix(".lock"), timeout=_LOCK_SECONDS)
            try:
                lock.acquire()
            except Timeout as error:
                raise LockedError(
                    f"Another process is changing {FILE_NAME}.",
                    about=FILE_NAME,
                    hint="Try again in a moment.",
                ) from error
        try:
            yield
        finally:
            lock.release()

    def _read(self) -> tuple[Key, ...]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=tuple[Key, ...])
        except FileNotFoundError:
            return ()
        except (OSError, msgspec.DecodeError) as error:
            raise StorageError(
                f"The keys of this server cannot be read: {error}.",
                about=FILE_NAME,
                hint=f"Put {FILE_NAME} in the state folder back from a copy, or remove it and "
                "make new keys.",
            ) from error

    def _write(self, keys: Iterable[Key]) -> None:
        new = self._path.with_suffix(".new")
        with storage_errors(self._path):
            new.unlink(missing_ok=True)
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(tuple(keys))) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)


def _stamp(path: Path) -> tuple[int, ...] | None:
    """What changes when the file is replaced; ``None`` where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
