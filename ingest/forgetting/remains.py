"""What an interrupted ``forget`` leaves in a corpus folder, and how the next writer clears it.

Before ``forget`` writes anything it notes in ``forgetting.json`` which capture files it will
write and which it will remove. The tombstones tell whether its one transaction was reached: if
so, the old files go, else the new ones. The note holds ids and file names, no word of a source.
"""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path
from typing import NamedTuple

from footnoted.errors import CorpusError, storage_errors
from footnoted.ingest.database import FILE_NAME, database_errors
from footnoted.ingest.folders import sync_folder
from footnoted.ingest.warc.rewriting import NAME, remove_files

NOTE = "forgetting.json"


class Remains(NamedTuple):
    """The reference that is forgotten and when, the files that it makes superfluous, the new."""

    reference_id: str
    forgotten_at: str
    old: tuple[str, ...]
    new: tuple[str, ...]


def note(folder: Path, remains: Remains) -> None:
    """Write the note, whole or not at all."""
    path, temporary = folder / NOTE, folder / f"{NOTE}.tmp"
    with storage_errors(folder):
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(remains._asdict(), file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(folder)


def clear(folder: Path, connection: sqlite3.Connection) -> bool:
    """End what was begun: remove the superfluous files and give back what the database freed.

    ``connection`` may write, and its process holds the corpus's lock. A file that a capture names
    is never removed. Returns whether there was anything to clear; ``CorpusError`` for a note that
    cannot be read.
    """
    with storage_errors(folder):
        (folder / f"{NOTE}.tmp").unlink(missing_ok=True)
    remains = _read(folder / NOTE)
    if remains is None:
        return False
    with database_errors(folder / FILE_NAME):
        done = connection.execute(
            "SELECT 1 FROM tombstones WHERE reference_id = ? AND forgotten_at = ?",
            (remains.reference_id, remains.forgotten_at),
        ).fetchall()
        named = {row[0] for row in connection.execute("SELECT DISTINCT warc_path FROM captures")}
        remove_files(folder, set(remains.old if done else remains.new) - named)
        if done:
            # Deleted rows are zeros already; this also takes what older versions left in free
            # pages, and makes the file as small as what it holds.
            connection.execute("VACUUM")
    with storage_errors(folder):
        (folder / NOTE).unlink()
        sync_folder(folder)
    return True


def _read(path: Path) -> Remains | None:
    try:
        data = json.loads(path.read_text("utf-8"))
        found = Remains(
            str(data["reference_id"]),
            str(data["forgotten_at"]),
            tuple(map(str, data["old"])),
            tuple(map(str, data["new"])),
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise _unreadable(path, str(error)) from error
    if strange := [name for name in (*found.old, *found.new) if not NAME.fullmatch(name)]:
        raise _unreadable(path, f"{strange[0]!r} is no capture file")
    return found


def _unreadable(path: Path, why: str) -> CorpusError:
    return CorpusError(
        f"{path}, the note of an interrupted `footnoted forget`, cannot be read: {why}.",
        about=str(path),
        hint="Remove that file and run the same `footnoted forget` again.",
    )
