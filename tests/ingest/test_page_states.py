"""What became of a page that was asked for: its state, and the reason in words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.made_up_pages import (
    AS_CITED,
    ENGLISH,
    LAMP,
    PAGES,
    SITE,
    Page,
    html,
    judged,
    reference,
    response,
    whole_url,
)

from footnoted.domain import Access, Identity, Origin
from footnoted.ingest.fetching.responses import Response
from footnoted.ingest.states.page_states import shared_endings


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_made_up_page_gets_a_careful_readers_verdict(page: Page) -> None:
    verdict = judged(page)
    unread = page.access is not Access.FETCHED
    wanted = Identity.UNVERIFIED if unread else page.identity
    assert (verdict.access, verdict.identity) == (page.access, wanted), verdict.reason
    assert whole_url(page.final) in verdict.reason
    assert page.title in verdict.reason or page.access is not Access.FETCHED


@pytest.mark.parametrize(
    ("status", "access", "says"),
    [
        (404, Access.DEAD, "--source"),
        (410, Access.DEAD, "HTTP 410"),
        (401, Access.BLOCKED_BY_SITE, "--source"),
        (402, Access.BLOCKED_BY_SITE, "HTTP 402"),
        (403, Access.BLOCKED_BY_SITE, "HTTP 403"),
        (407, Access.BLOCKED_BY_SITE, "HTTP 407"),
        (429, Access.BLOCKED_BY_SITE, "HTTP 429"),
        (451, Access.BLOCKED_BY_SITE, "HTTP 451"),
        (999, Access.BLOCKED_BY_SITE, "HTTP 999"),
        (500, Access.DEAD, "may be temporary"),
        (503, Access.DEAD, "--refresh"),
        (304, Access.DEAD, "HTTP 304"),
        (418, Access.DEAD, "HTTP 418"),
    ],
)
def test_a_status_other_than_success_decides_alone(status: int, access: Access, says: str) -> None:
    verdict = judged(AS_CITED, got=response(AS_CITED, status))
    assert verdict[:2] == (access, Identity.UNVERIFIED)
    assert says in verdict.reason
    assert f"{SITE}/2019/lamp" in verdict.reason


def test_an_archived_copy_says_its_date_and_is_compared_by_its_original() -> None:
    got = Response(
        url=f"https://web.archive.org/web/2020/{SITE}/2019/lamp",
        final_url=f"https://web.archive.org/web/20200102030405id_/{SITE}/2019/lamp",
        status=200,
        headers=(("content-type", "text/html; charset=utf-8"),),
        body=AS_CITED.html.encode(),
    )
    verdict = judged(AS_CITED, got=got, origin=Origin.ARCHIVE, snapshot_at="2020-01-02T03:04:05Z")
    assert verdict[:2] == (Access.ARCHIVED_COPY, Identity.EXACT)
    assert "archived copy of 2020-01-02 at https://web.archive.org" in verdict.reason


def test_a_supplied_copy_stays_supplied() -> None:
    assert judged(AS_CITED, origin=Origin.SUPPLIED).access is Access.SUPPLIED


def test_walls_become_states_that_say_what_gave_them_away() -> None:
    def access(body: str) -> tuple[Access, str]:
        verdict = judged(AS_CITED._replace(html=f"<html><body>{body}</body></html>"))
        assert verdict.identity is Identity.UNVERIFIED
        return verdict.access, verdict.reason

    assert access("<div id=root></div><script src=a.js></script>")[0] is Access.NEEDS_JS
    blocked, reason = access("<p>Checking your browser before accessing the site.</p>")
    assert (blocked, "Checking your browser" in reason) == (Access.BLOCKED_BY_SITE, True)
    banner = "<p>We use cookies and share data with partners.</p><button>Accept all</button>"
    assert access(banner)[0] is Access.CONSENT_WALL
    assert access("<article><p>Subscribe to continue reading.</p></article>")[0] is (
        Access.BLOCKED_BY_SITE
    )


def test_a_preview_is_partial_and_proves_nothing_about_a_quote() -> None:
    page = AS_CITED._replace(html=html(LAMP, f"{ENGLISH} Subscribe to continue reading."))
    verdict = judged(page, reference(page, quote="the keeper left his post for good in autumn"))
    assert verdict[:2] == (Access.PARTIAL, Identity.EXACT)
    assert "Subscribe to continue" in verdict.reason


def test_types_and_failures_keep_their_words() -> None:
    image = response(AS_CITED, media_type="image/png")
    image = Response(image.url, image.final_url, 200, image.headers, b"\x89PNG\r\n\x1a\n\x00")
    assert judged(AS_CITED, got=image).access is Access.UNSUPPORTED_TYPE
    empty = Response(image.url, image.final_url, 200, (("Content-Type", "text/html"),), b" ")
    verdict = judged(AS_CITED, got=empty)
    assert verdict.access is Access.EXTRACTION_FAILED
    assert "The response has no content." in verdict.reason


def test_three_pages_that_end_on_one_are_gone_but_not_the_one_that_cites_it() -> None:
    home = "https://harbour.example/news"
    finals = {
        "a": (f"{SITE}/1", home),
        "b": (f"{SITE}/2", f"{home}?utm_source=old"),
        "c": (f"{SITE}/3", f"{home}/#top"),
        "d": (home, home),
        "doi": ("https://doi.org/10.5555/9", home),
        "e": (f"{SITE}/4", "https://harbour.example/4b"),
    }
    assert shared_endings(finals) == {"a", "b", "c"}
    assert shared_endings({key: finals[key] for key in ("a", "b", "d", "doi", "e")}) == set()


def test_leaves_of_one_book_are_no_soft_404s() -> None:
    book = "https://books.example/books"
    finals = {str(n): (f"{book}?id=x&pg={n}", f"{book}?id=x") for n in range(5)}
    assert shared_endings(finals) == set()
    same = {str(n): (f"{SITE}/old?p={n}", f"{SITE}/new") for n in range(5)}
    assert shared_endings(same) == set()


def test_the_page_for_researchers_explains_every_state_once() -> None:
    path = Path(__file__).parents[2] / "docs" / "source-states.md"
    access, _, identity = path.read_text("utf-8").partition("## Identity")
    for part, values in ((access, Access), (identity, Identity)):
        rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \| (.+) \|$", part, re.MULTILINE)
        assert [row[0] for row in rows] == [value.value for value in values]
        assert all(len(cell.strip()) > 3 for row in rows for cell in row)
    words = path.read_text("utf-8")
    for flag in ("--source KEY=PATH", "--links", "--refresh", "--digest"):
        assert flag in words
