"""Researchers' notes as they are kept: ``notes.sqlite`` in the state folder.

A note is kept with the words and footnotes of its claim, so that it says what was judged though
the article, or the corpus, is made anew. It belongs to the corpus with its id, or with its name
and article: whoever removes a corpus and ingests the same article again has the notes again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from footnoted.ingest.records import dumps
from footnoted.service.ledger.judging import Verdict
from footnoted.service.notes.claims import ArticleClaims, CitedClaim
from footnoted.service.state_files import StateFile

FILE_NAME = "notes.sqlite"
_V1 = (
    """
CREATE TABLE notes (
    note_id INTEGER PRIMARY KEY AUTOINCREMENT,
    corpus_name TEXT NOT NULL,
    corpus_id TEXT NOT NULL,
    article_id TEXT NOT NULL,
    revision TEXT NOT NULL,
    article_revision TEXT,
    claim_id TEXT NOT NULL,
    claim TEXT NOT NULL,
    occurrence INTEGER NOT NULL,
    cited TEXT NOT NULL,
    verdict TEXT,
    words TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    UNIQUE (corpus_name, claim_id)
) STRICT""",
)
MIGRATIONS = (_V1,)
_OF_CORPUS = (
    "SELECT * FROM notes WHERE corpus_name = ? AND (corpus_id = ? OR article_id = ?)"
    " ORDER BY note_id"
)


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody found about a claim; ``claim`` is as it was when this was last written.

    ``note_id`` is never given again, and ``version`` counts the changes. Instants are in UTC.
    """

    note_id: int
    claim: CitedClaim
    verdict: Verdict | None
    words: str
    author: str
    created_at: str
    changed_at: str
    version: int
    revision: str
    article_revision: str | None


class Said(NamedTuple):
    """A verdict, words about it, whose they are, and when they were written."""

    verdict: Verdict | None
    words: str
    author: str
    at: str


class NoteStore:
    """The notes of every corpus that this server, or another with its state folder, serves."""

    def __init__(self, state_dir: Path) -> None:
        self._file = StateFile(state_dir / FILE_NAME, MIGRATIONS)

    def notes(self, article: ArticleClaims) -> list[Note]:
        """Every note on this article, those on earlier revisions too, the oldest first."""
        return [_note(row) for row in self._file.rows(_OF_CORPUS, *_belonging(article))]

    @contextmanager
    def changing(self, article: ArticleClaims) -> Iterator[Changes]:
        """The notes on this article for who reads them and then changes one: nobody else can."""
        with self._file.transaction() as connection:
            yield Changes(connection, article)

    def close(self) -> None:
        self._file.close()


class Changes:
    """The notes of one article inside one transaction."""

    def __init__(self, connection: sqlite3.Connection, article: ArticleClaims) -> None:
        self._connection = connection
        self._article = article

    def notes(self) -> list[Note]:
        """Every note on this article, the oldest first."""
        return [
            _note(row) for row in self._connection.execute(_OF_CORPUS, _belonging(self._article))
        ]

    def add(self, claim: CitedClaim, said: Said) -> Note:
        """Keep a first note on ``claim``, and return it."""
        article = self._article
        note = Note(
            note_id=0,
            claim=claim,
            verdict=said.verdict,
            words=said.words,
            author=said.author,
            created_at=said.at,
            changed_at=said.at,
            version=1,
            revision=article.revision,
            article_revision=article.article_revision,
        )
        done = self._connection.execute(
            "INSERT INTO notes (corpus_name, corpus_id, article_id, revision, article_revision,"
            " claim_id, claim, occurrence, cited, verdict, words, author, changed_at, version,"
            " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*_belonging(article), *_values(note), said.at),
        )
        return replace(note, note_id=int(done.lastrowid or 0))

    def change(self, note: Note, claim: CitedClaim | None, said: Said) -> Note:
        """Keep these words in place of the ``note``'s, about ``claim`` as it is now.

        Without ``claim`` the article does not say it any more, and the note's own stays.
        """
        article = self._article
        changed = replace(
            note,
            verdict=said.verdict,
            words=said.words,
            author=said.author,
            changed_at=said.at,
            version=note.version + 1,
        )
        if claim is not None:
            changed = replace(
                changed,
                claim=claim,
                revision=article.revision,
                article_revision=article.article_revision,
            )
        self._connection.execute(
            "UPDATE notes SET corpus_name = ?, corpus_id = ?, article_id = ?, revision = ?,"
            " article_revision = ?, claim_id = ?, claim = ?, occurrence = ?, cited = ?,"
            " verdict = ?, words = ?, author = ?, changed_at = ?, version = ? WHERE note_id = ?",
            (*_belonging(article), *_values(changed), note.note_id),
        )
        return changed

    def remove(self, note: Note) -> None:
        """Remove the note for good."""
        self._connection.execute("DELETE FROM notes WHERE note_id = ?", (note.note_id,))


def _belonging(article: ArticleClaims) -> tuple[str, str, str]:
    return article.corpus_name, article.corpus_id, article.article_id


def _values(note: Note) -> tuple[object, ...]:
    claim = note.claim
    return (
        note.revision,
        note.article_revision,
        claim.claim_id,
        claim.text,
        claim.occurrence,
        dumps(claim.references),
        note.verdict,
        note.words,
        note.author,
        note.changed_at,
        note.version,
    )


def _note(row: sqlite3.Row) -> Note:
    return Note(
        note_id=row["note_id"],
        claim=CitedClaim(
            row["claim_id"], row["claim"], row["occurrence"], tuple(json.loads(row["cited"]))
        ),
        verdict=None if row["verdict"] is None else Verdict(row["verdict"]),
        words=row["words"],
        author=row["author"],
        created_at=row["created_at"],
        changed_at=row["changed_at"],
        version=row["version"],
        revision=row["revision"],
        article_revision=row["article_revision"],
    )
