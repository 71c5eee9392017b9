"""Which generation of an index is in use, which came before it, and who may change that.

``INDEX_DIR/generations/<id>/`` holds a generation. ``INDEX_DIR/CURRENT`` names the one in use in
its first line; further lines say what a rollback needs. It is replaced in one step.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from footnoted.errors import LockedError
from footnoted.index.backends import FILES, OUT_OF_REACH, Backend
from footnoted.index.leases import locks, remove_unread
from footnoted.index.manifest import broken

GENERATIONS = "generations"
CURRENT = "CURRENT"
BUILDING = ".building-"
_REMOVING = ".removing-"
_LOCK = ".lock"
_TRIES = 8
_BETWEEN_TRIES = 0.02
_ID = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class InUse:
    """What ``CURRENT`` says: a generation, and the one that a rollback would return to.

    ``instead_of`` stands there after a rollback: the corpus's newest revision at that time, which
    is not what is answered from.
    """

    generation: str
    previous: str | None = None
    instead_of: str | None = None


class Pruned(NamedTuple):
    """Generations that were removed, those that somebody reads, and what a backend cannot reach.

    The last are hidden folders, which are left for a later build.
    """

    removed: list[Path]
    read: list[Path]
    unreachable: list[Path]


def in_use(index_dir: Path) -> InUse | None:
    """What ``CURRENT`` says, ``None`` where nothing was built yet; ``IndexBroken`` for nonsense."""
    path = index_dir / CURRENT
    try:
        name, *lines = path.read_text("utf-8", errors="replace").strip().split("\n")
    except FileNotFoundError:
        return None
    said = {key: value for key, _, value in (line.partition(" ") for line in lines)}
    previous = said.get("previous")
    for generation in (name, previous):
        if generation is not None and not _ID.fullmatch(generation):
            raise broken(path, f"it names no generation ({generation[:40]!r})")
    return InUse(name, previous, said.get("instead-of"))


def current(index_dir: Path) -> Path | None:
    """The generation in use; ``None`` where none was ever built; ``IndexBroken`` if it is gone."""
    named = in_use(index_dir)
    if named is None:
        return None
    path = index_dir / GENERATIONS / named.generation
    if path.is_dir():
        return path
    if in_use(index_dir) != named:  # it was replaced, and removed, between the two looks
        return current(index_dir)
    raise broken(path, "it is named as the one in use, but is missing")


def list_generations(index_dir: Path) -> list[Path]:
    """Every whole generation, the oldest first."""
    root = index_dir / GENERATIONS
    if not root.is_dir():
        return []
    return sorted(path for path in root.iterdir() if _ID.fullmatch(path.name))


def previous(index_dir: Path) -> Path | None:
    """The generation that a rollback would return to, if there is one."""
    named = in_use(index_dir)
    if named is None or named.instead_of is not None:
        return None
    if named.previous is not None:
        path = index_dir / GENERATIONS / named.previous
        return path if path.is_dir() else None
    # An index from before CURRENT told it: only what was in use before this one was kept then.
    earlier = [path for path in list_generations(index_dir) if path.name < named.generation]
    return earlier[-1] if earlier else None


def switch(index_dir: Path, to: InUse) -> None:
    """Put another generation in use; killed at any moment, this one or that one is."""
    lines = [to.generation]
    if to.previous is not None:
        lines.append(f"previous {to.previous}")
    if to.instead_of is not None:
        lines.append(f"instead-of {to.instead_of}")
    temporary = index_dir / f".{CURRENT}.tmp"
    with temporary.open("w", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(index_dir / CURRENT)
    fsync(index_dir)


def clear_leftovers(index_dir: Path, backend: Backend = FILES) -> list[Path]:
    """Remove what killed builds and removals have left; only under ``locked``.

    Gives the folders that stay for a later build, because ``backend`` cannot reach what belongs
    to them.
    """
    unreachable = []
    for name in (BUILDING, _REMOVING):
        for path in (index_dir / GENERATIONS).glob(f"{name}*"):
            try:
                backend.remove(path)
            except OUT_OF_REACH:
                unreachable.append(path)
            else:
                shutil.rmtree(path)
    return unreachable


def prune(index_dir: Path, keep: Collection[str], backend: Backend = FILES) -> Pruned:
    """Remove every generation but those to keep and those that somebody reads; only ``locked``.

    The next build looks again at those that stay.
    """
    done = Pruned([], [], [])
    for path in list_generations(index_dir):
        if path.name in keep:
            continue
        hidden = path.with_name(_REMOVING + path.name)
        try:
            gone = remove_unread(path, through=hidden, before=backend.remove)
        except OUT_OF_REACH:
            done.unreachable.append(hidden)
        else:
            (done.removed if gone else done.read).append(path)
    return done


@contextmanager
def locked(index_dir: Path) -> Iterator[None]:
    """Keep others from building an index there; ``LockedError`` while another process does."""
    with (index_dir / _LOCK).open("w") as file:
        for tries_left in reversed(range(_TRIES)):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if not tries_left:
                    raise LockedError(
                        f"Another process is building the index {index_dir}.",
                        about=str(index_dir),
                        hint="Wait for it to end, and run the same command again.",
                    ) from error
            time.sleep(_BETWEEN_TRIES)  # who only looks whether one is built has it for an instant
        yield


def being_built(index_dir: Path) -> bool:
    """Whether somebody builds an index there just now; no where that cannot be known.

    It cannot be where the lock may not be read, and on a file system without locks.
    """
    try:
        descriptor = os.open(index_dir / _LOCK, os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return False
    try:
        return not locks(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def flush(folder: Path) -> None:
    """Bring a folder and everything in it to the disk."""
    for path in sorted(folder.rglob("*"), reverse=True):
        fsync(path)
    fsync(folder)


def fsync(path: Path) -> None:
    """Bring one file, or the names in one folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
