"""The tables of ``corpus.sqlite``, and the migrations that lead to them.

``PRAGMA user_version`` is the schema's version; ``MIGRATIONS[n]`` leads from version n to n + 1.
Texts are append-only and named by their SHA-256. A *revision* lists the documents that are
current in it and what became of each reference; older revisions, texts and passages stay, so that
an old passage or citation id can always be resolved. One file can hold several corpora, with or
without an article.
"""

from __future__ import annotations

import sqlite3

from footnoted.errors import CorpusError, NewerSchema

_V1 = """
CREATE TABLE corpora (
    corpus_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE texts (
    text_sha256 TEXT PRIMARY KEY,
    text TEXT NOT NULL
) STRICT;
CREATE TRIGGER texts_never_change BEFORE UPDATE ON texts
BEGIN SELECT RAISE(ABORT, 'texts are append-only'); END;

CREATE TABLE captures (
    capture_id INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL,
    url TEXT NOT NULL,
    final_url TEXT NOT NULL,
    status INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    size INTEGER NOT NULL,
    origin TEXT NOT NULL,
    warc_path TEXT NOT NULL,
    warc_offset INTEGER NOT NULL,
    UNIQUE (sha256, url, fetched_at)
) STRICT;

CREATE TABLE documents (
    version INTEGER PRIMARY KEY,
    document_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    text_sha256 TEXT NOT NULL REFERENCES texts,
    capture_id INTEGER REFERENCES captures,
    title TEXT NOT NULL,
    language TEXT NOT NULL,
    url TEXT,
    identity TEXT NOT NULL,
    extractor TEXT NOT NULL,
    published TEXT,
    authors TEXT NOT NULL,
    headings TEXT NOT NULL,
    pages TEXT NOT NULL
) STRICT;
CREATE INDEX documents_by_id ON documents (document_id, text_sha256);

CREATE TABLE articles (
    article_id INTEGER PRIMARY KEY,
    version INTEGER NOT NULL REFERENCES documents,
    fingerprint TEXT NOT NULL UNIQUE,
    form TEXT NOT NULL,
    source_revision TEXT,
    retrieved_at TEXT,
    licence TEXT
) STRICT;

CREATE TABLE reference_entries (
    article_id INTEGER NOT NULL REFERENCES articles,
    ordinal INTEGER NOT NULL,
    reference_id TEXT NOT NULL,
    label TEXT NOT NULL,
    label_group TEXT NOT NULL,
    text TEXT NOT NULL,
    csl TEXT NOT NULL,
    urls TEXT NOT NULL,
    archive_url TEXT,
    url_status TEXT NOT NULL,
    quote TEXT,
    PRIMARY KEY (article_id, ordinal)
) STRICT;

CREATE TABLE markers (
    article_id INTEGER NOT NULL REFERENCES articles,
    ordinal INTEGER NOT NULL,
    position INTEGER NOT NULL,
    label TEXT NOT NULL,
    label_group TEXT NOT NULL,
    locator TEXT,
    reference_ids TEXT NOT NULL,
    PRIMARY KEY (article_id, ordinal)
) STRICT;

CREATE TABLE claims (
    article_id INTEGER NOT NULL REFERENCES articles,
    ordinal INTEGER NOT NULL,
    claim_id TEXT NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    text TEXT NOT NULL,
    label TEXT,
    flags TEXT NOT NULL,
    markers TEXT NOT NULL,
    PRIMARY KEY (article_id, ordinal)
) STRICT;
CREATE INDEX claims_by_id ON claims (claim_id);

CREATE TABLE revisions (
    revision_id TEXT PRIMARY KEY,
    corpus_id TEXT NOT NULL REFERENCES corpora,
    number INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    cutter TEXT NOT NULL,
    article_id INTEGER REFERENCES articles,
    UNIQUE (corpus_id, number)
) STRICT;

CREATE TABLE revision_documents (
    revision_id TEXT NOT NULL REFERENCES revisions,
    ordinal INTEGER NOT NULL,
    version INTEGER NOT NULL REFERENCES documents,
    reference_ids TEXT NOT NULL,
    PRIMARY KEY (revision_id, ordinal)
) STRICT;

CREATE TABLE source_states (
    revision_id TEXT NOT NULL REFERENCES revisions,
    reference_id TEXT NOT NULL,
    access TEXT NOT NULL,
    identity TEXT NOT NULL,
    reason TEXT NOT NULL,
    document_id TEXT,
    characters INTEGER NOT NULL,
    captured_at TEXT,
    PRIMARY KEY (revision_id, reference_id)
) STRICT;

CREATE TABLE passages (
    version INTEGER NOT NULL REFERENCES documents,
    cutter TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    passage_id TEXT NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    heading TEXT NOT NULL,
    sentences TEXT NOT NULL,
    PRIMARY KEY (version, cutter, ordinal)
) STRICT;
CREATE INDEX passages_by_id ON passages (passage_id);

CREATE TABLE tombstones (
    corpus_id TEXT NOT NULL REFERENCES corpora,
    reference_id TEXT NOT NULL,
    document_id TEXT,
    url TEXT,
    forgotten_at TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (corpus_id, reference_id)
) STRICT;
"""

MIGRATIONS = (_V1,)
SCHEMA_VERSION = len(MIGRATIONS)


def version_of(connection: sqlite3.Connection) -> int:
    """The schema version of an open database; 0 for a new, empty one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def check(connection: sqlite3.Connection, path: object) -> None:
    """Raise ``CorpusError`` (``NewerSchema``) unless the database has exactly our schema."""
    found = version_of(connection)
    if found > SCHEMA_VERSION:
        raise NewerSchema(
            f"{path} has schema version {found}; this Footnoted reads up to {SCHEMA_VERSION}.",
            about=str(path),
            hint="Upgrade with `pip install -U footnoted`; the corpus was not touched.",
        )
    if found < SCHEMA_VERSION:
        raise CorpusError(
            f"{path} has schema version {found}, and {SCHEMA_VERSION} is needed to read it.",
            about=str(path),
            hint="Run `footnoted ingest` on this corpus again: it migrates the file first.",
        )


def migrate(connection: sqlite3.Connection, path: object) -> None:
    """Bring the database up to our schema, each step in a transaction of its own."""
    if version_of(connection) > SCHEMA_VERSION:
        check(connection, path)
    for number in range(version_of(connection), SCHEMA_VERSION):
        connection.executescript(
            f"BEGIN;{MIGRATIONS[number]}PRAGMA user_version = {number + 1};COMMIT;"
        )
