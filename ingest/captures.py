"""Keeps the bytes of every source as WARC/1.1 records (ISO 28500:2017), and gives them back.

One gzip member a record, appended in one write and synchronised before its capture is known to
anybody. Each writing session starts a file of its own: a process that is killed half-way leaves
a torn last member in a file to which nothing is ever added, and all other records stay readable.
Equal inputs make equal files: record ids come from the content, dates from the capture.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from footnoted.domain import Capture, Origin
from footnoted.errors import CorpusError, InvariantBroken, storage_errors
from footnoted.ingest.folders import sync_folder
from footnoted.ingest.warc.records import (
    DIGEST,
    HEADROOM,
    REQUESTED,
    Recorded,
    Records,
    inflate,
    one_line,
    parse_record,
    read_head,
    write_records,
)

_PATTERN = re.compile(r"captures-(\d{5,})\.warc\.gz")
_ROLL_AT = 256 * 2**20  # bytes; readers and backups like files of a quarter of a gigabyte
_WITH_PAYLOAD = ("resource", "response")  # and neither a request nor metadata
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
        hops: Sequence[str] = (),
    ) -> Capture:
        """The capture of ``body``, which is on disk when this returns.

        ``body`` is the payload after transfer and content decoding; ``url`` what was asked for
        and ``final_url`` what answered; ``headers`` those of the response, ``hops`` the redirects
        that led to it. A supplied file becomes a resource record, a response from the network a
        response record with its request. The same payload of the
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
        key = (capture.sha256, one_line(url), one_line(final_url))
        with self._lock:
            if self._known is None:
                with storage_errors(self._folder):
                    self._known = dict(self._stored())
            if key not in self._known:
                self._known[key] = self._append(write_records(body, capture, headers, hops))
            name, offset = self._known[key]
        return replace(capture, warc_path=name, warc_offset=offset)

    def read(self, capture: Capture) -> bytes:
        """The payload of ``capture``, checked against its SHA-256; see ``read_response``."""
        return self.read_response(capture).body

    def read_response(self, capture: Capture) -> Recorded:
        """The headers and the payload of ``capture``, checked against its SHA-256.

        Raises ``InvariantBroken`` for bytes that do not hash to it, ``CorpusError`` for a file
        that is missing, cut short or somewhere else than in this folder.
        """
        if _PATTERN.fullmatch(capture.warc_path) is None:
            raise _broken(capture, f"names {capture.warc_path!r}, which is no capture file")
        path = self._folder / capture.warc_path
        try:
            with path.open("rb") as file:
                file.seek(capture.warc_offset)
                record = inflate(file, capture.size + HEADROOM)
        except FileNotFoundError as error:
            raise _broken(capture, f"lies in {path}, which is missing") from error
        except OSError as error:
            raise _broken(capture, f"cannot be read from {path}: {error.strerror}") from error
        except EOFError as error:
            raise _broken(capture, f"is cut short in {path}") from error
        except zlib.error as error:
            raise _mismatch(capture, path) from error
        found = parse_record(record)
        if found is None or hashlib.sha256(found.body).hexdigest() != capture.sha256:
            raise _mismatch(capture, path)
        return found

    def _append(self, records: Records) -> tuple[str, int]:
        """Write records at the end of this session's file; its name and the payload's offset."""
        with storage_errors(self._folder):
            if self._path is None or self._path.stat().st_size >= _ROLL_AT:
                self._path = self._new_file()
            with self._path.open("ab") as file:
                offset = file.tell() + len(records.before)
                try:
                    file.write(records.before + records.payload)
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
            sync_folder(self._folder)
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
                while (head := read_head(file, offset)) is not None:
                    record_headers, offset_after = head
                    if record_headers.get("warc-type") in _WITH_PAYLOAD:
                        digest = record_headers.get(DIGEST.lower(), "").removeprefix("sha256:")
                        target = record_headers.get("warc-target-uri", "")
                        requested = record_headers.get(REQUESTED.lower(), target)
                        yield (digest, requested, target), (path.name, offset)
                    offset = offset_after


def _broken(capture: Capture, what: str) -> CorpusError:
    return CorpusError(f"The capture of {capture.url} {what}.", about=capture.sha256, hint=_HINT)


def _mismatch(capture: Capture, path: Path) -> InvariantBroken:
    return InvariantBroken(
        f"The capture of {capture.url} in {path} no longer has the SHA-256 it was stored with.",
        about=capture.sha256,
        hint=_HINT,
    )
