"""What a measurement was taken on: date, machine, versions."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import footnoted
from footnoted.domain import Json
from footnoted.index.sessions import processors

_LIBRARIES = (
    *("faiss-cpu", "numpy", "onnxruntime", "sentence-transformers", "tantivy", "tokenizers"),
    *("torch", "transformers"),
)


def describe_machine(threads: int) -> Json:
    """The date (UTC), processor, system, memory and versions of this run."""
    now = datetime.now(UTC)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "date": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "processor": _processor(),
        "cores": processors(),
        "threads": threads,
        "load_before": load,
        "memory_gb": _memory_gb(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {"footnoted": footnoted.__version__}
        | {name: version(name) for name in _LIBRARIES},
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory_gb() -> float | None:
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return None
    return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9, 1)
