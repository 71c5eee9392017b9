"""An archive that fails, refuses, or lies: what it says is never taken for a copy."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.made_up_archive import FIELDS, PAGE, Archive, get, row

from footnoted.domain import Access
from footnoted.ingest.fetching.archive_lookup import WaybackMachine
from footnoted.ingest.fetching.responses import NoResponse, Response


@pytest.fixture
def archive(web: Any) -> Archive:
    return Archive(web)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{}", 200),
        ('{"archived_snapshots": {}}', 200),
        ('{"archived_snapshots": {"closest": null}}', 200),
        ('{"archived_snapshots": {"closest": {"available": false}}}', 200),
        ("<!doctype html><title>Down</title>", 200),
        ('{"archived_snapshots": {"clos', 200),
        ("[" * 100_000, 200),
        ('"words"', 200),
        ("\x00\xff", 200),
        ("slow down", 429),
        ("busy", 503),
        ("gone", 404),
    ],
)
def test_a_broken_availability_interface_leaves_the_list(
    archive: Archive, body: str, status: int
) -> None:
    archive.availability(body, status)
    archive.cdx([FIELDS, row("20150401000000")])
    assert archive.found().at == "2015-04-01T00:00:00Z"


@pytest.mark.parametrize(
    "said",
    [
        {"status": "302"},
        {"available": "yes"},
        {"timestamp": "soon"},
        {"timestamp": "20151399000000"},
        {"url": "https://archive.lamp.example/web/20150304000000/" + PAGE},
        {"url": "http://127.0.0.1:1/web/20150304000000/" + PAGE},
        {"url": "file:///etc/passwd"},
        {"url": 7},
    ],
)
def test_a_lying_availability_interface_leaves_the_list(
    archive: Archive, said: dict[str, Any]
) -> None:
    archive.availability(archive.closest("20150304000000", **said))
    archive.cdx([FIELDS, row("20150401000000")])
    assert archive.found().at == "2015-04-01T00:00:00Z"


@pytest.mark.parametrize(
    "other",
    [
        "https://lamp.example/tower?lit=1889",
        "https://lamp.example/tower",
        "https://lamp.example/404.aspx",
        "https://pills.example/tower?lit=1888",
        "https://lamp.example:8443/tower?lit=1888",
    ],
)
def test_copies_of_other_pages_are_refused(archive: Archive, other: str) -> None:
    archive.availability(archive.closest("20150304000000", other))
    archive.cdx("[]")
    told = archive.failed()
    assert (told.access, told.transient) == (Access.DEAD, False)
    assert f"named a copy of another page ({other})" in told.reason
    archive.availability({})
    archive.cdx([FIELDS, row("20150304000000", other)])
    told = archive.failed()
    assert archive.web.address in told.reason
    assert f"named a copy of another page ({other})" in told.reason


def test_no_copy(archive: Archive) -> None:
    archive.availability({"archived_snapshots": {}})
    for nothing in ([], [FIELDS]):
        archive.cdx(nothing)
        told = archive.failed()
        assert (told.access, told.transient) == (Access.DEAD, False)
        assert told.reason == (
            f"The Wayback Machine holds no copy of {PAGE} that was answered with 200 OK. "
            "If you have the page, name its file with --source."
        )


def test_a_request_to_wait_is_told_before_all_else(archive: Archive) -> None:
    asked_to_wait = (
        f"{archive.web.address} (the Wayback Machine) asked us to wait for 60 seconds "
        "(429 Too Many Requests). Run the ingest again later with --refresh."
    )
    for availability, cdx in (((429, "slow"), (200, "[]")), ((200, "<html>"), (429, "slow"))):
        archive.availability(availability[1], availability[0], Retry_After="60")
        archive.cdx(cdx[1], cdx[0], Retry_After="60")
        told = archive.failed()
        assert (told.access, told.transient) == (Access.BLOCKED_BY_SITE, True)
        assert told.reason == asked_to_wait
    archive.cdx("slow", 429, Retry_After="\x1b[2J tomorrow")
    assert "asked us to wait (429" in archive.failed().reason


@pytest.mark.parametrize(
    "cdx",
    ["<html>502</html>", '[["timestamp"', '{"error": 1}', "[1]", '[["a","b"],["c","d"]]', "[[[]]]"],
)
def test_a_broken_list_leaves_the_question_open(archive: Archive, cdx: str) -> None:
    archive.availability({"archived_snapshots": {}})
    archive.cdx(cdx)
    told = archive.failed()
    assert (told.access, told.transient) == (Access.DEAD, True)
    assert "something else than its interface promises" in told.reason
    assert "--refresh" in told.reason


def test_an_archive_that_fails_or_refuses(archive: Archive) -> None:
    archive.availability({})
    archive.cdx("busy", 503)
    assert archive.failed().transient
    assert "failed with 503" in archive.failed().reason
    archive.cdx("org.archive.util.AdministrativeAccessControlException: Blocked Site Error", 403)
    told = archive.failed()
    assert (told.access, told.transient) == (Access.BLOCKED_BY_SITE, False)
    assert "excluded from view" in told.reason
    archive.cdx("no", 403)
    assert "refused to say" in archive.failed().reason


def test_an_archive_that_cannot_be_reached() -> None:
    machine = WaybackMachine(get, base="http://127.0.0.1:9", api="http://127.0.0.1:9")
    told = asyncio.run(machine.nearest(PAGE, "2015"))
    assert isinstance(told, NoResponse)
    assert (told.access, told.transient) == (Access.DEAD, True)
    assert told.reason.startswith("127.0.0.1:9 could not be asked for an archived copy: the conn")


def test_what_is_no_address_is_not_asked_for(archive: Archive) -> None:
    for url in ("", "lamp", "ftp://lamp.example/", "http:///x"):
        told = asyncio.run(archive.machine.nearest(url, None))
        assert isinstance(told, NoResponse)
        assert told.access is Access.URL_UNKNOWN
    assert archive.web.requests == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("20150304000000"),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["archived_snapshots", "closest", "available", "status", "url", "timestamp"]
            ),
            inner,
            max_size=4,
        )
    ),
)


@given(JSON | st.lists(JSON).map(lambda rows: [FIELDS, *rows]), st.text(), st.text())
def test_whatever_an_archive_says(answer: Any, page: str, when: str) -> None:
    async def said(url: str, headers: Sequence[tuple[str, str]] = ()) -> Response | NoResponse:
        return Response(url, url, 200, (), json.dumps(answer).encode())

    for url in (PAGE, f"https://lamp.example/{page}"):
        told = asyncio.run(WaybackMachine(said).nearest(url, when))
        assert isinstance(told, NoResponse)
        assert told.reason
