"""Keeps the bytes of every source as WARC/1.1 records (ISO 28500:2017), and gives them back.

One gzip member a record, appended in one write and synchronised before its capture is known to
anybody. Each writing session starts a file of its own: a process that is killed half-way leaves
a torn last member in a file to which nothing is ever added, and all other records stay readable.
Equal inputs make equal files: record ids come from the content, dates from the capture.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import threading
import uuid
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

from footnoted.domain import Capture, Origin
from footnoted.errors import CorpusError, InvariantBroken, storage_errors

_PATTERN = re.compile(r"captures-(\d{5,})\.warc\.gz")
_ROLL_AT = 256 * 2**20  # bytes; readers and backups like files of a quarter of a gigabyte
_HEADROOM = 2**20  # bytes; no record's headers are longer
_CHUNK = 2**16
_GZIP = 16 + zlib.MAX_WBITS
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:footnoted:capture")
_DIGEST = "WARC-Payload-Digest"
_ORIGIN = "Footnoted-Origin"
_REQUESTED = "Footnoted-Requested-URI"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
# The payload is stored decoded, so these would be untrue; and cookies are nobody else's business.
_NOT_KEPT = frozenset(
    {"content-encoding", "transfer-encoding", "content-length", "set-cookie", "connection"}
)
_HINT = "Run the ingest with --refresh to read the source again, or restore the file."


class CaptureStore:
    """The WARC files of one corpus folder; safe for several threads, and for readers elsewhere."""

    def __init__(self, folder: Path) -> None:
        """Touches nothing: a folder that is only read need not be writable, or hold any file."""
        self._folder = folder
        self._path: Path | None = None
        self._known: dict[tuple[str, str, str], tuple[str, int]] | None = None
        self._lock = threading.Lock()

    def store(
        self,
        body: bytes,
        *,
        url: str,
        final_url: str,
        status: int,
        media_type: str,
        fetched_at: str,
        origin: Origin,
        headers: Sequence[tuple[str, str]] = (),
    ) -> Capture:
        """The capture of ``body``, which is on disk when this returns.

        ``body`` is the payload after transfer and content decoding; ``url`` what was asked for
        and ``final_url`` what answered; ``headers`` those of the response. A supplied file becomes
        a resource record, a response from the network a response record. The same payload of the
        same addresses is stored once. Raises ``DiskFull`` and ``ReadOnly``.
        """
        capture = Capture(
            url=url,
            final_url=final_url,
            status=status,
            media_type=media_type,
            fetched_at=fetched_at,
            sha256=hashlib.sha256(body).hexdigest(),
            size=len(body),
            origin=origin,
            warc_path="",
            warc_offset=0,
        )
        key = (capture.sha256, _line(url), _line(final_url))
        with self._lock:
            if self._known is None:
                with storage_errors(self._folder):
                    self._known = dict(self._stored())
            if key not in self._known:
                self._known[key] = self._append(_member(body, capture, headers))
            name, offset = self._known[key]
        return replace(capture, warc_path=name, warc_offset=offset)

    def read(self, capture: Capture) -> bytes:
        """The payload of ``capture``, checked against its SHA-256.

        Raises ``InvariantBroken`` for bytes that do not hash to it, ``CorpusError`` for a file
        that is missing, cut short or somewhere else than in this folder.
        """
        if _PATTERN.fullmatch(capture.warc_path) is None:
            raise _broken(capture, f"names {capture.warc_path!r}, which is no capture file")
        path = self._folder / capture.warc_path
        try:
            with path.open("rb") as file:
                file.seek(capture.warc_offset)
                record = _inflate(file, capture.size + _HEADROOM)
        except FileNotFoundError as error:
            raise _broken(capture, f"lies in {path}, which is missing") from error
        except OSError as error:
            raise _broken(capture, f"cannot be read from {path}: {error.strerror}") from error
        except EOFError as error:
            raise _broken(capture, f"is cut short in {path}") from error
        except zlib.error as error:
            raise _mismatch(capture, path) from error
        body = _payload(record)
        if body is None or hashlib.sha256(body).hexdigest() != capture.sha256:
            raise _mismatch(capture, path)
        return body

    def _append(self, member: bytes) -> tuple[str, int]:
        """Write one record at the end of this session's file; its file name and offset."""
        with storage_errors(self._folder):
            if self._path is None or self._path.stat().st_size >= _ROLL_AT:
                self._path = self._new_file()
            with self._path.open("ab") as file:
                offset = file.tell()
                try:
                    file.write(member)
                    file.flush()
                    os.fsync(file.fileno())
                except OSError:
                    # What was written of it stays, unnamed; the next record gets a clean file.
                    self._path = None
                    raise
                return self._path.name, offset

    def _new_file(self) -> Path:
        """An empty file after all others; never one that another process has made."""
        self._folder.mkdir(parents=True, exist_ok=True)
        number = max((int(match[1]) for _, match in self._files()), default=0)
        while True:
            number += 1
            path = self._folder / f"captures-{number:05}.warc.gz"
            try:
                path.open("xb").close()
            except FileExistsError:
                continue
            _sync_folder(self._folder)
            return path

    def _files(self) -> list[tuple[Path, re.Match[str]]]:
        if not self._folder.is_dir():
            return []
        named = ((path, _PATTERN.fullmatch(path.name)) for path in sorted(self._folder.iterdir()))
        return [(path, match) for path, match in named if match is not None]

    def _stored(self) -> Iterator[tuple[tuple[str, str, str], tuple[str, int]]]:
        """What earlier sessions stored: payload, address and final address, with the place."""
        for path, _ in self._files():
            with path.open("rb") as file:
                offset = 0
                while (head := _head(file, offset)) is not None:
                    record_headers, offset_after = head
                    digest = record_headers.get(_DIGEST.lower(), "").removeprefix("sha256:")
                    target = record_headers.get("warc-target-uri", "")
                    requested = record_headers.get(_REQUESTED.lower(), target)
                    yield (digest, requested, target), (path.name, offset)
                    offset = offset_after


def _member(body: bytes, capture: Capture, headers: Sequence[tuple[str, str]]) -> bytes:
    """One WARC record as a gzip member."""
    from warcio.statusandheaders import StatusAndHeaders  # noqa: PLC0415 - only writers need it
    from warcio.warcwriter import WARCWriter  # noqa: PLC0415

    identity = "\n".join(
        (capture.sha256, capture.url, capture.final_url, capture.fetched_at, capture.origin.value)
    )
    warc_headers = {
        "WARC-Record-ID": f"<urn:uuid:{uuid.uuid5(_NAMESPACE, identity)}>",
        "WARC-Date": capture.fetched_at,
        _DIGEST: f"sha256:{capture.sha256}",
        _REQUESTED: _line(capture.url),
        _ORIGIN: capture.origin.value,
    }
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="1.1")
    if capture.origin is Origin.SUPPLIED:
        record = writer.create_warc_record(
            _line(capture.final_url),
            "resource",
            payload=io.BytesIO(body),
            length=len(body),
            warc_content_type=_line(capture.media_type) or "application/octet-stream",
            warc_headers_dict=warc_headers,
        )
    else:
        kept = [(name, value) for name, value in headers if name.lower() not in _NOT_KEPT]
        if not any(name.lower() == "content-type" for name, _ in kept):
            kept.append(("Content-Type", capture.media_type))
        kept.append(("Content-Length", str(len(body))))
        lines = [(_line(name), _line(value)) for name, value in kept]
        record = writer.create_warc_record(
            _line(capture.final_url),
            "response",
            payload=io.BytesIO(body),
            length=len(body),
            http_headers=StatusAndHeaders(_status_line(capture.status), lines, protocol="HTTP/1.1"),
            warc_headers_dict=warc_headers,
        )
    writer.write_record(record)
    return out.getvalue()


def _line(value: str) -> str:
    """``value`` as one header line: a line end in it would begin another header."""
    return _CONTROL.sub(" ", value).strip()


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"


def _inflate(file: io.BufferedReader, most: int) -> bytes:
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


def _head(file: io.BufferedReader, offset: int) -> tuple[dict[str, str], int] | None:
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
            if len(start) < _HEADROOM:
                start += inflated
    except zlib.error:
        return None
    lines = bytes(start).partition(b"\r\n\r\n")[0].decode("utf-8", "replace").split("\r\n")
    pairs = (line.partition(":") for line in lines[1:])
    found = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return found, offset + consumed - len(inflater.unused_data)


def _payload(record: bytes) -> bytes | None:
    """What the one WARC record in ``record`` carries; ``None`` when it is none."""
    from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415 - only readers need it
    from warcio.exceptions import ArchiveLoadFailed  # noqa: PLC0415

    try:
        for found in ArchiveIterator(io.BytesIO(record)):
            payload: Any = found.content_stream().read()
            return bytes(payload)
    except ArchiveLoadFailed:
        return None
    return None


def _sync_folder(folder: Path) -> None:
    """Make a new file's name survive a crash, where folders can be synchronised."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _broken(capture: Capture, what: str) -> CorpusError:
    return CorpusError(f"The capture of {capture.url} {what}.", about=capture.sha256, hint=_HINT)


def _mismatch(capture: Capture, path: Path) -> InvariantBroken:
    return InvariantBroken(
        f"The capture of {capture.url} in {path} no longer has the SHA-256 it was stored with.",
        about=capture.sha256,
        hint=_HINT,
    )
