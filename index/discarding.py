"""Takes an index away while what it was made from changes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from footnoted.errors import storage_errors
from footnoted.index.generations import CURRENT, GENERATIONS, locked


@contextmanager
def discarded(index_dir: Path) -> Iterator[bool]:
    """Remove every generation, and keep others from building one while the block runs.

    Gives whether there was any. The name of the one in use goes first, so that a killed process
    leaves an absent index, never a broken one. ``LockedError`` when one is being built just now;
    its lock file is the one that building takes.
    """
    with storage_errors(index_dir):
        index_dir.mkdir(parents=True, exist_ok=True)
        with locked(index_dir):
            (index_dir / CURRENT).unlink(missing_ok=True)
            (index_dir / f".{CURRENT}.tmp").unlink(missing_ok=True)
            root = index_dir / GENERATIONS  # with what killed builds have left in it
            found = root.is_dir() and any(root.iterdir())
            if found:
                shutil.rmtree(root)
            yield found
