"""An article whose sources lie on a real web server: read, refreshed, and read from captures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.conftest import EXAMPLE, Commands
from tests.web_server import Reply, WebServer

from footnoted.ingest.corpus import Corpus

SITE = json.loads((EXAMPLE / "site.json").read_text("utf-8"))
HTML = {"Content-Type": "text/html; charset=utf-8"}
CONSENT = b"""<html><head><title>Before you continue</title></head><body><div id="consent">
<h1>Before you continue</h1><p>We and our partners use cookies to store and access information.
Please accept all cookies or manage your choices to continue to the site.</p>
<button>Accept all</button><button>Reject all</button></div></body></html>"""
SHELL = b"""<html><head><title>Sallowick</title><script src="/app.js"></script></head><body>
<noscript>You need to enable JavaScript to run this app.</noscript><div id="root"></div>
</body></html>"""
PREVIEW = b"""<html><head><title>The flood of 1931</title>
<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false}</script>
</head><body><article><h1>The flood of 1931</h1><p>The river rose through the night of the fourth
of March, and by morning the water stood at the deck of the bridge. The keeper had closed the
gates at ten, and nobody crossed until the seventh.</p><div class="paywall"><p>Subscribe to
continue reading this article.</p></div></article></body></html>"""
SERVED = {
    "2": Reply(CONSENT, 200, HTML),
    "4": Reply(SHELL, 200, HTML),
    "7": Reply(b"\x89PNG\r\n\x1a\n" + bytes(900), 200, {"Content-Type": "image/png"}),
    "8": Reply(b"<title>Forbidden</title>", 403, HTML),
    "9": Reply(PREVIEW, 200, HTML),
}
STATES = {
    "1": "fetched",
    "2": "consent_wall",
    "3": "fetched",
    "4": "needs_js",
    "5": "not_online",
    "6": "blocked_by_robots",
    "7": "unsupported_type",
    "8": "blocked_by_site",
    "9": "partial",
    "10": "dead",
    "11": "archived_copy",
}


class Site(NamedTuple):
    """The web of the invented bridge, an archive of one of its pages, and the article on it."""

    pages: WebServer
    archive: WebServer
    article: Path

    @property
    def settings(self) -> dict[str, str]:
        return {
            "FOOTNOTED_FETCH": "true",
            "FOOTNOTED_FETCH_ALLOW": f"{self.pages.address},{self.archive.address}",
            "FOOTNOTED_ARCHIVE_URL": self.archive.url(""),
            "FOOTNOTED_ARCHIVE_API": self.archive.url(""),
            "FOOTNOTED_PACE": "0",
        }

    def asked(self) -> int:
        return sum(r.path != "/robots.txt" for r in self.pages.requests + self.archive.requests)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    pages, archive = WebServer(), WebServer()
    html = (EXAMPLE / "article.html").read_text("utf-8")
    for entry in SITE:
        if entry["url"] is None:
            continue
        path = "/" + entry["url"].partition("://")[2]
        html = html.replace(entry["url"], pages.url(path))
        if entry["served"] in ("live", "archive"):
            body = (EXAMPLE / entry["file"]).read_bytes()
            reply = Reply(body, 200, {"Content-Type": entry["media_type"]})
            if entry["served"] == "live":
                pages.replies[path] = SERVED.get(entry["reference"], reply)
            else:
                html = html.replace("https://web.archive.example", archive.url(""))
                archive.replies[f"/web/20160210093000id_/{pages.url(path)}"] = reply
        if entry["reference"] == "6":
            rules = f"User-agent: *\nDisallow: {path}\n".encode()
            pages.replies["/robots.txt"] = Reply(rules, 200, {"Content-Type": "text/plain"})
    nothing = b'{"archived_snapshots": {}}'
    archive.fallback = Reply(nothing, 200, {"Content-Type": "application/json"})
    article = tmp_path / "bridge.html"
    article.write_text(html, "utf-8")
    yield Site(pages, archive, article)
    pages.close()
    archive.close()


def states_of(document: dict[str, Any]) -> dict[str, str]:
    return {r["label"]: r["access"] for r in document["references"] if r["label"] in STATES}


def texts_of(folder: Path) -> dict[str, str]:
    with Corpus.open(folder) as corpus:
        return {key: document.text_sha256 for key, document in corpus.documents.items()}


def test_every_source_has_its_state_and_captures_give_it_again(
    site: Site, commands: Commands, tmp_path: Path
) -> None:
    folder = tmp_path / "bridge"
    run = ("ingest", site.article, "--corpus", folder, "--json")
    done = commands(*run, **site.settings)
    assert done.code == 0, done.err
    assert states_of(done.document) == STATES
    assert len(set(STATES.values())) >= 8
    for row in done.document["references"]:
        assert row["reason"].endswith("."), row
    verified = commands("verify", "--corpus", folder, "--json")
    assert verified.code == 0, verified.out
    made = texts_of(folder)
    assert len(made) == 5

    asked = site.asked()
    again = commands(*run, **site.settings)
    assert again.document["corpus"]["revision"] == done.document["corpus"]["revision"]
    assert site.asked() == asked, "what has answered is not asked again"
    planned = commands(*run, "--dry-run", **site.settings).document
    rows = {row["label"]: row["reason"] for row in planned["references"]}
    assert rows["3"].startswith("Would be read again as it was captured")
    refreshed = commands(*run, "--dry-run", "--refresh", **site.settings).document
    rows = {row["label"]: row["reason"] for row in refreshed["references"]}
    assert rows["3"].startswith("Would be fetched from")

    site.pages.close()
    site.archive.close()
    for source in (site.article, "the article as it was captured"):
        replayed = commands("ingest", source, "--corpus", folder, "--from-captures", "--json")
        assert replayed.code == 0, replayed.err
        assert states_of(replayed.document) == STATES
        assert texts_of(folder) == made


def test_refreshing_asks_again_and_takes_what_is_new(
    site: Site, commands: Commands, tmp_path: Path
) -> None:
    folder = tmp_path / "bridge"
    run = ("ingest", site.article, "--corpus", folder, "--json")
    first = commands(*run, **site.settings).document
    path = next(p for p in site.pages.replies if p.endswith("/see/sallowick-bridge"))
    old = site.pages.replies[path]
    assert isinstance(old, Reply)
    site.pages.replies[path] = old._replace(body=old.body.replace(b"1913", b"1914"))
    unchanged = commands(*run, **site.settings).document
    assert unchanged["corpus"]["revision"] == first["corpus"]["revision"]
    fresh = commands(*run, "--refresh", **site.settings).document
    assert fresh["corpus"]["revision"] != first["corpus"]["revision"]
    found = commands("ask", "When did it open?", "--corpus", folder, "--reference", "3", "--json")
    assert "1914" in found.out
    assert "1913" not in json.dumps(found.document["passages"])


def test_a_dry_run_asks_nobody_and_lists_what_would_be_fetched(
    site: Site, commands: Commands, tmp_path: Path
) -> None:
    folder = tmp_path / "none"
    done = commands(
        *("ingest", site.article, "--corpus", folder, "--dry-run", "--json"), **site.settings
    )
    assert done.code == 0, done.err
    assert site.asked() == 0
    assert not folder.exists()
    rows = {row["label"]: row for row in done.document["references"]}
    assert rows["3"]["url"] in rows["3"]["reason"]
    assert rows["3"]["access"] == "not_attempted"
    plain = commands("ingest", site.article, "--corpus", folder, "--dry-run", **site.settings)
    printed = " ".join(plain.out.split())
    assert "What would happen" in printed
    assert "Would be fetched from http" in printed
    assert "nothing was written" in printed
