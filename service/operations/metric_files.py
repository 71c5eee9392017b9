"""The folder in which the workers of one server count together, for as long as it runs."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from footnoted.errors import storage_errors
from footnoted.service.operations.state import state_folder

FOLDER = "metrics"
_LOCK = "server.lock"


@contextmanager
def metrics_folder(state_dir: Path) -> Iterator[Path]:
    """A new folder in the state folder, removed when the block ends; so are those of dead servers.

    Raises ``ReadOnly`` or ``DiskFull`` where none can be made.
    """
    parent = state_folder(state_dir) / FOLDER
    with storage_errors(parent):
        parent.mkdir(exist_ok=True, mode=0o700)
        _remove_abandoned(parent)
        folder = Path(tempfile.mkdtemp(dir=parent))
        lock = FileLock(folder / _LOCK)
        lock.acquire()
    try:
        yield folder
    finally:
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)  # whoever comes next tries again


def _remove_abandoned(parent: Path) -> None:
    """Remove the folders whose server was killed: the system has let go of their locks."""
    for folder in parent.iterdir():
        lock = FileLock(folder / _LOCK, timeout=0)
        try:
            with lock:
                shutil.rmtree(folder, ignore_errors=True)
        except Timeout:
            continue  # that server runs
