from __future__ import annotations

import dataclasses
import gzip
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from footnoted.domain import Capture, Origin
from footnoted.errors import CorpusError, DiskFull, InvariantBroken
from footnoted.ingest import captures
from footnoted.ingest.captures import CaptureStore

BODY = b"<p>The ferry crosses the sound four times a day.</p>"
HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Encoding", "br"),
    ("Set-Cookie", "session=1"),
    ("X-Note", "one\r\nX-Forged: yes"),
]


def keep(store: CaptureStore, body: bytes = BODY, **changes: Any) -> Capture:
    given: dict[str, Any] = {
        "url": "https://example.org/ferry",
        "final_url": "https://www.example.org/ferry/",
        "status": 200,
        "media_type": "text/html; charset=utf-8",
        "fetched_at": "2026-03-01T09:30:00Z",
        "origin": Origin.LIVE,
    }
    return store.store(body, **{**given, **changes})


def records(path: Path) -> list[dict[str, Any]]:
    """What another reader of WARC files sees."""
    found: list[dict[str, Any]] = []
    with path.open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            payload = record.content_stream().read()
            http = record.http_headers
            found.append(
                dict(record.rec_headers.headers)
                | {
                    "payload": payload,
                    "http": http and http.headers,
                    "line": http and http.statusline,
                }
            )
    return found


def test_a_response_is_a_record_that_others_can_read(tmp_path: Path) -> None:
    store = CaptureStore(tmp_path)
    capture = keep(store, headers=HEADERS, hops=["https://example.org/ferry"])
    assert capture.sha256 == hashlib.sha256(BODY).hexdigest()
    assert (capture.size, capture.warc_path, capture.warc_offset) == (
        len(BODY),
        "captures-00001.warc.gz",
        capture.warc_offset,
    )
    request, metadata, record = records(tmp_path / capture.warc_path)
    assert [request["WARC-Type"], metadata["WARC-Type"]] == ["request", "metadata"]
    for beside in (request, metadata):
        assert beside["WARC-Concurrent-To"] == record["WARC-Record-ID"]
    assert (request["line"], request["http"]) == ("/ferry/ HTTP/1.1", [("Host", "www.example.org")])
    assert metadata["payload"] == b"via: https://example.org/ferry\r\n"
    assert record["WARC-Type"] == "response"
    assert record["WARC-Target-URI"] == "https://www.example.org/ferry/"
    assert record["WARC-Date"] == "2026-03-01T09:30:00Z"
    assert record["WARC-Payload-Digest"] == f"sha256:{capture.sha256}"
    assert record["Footnoted-Origin"] == "live"
    assert record["Footnoted-Requested-URI"] == "https://example.org/ferry"
    assert record["payload"] == BODY
    assert record["line"] == "200 OK"
    assert record["http"] == [
        ("Content-Type", "text/html; charset=utf-8"),
        ("X-Note", "one X-Forged: yes"),
        ("Content-Length", str(len(BODY))),
    ]
    assert (tmp_path / capture.warc_path).read_bytes()[4:8] == bytes(4)  # gzip's time
    assert dict(store.read_response(capture).headers) == dict(record["http"])


def test_a_supplied_file_is_a_resource(tmp_path: Path) -> None:
    store = CaptureStore(tmp_path)
    urn = "urn:footnoted:supplied:7"
    body = b"HTTP/1.1 200 OK\r\n\r\nnot a response"
    capture = keep(store, body, url=urn, final_url=urn, origin=Origin.SUPPLIED)
    (record,) = records(tmp_path / capture.warc_path)
    assert (record["WARC-Type"], record["WARC-Target-URI"]) == ("resource", urn)
    assert (record["Footnoted-Origin"], record["http"]) == ("supplied", None)
    assert store.read(capture) == body


def test_the_same_payload_of_the_same_address_is_stored_once(tmp_path: Path) -> None:
    store = CaptureStore(tmp_path)
    first = keep(store)
    again = keep(store, fetched_at="2026-04-01T09:30:00Z")
    assert again == dataclasses.replace(first, fetched_at="2026-04-01T09:30:00Z")
    other = keep(store, url="https://example.org/other")
    changed = keep(store, BODY + b"!")
    later = CaptureStore(tmp_path)
    assert keep(later) == first
    assert keep(later, BODY + b"!") == changed
    assert len({first.warc_offset, other.warc_offset, changed.warc_offset}) == 3
    assert len(records(tmp_path / "captures-00001.warc.gz")) == 6, "each with its request"
    assert [path.name for path in tmp_path.iterdir()] == ["captures-00001.warc.gz"]


def test_equal_inputs_make_equal_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        store = CaptureStore(tmp_path / name)
        keep(store, headers=HEADERS)
        keep(store, b"more", status=299)
    a, b = ((tmp_path / name / "captures-00001.warc.gz").read_bytes() for name in ("a", "b"))
    assert a == b


@settings(max_examples=25, deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=4))
def test_every_payload_comes_back(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("corpus")
    kept = [(body, keep(CaptureStore(folder), body)) for body in bodies]
    for body, capture in kept:
        assert CaptureStore(folder).read(capture) == body


@pytest.mark.parametrize("lost", [1, 8, 40, -1])
def test_a_torn_record_loses_no_other(tmp_path: Path, lost: int) -> None:
    store = CaptureStore(tmp_path)
    first, torn = keep(store), keep(store, os.urandom(300))
    path = tmp_path / torn.warc_path
    cut = path.stat().st_size - lost if lost > 0 else torn.warc_offset + 3
    with path.open("r+b") as file:
        file.truncate(cut)
    later = CaptureStore(tmp_path)
    third = keep(later, b"third")
    assert third.warc_path == "captures-00002.warc.gz"
    assert later.read(first) == BODY
    assert later.read(third) == b"third"
    with pytest.raises(CorpusError, match="cut short") as caught:
        later.read(torn)
    assert caught.value.about == torn.sha256


def test_a_full_disk_is_said_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = CaptureStore(tmp_path)
    first = keep(store)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(DiskFull):
            keep(store, b"second")
    second = keep(store, b"second")
    assert second.warc_path == "captures-00002.warc.gz"
    assert [store.read(first), store.read(second)] == [BODY, b"second"]


def test_changed_bytes_are_noticed(tmp_path: Path) -> None:
    store = CaptureStore(tmp_path)
    capture = keep(store)
    path = tmp_path / capture.warc_path
    whole = path.read_bytes()
    before, member = whole[: capture.warc_offset], whole[capture.warc_offset :]
    other = gzip.decompress(member).replace(b"four times", b"five times")
    path.write_bytes(before + gzip.compress(other))
    with pytest.raises(InvariantBroken, match="no longer has the SHA-256") as caught:
        store.read(capture)
    assert caught.value.about == capture.sha256
    at = capture.warc_offset + 100
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
    with pytest.raises((InvariantBroken, CorpusError)):
        store.read(capture)
    path.write_bytes(before + gzip.compress(b"no record at all"))
    with pytest.raises(InvariantBroken):
        store.read(capture)


def test_a_missing_or_foreign_file_is_said(tmp_path: Path) -> None:
    store = CaptureStore(tmp_path)
    capture = keep(store)
    (tmp_path / capture.warc_path).unlink()
    with pytest.raises(CorpusError, match="missing"):
        store.read(capture)
    for path in ("../captures-00001.warc.gz", "/etc/passwd", "captures-1.warc"):
        with pytest.raises(CorpusError, match="no capture file"):
            store.read(dataclasses.replace(capture, warc_path=path))


def test_reading_writes_nothing(tmp_path: Path) -> None:
    capture = keep(CaptureStore(tmp_path))
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    tmp_path.chmod(0o500)
    try:
        assert CaptureStore(tmp_path).read(capture) == BODY
    finally:
        tmp_path.chmod(0o700)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
    CaptureStore(tmp_path / "absent")
    assert not (tmp_path / "absent").exists()


def test_files_are_rolled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captures, "_ROLL_AT", 1000)
    store = CaptureStore(tmp_path)
    kept = [(body := os.urandom(600), keep(store, body)) for _ in range(4)]
    names = [capture.warc_path for _, capture in kept]
    assert names == sorted(names)
    assert len(set(names)) > 1
    assert all(store.read(capture) == body for body, capture in kept)


def test_two_writers_never_share_a_file(tmp_path: Path) -> None:
    one, two = CaptureStore(tmp_path), CaptureStore(tmp_path)
    kept = [keep(one, b"a"), keep(two, b"b"), keep(one, b"c"), keep(two, b"d")]
    numbers = [capture.warc_path[9:14] for capture in kept]
    assert numbers == ["00001", "00002", "00001", "00002"]
    assert [CaptureStore(tmp_path).read(capture) for capture in kept] == [b"a", b"b", b"c", b"d"]
