"""Our own modules as child processes: what they may see of this one."""

from __future__ import annotations

import os
import sys


def child_command(module: str) -> list[str]:
    """How to run ``module`` of this package with this interpreter, quietly."""
    return [sys.executable, "-P", "-W", "ignore", "-m", module]


def child_environment() -> dict[str, str]:
    """Only what an interpreter needs to find this package: no keys, proxies or settings."""
    keep = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    path = os.pathsep.join(entry for entry in sys.path if os.path.isabs(entry))  # noqa: PTH117
    return {
        **keep,
        "PYTHONPATH": path,
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
