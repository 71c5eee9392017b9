"""Reading one record back: as warcio reads it, and without loading warcio and what it brings."""

from __future__ import annotations

import io
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from footnoted.domain import Capture, Origin
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.warc.records import Recorded, parse_record, write_records

EXAMPLE = Path(__file__).parents[2] / "ingest" / "packaged" / "example"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno"
NAMES = st.text("abcXYZ-", min_size=1, max_size=8).map("X{}".format)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def capture_of(url: str, origin: Origin, body: bytes, status: int = 200) -> Capture:
    return Capture(
        url=url,
        final_url=url,
        status=status,
        media_type="text/html",
        fetched_at="2026-03-01T09:30:00Z",
        sha256="0" * 64,
        size=len(body),
        origin=origin,
        warc_path="",
        warc_offset=0,
    )


def record_of(body: bytes, origin: Origin = Origin.LIVE, **more: Any) -> bytes:
    """The record with the payload, unpacked."""
    url = "urn:footnoted:supplied:7" if origin is Origin.SUPPLIED else "https://a.example/page?q=1"
    headers = more.pop("headers", [])
    written = write_records(body, capture_of(url, origin, body, **more), headers, []).payload
    return zlib.decompress(written, 16 + zlib.MAX_WBITS)


def read_by_warcio(record: bytes) -> Recorded:
    (found,) = (
        (one.http_headers, one.content_stream().read())
        for one in ArchiveIterator(io.BytesIO(record))
    )
    return Recorded(tuple(found[0].headers) if found[0] else (), found[1])


@settings(max_examples=60, deadline=None)
@given(
    body=st.binary(max_size=60)
    | st.sampled_from([HEAD, b"\r\n\r\n", b"\r\n", b"WARC/1.1\r\n\r\n"]),
    headers=st.lists(st.tuples(NAMES, WORDS), max_size=3),
    status=st.sampled_from([200, 299, 404]),
)
def test_a_response_is_read_as_warcio_reads_it(
    body: bytes, headers: list[tuple[str, str]], status: int
) -> None:
    record = record_of(body, headers=headers, status=status)
    found = parse_record(record)
    assert found == read_by_warcio(record)
    assert found is not None
    assert found.body == body


def test_the_request_of_an_address_in_other_letters_is_ascii() -> None:
    url = "https://bücher.example/größe/%C3%A9?q=ä&b=[1]#ende"
    before = write_records(b"x", capture_of(url, Origin.LIVE, b"x"), [], []).before
    request = zlib.decompress(before, 16 + zlib.MAX_WBITS).partition(b"\r\n\r\n")[2]
    line = request.partition(b"\r\n")[0]
    assert line == b"GET /gr%C3%B6%C3%9Fe/%C3%A9?q=%C3%A4&b=[1] HTTP/1.1"


@pytest.mark.parametrize("body", [b"", b"plain", HEAD, b"\r\n\r\nmore"])
def test_a_supplied_file_is_read_as_warcio_reads_it(body: bytes) -> None:
    record = record_of(body, Origin.SUPPLIED)
    assert parse_record(record) == read_by_warcio(record) == Recorded((), body)


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"WARC/1.1\r\nWARC-Type: resource\r\nContent-Length: 2\r\n",
        b"WARC/1.1\r\nWARC-Type: resource\r\n\r\nno\r\n\r\n",
        b"WARC/1.1\r\nWARC-Type: resource\r\nContent-Length: -2\r\n\r\nno\r\n\r\n",
        b"WARC/1.1\r\nWARC-Type: resource\r\nContent-Length: 20\r\n\r\nno\r\n\r\n",
        b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 2\r\n\r\nno\r\n\r\n",
    ],
)
def test_what_is_no_whole_record_is_none(record: bytes) -> None:
    assert parse_record(record) is None


SHOWING = """
import json, sys
from footnoted.cli.main import run
code = run(["passage", *sys.argv[1:], "--json"])
sys.stderr.write("\\nloaded " + json.dumps([code, sorted(sys.modules)]))
"""


def test_citing_a_web_page_loads_no_reader_of_web_archives(commands: Any) -> None:
    """The words of a passage are looked for in the capture of the page that they come from."""
    with Corpus.open(EXAMPLE) as corpus:
        page = next(one for one in corpus.documents.values() if "museum." in (one.url or ""))
        found = next(p for p in corpus.passages.values() if p.document_id == page.document_id)
    done = commands.process(found.passage_id, "--corpus", EXAMPLE, python=("-c", SHOWING))
    code, modules = json.loads(done.err.rpartition("loaded ")[2])
    assert code == 0, done.err
    assert done.document["citation"]["fragment_url"].startswith(f"{page.url}#:~:text=")
    assert "selectolax.lexbor" in modules
    assert not {"warcio", "fsspec", "asyncio", "six"} & set(modules)
