"""What a refresh changed, as the document that `ingest --refresh` shows."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from footnoted.domain import Json
from footnoted.errors import NotFound
from footnoted.ingest.database import FILE_NAME, connect_for_reading, database_errors
from footnoted.ingest.revision_diff import changes, to_json


def newest_revision(folder: Path) -> str | None:
    """The id of the newest revision in ``folder``; ``None`` where nothing was published yet."""
    path = folder / FILE_NAME
    if not path.is_file():
        return None
    with closing(connect_for_reading(folder)) as connection, database_errors(path):
        rows = connection.execute(
            "SELECT revision_id FROM revisions ORDER BY number DESC LIMIT 1"
        ).fetchall()
    return str(rows[0]["revision_id"]) if rows else None


def changes_document(folder: Path, old: str, new: str | None = None) -> Json:
    """What changed from the revision ``old`` to ``new``, else to the newest one.

    ``unchanged`` says that a reader would see no difference. Raises ``CorpusError`` for a revision
    that the corpus does not have, ``NotFound`` where there is no corpus.
    """
    target = new or newest_revision(folder)
    if target is None:
        raise NotFound(
            f"There is no published corpus in {folder}.",
            about=str(folder),
            hint="`footnoted ingest` makes one.",
        )
    found = changes(folder, old, target)
    return {"unchanged": found.none} | to_json(found)
