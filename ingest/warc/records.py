"""One capture as WARC/1.1 records (ISO 28500:2017), each a gzip member of its own, and back."""

from __future__ import annotations

import io
import re
import string
import uuid
import zlib
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import quote

from footnoted.domain import Capture, Origin

DIGEST = "WARC-Payload-Digest"
REQUESTED = "Footnoted-Requested-URI"
HEADROOM = 2**20  # bytes; no record's headers are longer
_ORIGIN = "Footnoted-Origin"
_CHUNK = 2**16
_GZIP = 16 + zlib.MAX_WBITS
_MAGIC = b"WARC/1."
_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = re.compile(r"[0-9]{1,15}")
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:footnoted:capture")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
# The payload is stored decoded, so these would be untrue; and cookies are nobody else's business.
_NOT_KEPT = frozenset(
    {"content-encoding", "transfer-encoding", "content-length", "set-cookie", "connection"}
)


class Recorded(NamedTuple):
    """What a record holds: the headers of the response (none for a supplied file), the payload."""

    headers: tuple[tuple[str, str], ...]
    body: bytes


class Records(NamedTuple):
    """The record with a capture's payload, and those that belong before it in the file."""

    before: bytes
    payload: bytes


def write_records(
    body: bytes, capture: Capture, headers: Sequence[tuple[str, str]], hops: Sequence[str]
) -> Records:
    """The records of one capture.

    A supplied file is one resource record. A response has its request before it, and metadata on
    the redirects that led to it (``hops``), if any did.
    """
    from warcio.statusandheaders import StatusAndHeaders  # noqa: PLC0415 - only writers need it
    from warcio.warcwriter import WARCWriter  # noqa: PLC0415

    identity = "\n".join(
        (capture.sha256, capture.url, capture.final_url, capture.fetched_at, capture.origin.value)
    )
    target = one_line(capture.final_url)

    def write(kind: str, payload: bytes, own: dict[str, str], **more: Any) -> bytes:
        out = io.BytesIO()
        writer = WARCWriter(out, gzip=True, warc_version="1.1")
        common = {"WARC-Record-ID": _record_id(kind, identity), "WARC-Date": capture.fetched_at}
        record = writer.create_warc_record(
            target,
            kind,
            payload=io.BytesIO(payload),
            length=len(payload),
            warc_headers_dict=common | own,
            **more,
        )
        writer.write_record(record)
        return out.getvalue()

    payload_headers = {
        DIGEST: f"sha256:{capture.sha256}",
        REQUESTED: one_line(capture.url),
        _ORIGIN: capture.origin.value,
    }
    if capture.origin is Origin.SUPPLIED:
        media_type = one_line(capture.media_type) or "application/octet-stream"
        return Records(b"", write("resource", body, payload_headers, warc_content_type=media_type))
    beside = {"WARC-Concurrent-To": _record_id("response", identity)}
    path, host = _asked(target)
    request = StatusAndHeaders(f"GET {path} HTTP/1.1", [("Host", host)], is_http_request=True)
    before = write("request", b"", beside, http_headers=request)
    if hops:
        fields = "".join(f"via: {one_line(hop)}\r\n" for hop in hops).encode()
        before += write("metadata", fields, beside, warc_content_type="application/warc-fields")
    kept = [(name, value) for name, value in headers if name.lower() not in _NOT_KEPT]
    if not any(name.lower() == "content-type" for name, _ in kept):
        kept.append(("Content-Type", capture.media_type))
    kept.append(("Content-Length", str(len(body))))
    lines = [(one_line(name), one_line(value)) for name, value in kept]
    status = StatusAndHeaders(_status_line(capture.status), lines, protocol="HTTP/1.1")
    return Records(before, write("response", body, payload_headers, http_headers=status))


def _asked(url: str) -> tuple[str, str]:
    """The path with its query, and the host, of an address that answered."""
    rest = url.partition("://")[2]
    host, slash, path = rest.partition("/")
    # A foreign archive may give an address as people write it; a request line is ASCII.
    asked = quote(f"{slash}{path.partition('#')[0]}", safe=string.punctuation)
    return asked or "/", host


def one_line(value: str) -> str:
    """``value`` as one header line: a line end in it would begin another header."""
    return _CONTROL.sub(" ", value).strip()


def _record_id(kind: str, identity: str) -> str:
    name = identity if kind in ("resource", "response") else f"{kind}\n{identity}"
    return f"<urn:uuid:{uuid.uuid5(_NAMESPACE, name)}>"


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"


def inflate(file: io.BufferedReader, most: int) -> bytes:
    """The gzip member at the file's position; ``EOFError`` when it does not end."""
    inflater = zlib.decompressobj(_GZIP)
    parts: list[bytes] = []
    length = 0
    while not inflater.eof:
        chunk = inflater.unconsumed_tail or file.read(_CHUNK)
        if not chunk:
            raise EOFError
        parts.append(inflater.decompress(chunk, most - length + 1))
        length += len(parts[-1])
        if length > most:  # not the record that this capture means
            break
    return b"".join(parts)


def read_head(file: io.BufferedReader, offset: int) -> tuple[dict[str, str], int] | None:
    """The WARC headers of the member at ``offset``, and where the next begins.

    ``None`` at the end of the file, and at a torn member: nothing is ever written behind one.
    """
    file.seek(offset)
    inflater = zlib.decompressobj(_GZIP)
    start = bytearray()
    consumed = 0
    try:
        while not inflater.eof:
            chunk = file.read(_CHUNK)
            if not chunk:
                return None
            consumed += len(chunk)
            inflated = inflater.decompress(chunk)
            if len(start) < HEADROOM:
                start += inflated
    except zlib.error:
        return None
    found = _fields(bytes(start).partition(_END_OF_HEAD)[0])
    headers = {name.lower(): value for name, value in found}
    return headers, offset + consumed - len(inflater.unused_data)


def parse_record(record: bytes) -> Recorded | None:
    """What the one WARC record in ``record``, as ``write_records`` makes it, carries.

    ``None`` when it is none. It is read here and not by warcio, whose import costs the first
    citation of a page 70 ms: with fsspec installed it loads that, and with it asyncio. Who reads a
    payload compares its SHA-256 in any case.
    """
    start = record.find(_END_OF_HEAD) + len(_END_OF_HEAD)
    if not record.startswith(_MAGIC) or start < len(_END_OF_HEAD):
        return None
    said = {name.lower(): value for name, value in _fields(record[:start])}
    length = said.get("content-length", "")
    if _LENGTH.fullmatch(length) is None or len(record) < (end := start + int(length)):
        return None
    if said.get("warc-type") != "response":
        return Recorded((), record[start:end])
    of_http = record.find(_END_OF_HEAD, start, end) + len(_END_OF_HEAD)
    if of_http < start:
        return None
    return Recorded(tuple(_fields(record[start:of_http])), record[of_http:end])


def _fields(head: bytes) -> list[tuple[str, str]]:
    """The named fields of a WARC or HTTP head, without its first line; none goes on on the next."""
    lines = head.decode("utf-8", "replace").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines if ":" in line)
    return [(name.strip(), value.strip()) for name, _, value in pairs]
