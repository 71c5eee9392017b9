"""Takes an index away while what it was made from changes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from footnoted.errors import storage_errors
from footnoted.index.backends import FILES, Backend
from footnoted.index.current import CURRENT, GENERATIONS, locked


@contextmanager
def discarded(
    index_dir: Path, backend: Backend = FILES, *, for_good: bool = False
) -> Iterator[bool]:
    """Remove every generation, and keep others from building one while the block runs.

    Gives whether there was any. The name of the one in use goes first, so that a killed process
    leaves an absent index, never a broken one. Leases keep nothing here: what is to be forgotten
    goes, though a process that has it open keeps what it has mapped. ``LockedError`` when one is
    being built just now; the lock file is the one that building takes. Before anything is removed,
    ``backend`` must reach all of it, and be ready for a new index unless this is ``for_good``:
    raises as ``Backend.reach`` and ``ready`` do.
    """
    with storage_errors(index_dir):
        index_dir.mkdir(parents=True, exist_ok=True)
        with locked(index_dir):
            root = index_dir / GENERATIONS  # with what killed builds have left in it
            found = list(root.iterdir()) if root.is_dir() else []
            if found and not for_good:
                backend.ready()
            for generation in found:
                backend.reach(generation)
            (index_dir / CURRENT).unlink(missing_ok=True)
            (index_dir / f".{CURRENT}.tmp").unlink(missing_ok=True)
            for generation in found:
                backend.remove(generation)
            if found:
                shutil.rmtree(root)
            yield bool(found)
