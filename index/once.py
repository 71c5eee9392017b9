"""Folders that are written once: whole or not at all, by one process at a time."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from footnoted.errors import storage_errors
from footnoted.index.models import CARD_FILE, ModelCard, card_to_json, file_sha256


def write_once(folder: Path, write: Callable[[Path], None]) -> None:
    """Have ``write`` fill an empty folder, and make that ``folder`` unless there is one already.

    Of two processes the second waits, and finds the first one's. Whatever ``write`` raises leaves
    nothing behind. ``DiskFull``, ``ReadOnly``.
    """
    with storage_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _locked(folder.with_name(f".{folder.name}.lock")):
            if not folder.is_dir():
                _write_aside(folder, write)


def seal(card: ModelCard, folder: Path) -> None:
    """Write ``card`` into the folder with the size and SHA-256 of every file, all of it synced."""
    paths = sorted(path for path in folder.iterdir() if path.name != CARD_FILE)
    files = {path.name: (path.stat().st_size, file_sha256(path)) for path in paths}
    (folder / CARD_FILE).write_text(card_to_json(replace(card, files=files)), "utf-8")
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # freed by closing, and by the end of the process
        yield


def _write_aside(folder: Path, write: Callable[[Path], None]) -> None:
    for killed in folder.parent.glob(f".{folder.name}.*.tmp"):
        shutil.rmtree(killed)  # left by a process that was killed: we hold the lock now
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".tmp", dir=folder.parent))
    try:
        write(temporary)
        temporary.chmod(0o755)
        temporary.rename(folder)
    except BaseException:
        shutil.rmtree(temporary)
        raise
