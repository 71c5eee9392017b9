"""Forgets a source: its texts, passages and captures leave the corpus, and a tombstone stays.

What happens, so that a process killed at any moment leaves a corpus that can be read: the capture
files are written anew without the source's records, under new names; one transaction deletes the
source's rows, points the other captures to the new files, sets the tombstone and publishes a
revision without the source; then the old files are removed and the database is written anew
(``forgetting_remains``). The index is not this module's business.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from footnoted.domain import Access, Identity, Reference
from footnoted.errors import NotFound
from footnoted.ingest import records
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.database import (
    FILE_NAME,
    connect_for_reading,
    connect_for_writing,
    database_errors,
)
from footnoted.ingest.forgetting import remains as forgetting_remains
from footnoted.ingest.forgetting.source import Traces, source_id, traces
from footnoted.ingest.store import CorpusWriter
from footnoted.ingest.supplied import reference_for
from footnoted.ingest.warc.rewriting import Place, plan_rewriting, rewrite

ACCESS = Access.NOT_ATTEMPTED
"""The state of a forgotten source: the corpus holds no reading of it, good or bad, any more."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was forgotten: the footnotes of the source, and how much of each kind was removed.

    ``documents`` counts every version of every revision.
    """

    references: tuple[Reference, ...]
    forgotten_at: str
    reason: str
    documents: int
    passages: int
    texts: int
    captures: int


def find(folder: Path, key: str) -> Reference:
    """The reference that ``key`` names: a label or ``group:label`` of the article, or an id.

    An id may be one of an earlier revision's article. ``UsageError`` when none or several match.
    """
    with closing(connect_for_reading(folder)) as connection, database_errors(folder / FILE_NAME):
        row = connection.execute(
            "SELECT * FROM reference_entries WHERE reference_id = ?"
            " ORDER BY article_id DESC LIMIT 1",
            (key,),
        ).fetchone()
    if row is not None:
        return records.reference_of(row)
    with Corpus.open(folder) as corpus:
        return reference_for(key, list(corpus.references.values()))


def forget(writer: CorpusWriter, reference: Reference, now: str) -> Forgotten:
    """Forget the source of ``reference`` and publish a revision without it.

    Footnotes that share its document are forgotten with it. ``now`` is an instant in UTC. What
    the user supplies again with ``--source`` is read again; nothing else is, until ``lift``.
    """
    folder = writer.folder
    reason = _reason(now)
    with closing(connect_for_writing(folder)) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        forgetting_remains.clear(folder, connection)
        with database_errors(folder / FILE_NAME):
            found = traces(connection, reference)
        plans = plan_rewriting(folder, found.goes)
        forgetting_remains.note(
            folder,
            forgetting_remains.Remains(
                reference.reference_id,
                now,
                old=tuple(plan.old.name for plan in plans),
                new=tuple(plan.new.name for plan in plans if plan.new is not None),
            ),
        )
        moved = rewrite(plans)
        with _transaction(connection, folder):
            removed = _delete(connection, found)
            _repoint(connection, moved)
            _say_so(connection, found, reason)
            _bury(connection, found.references, now, reason)
            _publish(connection, removed, now)
        forgetting_remains.clear(folder, connection)
    return Forgotten(found.references, now, reason, **removed)


def forgotten(folder: Path, references: Sequence[Reference]) -> dict[str, str]:
    """Of these references those whose source was forgotten, by id, each with the reason in words.

    A reference whose words were edited since is known by the document that its source would have.
    """
    if not (folder / FILE_NAME).is_file():
        return {}
    with closing(connect_for_reading(folder)) as connection, database_errors(folder / FILE_NAME):
        rows = connection.execute("SELECT reference_id, document_id, reason FROM tombstones")
        reasons = {key: row["reason"] for row in rows for key in row[:2] if key is not None}
    keys = {r.reference_id: (r.reference_id, source_id(r)) for r in references}
    return {
        reference_id: reasons[key]
        for reference_id, either in keys.items()
        if (key := next((key for key in either if key in reasons), None)) is not None
    }


def lift(writer: CorpusWriter, reference: Reference) -> list[str]:
    """Let the next ingest read a forgotten source again; the ids of its references.

    ``NotFound`` when it was not forgotten.
    """
    folder = writer.folder
    with closing(connect_for_writing(folder)) as connection:
        forgetting_remains.clear(folder, connection)  # it needs the tombstones
        with _transaction(connection, folder):
            rows = connection.execute(
                "DELETE FROM tombstones WHERE reference_id = :id OR document_id = :document OR"
                " document_id IN (SELECT document_id FROM tombstones WHERE reference_id = :id)"
                " RETURNING reference_id",
                {"id": reference.reference_id, "document": source_id(reference)},
            ).fetchall()
    if not rows:
        raise NotFound(
            f"The source of reference {reference.label} was not forgotten.",
            about=reference.reference_id,
            hint="`footnoted sources` shows what became of each reference.",
        )
    return sorted(row["reference_id"] for row in rows)


def _reason(now: str) -> str:
    return (
        f"Forgotten on {now[:10]} at the user's wish: its text and its captures were removed, and "
        "it is not read again. Supply it with --source to have it back, or let the next ingest "
        "read it with `footnoted forget --lift`."
    )


def _delete(connection: sqlite3.Connection, found: Traces) -> dict[str, int]:
    """Delete the source's rows, a text or capture that another document has excepted."""
    versions = [(version,) for version in found.versions]
    passages = connection.executemany("DELETE FROM passages WHERE version = ?", versions).rowcount
    connection.executemany("DELETE FROM revision_documents WHERE version = ?", versions)
    connection.executemany("DELETE FROM documents WHERE version = ?", versions)
    texts = connection.execute(
        "DELETE FROM texts WHERE text_sha256 NOT IN (SELECT text_sha256 FROM documents)"
    ).rowcount
    connection.executemany(
        "DELETE FROM captures WHERE capture_id = ?", [(capture,) for capture in found.captures]
    )
    return {
        "documents": len(versions),
        "passages": max(passages, 0),
        "texts": texts,
        "captures": len(found.captures),
    }


def _repoint(connection: sqlite3.Connection, moved: Mapping[Place, Place]) -> None:
    connection.executemany(
        "UPDATE captures SET warc_path = ?, warc_offset = ?"
        " WHERE warc_path = ? AND warc_offset = ?",
        [(*new, *old) for old, new in moved.items()],
    )


def _say_so(connection: sqlite3.Connection, found: Traces, reason: str) -> None:
    """Put the reason in place of what each revision said of the source, its title perhaps."""
    connection.executemany(
        "UPDATE source_states SET access = ?, identity = ?, reason = ?, document_id = NULL,"
        " characters = 0, captured_at = NULL WHERE reference_id = ?",
        [(ACCESS, Identity.UNVERIFIED, reason, r.reference_id) for r in found.references],
    )
    connection.executemany(
        "UPDATE source_states SET reason = replace(reason, ?, 'a source that was forgotten')",
        [(f"“{title}”",) for title in found.titles],
    )


def _bury(
    connection: sqlite3.Connection, references: Sequence[Reference], now: str, reason: str
) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO tombstones (corpus_id, reference_id, document_id, url,"
        " forgotten_at, reason) SELECT corpus_id, ?, ?, ?, ?, ? FROM corpora LIMIT 1",
        [(r.reference_id, source_id(r), next(iter(r.urls), None), now, reason) for r in references],
    )


def _publish(connection: sqlite3.Connection, removed: Mapping[str, int], now: str) -> None:
    """Make what is left of the newest revision, whose rows are right by now, a new one."""
    corpus_id, old, number = connection.execute(
        "SELECT corpus_id, revision_id, number FROM revisions ORDER BY number DESC LIMIT 1"
    ).fetchone()
    content = hashlib.sha256(records.dumps([old, now, dict(removed)]).encode()).hexdigest()[:16]
    new = f"{number + 1}-{content}"
    connection.execute(
        "INSERT INTO revisions SELECT ?, corpus_id, number + 1, ?, cutter, article_id"
        " FROM revisions WHERE corpus_id = ? AND number = ?",
        (new, now, corpus_id, number),
    )
    connection.execute(
        "INSERT INTO revision_documents SELECT ?, ordinal, version, reference_ids"
        " FROM revision_documents WHERE revision_id = ?",
        (new, old),
    )
    connection.execute(
        "INSERT INTO source_states SELECT ?, reference_id, access, identity, reason, document_id,"
        " characters, captured_at FROM source_states WHERE revision_id = ?",
        (new, old),
    )


@contextmanager
def _transaction(connection: sqlite3.Connection, folder: Path) -> Iterator[None]:
    with database_errors(folder / FILE_NAME):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
