"""Everything that a corpus holds of one source: its footnotes, documents, captures, addresses.

A source is more than one reference: footnotes that cite one page share its document, and an
article that was edited names the same page by a new reference. They are forgotten together,
since otherwise the words would stay, or be fetched again for the other footnote.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from footnoted.domain import Kind, Reference
from footnoted.ids import canonical_url, document_id
from footnoted.ingest import records
from footnoted.ingest.fetching.archives import same_page, snapshot_of
from footnoted.ingest.warc.records import DIGEST, REQUESTED
from footnoted.ingest.warc.rewriting import Place


@dataclass(frozen=True, slots=True)
class Traces:
    """What is to go. ``stays`` are the places of the records that another capture still needs.

    ``versions`` and ``captures`` are row numbers of the tables ``documents`` and ``captures``.
    """

    references: tuple[Reference, ...]
    versions: tuple[int, ...]
    titles: tuple[str, ...]
    captures: tuple[int, ...]
    addresses: frozenset[str]
    payloads: frozenset[str]
    places: frozenset[Place]
    stays: frozenset[Place]

    def goes(self, place: Place, headers: Mapping[str, str]) -> bool:
        """Whether the record with these WARC headers is the source's, named by a capture or not.

        A record that no capture names was written by a process that was killed just then.
        """
        if place in self.stays:
            return False
        target = headers.get("warc-target-uri", "")
        asked = headers.get(REQUESTED.lower(), target)
        return (
            place in self.places
            or headers.get(DIGEST.lower(), "").removeprefix("sha256:") in self.payloads
            or _is_about(asked, self.addresses)
            or _is_about(target, self.addresses)
        )


def source_id(reference: Reference) -> str:
    """The id of the document that a reference's source has, or would have."""
    return document_id(Kind.SOURCE, next(iter(reference.urls), None) or reference.text)


def traces(connection: sqlite3.Connection, reference: Reference) -> Traces:
    """What the corpus holds of the source of ``reference``, in every revision."""
    ids, versions = _documents(connection, reference)
    entries = _references(connection, ids)
    references = tuple(entries.get(i, reference) for i in sorted(ids))
    marks = ",".join("?" * len(versions))
    documents = connection.execute(
        f"SELECT title, url FROM documents WHERE version IN ({marks})",  # noqa: S608 only marks
        tuple(versions),
    ).fetchall()
    addresses = _addresses(references) | {row["url"] for row in documents if row["url"]}
    captures, payloads, staying = _captures(connection, versions, frozenset(addresses))
    return Traces(
        references,
        tuple(sorted(versions)),
        tuple(sorted({row["title"] for row in documents if row["title"]})),
        tuple(captures),
        frozenset(addresses),
        frozenset(payloads),
        frozenset(captures.values()),
        frozenset(staying),
    )


def _documents(connection: sqlite3.Connection, reference: Reference) -> tuple[set[str], set[int]]:
    """The ids of the source's references, and its documents' versions, in all revisions."""
    rows = [
        (row["version"], row["document_id"], frozenset(json.loads(row["reference_ids"])))
        for row in connection.execute(
            "SELECT DISTINCT d.version, d.document_id, r.reference_ids FROM revision_documents r"
            " JOIN documents d USING (version) WHERE d.kind = ?",
            (Kind.SOURCE,),
        )
    ]
    ids, documents = {reference.reference_id}, {source_id(reference)}
    while True:
        found = [row for row in rows if row[1] in documents or not ids.isdisjoint(row[2])]
        more = ids.union(*(row[2] for row in found)), documents.union(row[1] for row in found)
        if more == (ids, documents):
            return ids, {row[0] for row in found}
        ids, documents = more


def _references(connection: sqlite3.Connection, ids: set[str]) -> dict[str, Reference]:
    """The newest entry of each reference, by its id."""
    marks = ",".join("?" * len(ids))
    rows = connection.execute(
        f"SELECT * FROM reference_entries WHERE reference_id IN ({marks})"  # noqa: S608 only marks
        " ORDER BY article_id",
        tuple(ids),
    )
    return {row["reference_id"]: records.reference_of(row) for row in rows}


def _addresses(references: tuple[Reference, ...]) -> set[str]:
    """Where the source may have been read: its addresses, its archived copy, what was supplied."""
    found: set[str] = set()
    for reference in references:
        found.update(reference.urls)
        if reference.archive_url:
            found.add(reference.archive_url)
        own = (f"urn:footnoted:{kind}:{reference.reference_id}" for kind in ("supplied", "digest"))
        found.update(own)
    originals = (snapshot_of(url) for url in tuple(found))
    return found | {copy.original for copy in originals if copy is not None and copy.original}


def _captures(
    connection: sqlite3.Connection, versions: set[int], addresses: frozenset[str]
) -> tuple[dict[int, Place], set[str], set[Place]]:
    """The captures that go with their places, their payloads' hashes, and the places that stay."""
    users: dict[int, set[int]] = {}
    for row in connection.execute("SELECT capture_id, version FROM documents"):
        users.setdefault(row["capture_id"], set()).add(row["version"])
    rows = connection.execute("SELECT * FROM captures").fetchall()
    free = [row for row in rows if users.get(row["capture_id"], set()) <= versions]
    own = [
        row
        for row in free
        if row["capture_id"] in users
        or _is_about(row["url"], addresses)
        or _is_about(row["final_url"], addresses)
    ]
    payloads = {row["sha256"] for row in own}
    gone = {
        row["capture_id"]: Place(row["warc_path"], row["warc_offset"])
        for row in free
        if row["sha256"] in payloads
    }
    staying = {
        Place(row["warc_path"], row["warc_offset"]) for row in rows if row["capture_id"] not in gone
    }
    return gone, payloads, staying


def _is_about(url: str, addresses: frozenset[str]) -> bool:
    """Whether ``url`` is one of the addresses, a copy of one, or an archive's answer about one."""
    copy = snapshot_of(url)
    asked = parse_qs(url.partition("?")[2]).get("url", [])
    pages = [url, *asked, *([copy.original] if copy is not None and copy.original else [])]
    return any(
        canonical_url(page) == canonical_url(address) or same_page(page, address)
        for page in pages
        for address in addresses
    )
