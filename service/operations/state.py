"""The folder that servers keep and share things in, made when first needed."""

from __future__ import annotations

from pathlib import Path

from footnoted.errors import UsageError, storage_errors


def state_folder(path: Path) -> Path:
    """``path`` as a folder that only its owner sees; ``UsageError`` for a file, ``ReadOnly``."""
    try:
        with storage_errors(path):
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (FileExistsError, NotADirectoryError) as error:
        raise UsageError(
            f"{path} cannot be the state folder: there is a file in its way.",
            about="state_dir",
            hint="Name another folder in the setting state_dir.",
        ) from error
    return path
