"""What reading a cited source gave: its bytes, or the honest reason why there are none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from footnoted.domain import Access, Identity, Origin, Reference


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
class Unread:
    """Why a source was not read, in a word and in a sentence."""

    access: Access
    reason: str


class SourceReader(Protocol):
    """Reads the source behind a reference."""

    def read(self, reference: Reference) -> Reading | Unread: ...


class OfflineReader:
    """Reads nothing, and says of each source whether it could have been read online."""

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
