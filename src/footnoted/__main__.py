"""``python -m footnoted`` is the `footnoted` program."""

from __future__ import annotations

import sys


def start() -> None:
    """Run the program; interrupted while its libraries are loaded, it ends without a traceback."""
    try:
        from footnoted.cli import main  # noqa: PLC0415
    except KeyboardInterrupt:
        sys.exit(130)  # EXIT_INTERRUPTED: there is nothing to keep yet
    main()


if __name__ == "__main__":
    start()
