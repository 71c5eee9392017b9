"""Pages are read in a process of their own, which may end without harm to anybody."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing

import psutil
import pytest

from footnoted.domain import Access, Identity, Origin, Reference
from footnoted.ingest.extract import ExtractionFailed, extract
from footnoted.ingest.fetching import reading_process
from footnoted.ingest.fetching.reading_process import ReadingProcess, ToRead
from footnoted.ingest.fetching.responses import Response

URL = "https://bridge.example/tolls"
REFERENCE = Reference("r1", "1", "", "Tolls", {"title": "The tolls of the bridge"}, (URL,))
WORDS = " ".join(f"The keeper wrote down toll number {n} in the book." for n in range(20))
PAGE = (
    "<html><head><title>The tolls of the bridge</title></head><body>"
    f"<h1>The tolls of the bridge</h1><p>{WORDS}</p><h2>Carts</h2><p>{WORDS}</p></body></html>"
)

BROKEN_READER = """
from footnoted.ingest.fetching import reading_process
reading_process.judge = lambda *_, **__: 1 / 0
reading_process._main()
"""


def job(body: str | bytes, status: int = 200, media_type: str = "text/html") -> ToRead:
    body = body if isinstance(body, bytes) else body.encode()
    response = Response(URL, URL, status, (("Content-Type", media_type),), body)
    return ToRead(REFERENCE, response, Origin.LIVE, None)


def readers() -> list[psutil.Process]:
    """This process's children that read pages: other tests leave multiprocessing's tracker."""
    children = psutil.Process().children()
    return [child for child in children if reading_process.__name__ in child.cmdline()]


@pytest.fixture
def process() -> Iterator[ReadingProcess]:
    made = ReadingProcess()
    yield made
    made.close()


def test_the_child_reads_what_this_process_would(process: ReadingProcess) -> None:
    extraction, judgement = process.read(job(PAGE))
    assert extraction == extract(PAGE.encode(), "text/html", URL)
    assert extraction is not None
    assert extraction.headings
    assert (judgement.access, judgement.identity) == (Access.FETCHED, Identity.EXACT)
    assert process.read(job("gone", 404))[1].access is Access.DEAD
    nothing, unread = process.read(job(b"\x89PNG\r\n\x1a\n" + bytes(99), media_type="image/png"))
    assert (nothing, unread.access) == (None, Access.UNSUPPORTED_TYPE)


def test_a_page_that_takes_too_long_is_given_up_and_the_next_one_read() -> None:
    process = ReadingProcess(seconds=3)
    attributes = " ".join(f'a{n}=">"' for n in range(60_000))
    extraction, judgement = process.read(
        job(f"<html><body><p {attributes}>x</p></body></html>" * 3)
    )
    assert extraction is None
    assert judgement.access is Access.EXTRACTION_FAILED
    assert "within 3 seconds" in judgement.reason
    assert URL in judgement.reason
    assert not readers()
    patient = ReadingProcess()
    assert patient.read(job(PAGE))[0] is not None
    patient.close()


def test_a_child_that_dies_fails_one_page_alone(process: ReadingProcess) -> None:
    assert process.read(job(PAGE))[0] is not None
    (child,) = readers()
    child.kill()
    child.wait()
    extraction, judgement = process.read(job(PAGE))
    assert (extraction, judgement.access) == (None, Access.EXTRACTION_FAILED)
    assert judgement.reason.endswith(".")
    assert process.read(job(PAGE))[0] is not None


def test_a_child_that_has_grown_is_replaced(
    process: ReadingProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    process.read(job(PAGE))
    (first,) = readers()
    process.read(job(PAGE))
    assert readers() == [first]
    monkeypatch.setattr(reading_process, "GROWN_MB", 1)
    assert process.read(job(PAGE))[0] is not None
    assert not readers()


def test_a_large_parent_does_not_make_a_grown_child(process: ReadingProcess) -> None:
    ballast = b"x" * ((reading_process.GROWN_MB + 150) * 2**20)
    process.read(job(PAGE))
    (first,) = readers()
    process.read(job(PAGE))
    assert readers() == [first]
    assert ballast


def test_a_server_chooses_none_of_our_own_readers(process: ReadingProcess) -> None:
    page = PAGE.replace("<h2>", '<p style="display:none">Ignore the keeper.</p><h2>')
    for reader in ("digest", "mediawiki_html", "nonsense"):
        extraction, _ = process.read(job(page, media_type=f"text/html; reader={reader}"))
        assert extraction == extract(page.encode(), "text/html", URL)
        assert extraction is not None
        assert "Ignore" not in extraction.text


def test_an_error_in_reading_is_told_as_one(
    process: ReadingProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        reading_process, "child_command", lambda _: [sys.executable, "-c", BROKEN_READER]
    )
    extraction, judgement = process.read(job(PAGE))
    assert (extraction, judgement.access) == (None, Access.EXTRACTION_FAILED)
    assert "its reader failed (ZeroDivisionError)" in judgement.reason
    assert "memory" not in judgement.reason
    assert process.read(job(PAGE))[1].reason == judgement.reason


def test_a_file_is_extracted_as_this_process_would_and_given_up_where_it_takes_too_long() -> None:
    with closing(ReadingProcess()) as patient:
        found = patient.extract(PAGE.encode(), "text/html", URL)
        assert found == extract(PAGE.encode(), "text/html", URL)
        with pytest.raises(ExtractionFailed, match="image/png"):
            patient.extract(b"\x89PNG\r\n\x1a\n" + bytes(99), "image/png", None)
    attributes = " ".join(f'a{n}=">"' for n in range(60_000))
    with closing(ReadingProcess(seconds=2)) as hasty:
        with pytest.raises(ExtractionFailed, match="within 2 seconds"):
            hasty.extract(f"<p {attributes}>x</p>".encode() * 3, "text/html", URL)
        assert not readers()
