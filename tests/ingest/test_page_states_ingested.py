"""States that only a whole ingest gives: of pages beside each other, and of pages asked again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Commands
from tests.hostile_world import article_on, page_of, words_of
from tests.web_server import Reply, Request, WebServer

HTML = {"Content-Type": "text/html; charset=utf-8"}
NOTHING = Reply(b'{"archived_snapshots": {}}', 200, {"Content-Type": "application/json"})


class Ingest:
    """An article that cites addresses of ``web``, which is the web archive as well."""

    def __init__(self, commands: Commands, folder: Path, web: WebServer) -> None:
        self._commands = commands
        self._folder = folder
        self.web = web
        web.replies["/robots.txt"] = Reply(status=404)
        web.fallback = self._answer

    def _answer(self, request: Request) -> Reply:
        archive = request.path.startswith(("/wayback/", "/cdx/"))
        return NOTHING if archive else Reply(b"not here", 404, HTML)

    def __call__(self, urls: dict[str, str], *options: object) -> dict[str, dict[str, Any]]:
        """The rows of the sources by the names in their titles, “The log of …”."""
        article = self._folder / "keepers.html"
        article.write_text(article_on(urls), "utf-8")
        done = self._commands(
            *("ingest", article, "--corpus", self._folder / "keepers", "--no-index", "--json"),
            *options,
            FOOTNOTED_FETCH="true",
            FOOTNOTED_FETCH_ALLOW=self.web.address,
            FOOTNOTED_ARCHIVE_URL=self.web.url(""),
            FOOTNOTED_ARCHIVE_API=self.web.url(""),
            FOOTNOTED_PACE="0",
        )
        assert done.code == 0, done.err
        return dict(zip(urls, done.document["references"], strict=True))


@pytest.fixture
def ingest(commands: Commands, tmp_path: Path, web: WebServer) -> Ingest:
    return Ingest(commands, tmp_path, web)


def test_a_source_that_was_read_says_where_when_how_much_and_what(ingest: Ingest) -> None:
    url = ingest.web.page("/new", page_of("lamp"))
    ingest.web.replies["/old"] = Reply(b"", 301, {"Location": "/new"})
    row = ingest({"lamp": ingest.web.url("/old")})["lamp"]
    assert (row["access"], row["identity"]) == ("fetched", "other_url_same_site")
    assert (
        f"The live page {url} (redirected from {ingest.web.url('/old')}) was read" in row["reason"]
    )
    assert "“The log of lamp” is cited, “The log of lamp” found" in row["reason"]
    assert row["characters"] >= len(words_of("lamp"))
    assert row["captured_at"].startswith("20")


def test_many_addresses_that_end_on_one_page_are_gone(ingest: Ingest) -> None:
    web = ingest.web
    home = web.page("/logs", page_of("all keepers"))
    urls = {name: web.url(f"/log/{name}") for name in ("north", "south", "west")}
    web.replies |= {f"/log/{name}": Reply(b"", 302, {"Location": "/logs"}) for name in urls}
    rows = ingest(urls | {"all keepers": home})
    for name, url in urls.items():
        assert rows[name]["access"] == "soft_404", rows[name]["reason"]
        assert f"{url} leads to {home}, and so do the addresses of other" in rows[name]["reason"]
    assert rows["all keepers"]["access"] == "fetched"


def test_two_prints_of_one_report_are_one_voice(ingest: Ingest) -> None:
    web = ingest.web
    report = f"<p>{words_of('agency', 8)}</p>"
    rows = ingest(
        {name: web.page(f"/{name}", page_of(name, report, 1)) for name in ("mail", "post")}
        | {"other": web.page("/other", page_of("other"))}
    )
    assert {name: row["identity"] for name, row in rows.items()} == {
        "mail": "exact",
        "post": "syndicated_copy",
        "other": "exact",
    }
    assert "Its words are those of “The log of mail”" in rows["post"]["reason"]


def test_a_refresh_asks_by_validators_and_nothing_is_latched(ingest: Ingest) -> None:
    web = ingest.web
    asked: list[str | None] = []

    def tagged(request: Request) -> Reply:
        asked.append(request.headers.get("if-none-match"))
        if asked[-1] == '"1"':
            return Reply(b"", 304, {"ETag": '"1"'})
        return Reply(page_of("tagged").encode(), 200, HTML | {"ETag": '"1"'})

    web.replies["/tagged"] = tagged
    urls = {"tagged": web.url("/tagged"), "late": web.url("/late")}
    first = ingest(urls)
    assert {name: row["access"] for name, row in first.items()} == {
        "tagged": "fetched",
        "late": "dead",
    }
    web.page("/late", page_of("late"))
    assert ingest(urls)["late"]["access"] == "dead"
    assert (asked, web.asked("/late")) == ([None], 1), "what has answered is not asked again"
    fresh = ingest(urls, "--refresh")
    assert asked == [None, '"1"']
    assert fresh["tagged"]["access"] == "fetched"
    assert fresh["tagged"]["document_id"] == first["tagged"]["document_id"]
    assert fresh["late"]["access"] == "fetched"


def test_a_supplied_file_wins_over_a_living_page(ingest: Ingest, tmp_path: Path) -> None:
    file = tmp_path / "mine.html"
    file.write_text(page_of("lamp"), "utf-8")
    url = ingest.web.page("/lamp", page_of("lamp", "<p>And the web has more of it.</p>"))
    row = ingest({"lamp": url}, f"--source=1={file}")["lamp"]
    assert row["access"] == "supplied"
    assert ingest.web.asked("/lamp") == 0
