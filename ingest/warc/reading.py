"""Where the responses in a WARC file lie, and the payload of each, for files of any crawler.

The file is gone through once; a payload is unpacked when it is asked for. Payloads are unpacked
here and not by warcio, whose decoders know no limit.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from footnoted.domain import Access
from footnoted.errors import UnreadableFile

_LARGEST = 64 * 2**20  # bytes of one payload, unpacked
_MOST_UNWRAPPED = 256 * 2**20  # bytes of a whole file
_MOVED = frozenset({301, 302, 303, 307, 308})
_STATUS = re.compile(r"[0-9]{3}")
_DATE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z")
_UNNAMED_DATE = "1970-01-01T00:00:00Z"
_CHUNK = 2**16
_GZIP = 16 + zlib.MAX_WBITS
_ZLIB = {
    "gzip": (_GZIP,),
    "x-gzip": (_GZIP,),
    "deflate": (zlib.MAX_WBITS, -zlib.MAX_WBITS),  # servers send it with and without its header
}
_REQUESTED = "Footnoted-Requested-URI"


class Unreadable(Exception):
    """Why the payload of one record cannot be used."""

    def __init__(self, access: Access, reason: str) -> None:
        super().__init__(reason)
        self.access = access


@dataclass(frozen=True, slots=True)
class Record:
    """Where a response lies in the file, and what can be said of it without its payload."""

    offset: int
    url: str
    status: int
    fetched_at: str
    headers: tuple[tuple[str, str], ...]
    requested: str
    same_as: str | None = None
    cut: bool = False

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def location(self) -> str | None:
        """Where this response sends its reader."""
        if self.status not in _MOVED:
            return None
        where = self.header("location")
        return urljoin(self.url, where) if where else None


def records(body: bytes, name: str) -> Iterator[Record]:
    """Every response of the file; ``UnreadableFile`` at the first sign of damage."""
    from warcio.archiveiterator import WARCIterator  # noqa: PLC0415 - only WARCs need it
    from warcio.exceptions import ArchiveLoadFailed  # noqa: PLC0415
    from warcio.statusandheaders import StatusAndHeadersParserException  # noqa: PLC0415

    # The HTTP headers are read here: warcio's own reading breaks on records without an address.
    archive = WARCIterator(io.BytesIO(body), no_record_parse=True)
    by_digest: dict[str, str] = {}
    found = 0
    try:
        for record in archive:
            found += 1
            http = _http(record)
            archive.read_to_end()
            if record.length is None or record.raw_stream.limit or archive.err_count:
                raise _damaged(name, "is damaged or cut short", found)
            digest = record.rec_headers.get_header("WARC-Payload-Digest")
            same_as = None
            if record.rec_type == "revisit":
                named = record.rec_headers.get_header("WARC-Refers-To-Target-URI")
                same_as = named or by_digest.get(digest, "a record without a name")
            entry = _entry(record, http, archive.get_record_offset(), same_as)
            if entry is not None:
                if digest and same_as is None:
                    by_digest.setdefault(digest, entry.url)
                yield entry
    except (ArchiveLoadFailed, StatusAndHeadersParserException) as error:
        raise _damaged(name, "is no web archive (WARC), or a damaged one", found) from error
    if not found:
        raise _damaged(name, "holds no record of a web archive (WARC)", found)


def _http(record: Any) -> Any:
    """The status line and headers of an HTTP response, read off its stream; ``None`` for others."""
    from warcio.statusandheaders import StatusAndHeadersParser  # noqa: PLC0415

    if record.rec_type not in ("response", "revisit"):
        return None
    try:
        return StatusAndHeadersParser([], verify=False).parse(record.raw_stream)
    except EOFError:  # a revisit may consist of its name alone
        return None


def _entry(record: Any, http: Any, offset: int, same_as: str | None) -> Record | None:
    """What the index keeps of a record; ``None`` for requests, metadata and other protocols."""
    said = record.rec_headers
    url = said.get_header("WARC-Target-URI") or ""
    if record.rec_type not in ("response", "resource", "revisit"):
        return None
    if not url.lower().startswith(("http://", "https://")):
        return None
    date = _DATE.fullmatch(said.get_header("WARC-Date") or "")
    headers = tuple(http.headers) if http is not None else ()
    status = str(http.get_statuscode()) if http is not None else "200"
    if record.rec_type == "resource":
        headers = (("Content-Type", record.content_type or ""),)
    return Record(
        offset=offset,
        url=url,
        status=int(status) if _STATUS.fullmatch(status) else 0,
        fetched_at=f"{date[1]}Z" if date else _UNNAMED_DATE,
        headers=headers,
        requested=said.get_header(_REQUESTED) or url,
        same_as=same_as,
        cut=said.get_header("WARC-Truncated") is not None,
    )


def payload(body: bytes, record: Record) -> bytes:
    """The payload of ``record``, without its transfer and content codings."""
    from warcio.archiveiterator import WARCIterator  # noqa: PLC0415
    from warcio.bufferedreaders import ChunkedDataReader  # noqa: PLC0415

    if record.cut:
        raise Unreadable(Access.TOO_LARGE, "the crawler kept only the beginning of it")
    file = io.BytesIO(body)
    file.seek(record.offset)
    found = next(iter(WARCIterator(file, no_record_parse=True)))
    _http(found)
    stream = found.raw_stream
    if record.header("transfer-encoding").lower() == "chunked":
        stream = ChunkedDataReader(stream)
    data = bytes(stream.read(_LARGEST + 1))
    codings = [c.strip().lower() for c in record.header("content-encoding").split(",")]
    for coding in reversed([c for c in codings if c not in ("", "identity")]):
        data = _decoded(data, coding)
    if len(data) > _LARGEST:
        raise Unreadable(Access.TOO_LARGE, f"it is larger than {_LARGEST >> 20} MiB")
    return data


def _decoded(data: bytes, coding: str) -> bytes:
    """``data`` without one content coding, at most a byte longer than what may be kept."""
    if coding not in _ZLIB:
        raise Unreadable(
            Access.UNSUPPORTED_TYPE, f"it is packed as {coding!r}, which Footnoted does not unpack"
        )
    if "gzip" in coding and not data.startswith(b"\x1f\x8b"):
        return data  # some crawlers unpack the payload and keep the header
    for bits in _ZLIB[coding]:
        inflater = zlib.decompressobj(bits)
        try:
            return inflater.decompress(data, _LARGEST + 1)
        except zlib.error:
            continue
    raise Unreadable(Access.EXTRACTION_FAILED, f"it cannot be unpacked as {coding!r}")


def unwrapped(body: bytes, name: str) -> bytes:
    """``body`` itself, or what it holds if it was packed as a whole: records need members apart.

    Every gzip member is unpacked once to see that it is whole, which warcio would not tell.
    """
    if not body.startswith(b"\x1f\x8b"):
        return body
    members = end = 0
    try:
        while end < len(body):
            end = _member_end(body, end)
            members += 1
    except EOFError as error:
        raise _damaged(name, "is cut short", members + 1) from error
    except zlib.error as error:
        raise _damaged(name, "is damaged", members + 1) from error
    if members > 1:
        return body
    plain = zlib.decompressobj(_GZIP).decompress(body, _MOST_UNWRAPPED + 1)
    if len(plain) > _MOST_UNWRAPPED:
        raise _damaged(name, f"unpacks to more than {_MOST_UNWRAPPED >> 20} MiB", 0)
    return plain


def _member_end(body: bytes, start: int) -> int:
    """Where the gzip member at ``start`` ends; ``EOFError`` when it does not."""
    inflater = zlib.decompressobj(_GZIP)
    at = start
    while not inflater.eof:
        chunk = inflater.unconsumed_tail or body[at : at + _CHUNK]
        at += 0 if inflater.unconsumed_tail else len(chunk)
        if chunk:
            inflater.decompress(chunk, _CHUNK)
            continue
        inflater.flush()
        if not inflater.eof:
            raise EOFError
    return at - len(inflater.unused_data)


def _damaged(name: str, what: str, found: int) -> UnreadableFile:
    where = f" at its record {found}" if found else ""
    return UnreadableFile(
        f"{name} {what}{where}.", about=name, hint="Crawl the page again, or save it as HTML."
    )
