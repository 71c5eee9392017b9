"""Which server processes live: each holds a lock, which the kernel drops however it dies."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import threading
from pathlib import Path

from footnoted.errors import storage_errors
from footnoted.index.leases import locks

FOLDER = "workers"
_NAME = re.compile(r"[0-9a-f]{16}")


class Workers:
    """The processes with this state folder that run jobs, this one among them once it joined."""

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / FOLDER
        self._turn = threading.Lock()
        self._held: tuple[str, int] | None = None

    def join(self) -> str:
        """This process's name, which others know to be alive from now on until ``leave``."""
        with self._turn:
            if self._held is None:
                name = secrets.token_hex(8)
                with storage_errors("the state folder (the setting state_dir)"):
                    self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                    descriptor = os.open(self._folder / name, os.O_RDWR | os.O_CREAT, 0o600)
                locks(descriptor, fcntl.LOCK_EX)  # nobody else knows the name: it is free
                self._held = name, descriptor
            return self._held[0]

    def leave(self) -> None:
        """Say that this process runs no jobs any more."""
        with self._turn:
            if self._held is not None:
                name, descriptor = self._held
                (self._folder / name).unlink(missing_ok=True)
                os.close(descriptor)
                self._held = None

    def lives(self, name: str) -> bool:
        """Whether the process of this name still runs; its file goes when it does not."""
        if self._held is not None and self._held[0] == name:
            return True
        path = self._folder / name
        if _NAME.fullmatch(name) is None:
            return False
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            dead = locks(descriptor, fcntl.LOCK_EX)
            if dead:
                path.unlink(missing_ok=True)
            return not dead
        finally:
            os.close(descriptor)
