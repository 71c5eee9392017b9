"""What reading a cited source gave: its bytes, or the honest reason why there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from footnoted.domain import Access, Capture, Identity, Origin, Reference
from footnoted.ingest.extract import Extraction


@dataclass(frozen=True, slots=True)
class Reading:
    """The bytes of a source, from where they came, and how they relate to the cited page."""

    body: bytes
    media_type: str
    url: str
    final_url: str
    origin: Origin
    access: Access
    identity: Identity
    reason: str
    status: int = 200


@dataclass(frozen=True, slots=True)
class Extracted:
    """A source that is kept and extracted already, and how it relates to the cited page."""

    extraction: Extraction
    capture: Capture
    access: Access
    identity: Identity
    reason: str


@dataclass(frozen=True, slots=True)
class Unread:
    """Why a source was not read, in a word and in a sentence; ``captured_at`` if it answered."""

    access: Access
    reason: str
    captured_at: str | None = None


class SourceReader(Protocol):
    """Reads the source behind a reference."""

    def prepare(self, references: Sequence[Reference]) -> None:
        """Told once which references will be read: a reader may read them all at once then."""
        ...

    def read(self, reference: Reference) -> Reading | Extracted | Unread: ...


class OfflineReader:
    """Reads nothing, and says of each source whether it could have been read online."""

    def prepare(self, references: Sequence[Reference]) -> None:
        """Nothing is needed for reading nothing."""

    def read(self, reference: Reference) -> Unread:
        if reference.urls:
            return Unread(
                Access.NOT_ATTEMPTED,
                f"Not read: {reference.urls[0]} was not fetched. "
                "Supply the page with --source, or notes on it with --digest.",
            )
        if reference.group and not reference.csl.get("issued"):
            return Unread(Access.NOT_ONLINE, "A note of the article itself, not a source.")
        if reference.csl.get("type") in ("book", "chapter", "thesis"):
            return Unread(
                Access.NOT_ONLINE,
                "A printed work without an address. Supply its text with --source if you have it.",
            )
        return Unread(
            Access.URL_UNKNOWN,
            "The article gives no address for it. Supply one with --links, or the page itself "
            "with --source.",
        )
