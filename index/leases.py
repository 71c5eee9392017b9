"""Leases on generations: a folder that somebody reads is not removed.

A reader holds a shared ``flock`` on the generation's manifest, which needs no permission to write;
only who gets it exclusively removes the folder. The kernel drops the lease of a killed process.

What a reader has mapped would outlive its file's name on Linux, and everything is mapped when a
generation is opened. The lease is for the moments around that: while its files are opened one by
one, and for readers that still have to begin.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import weakref
from collections.abc import Callable
from pathlib import Path

from footnoted.index.manifest import MANIFEST_FILE, broken

_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP})


class Lease:
    """Somebody's lease on a generation, until it is released or nobody knows it any more."""

    def __init__(self, descriptor: int) -> None:
        self._close = weakref.finalize(self, os.close, descriptor)

    def release(self) -> None:
        """Let the folder be removed; releasing twice is no mistake."""
        self._close()


def lease(generation: Path) -> Lease:
    """A lease on the generation in this folder; ``IndexBroken`` when it is gone, or just going.

    A file system without locks gives one that keeps nobody off: nothing can be built or removed
    there either, for want of the builder's lock.
    """
    path = generation / MANIFEST_FILE
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError as error:
        raise broken(path, f"it cannot be read ({error})") from error
    taken = Lease(descriptor)
    if locks(descriptor, fcntl.LOCK_SH) and _still_named(path, descriptor):
        return taken
    taken.release()
    raise broken(generation, "it is being removed")


def remove_unread(
    generation: Path, through: Path, before: Callable[[Path], None] = lambda _: None
) -> bool:
    """Remove this folder unless somebody reads it; whether it was removed.

    It is renamed to ``through`` first, so that a killed removal leaves no half generation under
    its name; then ``before`` removes what belongs to it elsewhere.
    """
    taken: Lease | None = None
    try:
        descriptor = _opened(generation / MANIFEST_FILE)
    except FileNotFoundError:
        pass  # nobody can open a generation without its manifest
    else:
        taken = Lease(descriptor)
        if not locks(descriptor, fcntl.LOCK_EX):
            taken.release()
            return False
    generation.rename(through)
    before(through)
    shutil.rmtree(through)
    if taken is not None:
        taken.release()
    return True


def locks(descriptor: int, how: int) -> bool:
    """Take this lock (``fcntl.LOCK_SH`` or ``LOCK_EX``) if it is free; whether it was.

    A file system that has no locks gives it to everybody; one that locks for writing only what
    was opened for writing, as NFS does, gives it to nobody else.
    """
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno == errno.EBADF:
            return False
        if error.errno not in _NO_LOCKS:
            raise
    return True


def _opened(path: Path) -> int:
    """The file opened for writing, which NFS wants of who locks it; else for reading."""
    try:
        return os.open(path, os.O_RDWR)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
    return os.open(path, os.O_RDONLY)


def _still_named(path: Path, descriptor: int) -> bool:
    """Whether the file that was opened is still the one of this name."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
