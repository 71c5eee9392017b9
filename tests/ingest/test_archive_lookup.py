"""Asking a web archive for a copy: a real server that answers, fails, and lies."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.domain import Access
from footnoted.ingest.fetching.archive_lookup import WaybackMachine, is_replay_error, memento_date
from footnoted.ingest.fetching.archives import Snapshot
from footnoted.ingest.fetching.responses import NoResponse, Response

PAGE = "https://lamp.example/tower?lit=1888"
FIELDS = ["timestamp", "original", "mimetype", "statuscode"]
NOON = "20150304120000"  # the middle of 4 March 2015


async def get(url: str, headers: Sequence[tuple[str, str]] = ()) -> Response | NoResponse:
    """Asks for real; what cannot be reached is a connection that broke."""
    async with httpx2.AsyncClient(follow_redirects=True, verify=False) as client:
        try:
            found = await client.get(url, headers=list(headers))
        except httpx2.TransportError as error:
            reason = f"the connection broke ({type(error).__name__})."
            return NoResponse(url, Access.DEAD, reason, transient=True)
    sent = tuple(found.headers.multi_items())
    return Response(url, str(found.url), found.status_code, sent, found.content)


class Archive:
    """What the two interfaces of an archive on the server ``web`` say about ``PAGE``."""

    def __init__(self, web: Any) -> None:
        self.web = web
        self.machine = WaybackMachine(get, base=web.url(""), api=web.url("/"))

    def availability(self, body: Any, status: int = 200, stamp: str | None = NOON, **h: str) -> str:
        path = "/wayback/available?" + urlencode(
            {"url": PAGE} | ({"timestamp": stamp} if stamp else {})
        )
        self.web.page(path, body if isinstance(body, str) else json.dumps(body), status, **h)
        return path

    def cdx(self, body: Any, status: int = 200, stamp: str | None = NOON, **h: str) -> str:
        query = {
            "url": PAGE,
            "output": "json",
            "fl": "timestamp,original,mimetype,statuscode",
            "filter": "statuscode:200",
        }
        if stamp:
            query |= {"sort": "closest", "closest": stamp, "limit": "10"}
        else:
            query |= {"limit": "-10", "fastLatest": "true"}
        path = "/cdx/search/cdx?" + urlencode(query)
        self.web.page(path, body if isinstance(body, str) else json.dumps(body), status, **h)
        return path

    def closest(self, stamp: str, original: str = PAGE, **said: Any) -> dict[str, Any]:
        url = self.web.url(f"/web/{stamp}/{original}")
        closest = {"available": True, "status": "200", "timestamp": stamp, "url": url} | said
        return {"url": PAGE, "archived_snapshots": {"closest": closest}}

    def nearest(self, when: str | None = "2015-03-04") -> Snapshot | NoResponse:
        return asyncio.run(self.machine.nearest(PAGE, when))

    def found(self, when: str | None = "2015-03-04") -> Snapshot:
        answer = self.nearest(when)
        assert isinstance(answer, Snapshot), answer
        return answer

    def failed(self, when: str | None = "2015-03-04") -> NoResponse:
        answer = self.nearest(when)
        assert isinstance(answer, NoResponse), answer
        assert answer.url == PAGE
        return answer


@pytest.fixture
def archive(web: Any) -> Archive:
    return Archive(web)


def row(
    stamp: str, original: str = PAGE, media: str = "text/html", status: str = "200"
) -> list[str]:
    return [stamp, original, media, status]


def test_a_near_copy_needs_one_question(archive: Archive) -> None:
    archive.availability(
        archive.closest("20150310101112", "http://www.lamp.example/tower?lit=1888")
    )
    base = archive.web.url("/web/20150310101112")
    assert archive.found() == Snapshot(
        f"{base}/http://www.lamp.example/tower?lit=1888",
        "http://www.lamp.example/tower?lit=1888",
        "2015-03-10T10:11:12Z",
        "Wayback Machine",
        f"{base}id_/http://www.lamp.example/tower?lit=1888",
    )
    assert len(archive.web.requests) == 1


def test_a_far_copy_is_compared_with_the_list(archive: Archive) -> None:
    archive.availability(archive.closest("20190101000000"))
    listed = archive.cdx([FIELDS, row("20160101000000"), row("20140901000000")])
    assert archive.found().at == "2014-09-01T00:00:00Z"
    archive.cdx("[]")
    assert archive.found().at == "2019-01-01T00:00:00Z"
    archive.cdx("busy", 503)
    assert archive.found().at == "2019-01-01T00:00:00Z"
    assert archive.web.asked(listed) == 3


def test_without_a_date_the_newest(archive: Archive) -> None:
    archive.availability({}, stamp=None)
    archive.cdx([FIELDS, row("20120101000000"), row("20200101000000")], stamp=None)
    assert archive.found(None).at == "2020-01-01T00:00:00Z"
    assert archive.found("c. 1888, spring").at == "2020-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("when", "stamp"),
    [
        ("2015", "20150702000000"),
        ("2015-03", "20150316000000"),
        ("2015-03-04", NOON),
        ("2015-03-04T23:30:00Z", "20150304233000"),
        ("2015-03-05T01:30:00+02:00", "20150304233000"),
    ],
)
def test_the_middle_of_the_named_period_is_asked_for(
    archive: Archive, when: str, stamp: str
) -> None:
    archive.availability({"archived_snapshots": {}}, stamp=stamp)
    archive.cdx([FIELDS, row("20150310000000")], stamp=stamp)
    assert archive.found(when).at == "2015-03-10T00:00:00Z"


def test_text_goes_before_other_media(archive: Archive) -> None:
    archive.availability({})
    picture = row("20150304120000", media="image/png")
    archive.cdx([FIELDS, picture, row("20160101000000"), row("20170101000000")])
    assert archive.found().at == "2016-01-01T00:00:00Z"
    archive.cdx([FIELDS, picture, row("20160101000000", media="application/pdf")])
    assert archive.found().at == "2016-01-01T00:00:00Z"
    archive.cdx([FIELDS, picture])
    assert archive.found().at == "2015-03-04T12:00:00Z"


def test_columns_by_name_and_damaged_rows(archive: Archive) -> None:
    archive.availability({})
    archive.cdx(
        [
            ["urlkey", "statuscode", "original", "timestamp", "mimetype"],
            ["example,lamp)/", "404", PAGE, "20150304000000", "text/html"],
            ["example,lamp)/", "200", PAGE],
            ["example,lamp)/", "200", PAGE, "20159904000000", "text/html"],
            ["example,lamp)/", "200", "https://lamp.example/other", "20150304000000", "text/html"],
            ["example,lamp)/", "200", PAGE, "20150401000000", "text/html"],
        ]
    )
    assert archive.found().at == "2015-04-01T00:00:00Z"


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


def response(
    final_url: str, status: int = 200, *, url: str | None = None, **headers: str
) -> Response:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Response(url or final_url, final_url, status, named, b"")


COPY = f"https://web.archive.org/web/20150304050607id_/{PAGE}"


def test_when_a_copy_was_made() -> None:
    sent = {"Memento_Datetime": "Tue, 03 Mar 2015 23:00:00 GMT"}
    assert memento_date(response(COPY, **sent)) == "2015-03-03T23:00:00Z"
    assert memento_date(response("https://perma.cc/AB12-CD34", **sent)) == "2015-03-03T23:00:00Z"
    for broken in ("yesterday", "", "Tue, 03 Mar 99999999999999999999 23:00:00 GMT", "0"):
        assert memento_date(response(COPY, memento_datetime=broken)) == "2015-03-04T05:06:07Z"
    assert memento_date(response(COPY)) == "2015-03-04T05:06:07Z"
    assert memento_date(response("https://perma.cc/AB12-CD34")) is None
    assert memento_date(response(PAGE)) is None


def test_what_is_not_a_copy(archive: Archive) -> None:
    moment = "Tue, 03 Mar 2015 23:00:00 GMT"
    for status in (403, 404, 429, 503):
        assert is_replay_error(response(COPY, status))
        assert is_replay_error(response("https://archive.ph/AbCdE", status))
        assert not is_replay_error(response(COPY, status, Memento_Datetime=moment))
        assert not is_replay_error(response(PAGE, status))
    assert not is_replay_error(response(COPY))
    assert is_replay_error(response(PAGE, url=COPY))  # the copied redirect led to the live web
    missing = archive.web.url(f"/web/20150304050607id_/{PAGE}")
    asked = asyncio.run(get(missing))
    assert isinstance(asked, Response)
    assert is_replay_error(asked)
