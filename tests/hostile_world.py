"""A hostile web: its servers, its pages, and an archive that lies about some of them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from html import escape
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from tests.hostile_server import HostileSite, HostileWeb, gzip_bomb
from tests.web_server import Reply, Request, WebServer

FETCH_SECONDS = "6"
HTML = {"Content-Type": "text/html; charset=utf-8"}
JSON = {"Content-Type": "application/json"}
STAMP = "20160210093000"


class World(NamedTuple):
    """The servers of a test; ``main`` answers at once, the others each spoil a host of their own.

    ``good`` has the pages that must survive; ``archive`` tells lies about some pages.
    """

    web: HostileWeb
    good: WebServer
    archive: WebServer
    main: HostileSite
    slow: HostileSite
    drip: HostileSite
    broken: HostileSite
    busy: HostileSite
    later: HostileSite
    robots: HostileSite
    led: HostileSite
    closed: HostileSite

    @property
    def settings(self) -> dict[str, Any]:
        sites = [part.address for part in self if isinstance(part, HostileSite | WebServer)]
        return {
            "FOOTNOTED_FETCH": "true",
            "FOOTNOTED_FETCH_ALLOW": ",".join(sites),
            "FOOTNOTED_FETCH_SECONDS": FETCH_SECONDS,
            "FOOTNOTED_ARCHIVE_URL": self.archive.url(""),
            "FOOTNOTED_ARCHIVE_API": self.archive.url(""),
            "FOOTNOTED_PACE": "0",
        }


@contextmanager
def hostile_world() -> Iterator[World]:
    """All servers, and on their ports of other addresses those that nobody may reach."""
    web = HostileWeb()
    good, archive = WebServer(), WebServer()
    made = World(web, good, archive, *(web.site() for _ in range(9)))
    for host in ("127.0.0.2", "127.0.0.3"):
        web.forbid(host, made.main.port)
        web.forbid(host, archive.port)
    with suppress(OSError):  # a machine without IPv6 has no ::1
        web.forbid("::1", made.main.port)
    archive.fallback = Archive(made).answer
    try:
        yield made
    finally:
        web.close()
        good.close()
        archive.close()


class Archive:
    """A web archive that is honest of most pages and lies about those that are named so."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._bomb = Reply(b"".join(gzip_bomb(1024)), 200, JSON | {"Content-Encoding": "gzip"})

    def answer(self, request: Request) -> Reply:
        parts = urlsplit(request.path)
        page = parse_qs(parts.query).get("url", [""])[0]
        if parts.path.startswith("/web/"):
            return self._copy(parts.path)
        lie = page.rpartition("/lost/")[2] if "/lost/" in page else ""
        if lie == "bomb":
            return self._bomb
        if parts.path == "/cdx/search/cdx":
            return self._listed(self._world.good.url("/else") if lie == "listed" else None)
        return self._closest(lie, page)

    def _closest(self, lie: str, page: str) -> Reply:
        """The availability interface: the copies of which it speaks are not all what it says."""
        if lie == "html":
            return Reply(b"<html><body>Down for maintenance.</body></html>", 200, HTML)
        archive, other = self._world.archive, self._world.good.url("/else")
        copy = f"{archive.url('')}/web/{STAMP}/"
        url = {
            "other-page": f"{copy}{other}",
            "other-host": f"http://127.0.0.2:{archive.port}/web/{STAMP}/{page}",
        }.get(lie, f"{copy}{page}")
        closest = {"available": True, "status": "200", "url": url, "timestamp": STAMP}
        silent = lie in ("", "listed")
        return self._json({"archived_snapshots": {} if silent else {"closest": closest}})

    def _listed(self, page: str | None) -> Reply:
        """The CDX interface: a list of one copy, or an empty one."""
        columns = ["timestamp", "original", "mimetype", "statuscode"]
        return self._json([columns, [STAMP, page, "text/html", "200"]] if page else [])

    def _copy(self, path: str) -> Reply:
        """What is found at the address of a copy."""
        archive = self._world.archive
        if path.endswith("/lost/honest"):
            return Reply(page_of("archive-honest").encode(), 200, HTML)
        if path.endswith("/else"):
            return Reply(page_of("else").encode(), 200, HTML)
        location = {
            "replays-other": archive.url(f"/web/{STAMP}id_/{self._world.good.url('/else')}"),
            "leads-away": f"http://127.0.0.2:{archive.port}{path}",
            "leads-to-file": "file:///etc/passwd",
        }.get(path.rpartition("/")[2])
        return Reply(b"", 302, {"Location": location}) if location else Reply(b"", 404)

    def _json(self, document: Any) -> Reply:
        return Reply(json.dumps(document).encode(), 200, JSON)


def words_of(name: str, sentences: int = 4) -> str:
    """Some sentences that no other page has."""
    words = random.Random(name)
    return " ".join(
        f"On day {words.randrange(9999)} the keeper of {name} wrote down {words.randrange(9999)} "
        f"inches of water and {words.randrange(9999)} boats."
        for _ in range(sentences)
    )


def page_of(name: str, body: str = "", sentences: int = 4) -> str:
    return (
        f"<html><head><title>The log of {name}</title></head><body><h1>The log of {name}</h1>"
        f"<p>{words_of(name, sentences)}</p>{body}</body></html>"
    )


def article_on(urls: dict[str, str]) -> str:
    """An article with one sentence and one reference for each of ``urls``, by name."""
    claims, notes = [], []
    for n, (name, url) in enumerate(urls.items(), start=1):
        claims.append(
            f"<p>Keeper number {n} wrote a log of his own in that year."
            f'<sup id="cite_ref-{n}" class="reference"><a href="#cite_note-{n}">[{n}]</a></sup></p>'
        )
        notes.append(
            f'<li id="cite_note-{n}"><span class="mw-cite-backlink"><a href="#cite_ref-{n}">^</a>'
            f'</span> <span class="reference-text"><a class="external text" '
            f'href="{escape(url)}">“The log of {name}”</a>.</span></li>'
        )
    return (
        '<html><head><meta charset="utf-8"><title>The Keepers - Wikipedia</title></head><body>'
        '<h1 id="firstHeading">The Keepers</h1><div id="mw-content-text">'
        f'<div class="mw-parser-output">{"".join(claims)}<h2>References</h2><div class="reflist">'
        f'<ol class="references">{"".join(notes)}</ol></div></div></div></body></html>'
    )
