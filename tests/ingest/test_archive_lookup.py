"""Asking a web archive for the copy nearest to a date."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.made_up_archive import FIELDS, NOON, PAGE, Archive, get, row

from footnoted.ingest.fetching.archive_lookup import is_replay_error, memento_date
from footnoted.ingest.fetching.archives import Snapshot
from footnoted.ingest.fetching.responses import Response


@pytest.fixture
def archive(web: Any) -> Archive:
    return Archive(web)


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
