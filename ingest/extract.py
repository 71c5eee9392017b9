"""From the bytes of a capture to its main text: normalised, with title, headings and pages.

The same bytes give the same text, always: nothing here looks at the clock, at the network or at
what was extracted before. ``Extraction.extractor`` names the code that did it, so that a later
check knows whether it compares like with like. HTML, plain text, Markdown and PDF each have a
module; this one decides which, by the declared type *and* by the bytes, for both are often wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from footnoted.domain import Section
from footnoted.errors import InputError


class UnsupportedType(InputError):
    """A media type from which no text is read: an image, a feed, a spreadsheet."""

    title = "The type of the source is not supported"


class ExtractionFailed(InputError):
    """A supported type that holds no text we can read: encrypted, scanned, broken, hidden."""

    title = "No text could be extracted"


@dataclass(frozen=True, slots=True)
class Extraction:
    """The main text of a capture and what its page says of itself.

    ``text`` is normalised. Each heading is a line of its own in it, and ``pages`` are the offsets
    at which the pages of a PDF begin (the first page first, pages without text included).
    ``left_out`` counts the characters after ``text`` that are over the limit for one source.
    ``published`` is an ISO 8601 date, ``language`` a BCP 47 primary subtag, ``und`` if unknown.
    """

    text: str
    title: str
    authors: tuple[str, ...]
    published: str | None
    language: str
    headings: tuple[Section, ...]
    pages: tuple[int, ...]
    extractor: str
    left_out: int = 0


class Form(StrEnum):
    """What the bytes of a capture are."""

    HTML = "HTML"
    PDF = "PDF"
    PLAIN = "plain text"
    MARKDOWN = "Markdown"


_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_MARKDOWN_TYPES = frozenset({"text/markdown", "text/x-markdown"})
_XML_TYPES = frozenset({"application/xml", "text/xml"})
_UNTYPED = frozenset({"", "application/octet-stream", "binary/octet-stream", "unknown/unknown"})
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s;\"']+)", re.IGNORECASE)
_READER = re.compile(r";\s*reader=(\w+)$")
_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:(?><!--.*?-->)\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_SNIFFED = 4096  # bytes; Acrobat, too, looks for the PDF signature in the first kilobyte only


def extract(body: bytes, media_type: str, url: str | None) -> Extraction:
    """The text and metadata of ``body``; ``url`` is where it came from, if anywhere.

    Raises ``UnsupportedType`` and ``ExtractionFailed``, about ``url``, with the reason in words.
    """
    # The readers load trafilatura or start a process: each only for the bytes that need it.
    if not body.strip():
        raise ExtractionFailed(
            "The response has no content.",
            about=url,
            hint="Fetch it again with --refresh, or supply the source with --source.",
        )
    if reader := _READER.search(media_type):
        from footnoted.ingest.rereading import reread  # noqa: PLC0415

        return reread(body, reader[1], url)
    from footnoted.ingest.extract_limit import limited  # noqa: PLC0415 - it imports this module

    return limited(_read(body, media_type, url))


def extract_text(body: bytes, media_type: str, url: str | None) -> str:
    """The normalised main text of ``body``, as ``extract`` finds it."""
    return extract(body, media_type, url).text


def _read(body: bytes, media_type: str, url: str | None) -> Extraction:
    charset = declared_charset(media_type)
    match form_of(body, media_type, url):
        case Form.PDF:
            from footnoted.ingest.extract_pdf import read_pdf  # noqa: PLC0415

            return read_pdf(body, url)
        case Form.HTML:
            from footnoted.ingest.extract_html import read_html  # noqa: PLC0415

            return read_html(body, charset, url)
        case form:
            from footnoted.ingest.extract_text import read_plain  # noqa: PLC0415

            return read_plain(body, charset, url, markdown=form is Form.MARKDOWN)


def form_of(body: bytes, media_type: str, url: str | None) -> Form:
    """What ``body`` is, by its bytes where they are plain, else by its declared type."""
    essence = media_type.partition(";")[0].strip().lower()
    textual = essence.startswith("text/") or essence in _HTML_TYPES | _XML_TYPES | _UNTYPED
    if b"%PDF-" in body[:1024] and (essence == "application/pdf" or textual):
        return Form.PDF
    if _HTML_START.match(body[:_SNIFFED].lstrip(b"\xef\xbb\xbf")) and (
        textual or essence == "application/pdf"
    ):
        return Form.HTML
    if essence in _HTML_TYPES:
        return Form.HTML
    if essence in _MARKDOWN_TYPES:
        return Form.MARKDOWN
    if essence == "text/plain" or (essence in _UNTYPED and _looks_like_text(body)):
        return Form.PLAIN
    if essence == "application/pdf":
        raise ExtractionFailed(
            "The response says that it is a PDF, but is none.",
            about=url,
            hint="Open the address in a browser; supply the document with --source.",
        )
    raise UnsupportedType(
        f"No text is read from {essence or 'a file of unknown type'}.",
        about=url,
        hint="HTML, PDF, Markdown and plain text are read; supply one of these with --source.",
    )


def declared_charset(media_type: str) -> str | None:
    """The ``charset`` parameter of a media type, if it has one."""
    match = _CHARSET.search(media_type)
    return match[1] if match else None


def _looks_like_text(body: bytes) -> bool:
    """Whether bytes without a declared type are text: no control characters but white space."""
    sample = body[:_SNIFFED]
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not any(byte < 0x20 and byte not in b"\t\n\x0b\x0c\r\x1b" for byte in sample)
