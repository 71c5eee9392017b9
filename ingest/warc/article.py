"""Articles as web archive files (WARC, ISO 28500): a crawl of the page, perhaps with its sources.

The article is the first web page of the file, or the one whose address is named; every other
response is offered by its address, so that an ingest can use it instead of asking the network.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from footnoted.domain import Access
from footnoted.errors import InputError, UnreadableFile
from footnoted.ids import canonical_url
from footnoted.ingest.fetching.responses import NoResponse
from footnoted.ingest.warc.captures import Captured, WarcCaptures

__all__ = ["Captured", "WarcArticle", "WarcCaptures", "article_in", "is_warc"]

_GZIP = 16 + zlib.MAX_WBITS
_HTML = ("text/html", "application/xhtml+xml")
_SHOWN = 5  # addresses in a message


@dataclass(frozen=True, slots=True)
class WarcArticle:
    """An article's page as a WARC holds it; ``captures`` answers for all of the file's addresses.

    ``url`` is the address that answered; ``fetched_at`` is when, in UTC.
    """

    body: bytes
    media_type: str
    url: str
    fetched_at: str
    captures: WarcCaptures


def is_warc(body: bytes) -> bool:
    """Whether ``body`` begins as a WARC file does, plain or in gzip."""
    if body.startswith(b"\x1f\x8b"):
        try:
            body = zlib.decompressobj(_GZIP).decompress(body[:4096], 16)
        except zlib.error:
            return False
    return body.startswith(b"WARC/")


def article_in(body: bytes, *, name: str, url: str | None = None) -> WarcArticle:
    """The article in the WARC ``body`` of the file ``name``; ``url`` names one of several pages.

    Raises ``UnreadableFile`` for what is no whole WARC, or one without a web page, and
    ``InputError`` when it does not hold ``url``.
    """
    captures = WarcCaptures(body, name=name)
    if url is not None:
        found = captures.find(url)
        if isinstance(found, NoResponse):
            raise InputError(found.reason, about=url, hint=_offer(captures))
        return _article(found, captures)
    reasons = []
    for address in captures.addresses:
        found = captures.find(address)
        if isinstance(found, NoResponse):
            if found.access is not Access.NOT_ATTEMPTED:
                reasons.append(found.reason)
        elif _is_page(found):
            return _article(found, captures)
    raise UnreadableFile(
        f"{name} holds no web page that answered with status 200.{_list(reasons)}",
        about=name,
        hint=_offer(captures),
    )


def _article(found: Captured, captures: WarcCaptures) -> WarcArticle:
    response = found.response
    return WarcArticle(
        body=response.body,
        media_type=response.media_type,
        url=response.final_url,
        fetched_at=found.fetched_at,
        captures=captures,
    )


def _is_page(found: Captured) -> bool:
    """Whether a response is an HTML page, by its type or, where it has none, by its first words."""
    response = found.response
    if response.status != 200 or not response.body.strip():
        return False
    media_type = response.media_type.partition(";")[0].strip().lower()
    if media_type:
        return media_type in _HTML
    return response.body.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html"))


def _offer(captures: WarcCaptures) -> str:
    addresses = [canonical_url(address) for address in captures.addresses]
    if not addresses:
        return "Save the article's page as HTML, or crawl it again."
    more = f" and {len(addresses) - _SHOWN} more" if len(addresses) > _SHOWN else ""
    return f"Name one of the file's addresses: {', '.join(addresses[:_SHOWN])}{more}."


def _list(reasons: list[str]) -> str:
    return "".join(f" {reason}" for reason in reasons[:_SHOWN])
