"""Addresses in web archives: which page each is a copy of, and of which moment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.ingest.fetching.archives import (
    Snapshot,
    is_archive,
    iso_of_stamp,
    original_of,
    same_page,
    snapshot_of,
)

PAGE = "http://lamp.example/tower/1888.html"
RAW = "https://web.archive.org/web"
ENCODED = "http%3A%2F%2Flamp.example%2Ftower%2F1888.html"
MADE = "https://web.archive.org/web/20230102030405"


def read(url: str) -> Snapshot:
    snapshot = snapshot_of(url)
    assert snapshot is not None, url
    assert snapshot.url == url
    assert is_archive(url)
    return snapshot


@pytest.mark.parametrize(
    ("url", "at", "raw"),
    [
        (f"{MADE}/{PAGE}", "2023-01-02T03:04:05Z", f"{RAW}/20230102030405id_/{PAGE}"),
        (f"{MADE}if_/{PAGE}", "2023-01-02T03:04:05Z", f"{RAW}/20230102030405id_/{PAGE}"),
        (f"{MADE}im_/{PAGE}", "2023-01-02T03:04:05Z", f"{RAW}/20230102030405id_/{PAGE}"),
        (f"{MADE}id_/{PAGE}", "2023-01-02T03:04:05Z", f"{RAW}/20230102030405id_/{PAGE}"),
        (f"http://web.archive.org/web/2020/{PAGE}", "2020", f"{RAW}/2020id_/{PAGE}"),
        (f"{RAW}/202003/{PAGE}", "2020-03", f"{RAW}/202003id_/{PAGE}"),
        (f"{RAW}/20200314/{PAGE}", "2020-03-14", f"{RAW}/20200314id_/{PAGE}"),
        (f"{RAW}/202003141530/{PAGE}", "2020-03-14T15:30Z", f"{RAW}/202003141530id_/{PAGE}"),
        (f"{RAW}/2/{PAGE}", None, f"{RAW}/2id_/{PAGE}"),
        (f"{RAW}/20201399000000/{PAGE}", None, f"{RAW}/20201399000000id_/{PAGE}"),
        (f"http://web-beta.archive.org/web/2016/{PAGE}", "2016", f"{RAW}/2016id_/{PAGE}"),
        (f"https://wayback.archive.org/web/2016/{PAGE}", "2016", f"{RAW}/2016id_/{PAGE}"),
        (f"http://archive.org/web/20021004080737/{PAGE}", "2002-10-04T08:07:37Z", None),
        (f"http://liveweb.archive.org/web/2013/{PAGE}", "2013", f"{RAW}/2013id_/{PAGE}"),
        (f"{RAW}/2020/http:/lamp.example/tower/1888.html", "2020", f"{RAW}/2020id_/{PAGE}"),
        (f"{RAW}/2020/lamp.example/tower/1888.html", "2020", f"{RAW}/2020id_/{PAGE}"),
        (f"{RAW}/2020/{ENCODED}", "2020", f"{RAW}/2020id_/{PAGE}"),
        (f"{RAW}/2020/http%3A//lamp.example/tower/1888.html", "2020", None),
        (
            f"http://arquivo.pt/wayback/20150101000000/{PAGE}",
            "2015-01-01T00:00:00Z",
            f"https://arquivo.pt/noFrame/replay/20150101000000id_/{PAGE}",
        ),
        (
            f"https://wayback.archive-it.org/1234/20150101000000/{PAGE}",
            "2015-01-01T00:00:00Z",
            f"https://wayback.archive-it.org/1234/20150101000000id_/{PAGE}",
        ),
        (
            f"https://webarchive.nationalarchives.gov.uk/ukgwa/20150101mp_/{PAGE}",
            "2015-01-01",
            f"https://webarchive.nationalarchives.gov.uk/ukgwa/20150101id_/{PAGE}",
        ),
        (
            f"http://webarchive.library.example:8080/wayback/20061026162134/{PAGE}",
            "2006-10-26T16:21:34Z",
            f"http://webarchive.library.example:8080/wayback/20061026162134id_/{PAGE}",
        ),
    ],
)
def test_archives_that_replay_bytes(url: str, at: str | None, raw: str | None) -> None:
    snapshot = read(url)
    assert (snapshot.original, snapshot.at, snapshot.listing) == (PAGE, at, False)
    if raw is None:
        assert snapshot.raw_url is not None
        assert snapshot.raw_url.startswith(RAW)
        assert snapshot.raw_url.endswith(f"id_/{PAGE}")
    else:
        assert snapshot.raw_url == raw


@pytest.mark.parametrize(
    ("url", "service", "original", "at"),
    [
        (
            f"https://archive.is/20131021072844/{PAGE}",
            "archive.today",
            PAGE,
            "2013-10-21T07:28:44Z",
        ),
        (
            f"http://archive.fo/2013.10.21-072844/{PAGE}",
            "archive.today",
            PAGE,
            "2013-10-21T07:28:44Z",
        ),
        (f"https://archive.ph/newest/{PAGE}", "archive.today", PAGE, None),
        (f"https://archive.li/timegate/{PAGE}", "archive.today", PAGE, None),
        (f"https://archive.li/timegate/20131021/{PAGE}", "archive.today", PAGE, "2013-10-21"),
        ("https://archive.vn/AbCdE", "archive.today", None, None),
        ("https://archive.today/AbCdE#selection-1.2-3.4", "archive.today", None, None),
        ("https://archive.md/wXyZ/image", "archive.today", None, None),
        ("https://ghostarchive.org/archive/x1Yz", "Ghostarchive", None, None),
        (f"https://ghostarchive.org/archive/20211021/{PAGE}", "Ghostarchive", PAGE, "2021-10-21"),
        (
            "https://ghostarchive.org/varchive/youtube/20211212/q-1_9w",
            "Ghostarchive",
            "https://www.youtube.com/watch?v=q-1_9w",
            "2021-12-12",
        ),
        # Wikipedia prints the archive date of this id as 14 May 2009.
        (
            f"http://www.webcitation.org/5gm7oJqn9?url={PAGE}",
            "WebCite",
            PAGE,
            "2009-05-14T22:58:29Z",
        ),
        ("https://www.webcitation.org/5gm7oJqn9", "WebCite", None, "2009-05-14T22:58:29Z"),
        (
            f"http://www.webcitation.org/query?url={ENCODED}&date=2009-11-04",
            "WebCite",
            PAGE,
            "2009-11-04",
        ),
        (
            "http://www.webcitation.org/query?url=http://lamp.example/?a=1&b=2&date=2009-11-04",
            "WebCite",
            "http://lamp.example/?a=1&b=2",
            "2009-11-04",
        ),
        (
            "http://webcitation.org/query?id=1257292800000000",
            "WebCite",
            None,
            "2009-11-04T00:00:00Z",
        ),
        ("https://perma.cc/AB12-CD34", "Perma.cc", None, None),
        (f"https://archive.wikiwix.com/cache/?url={PAGE}", "Wikiwix", PAGE, None),
        (
            "https://megalodon.jp/2012-0404-0153-18/lamp.example/tower/1888.html",
            "Megalodon",
            PAGE,
            "2012-04-03T16:53:18Z",  # in Tokyo it was the next day
        ),
        (f"http://memento.example/memento/2013/{PAGE}", "memento.example", PAGE, "2013"),
    ],
)
def test_archives_without_the_captured_bytes(
    url: str, service: str, original: str | None, at: str | None
) -> None:
    assert read(url) == Snapshot(url, original, at, service, raw_url=None, listing=False)


@pytest.mark.parametrize(
    ("url", "original", "at"),
    [
        (f"{RAW}/2020*/{PAGE}", PAGE, "2020"),
        (f"{RAW}/*/{PAGE}", PAGE, None),
        (f"{RAW}/*/http://lamp.example/*", None, None),
        (f"{RAW}/{PAGE}", PAGE, None),
        (f"https://web.archive.org/save/{PAGE}", PAGE, None),
        (f"http://liveweb.archive.org/{PAGE}", PAGE, None),
        (f"https://archive.ph/{PAGE}", PAGE, None),
        (f"https://wayback.archive-it.org/all/*/{PAGE}", PAGE, None),
    ],
)
def test_lists_of_copies_hold_nothing_to_read(
    url: str, original: str | None, at: str | None
) -> None:
    snapshot = read(url)
    assert snapshot.listing
    assert (snapshot.original, snapshot.at, snapshot.raw_url) == (original, at, None)


def test_a_page_with_an_address_in_its_own_address() -> None:
    snapshot = read(f"{RAW}/20150101/lamp.example/leave/{PAGE}")
    assert snapshot.original == f"http://lamp.example/leave/{PAGE}"
    assert read(f"{MADE}/{PAGE}?next={PAGE}#top").original == f"{PAGE}?next={PAGE}#top"


def test_copies_of_copies() -> None:
    inner = f"https://archive.ph/20130102030405/{PAGE}"
    snapshot = read(f"{RAW}/2015/{inner}")
    assert snapshot.original == PAGE
    assert snapshot.raw_url == f"{RAW}/2015id_/{inner}"
    assert original_of(f"{RAW}/2015/https://archive.ph/AbCdE") is None
    assert original_of(f"{RAW}/1/http://web.archive.org/web/" * 5000 + PAGE) is None


def test_pages_of_an_archive_itself_are_no_copies() -> None:
    for url in (
        "https://web.archive.org/",
        f"https://web.archive.org/cdx/search/cdx?url={PAGE}",
        f"https://archive.today/search/?q={PAGE}",
        f"https://archive.today/submit/?url={PAGE}",
        "https://perma.cc/about",
        "https://ghostarchive.org/",
    ):
        assert is_archive(url), url
        assert snapshot_of(url) is None, url


def test_what_only_looks_like_an_archive() -> None:
    for url in (
        "https://archive.org/details/lamp",
        f"https://archive.org/wayback/available?url={PAGE}",
        "https://lamp.example/archive/2015/tower.html",
        "https://lamp.example/2015/other.example/tower.html",
        f"https://web.archive.org.lamp.example/go?to={PAGE}",
        f"https://web.archive.org@lamp.example/{PAGE}",
        f"https://lamp.example/?url={PAGE}",
        f"https://lamp.example/go/{PAGE}",
        f"ftp://web.archive.org/web/2015/{PAGE}",
        f"{MADE[8:]}/{PAGE}",
        "http://[broken/web/2015/http://lamp.example",
        "",
    ):
        assert not is_archive(url), url
        assert snapshot_of(url) is None
        assert original_of(url) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (PAGE, "https://www.lamp.example:443/tower/1888.html#top", True),
        (f"{PAGE}/", PAGE, True),
        ("http://lamp.example", "http://lamp.example:80/", True),
        ("http://lamp.example/%7Ereck/%c3%a9", "http://lamp.example/~reck/é", True),
        ("http://lämp.example/", "http://xn--lmp-qla.example/", True),
        ("http://lamp.example/a%2Fb", "http://lamp.example/a/b", False),
        ("http://lamp.example/?a=1", "http://lamp.example/?a=2", False),
        ("http://lamp.example/Tower", "http://lamp.example/tower", False),
        ("http://lamp.example/", "http://old.lamp.example/", False),
        ("http://lamp.example:8080/", "http://lamp.example/", False),
        ("http://[broken/", "http://[broken/", False),
    ],
)
def test_one_page_under_two_addresses(one: str, other: str, same: bool) -> None:
    assert same_page(one, other) is same
    assert same_page(other, one) is same


def test_timestamps() -> None:
    stamps = ["1996", "199613", "19970230", "20200229", "20200101236000", "9999", "202", "20201"]
    assert [iso_of_stamp(stamp) for stamp in stamps] == [
        "1996",
        None,
        None,
        "2020-02-29",
        None,
        None,
        None,
        "2020",
    ]


HOSTS = st.sampled_from(
    [
        "web.archive.org/web",
        "archive.org/web",
        "archive.ph",
        "archive.today/timegate",
        "arquivo.pt/wayback",
        "wayback.archive-it.org/77",
        "webarchive.lamp.example/all",
        "ghostarchive.org/archive",
        "webcitation.org",
        "perma.cc",
        "megalodon.jp",
        "lamp.example/wayback",
        "127.0.0.1:8080/web",
    ]
)
STAMPS = st.one_of(
    st.datetimes().map(lambda moment: f"{moment.year:04}{moment:%m%d%H%M%S}"),
    st.from_regex(r"[0-9]{0,14}(id_|if_|\*)?", fullmatch=True),
    st.sampled_from(["", "newest", "save", "timemap/link", "AbCdE", "query?url="]),
)
PAGES = st.one_of(
    st.from_regex(
        r"(https?:/{1,2})?[a-z.]{1,12}(:80)?(/[a-z0-9%?#=&*~é ]{0,12}){0,3}", fullmatch=True
    ),
    st.from_regex(r"https?://(web\.archive\.org|archive\.ph)/[a-z0-9/:.*]{0,30}", fullmatch=True),
    st.text(max_size=20),
)


@st.composite
def addresses(draw: st.DrawFn) -> str:
    schemes = st.sampled_from(["http://", "https://"])
    url = draw(PAGES)
    for _ in range(draw(st.integers(1, 3))):
        url = f"{draw(schemes)}{draw(HOSTS)}/{draw(STAMPS)}/{url}"
    return url


@given(addresses())
def test_raw_addresses_are_copies_of_the_same(url: str) -> None:
    snapshot = snapshot_of(url)
    if snapshot is None or snapshot.raw_url is None:
        return
    raw = snapshot_of(snapshot.raw_url)
    assert raw is not None
    assert (raw.original, raw.at, raw.service) == (
        snapshot.original,
        snapshot.at,
        snapshot.service,
    )
    assert raw.raw_url == raw.url == snapshot.raw_url
    assert not snapshot.listing


@given(addresses() | st.text() | PAGES)
def test_an_original_is_never_in_an_archive(url: str) -> None:
    original = original_of(url)
    assert original is None or not is_archive(original)
    assert original is None or is_archive(url)
    assert same_page(url, url) in (True, False)
