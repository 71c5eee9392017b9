"""Between the rows of ``corpus.sqlite`` and the domain's types."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from footnoted.domain import (
    Access,
    Capture,
    Claim,
    Document,
    Identity,
    Json,
    Kind,
    Marker,
    Origin,
    Passage,
    Reference,
    Section,
    SourceState,
    Span,
    UrlStatus,
)


def dumps(value: object) -> str:
    """Compact JSON that is the same for the same value."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def section_rows(sections: Sequence[Section]) -> str:
    return dumps([[s.title, s.level, s.start] for s in sections])


def sections_of(value: str) -> tuple[Section, ...]:
    return tuple(Section(*row) for row in json.loads(value))


def span_rows(spans: Sequence[Span]) -> str:
    return dumps([[s.start, s.end] for s in spans])


def capture_of(row: sqlite3.Row) -> Capture:
    return Capture(
        url=row["url"],
        final_url=row["final_url"],
        status=row["status"],
        media_type=row["media_type"],
        fetched_at=row["fetched_at"],
        sha256=row["sha256"],
        size=row["size"],
        origin=Origin(row["origin"]),
        warc_path=row["warc_path"],
        warc_offset=row["warc_offset"],
    )


def reference_of(row: sqlite3.Row) -> Reference:
    csl: Json = json.loads(row["csl"])
    return Reference(
        reference_id=row["reference_id"],
        label=row["label"],
        group=row["label_group"],
        text=row["text"],
        csl=csl,
        urls=tuple(json.loads(row["urls"])),
        archive_url=row["archive_url"],
        url_status=UrlStatus(row["url_status"]),
        quote=row["quote"],
    )


def marker_of(row: sqlite3.Row) -> Marker:
    return Marker(
        position=row["position"],
        label=row["label"],
        group=row["label_group"],
        reference_ids=tuple(json.loads(row["reference_ids"])),
        locator=row["locator"],
    )


def claim_of(row: sqlite3.Row, markers: Sequence[Marker]) -> Claim:
    return Claim(
        claim_id=row["claim_id"],
        span=Span(row["start"], row["end"]),
        text=row["text"],
        markers=tuple(markers[n] for n in json.loads(row["markers"])),
        label=row["label"],
        flags=tuple(json.loads(row["flags"])),
    )


def document_of(row: sqlite3.Row) -> Document:
    """A row of ``documents`` joined with its text, its capture's hash and its references."""
    return Document(
        document_id=row["document_id"],
        kind=Kind(row["kind"]),
        title=row["title"],
        language=row["language"],
        text=row["text"],
        text_sha256=row["text_sha256"],
        reference_ids=tuple(json.loads(row["reference_ids"])),
        url=row["url"],
        identity=Identity(row["identity"]),
        capture_sha256=row["capture_sha256"],
        extractor=row["extractor"],
        published=row["published"],
        authors=tuple(json.loads(row["authors"])),
        headings=sections_of(row["headings"]),
        pages=tuple(json.loads(row["pages"])),
    )


def state_of(row: sqlite3.Row) -> SourceState:
    return SourceState(
        reference_id=row["reference_id"],
        access=Access(row["access"]),
        identity=Identity(row["identity"]),
        reason=row["reason"],
        document_id=row["document_id"],
        characters=row["characters"],
        captured_at=row["captured_at"],
    )


def passage_of(row: sqlite3.Row) -> Passage:
    """A row of ``passages`` joined with its document's id."""
    return Passage(
        passage_id=row["passage_id"],
        document_id=row["document_id"],
        span=Span(row["start"], row["end"]),
        heading=tuple(json.loads(row["heading"])),
        sentences=tuple(Span(*pair) for pair in json.loads(row["sentences"])),
    )
