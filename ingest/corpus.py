"""Reading a corpus at one of its revisions: documents, passages, claims, references, states."""

from __future__ import annotations

import sqlite3
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from footnoted.domain import (
    Article,
    Capture,
    Claim,
    Coverage,
    Document,
    Identity,
    Passage,
    Reference,
    SourceState,
    Span,
)
from footnoted.errors import CorpusError, Gone, NotFound
from footnoted.ingest import records
from footnoted.ingest.database import FILE_NAME, connect_for_reading, database_errors

_DOCUMENTS = """
    SELECT d.*, t.text, c.sha256 AS capture_sha256, r.reference_ids, r.revision_id
    FROM revision_documents r
    JOIN documents d USING (version) JOIN texts t USING (text_sha256)
    LEFT JOIN captures c USING (capture_id)
    WHERE r.revision_id = ?
"""


class RevisionInfo(NamedTuple):
    """One revision of a corpus, as ``corpus.sqlite`` lists it."""

    corpus_id: str
    corpus_name: str
    revision_id: str
    number: int
    created_at: str
    cutter: str


class FoundPassage(NamedTuple):
    """An id's passage; when it ``moved``, its words stand elsewhere in the current text."""

    passage: Passage
    moved: bool


class Corpus:
    """A corpus at one revision. Reads are serialised, so threads may share it."""

    def __init__(self, folder: Path, connection: sqlite3.Connection, info: RevisionInfo) -> None:
        self.folder = folder
        self.info = info
        self._connection = connection
        self._lock = threading.Lock()

    @classmethod
    def open(cls, folder: Path, revision_id: str | None = None) -> Corpus:
        """The corpus in ``folder``, at its newest revision or the named one."""
        connection = connect_for_reading(folder)
        with database_errors(folder / FILE_NAME):
            rows = connection.execute(
                "SELECT c.corpus_id, c.name, r.revision_id, r.number, r.created_at, r.cutter"
                " FROM revisions r JOIN corpora c USING (corpus_id)"
                " WHERE :id IS NULL OR r.revision_id = :id ORDER BY r.number DESC LIMIT 1",
                {"id": revision_id},
            ).fetchall()
        if not rows:
            connection.close()
            what = f"no revision {revision_id}" if revision_id else "no revision yet"
            raise CorpusError(
                f"The corpus in {folder} has {what}.",
                about=str(folder),
                hint="Run `footnoted ingest` on it; an interrupted one can simply be repeated.",
            )
        return cls(folder, connection, RevisionInfo(*rows[0]))

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Corpus:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def article(self) -> Article | None:
        """The article, or ``None`` for a corpus of plain documents."""
        rows = self._rows(
            "SELECT a.*, d.document_id, d.title, d.url, d.language, d.headings, t.text"
            " FROM revisions r JOIN articles a USING (article_id)"
            " JOIN documents d USING (version) JOIN texts t USING (text_sha256)"
            " WHERE r.revision_id = ?",
            self.info.revision_id,
        )
        if not rows:
            return None
        row = rows[0]
        markers = [records.marker_of(r) for r in self._of_article("markers", row["article_id"])]
        claims = self._of_article("claims", row["article_id"])
        references = self._of_article("reference_entries", row["article_id"])
        return Article(
            title=row["title"],
            url=row["url"],
            language=row["language"],
            text=row["text"],
            sections=records.sections_of(row["headings"]),
            markers=tuple(markers),
            claims=tuple(records.claim_of(r, markers) for r in claims),
            references=tuple(records.reference_of(r) for r in references),
            form=row["form"],
            revision_id=row["source_revision"],
            retrieved_at=row["retrieved_at"],
            licence=row["licence"],
        )

    def claims_under(self, span: Span) -> list[Claim]:
        """The article's claims whose words overlap ``span``, in the order of the text."""
        starts, furthest, claims = self._claims_in_order
        last = bisect_left(starts, span.end)
        first = bisect_right(furthest, span.start, hi=last)
        return [claim for claim in claims[first:last] if claim.span.overlaps(span)]

    @cached_property
    def _claims_in_order(self) -> tuple[list[int], list[int], list[Claim]]:
        """Where each claim begins, the furthest end of any up to it, and the claims."""
        claims = sorted(self.article.claims if self.article else (), key=lambda c: c.span.start)
        furthest = list(accumulate((claim.span.end for claim in claims), max))
        return [claim.span.start for claim in claims], furthest, claims

    @cached_property
    def references(self) -> dict[str, Reference]:
        """The article's references by id, in their order."""
        entries = self.article.references if self.article else ()
        return {reference.reference_id: reference for reference in entries}

    @cached_property
    def states(self) -> dict[str, SourceState]:
        """What became of each reference, by its id."""
        rows = self._rows(
            "SELECT * FROM source_states WHERE revision_id = ?", self.info.revision_id
        )
        return {row["reference_id"]: records.state_of(row) for row in rows}

    @cached_property
    def coverage(self) -> Coverage:
        """How many references there are, how many were read, how many have only a digest."""
        digested = {
            reference_id
            for document in self.documents.values()
            if document.identity is Identity.DIGEST
            for reference_id in document.reference_ids
        }
        return Coverage(
            references=len(self.references),
            readable=sum(state.readable for state in self.states.values()),
            digests=len(digested),
        )

    @cached_property
    def documents(self) -> dict[str, Document]:
        """The current documents by id, the article first."""
        rows = self._rows(f"{_DOCUMENTS} ORDER BY r.ordinal", self.info.revision_id)
        return {row["document_id"]: records.document_of(row) for row in rows}

    @cached_property
    def passages(self) -> dict[str, Passage]:
        """The current passages by id, in the order of documents and text."""
        return {p.passage_id: p for p in self._passages()}

    def passage(self, passage_id: str) -> FoundPassage:
        """The passage with this id.

        An id from an earlier revision is found where its words still stand in the current text
        (``moved``). Raises ``Gone`` when they do not, ``NotFound`` for an id never given out.
        """
        if current := self.passages.get(passage_id):
            return FoundPassage(current, moved=False)
        rows = self._rows(
            "SELECT p.*, d.document_id, t.text FROM passages p JOIN documents d USING (version)"
            " JOIN texts t USING (text_sha256) WHERE p.passage_id = ?"
            " ORDER BY p.version DESC LIMIT 1",
            passage_id,
        )
        if not rows:
            raise NotFound(
                f"No passage has the id {passage_id}.",
                about=passage_id,
                hint="Ids come from `footnoted search` and `footnoted ask`.",
            )
        old = records.passage_of(rows[0])
        document = self.documents.get(old.document_id)
        words = old.span.of(rows[0]["text"])
        start = document.text.find(words) if document else -1
        if start < 0:
            raise Gone(
                f"The words of passage {passage_id} are no longer in document {old.document_id}.",
                about=passage_id,
                hint="Search again; `footnoted corpora info` lists the revisions.",
            )
        shift = start - old.span.start
        moved = Passage(
            passage_id=passage_id,
            document_id=old.document_id,
            span=_shifted(old.span, shift),
            heading=old.heading,
            sentences=tuple(_shifted(s, shift) for s in old.sentences),
        )
        return FoundPassage(moved, moved=True)

    def text_with_prefix(self, document_id: str, sha256_prefix: str) -> str | None:
        """The text whose SHA-256 begins so, which the document has or once had; else ``None``."""
        rows = self._rows(
            "SELECT DISTINCT t.text_sha256, t.text FROM documents d"
            " JOIN texts t USING (text_sha256)"
            " WHERE d.document_id = ? AND t.text_sha256 >= ? AND t.text_sha256 < ?",
            document_id,
            sha256_prefix,
            sha256_prefix + "g",
        )
        return rows[0]["text"] if len(rows) == 1 else None

    @cached_property
    def captures(self) -> dict[str, Capture]:
        """The captures that this revision's documents were read from, by document id."""
        rows = self._rows(
            "SELECT d.document_id, c.* FROM revision_documents r"
            " JOIN documents d USING (version) JOIN captures c USING (capture_id)"
            " WHERE r.revision_id = ? ORDER BY r.ordinal",
            self.info.revision_id,
        )
        return {row["document_id"]: records.capture_of(row) for row in rows}

    def revisions(self) -> list[RevisionInfo]:
        """Every revision of this corpus, the newest first."""
        rows = self._rows(
            "SELECT c.corpus_id, c.name, r.revision_id, r.number, r.created_at, r.cutter"
            " FROM revisions r JOIN corpora c USING (corpus_id)"
            " WHERE corpus_id = ? ORDER BY number DESC",
            self.info.corpus_id,
        )
        return [RevisionInfo(*row) for row in rows]

    def _passages(self) -> Iterator[Passage]:
        rows = self._rows(
            "SELECT p.*, d.document_id FROM revision_documents r"
            " JOIN revisions v USING (revision_id)"
            " JOIN passages p ON p.version = r.version AND p.cutter = v.cutter"
            " JOIN documents d ON d.version = r.version"
            " WHERE r.revision_id = ? ORDER BY r.ordinal, p.ordinal",
            self.info.revision_id,
        )
        return (records.passage_of(row) for row in rows)

    def _of_article(self, table: str, article_id: int) -> list[sqlite3.Row]:
        sql = f"SELECT * FROM {table} WHERE article_id = ? ORDER BY ordinal"  # noqa: S608 our names
        return self._rows(sql, article_id)

    def _rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        with self._lock, database_errors(self.folder / FILE_NAME):
            return self._connection.execute(sql, values).fetchall()


def _shifted(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)
