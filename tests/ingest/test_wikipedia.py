"""Wikipedia pages by name and address, loaded from a server that plays the wiki."""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.domain import Access
from footnoted.errors import FetchError, UsageError
from footnoted.ingest.fetching.responses import NoResponse, Response
from footnoted.ingest.forms import read_article
from footnoted.ingest.wikipedia.loading import LoadedArticle, WikiPage, load, parse_name
from footnoted.ingest.wikipedia.names import page_url

PARSOID = (
    '<!DOCTYPE html><html prefix="mw: http://mediawiki.org/rdf/" lang="en"'
    ' about="https://en.wiki.example/wiki/Special:Redirect/revision/77"><head>'
    '<link rel="dc:isVersionOf" href="//en.wiki.example/wiki/Skerry_Lamp"/>'
    "<title>Skerry Lamp</title></head><body class='parsoid-body mediawiki' lang='en'>"
    '<p>The lamp burned herring oil.<sup class="mw-ref reference" id="cite_ref-1">'
    '<a href="./Skerry_Lamp#cite_note-1">[1]</a></sup></p>'
    '<ol class="mw-references references"><li id="cite_note-1"><a href="#cite_ref-1">↑</a> '
    '<a rel="mw:ExtLink" href="https://oil.example/a">Oils of the North</a></li></ol></body></html>'
)
FRAGMENT = (
    '<div class="mw-content-rtl mw-parser-output" lang="ar" dir="rtl"><p>أضاء المصباح الميناء.'
    '<sup id="cite_ref-خبر_1-0" class="reference"><a href="#cite_note-خبر-1">[1]</a></sup></p>'
    '<ol class="references"><li id="cite_note-خبر-1"><span class="reference-text">'
    '<a class="external" href="https://news.example/lamp">خبر المصباح</a></span></li></ol></div>'
)


async def get(url: str, headers: Sequence[tuple[str, str]] = ()) -> Response | NoResponse:
    """A small client: redirects are followed, a refused connection is no response."""
    asked, hops = url, []
    for _ in range(5):
        parts = urlsplit(asked)
        connection = http.client.HTTPConnection(parts.netloc, timeout=5)
        try:
            connection.request("GET", asked.partition(parts.netloc)[2], headers=dict(headers))
            answer = connection.getresponse()
            body, found = answer.read(), tuple(answer.getheaders())
        except OSError as error:
            return NoResponse(url, Access.DEAD, f"{url} did not answer: {error}.", transient=True)
        finally:
            connection.close()
        if answer.status not in (301, 302, 307, 308):
            return Response(url, asked, answer.status, found, body, tuple(hops))
        hops.append(asked)
        asked = urljoin(asked, dict(found)["Location"])
    raise AssertionError("too many redirects")


class Pauses:
    """Counts the seconds that it was told to wait."""

    def __init__(self) -> None:
        self.asked: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)


def run(web: Any, page: WikiPage, pauses: Pauses | None = None, **more: Any) -> LoadedArticle:
    return asyncio.run(load(page, get, base=web.url(""), sleep=pauses or Pauses(), **more))


def say(web: Any, path: str, told: object, **headers: str) -> None:
    web.page(path, json.dumps(told), Content_Type="application/json; charset=utf-8", **headers)


def action(asked: str, *, redirects: bool = True) -> str:
    return (
        "/w/api.php?action=parse&format=json&formatversion=2&prop=text%7Crevid%7Cdisplaytitle"
        f"&maxlag=5&{asked}{'&redirects=1' if redirects else ''}"
    )


@pytest.mark.parametrize(
    ("source", "page"),
    [
        ("wikipedia:Skerry Lamp", WikiPage("en", "Skerry Lamp")),
        (" wikipedia:Skerry_Lamp#History ", WikiPage("en", "Skerry Lamp")),
        ("wikipedia:ar:منارة_الميناء", WikiPage("ar", "منارة الميناء")),
        ("wikipedia:zh-min-nan:Teng-tah", WikiPage("zh-min-nan", "Teng-tah")),
        ("wikipedia:simple:Lamp", WikiPage("simple", "Lamp")),
        ("wikipedia:Lamp: A History", WikiPage("en", "Lamp: A History")),
        ("wikipedia:re: Lamp", WikiPage("en", "re: Lamp")),
        ("Wikipedia:de:Wikipedia:Café", WikiPage("de", "Wikipedia:Café")),
        ("https://en.wikipedia.org/wiki/Skerry_Lamp", WikiPage("en", "Skerry Lamp")),
        ("http://en.m.wikipedia.org/wiki/Skerry_Lamp?x=1#Oil", WikiPage("en", "Skerry Lamp")),
        ("https://www.wikipedia.org/wiki/Lamp", WikiPage("en", "Lamp")),
        ("https://wikipedia.org:443/wiki/Lamp", WikiPage("en", "Lamp")),
        ("https://ar.wikipedia.org/wiki/%D9%85%D9%86%D8%A7%D8%B1%D8%A9", WikiPage("ar", "منارة")),
        ("https://en.wikipedia.org/wiki/AC/DC_%26_%3F", WikiPage("en", "AC/DC & ?")),
        ("https://zh.wikipedia.org/zh-tw/%E7%87%88", WikiPage("zh", "燈")),
        ("https://en.wikipedia.org/?title=Skerry+Lamp&oldid=77",
         WikiPage("en", "Skerry Lamp", "77")),
        ("https://en.wikipedia.org/w/index.php?title=Skerry_Lamp&oldid=77&action=raw",
         WikiPage("en", "Skerry Lamp", "77")),
        ("https://en.wikipedia.org/w/index.php?oldid=77", WikiPage("en", "", "77")),
        ("https://en.wikipedia.org/w/index.php/Lamp?oldid=0", WikiPage("en", "Lamp")),
        ("https://en.wikipedia.org/wiki/Lamp?oldid=9", WikiPage("en", "Lamp", "9")),
        ("https://en.wikipedia.org/wiki/Special:PermanentLink/123", WikiPage("en", "", "123")),
        ("https://de.wikipedia.org/wiki/Spezial:Permanentlink/123", WikiPage("de", "", "123")),
        ("https://en.wikipedia.org/wiki/Special:Permalink/123#S", WikiPage("en", "", "123")),
    ],
)  # fmt: skip
def test_names_and_addresses_of_pages(source: str, page: WikiPage) -> None:
    assert parse_name(source) == page


@pytest.mark.parametrize(
    "source",
    [
        "lamp.html", "/tmp/wikipedia/Lamp", "Lamp", "", "https://en.wikipedia.org/",
        "https://en.wikipedia.org.evil.example/wiki/Lamp", "https://evil.example/wikipedia.org/wiki/L",
        "https://user@en.wikipedia.org/wiki/Lamp", "https://en.wikipedia.org:8080/wiki/Lamp",
        "ftp://en.wikipedia.org/wiki/Lamp", "https://en.wikipedia.org:x/wiki/Lamp", "https://[::1/wiki",
        "https://upload.wikimedia.org/wiki/Lamp", "https://en.wikipedia.org/w/api.php?action=parse",
    ],
)  # fmt: skip
def test_what_names_no_page_of_wikipedia(source: str) -> None:
    assert parse_name(source) is None


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("wikipedia:", "names no page"),
        ("wikipedia:ar:", "names no page"),
        ("wikipedia: _#x", "names no page"),
        ("https://en.wikipedia.org/w/index.php?title=L&diff=5&oldid=4", "compares two revisions"),
        ("https://en.wikipedia.org/w/index.php?title=L&oldid=first", "'first' is no revision"),
        ("https://en.wikipedia.org/wiki/Special:PermanentLink/0", "'0' is no revision"),
    ],
)
def test_names_that_mean_wikipedia_but_no_one_page(source: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        parse_name(source)
    assert caught.value.hint


@given(st.text(st.characters(exclude_characters="#_:", exclude_categories=["C", "Z"]), min_size=1))
def test_a_title_survives_its_own_address(title: str) -> None:
    named = parse_name(f"wikipedia:{title}")
    assert named is not None
    assert parse_name(page_url(named.site, named.title)) == named


def test_parsoid_html_comes_first(web: Any) -> None:
    web.page("/w/rest.php/v1/page/Skerry_Lamp/html", PARSOID, ETag='W/"78/uuid/view/html"')
    loaded = run(web, WikiPage("en", "Skerry Lamp"))
    assert (loaded.title, loaded.language, loaded.revision_id) == ("Skerry Lamp", "en", "78")
    assert loaded.url == "https://en.wikipedia.org/wiki/Skerry_Lamp"
    assert loaded.body == loaded.response.body == PARSOID.encode()
    assert len(web.requests) == 1
    article = read_article(loaded.body, name=loaded.url, url=loaded.url)
    assert article.claims[0].reference_ids == (article.references[0].reference_id,)
    assert article.references[0].urls == ("https://oil.example/a",)


@pytest.mark.parametrize(
    ("headers", "revision"),
    [
        ({"content_revision_id": "80", "ETag": '"78/x"'}, "80"),
        ({"ETag": '"78/x"'}, "78"),
        ({"ETag": '"abc"'}, "77"),
        ({}, "77"),
    ],
)
def test_where_the_revision_is_read(web: Any, headers: dict[str, str], revision: str) -> None:
    web.page("/w/rest.php/v1/page/Skerry_Lamp/html", PARSOID, **headers)
    assert run(web, WikiPage("en", "Skerry Lamp")).revision_id == revision


def test_a_slash_in_a_title_is_no_path(web: Any) -> None:
    web.page("/w/rest.php/v1/page/AC%2FDC_%3F/html", PARSOID.replace("Skerry_Lamp", "AC/DC_%3F"))
    loaded = run(web, WikiPage("en", "AC/DC ?"))
    assert (loaded.title, loaded.url) == ("AC/DC ?", "https://en.wikipedia.org/wiki/AC/DC_%3F")


def test_the_older_service_is_the_second_try(web: Any) -> None:
    web.page("/w/rest.php/v1/page/Skerry_Lamp/html", "not HTML", Content_Type="text/plain")
    web.page("/api/rest_v1/page/html/Skerry_Lamp", PARSOID)
    assert run(web, WikiPage("en", "Skerry Lamp")).revision_id == "77"


@pytest.mark.parametrize("title", ["", "Skerry Lamp"])
def test_an_old_revision_by_its_number(web: Any, title: str) -> None:
    web.page("/w/rest.php/v1/revision/77/html", PARSOID)
    loaded = run(web, WikiPage("en", title), revision="77")
    assert (loaded.title, loaded.revision_id) == ("Skerry Lamp", "77")
    assert loaded.url == "https://en.wikipedia.org/wiki/Skerry_Lamp"


def test_another_revision_than_the_one_asked_for_is_not_taken(web: Any) -> None:
    web.page("/w/rest.php/v1/revision/60/html", PARSOID)
    web.page("/api/rest_v1/page/html/Skerry_Lamp/60", PARSOID.replace("revision/77", "revision/60"))
    assert run(web, WikiPage("en", "Skerry Lamp", "60")).revision_id == "60"
    with pytest.raises(FetchError, match="gave revision 77 instead"):
        run(web, WikiPage("en", "", "60"))
    with pytest.raises(UsageError):
        run(web, WikiPage("en", "Skerry Lamp"), revision="yesterday")


def test_action_parse_is_the_last_try_and_becomes_a_page(web: Any) -> None:
    path = action("page=%D9%85%D9%86%D8%A7%D8%B1%D8%A9+1")
    parse = {"title": "منارة 1", "revid": 4321, "text": FRAGMENT, "displaytitle": "<i>منارة</i> 1"}
    say(web, path, {"parse": parse})
    loaded = run(web, WikiPage("ar", "منارة 1"))
    assert (loaded.title, loaded.language, loaded.revision_id) == ("منارة 1", "ar", "4321")
    assert json.loads(loaded.response.body)["parse"]["revid"] == 4321
    article = read_article(loaded.body, name="x", url=loaded.url)
    assert (article.form, article.title) == ("mediawiki_html", "منارة 1")
    assert (article.language, article.revision_id) == ("ar", "4321")
    assert article.url == loaded.url == page_url("https://ar.wikipedia.org", "منارة 1")
    assert [r.urls for r in article.references] == [("https://news.example/lamp",)]
    assert article.claims[0].reference_ids == (article.references[0].reference_id,)
    assert [urlsplit(request.path).path for request in web.requests][-1] == "/w/api.php"


def test_action_parse_gives_an_old_revision(web: Any) -> None:
    path = action("oldid=12", redirects=False)
    say(web, path, {"parse": {"title": "Lamp <b>", "revid": 12, "text": FRAGMENT}})
    loaded = run(web, WikiPage("en", "", "12"))
    assert (loaded.title, loaded.revision_id) == ("Lamp <b>", "12")
    assert b"<title>Lamp &lt;b&gt;</title>" in loaded.body


def test_redirects_of_the_server_and_of_the_wiki_are_followed(web: Any) -> None:
    web.page("/w/rest.php/v1/page/lamp/html", "", 307, Location="/w/rest.php/v1/page/Lamp/html")
    leads = PARSOID.replace(
        "<title>", '<link rel="mw:PageProp/redirect" href="./Skerry_Lamp"/><title>'
    )
    web.page("/w/rest.php/v1/page/Lamp/html", leads)
    web.page("/w/rest.php/v1/page/Skerry_Lamp/html", PARSOID)
    assert run(web, WikiPage("en", "lamp")).title == "Skerry Lamp"
    web.page("/w/rest.php/v1/page/Skerry_Lamp/html", leads.replace("./Skerry_Lamp", "./Lamp"))
    with pytest.raises(FetchError, match="lamp → Skerry Lamp → Lamp → Skerry Lamp"):
        run(web, WikiPage("en", "lamp"))


@pytest.mark.parametrize("by", ["rest", "action", "status"])
def test_a_page_that_does_not_exist(web: Any, by: str) -> None:
    if by == "rest":
        told = json.dumps({"errorKey": "rest-nonexistent-title", "httpCode": 404})
        web.page("/w/rest.php/v1/page/Skery_Lamp/html", told, 404, Content_Type="application/json")
    if by == "action":
        error = {"code": "missingtitle", "info": "The page you specified doesn't exist."}
        say(web, action("page=Skery+Lamp"), {"error": error})
    with pytest.raises(FetchError, match="has no “Skery Lamp”") as caught:
        run(web, WikiPage("en", "Skery Lamp"))
    assert caught.value.hint is not None
    assert "spelling" in caught.value.hint
    assert "language" in caught.value.hint
    assert len(web.requests) == (1 if by == "rest" else 3)


def test_a_revision_that_does_not_exist(web: Any) -> None:
    error = {"code": "nosuchrevid", "info": "There is no revision with ID 5."}
    say(web, action("oldid=5", redirects=False), {"error": error})
    with pytest.raises(FetchError, match="has no page in revision 5") as caught:
        run(web, WikiPage("en", "", "5"))
    assert "revision's number" in str(caught.value.hint)


def test_a_lagging_wiki_is_asked_again_after_the_pause_that_it_names(web: Any) -> None:
    path = action("page=Lamp")
    lag = {"error": {"code": "maxlag", "info": "Waiting for db1: 9 seconds lagged", "lag": 9}}
    parse = {"parse": {"title": "Lamp", "revid": 1, "text": FRAGMENT}}
    say(web, path, lag, Retry_After="3")
    slow = web.replies[path]
    answers = iter([slow, slow._replace(headers={**slow.headers, "Retry-After": "7"})])
    say(web, path, parse)
    done = web.replies[path]
    web.replies[path] = lambda _: next(answers, done)
    pauses = Pauses()
    assert run(web, WikiPage("en", "Lamp"), pauses).revision_id == "1"
    assert pauses.asked == [3.0, 7.0]


def test_a_wiki_that_lags_on_is_left_alone_after_three_tries(web: Any) -> None:
    path = action("page=Lamp")
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    say(web, path, {"error": {"code": "maxlag", "info": "lagged"}}, Retry_After=soon)
    pauses = Pauses()
    with pytest.raises(FetchError, match=r"the wiki says maxlag \(lagged\)"):
        run(web, WikiPage("en", "Lamp"), pauses)
    assert web.asked(path) == 3
    assert len(pauses.asked) == 2
    assert all(30 < pause <= 40 for pause in pauses.asked)


@pytest.mark.parametrize(("said", "waits"), [("600", []), ("soon", [5.0, 5.0]), ("0", [1.0, 1.0])])
def test_how_long_a_pause_may_be(web: Any, said: str, waits: list[float]) -> None:
    path = action("page=Lamp")
    say(web, path, {"error": {"code": "maxlag", "info": "lagged"}}, Retry_After=said)
    pauses = Pauses()
    with pytest.raises(FetchError):
        run(web, WikiPage("en", "Lamp"), pauses)
    assert pauses.asked == waits


def test_a_wiki_that_is_too_busy_is_not_asked_elsewhere(web: Any) -> None:
    web.page("/w/rest.php/v1/page/Lamp/html", "slow down", 429, Retry_After="90")
    with pytest.raises(FetchError, match="too busy"):
        run(web, WikiPage("en", "Lamp"))
    assert len(web.requests) == 1


def test_every_failure_is_told(web: Any) -> None:
    web.page("/w/rest.php/v1/page/Lamp/html", "broken", 500)
    web.page("/api/rest_v1/page/html/Lamp", "no", 403)
    say(web, action("page=Lamp"), ["nonsense"])
    with pytest.raises(FetchError) as caught:
        run(web, WikiPage("en", "Lamp"))
    for part in ("rest.php/v1/page/Lamp/html: status 500.", "status 403.", "holds no page."):
        assert part in str(caught.value)
    assert "did not give “Lamp”" in str(caught.value)


def test_a_wiki_that_cannot_be_reached(web: Any) -> None:
    async def unsafe(url: str, headers: Sequence[tuple[str, str]] = ()) -> NoResponse:
        asked.append(url)
        return NoResponse(url, Access.UNSAFE, f"{url} leads into a private network.")

    asked: list[str] = []
    with pytest.raises(FetchError, match="private network"):
        asyncio.run(load(WikiPage("en", "Lamp"), unsafe))
    assert asked == ["https://en.wikipedia.org/w/rest.php/v1/page/Lamp/html"]
