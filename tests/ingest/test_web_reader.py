"""Where a source is looked for, in which order, and what stops everything."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.web_server import Reply, WebServer

from footnoted.domain import Access, Origin, Reference, UrlStatus
from footnoted.errors import DiskFull
from footnoted.ingest.fetching.addresses import AddressRules
from footnoted.ingest.fetching.archive_lookup import WaybackMachine
from footnoted.ingest.fetching.client import SafeClient
from footnoted.ingest.fetching.responses import Get
from footnoted.ingest.fetching.web_reader import OnRead, WebReader
from footnoted.ingest.readings import Extracted, Unread
from footnoted.ingest.store import CorpusWriter, writing

WORDS = " ".join(f"The keeper wrote down toll number {n} in the book." for n in range(20))
PAGE = f"<html><head><title>The tolls</title></head><body><p>{WORDS}</p></body></html>"
NOW = "2026-03-04T05:06:07Z"


@pytest.fixture
def archive() -> Iterator[WebServer]:
    server = WebServer()
    nothing = b'{"archived_snapshots": {}}'
    server.fallback = Reply(nothing, 200, {"Content-Type": "application/json"})
    yield server
    server.close()


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[CorpusWriter]:
    with writing(tmp_path / "corpus") as made:
        yield made


def reader(
    writer: CorpusWriter, *servers: WebServer, on_read: OnRead = lambda *_: None
) -> WebReader:
    rules = AddressRules.parse(",".join(server.address for server in servers))

    @asynccontextmanager
    async def connect() -> AsyncIterator[Get]:
        async with SafeClient(rules, user_agent="Test") as client:
            yield client.get

    base = servers[-1].url("")
    return WebReader(
        writer,
        connect,
        lambda get: WaybackMachine(get, base=base, api=base),
        now=lambda: NOW,
        on_read=on_read,
    )


def citing(url: str, archive_url: str | None = None, status: str = "unknown") -> Reference:
    csl = {"title": "The tolls"}
    return Reference("r1", "1", "", "Tolls", csl, (url,), archive_url, UrlStatus(status))


def found(made: WebReader, reference: Reference) -> Extracted | Unread:
    made.prepare([reference])
    read = made.read(reference)
    assert isinstance(read, Extracted | Unread)
    return read


def copy_in(archive: WebServer, url: str) -> str:
    """Serve an archived copy of ``url``; the address under which the article names it."""
    reply = Reply(PAGE.encode(), 200, {"Content-Type": "text/html"})
    archive.replies[f"/web/20200102030405id_/{url}"] = reply
    return archive.url(f"/web/20200102030405/{url}")


def test_a_living_page_is_read_and_no_archive_asked(
    web: WebServer, archive: WebServer, writer: CorpusWriter
) -> None:
    url = web.page("/tolls", PAGE)
    read = found(reader(writer, web, archive), citing(url, copy_in(archive, url)))
    assert isinstance(read, Extracted)
    assert (read.access, read.capture.origin) == (Access.FETCHED, Origin.LIVE)
    assert archive.requests == []


@pytest.mark.parametrize("status", ["dead", "usurped", "unfit"])
def test_a_page_that_the_article_gives_up_is_read_from_its_copy(
    web: WebServer, archive: WebServer, writer: CorpusWriter, status: str
) -> None:
    url = web.page("/tolls", "<html><title>Casino</title><body>Play now</body></html>")
    read = found(reader(writer, web, archive), citing(url, copy_in(archive, url), status))
    assert isinstance(read, Extracted)
    assert read.access is Access.ARCHIVED_COPY
    assert "2020-01-02" in read.reason
    assert web.requests == []


def test_a_page_that_was_taken_over_is_never_asked_for(
    web: WebServer, archive: WebServer, writer: CorpusWriter
) -> None:
    url = web.page("/tolls", PAGE)
    read = found(reader(writer, web, archive), citing(url, None, "usurped"))
    assert isinstance(read, Unread)
    assert web.requests == archive.requests == [], "the newest copy is the new owner's page"
    dated = citing(url, None, "usurped")
    dated = replace(dated, csl=dated.csl | {"accessed": {"date-parts": [[2009, 3, 4]]}})
    assert isinstance(found(reader(writer, web, archive), dated), Unread)
    assert web.requests == []
    assert archive.requests


def test_what_became_of_the_page_itself_is_the_state_and_the_archive_explains_it(
    web: WebServer, archive: WebServer, writer: CorpusWriter
) -> None:
    url = web.page("/tolls", "<title>Forbidden</title>", 403)
    read = found(reader(writer, web, archive), citing(url))
    assert isinstance(read, Unread)
    assert read.access is Access.BLOCKED_BY_SITE
    assert read.captured_at == NOW
    assert archive.address in read.reason


def test_a_full_disk_is_told_as_one(
    web: WebServer, archive: WebServer, writer: CorpusWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    references = []
    for n in range(3):
        url = web.page(f"/tolls/{n}", PAGE)
        references.append(Reference(f"r{n}", str(n), "", "Tolls", {}, (url,)))

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull):
        reader(writer, web, archive).prepare(references)


def test_progress_is_told_of_all_sources_and_of_each_host(
    web: WebServer, archive: WebServer, writer: CorpusWriter
) -> None:
    web.fallback = Reply(PAGE.encode(), 200, {"Content-Type": "text/html"})
    heard: list[tuple[str | None, int, int]] = []
    made = reader(writer, web, archive, on_read=lambda *step: heard.append(step))
    nowhere = Reference("r4", "4", "", "A book", {"type": "book"})
    pages = [
        replace(citing(url), reference_id=f"r{n}")
        for n, url in enumerate((web.url("/a"), archive.url("/c"), web.url("/b")), start=1)
    ]
    made.prepare([*pages, nowhere])
    assert heard[:3] == [(None, 0, 4), (web.address, 0, 2), (archive.address, 0, 1)]
    assert [step for step in heard if step[0] is None] == [(None, n, 4) for n in range(5)]
    ours = [step for step in heard if step[0] == web.address]
    assert ours == [(web.address, n, 2) for n in range(3)]
