"""The memory of a running process and the libraries in it, from Linux's /proc."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from footnoted.errors import UsageError

PROC = Path("/proc")
_TORCH = re.compile(r"/(libtorch[^/\n]*\.so)")


class Memory(NamedTuple):
    """Megabytes (10^6 bytes) of one process.

    ``rss`` counts every page that the process holds; ``pss`` a page shared with n processes as
    1/n, and is ``None`` where the kernel does not tell.
    """

    rss: float
    pss: float | None


def check_proc(proc: Path = PROC) -> None:
    """Raise ``UsageError`` where there is no Linux /proc to read."""
    if not (proc / "self" / "status").is_file() or not (proc / "self" / "maps").is_file():
        raise UsageError(
            f"Memory is read from {proc}, which this system does not have.",
            about=str(proc),
            hint="Run `footnoted bench` on Linux (a container will do).",
        )


def memory_of(pid: int, proc: Path = PROC) -> Memory:
    """The memory that process ``pid`` holds now."""
    status = (proc / str(pid) / "status").read_text("utf-8")
    rollup = proc / str(pid) / "smaps_rollup"
    try:
        pss = _megabytes(rollup.read_text("utf-8"), "Pss")
    except OSError:  # an old kernel, or another user's process: RSS is the measure with a bound
        pss = None
    rss = _megabytes(status, "VmRSS")
    if rss is None:
        raise UsageError(
            f"Process {pid} has no memory to measure: it has ended.",
            about=str(pid),
            hint="Run the same command again; it shows what the process printed.",
        )
    return Memory(rss, pss)


def torch_libraries(pid: int, proc: Path = PROC) -> frozenset[str]:
    """The libraries of torch in process ``pid``: importing it maps several, at once."""
    maps = (proc / str(pid) / "maps").read_text("utf-8", "surrogateescape")
    return frozenset(_TORCH.findall(maps))


def _megabytes(text: str, field: str) -> float | None:
    found = re.search(rf"^{field}:\s+(\d+) kB$", text, re.MULTILINE)
    return int(found[1]) * 1024 / 1e6 if found else None
