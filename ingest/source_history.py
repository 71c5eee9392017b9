"""What a corpus remembers of a source: its states by revision, and what was captured of it."""

from __future__ import annotations

import re
from contextlib import closing
from typing import NamedTuple

from footnoted.domain import Capture, Reference, SourceState
from footnoted.errors import NotFound
from footnoted.ids import canonical_url
from footnoted.ingest import records
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.database import FILE_NAME, connect_for_reading, database_errors
from footnoted.ingest.fetching.archives import snapshot_of

_SHA256 = re.compile(r"[0-9a-f]{64}")
_STATES = """
    SELECT s.*, r.created_at FROM source_states s JOIN revisions r USING (revision_id)
    WHERE r.corpus_id = ? AND r.number <= ? AND s.reference_id = ? ORDER BY r.number DESC
"""
_READ_FROM = """
    SELECT DISTINCT d.capture_id FROM revision_documents r JOIN documents d USING (version)
    JOIN json_each(r.reference_ids) AS cited
    WHERE cited.value = ? AND d.capture_id IS NOT NULL
"""
_TEXT = """
    SELECT d.document_id, d.title, d.language, t.text, t.text_sha256, c.*
    FROM captures c JOIN documents d USING (capture_id) JOIN texts t USING (text_sha256)
    WHERE c.sha256 = :sha256 ORDER BY d.version IN (
        SELECT version FROM revision_documents WHERE revision_id = :revision
    ) DESC, d.version DESC LIMIT 1
"""


class StateThen(NamedTuple):
    """What a source's state was at one revision, and when that was published (UTC)."""

    revision_id: str
    published_at: str
    state: SourceState


class SourceHistory(NamedTuple):
    """The states of a source and what was captured of it, the newest first."""

    states: tuple[StateThen, ...]
    captures: tuple[Capture, ...]


class CapturedText(NamedTuple):
    """The text that was extracted from a capture, and whose it is.

    ``current``: it is the text of a document of this revision.
    """

    capture: Capture
    document_id: str
    title: str
    language: str
    text: str
    text_sha256: str
    current: bool


def source_history(corpus: Corpus, reference: Reference) -> SourceHistory:
    """What became of ``reference`` up to the revision of ``corpus``, and its captures.

    A capture is a source's if a text of it was read from it, or if it answered at an address that
    the reference gives, well or badly. What was forgotten is not there any more.
    """
    path = corpus.folder / FILE_NAME
    info = corpus.info
    with closing(connect_for_reading(corpus.folder)) as connection, database_errors(path):
        states = connection.execute(
            _STATES, (info.corpus_id, info.number, reference.reference_id)
        ).fetchall()
        read_from = {row[0] for row in connection.execute(_READ_FROM, (reference.reference_id,))}
        captures = connection.execute(
            "SELECT * FROM captures ORDER BY fetched_at DESC, capture_id DESC"
        ).fetchall()
    addresses = {
        canonical_url(url) for url in (*reference.urls, reference.archive_url or "") if url
    }
    return SourceHistory(
        tuple(
            StateThen(row["revision_id"], row["created_at"], records.state_of(row))
            for row in states
        ),
        tuple(
            records.capture_of(row)
            for row in captures
            if row["capture_id"] in read_from or _answers(row["url"], addresses)
        ),
    )


def known_once(corpus: Corpus, reference_id: str) -> bool:
    """Whether an article of this corpus, of whatever revision, has had a reference of this id."""
    path = corpus.folder / FILE_NAME
    with closing(connect_for_reading(corpus.folder)) as connection, database_errors(path):
        row = connection.execute(
            "SELECT 1 FROM reference_entries WHERE reference_id = ? LIMIT 1", (reference_id,)
        ).fetchone()
    return row is not None


def captured_text(corpus: Corpus, sha256: str) -> CapturedText:
    """The text of the capture with this SHA-256: this revision's, else the newest.

    ``NotFound`` for a capture that the corpus does not have, or from which no text was read.
    """
    path = corpus.folder / FILE_NAME
    asked = {"sha256": sha256, "revision": corpus.info.revision_id}
    row, kept = None, False
    if _SHA256.fullmatch(sha256):
        with closing(connect_for_reading(corpus.folder)) as connection, database_errors(path):
            row = connection.execute(_TEXT, asked).fetchone()
            kept = row is not None or bool(
                connection.execute("SELECT 1 FROM captures WHERE sha256 = ?", (sha256,)).fetchone()
            )
    if row is None:
        what = "No text was read from the capture" if kept else "This corpus has no capture"
        raise NotFound(
            f"{what} {sha256[:80]}.",
            about=sha256[:80],
            hint="Citations and sources name captures by their `capture_sha256` and `sha256`; "
            "those of a source that was forgotten are gone.",
        )
    document = corpus.documents.get(row["document_id"])
    return CapturedText(
        records.capture_of(row),
        row["document_id"],
        row["title"],
        row["language"],
        row["text"],
        row["text_sha256"],
        document is not None and document.text_sha256 == row["text_sha256"],
    )


def _answers(url: str, addresses: set[str]) -> bool:
    """Whether ``url`` is one of these canonical addresses, or an archived copy of one."""
    copy = snapshot_of(url)
    pages = (url, copy.original if copy is not None and copy.original else url)
    return any(canonical_url(page) in addresses for page in pages)
