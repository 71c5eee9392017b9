"""Writing a corpus: everything of an ingest is added first, then published as one revision.

One process writes a corpus at a time (a lock file, named after its holder). Whatever happens
before ``publish``, readers keep the last revision; publishing is a single transaction.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import filelock

from footnoted.domain import Article, Capture, Document, Origin, Passage, SourceState
from footnoted.errors import LockedError, storage_errors
from footnoted.ingest import records
from footnoted.ingest.captures import CaptureStore
from footnoted.ingest.database import FILE_NAME, connect_for_writing, database_errors
from footnoted.ingest.forgetting import remains as forgetting_remains


@dataclass(frozen=True, slots=True)
class Entry:
    """One document of a revision, the passages it was cut into, and what it was read from."""

    document: Document
    passages: Sequence[Passage]
    capture: Capture | None = None


class CorpusWriter:
    """The one writer of a corpus folder; made by ``writing``."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self.captures = CaptureStore(folder)
        self._connection = connection

    def add_capture(self, capture: Capture) -> None:
        """Remember a capture whose bytes ``self.captures`` has stored already."""
        with self._transaction():
            self._connection.execute(
                "INSERT OR IGNORE INTO captures (sha256, url, final_url, status, media_type,"
                " fetched_at, size, origin, warc_path, warc_offset)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    capture.sha256,
                    capture.url,
                    capture.final_url,
                    capture.status,
                    capture.media_type,
                    capture.fetched_at,
                    capture.size,
                    capture.origin,
                    capture.warc_path,
                    capture.warc_offset,
                ),
            )

    def captured(self, url: str) -> Capture | None:
        """The newest capture of what ``url`` answered, from the web or from an archive."""
        with database_errors(self.folder / FILE_NAME):
            row = self._connection.execute(
                "SELECT * FROM captures WHERE url = ? AND origin != ?"
                " ORDER BY capture_id DESC LIMIT 1",
                (url, Origin.SUPPLIED),
            ).fetchone()
        return records.capture_of(row) if row is not None else None

    def publish(
        self,
        name: str,
        entries: Sequence[Entry],
        states: Mapping[str, SourceState],
        *,
        article: Article | None,
        cutter: str,
        now: str,
    ) -> str:
        """Make these documents the current ones and return the revision's id.

        The same content as the newest revision's makes no new one, whenever it was read again.
        ``now`` is an instant in UTC.
        """
        with self._transaction():
            corpus_id = self._corpus_id(name, now)
            newest = self._connection.execute(
                "SELECT revision_id, number FROM revisions WHERE corpus_id = ?"
                " ORDER BY number DESC LIMIT 1",
                (corpus_id,),
            ).fetchone()
            fingerprint = _fingerprint(
                cutter,
                article and replace(article, retrieved_at=None),
                *((e.document, len(e.passages)) for e in entries),
                *(replace(states[key], captured_at=None) for key in sorted(states)),
            )
            if newest is not None and newest["revision_id"].endswith(fingerprint):
                return str(newest["revision_id"])
            versions = [self._add_document(entry, cutter) for entry in entries]
            article_id = self._add_article(article, versions[0]) if article else None
            number = newest["number"] + 1 if newest is not None else 1
            revision_id = f"{number}-{fingerprint}"
            self._connection.execute(
                "INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?)",
                (revision_id, corpus_id, number, now, cutter, article_id),
            )
            self._connection.executemany(
                "INSERT INTO revision_documents VALUES (?, ?, ?, ?)",
                [
                    (revision_id, n, version, records.dumps(entry.document.reference_ids))
                    for n, (version, entry) in enumerate(zip(versions, entries, strict=True))
                ],
            )
            self._connection.executemany(
                "INSERT INTO source_states VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [(revision_id, *_state_values(states[key])) for key in states],
            )
        return revision_id

    def _corpus_id(self, name: str, now: str) -> str:
        row = self._connection.execute("SELECT corpus_id FROM corpora LIMIT 1").fetchone()
        if row is not None:
            return str(row["corpus_id"])
        corpus_id = _fingerprint(name, now)
        self._connection.execute("INSERT INTO corpora VALUES (?, ?, ?)", (corpus_id, name, now))
        return corpus_id

    def _add_document(self, entry: Entry, cutter: str) -> int:
        document = entry.document
        self._connection.execute(
            "INSERT OR IGNORE INTO texts VALUES (?, ?)", (document.text_sha256, document.text)
        )
        capture = (
            entry.capture
            and self._connection.execute(
                "SELECT capture_id FROM captures WHERE sha256 = ? AND url = ? AND fetched_at = ?",
                (entry.capture.sha256, entry.capture.url, entry.capture.fetched_at),
            ).fetchone()
        )
        values = (
            document.document_id,
            document.kind,
            document.text_sha256,
            capture["capture_id"] if capture else None,
            document.title,
            document.language,
            document.url,
            document.identity,
            document.extractor,
            document.published,
            records.dumps(document.authors),
            records.section_rows(document.headings),
            records.dumps(document.pages),
        )
        same = self._connection.execute(
            "SELECT version FROM documents WHERE document_id = ? AND kind = ? AND text_sha256 = ?"
            " AND capture_id IS ? AND title = ? AND language = ? AND url IS ?"
            " AND identity = ? AND extractor = ?"
            " AND published IS ? AND authors = ? AND headings = ? AND pages = ?",
            values,
        ).fetchone()
        if same is not None:
            version = int(same["version"])
        else:
            cursor = self._connection.execute(
                "INSERT INTO documents (document_id, kind, text_sha256, capture_id, title,"
                " language, url, identity, extractor, published, authors, headings, pages)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            version = int(cursor.lastrowid or 0)
        self._connection.executemany(
            "INSERT OR REPLACE INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    version,
                    cutter,
                    n,
                    passage.passage_id,
                    passage.span.start,
                    passage.span.end,
                    records.dumps(passage.heading),
                    records.span_rows(passage.sentences),
                )
                for n, passage in enumerate(entry.passages)
            ],
        )
        return version

    def _add_article(self, article: Article, version: int) -> int:
        content = _fingerprint(article)
        same = self._connection.execute(
            "SELECT article_id FROM articles WHERE fingerprint = ?", (content,)
        ).fetchone()
        if same is not None:
            return int(same["article_id"])
        cursor = self._connection.execute(
            "INSERT INTO articles (version, fingerprint, form, source_revision, retrieved_at,"
            " licence) VALUES (?, ?, ?, ?, ?, ?)",
            (
                version,
                content,
                article.form,
                article.revision_id,
                article.retrieved_at,
                article.licence,
            ),
        )
        article_id = int(cursor.lastrowid or 0)
        ordinals = {marker: n for n, marker in enumerate(article.markers)}
        self._insert_all(
            "reference_entries",
            article_id,
            [
                (
                    r.reference_id,
                    r.label,
                    r.group,
                    r.text,
                    records.dumps(r.csl),
                    records.dumps(r.urls),
                    r.archive_url,
                    r.url_status,
                    r.quote,
                )
                for r in article.references
            ],
        )
        self._insert_all(
            "markers",
            article_id,
            [
                (m.position, m.label, m.group, m.locator, records.dumps(m.reference_ids))
                for m in article.markers
            ],
        )
        self._insert_all(
            "claims",
            article_id,
            [
                (
                    c.claim_id,
                    c.span.start,
                    c.span.end,
                    c.text,
                    c.label,
                    records.dumps(c.flags),
                    records.dumps([ordinals[m] for m in c.markers]),
                )
                for c in article.claims
            ],
        )
        return article_id

    def _insert_all(self, table: str, article_id: int, rows: Sequence[tuple[object, ...]]) -> None:
        if rows:
            places = ", ".join("?" * (len(rows[0]) + 2))
            self._connection.executemany(
                f"INSERT INTO {table} VALUES ({places})",  # noqa: S608 our own names
                [(article_id, n, *row) for n, row in enumerate(rows)],
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with database_errors(self.folder / FILE_NAME):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.rollback()
                raise
            self._connection.execute("COMMIT")


@contextmanager
def writing(folder: Path, wait: float = 0.0) -> Iterator[CorpusWriter]:
    """The writer of the corpus in ``folder``, which is made if it does not exist.

    Raises ``LockedError``, naming the holder, when another process still writes after ``wait``
    seconds; ``ReadOnly`` or ``DiskFull`` when the folder cannot be written.
    """
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    holder = folder / "writer"
    lock = filelock.FileLock(folder / "writer.lock", timeout=wait)
    try:
        with storage_errors(folder):
            lock.acquire()
    except filelock.Timeout as error:
        who = holder.read_text("utf-8").strip() if holder.is_file() else "another process"
        raise LockedError(
            f"The corpus in {folder} is being written by {who}.",
            about=str(folder),
            hint="Wait until it has finished, or give FOOTNOTED_LOCK_WAIT seconds to wait.",
        ) from error
    try:
        with storage_errors(holder):
            holder.write_text(f"process {os.getpid()} ({' '.join(sys.argv[:2])})\n", "utf-8")
        connection = connect_for_writing(folder)
        try:
            forgetting_remains.clear(folder, connection)
            yield CorpusWriter(folder, connection)
        finally:
            connection.close()
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _state_values(state: SourceState) -> tuple[object, ...]:
    return (
        state.reference_id,
        state.access,
        state.identity,
        state.reason,
        state.document_id,
        state.characters,
        state.captured_at,
    )


def _fingerprint(*values: object) -> str:
    """The same for values that are the same, in whatever order their mappings were filled."""
    written = json.dumps(values, sort_keys=True, default=asdict)
    return hashlib.sha256(written.encode()).hexdigest()[:16]
