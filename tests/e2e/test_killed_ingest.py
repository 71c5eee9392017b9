"""An ingest of 400 sources that is killed again and again: nothing is lost or asked for twice."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.conftest import Commands
from tests.web_server import Reply, Request, WebServer

SOURCES = 400
KILLS = 30
JOBS = 8
PLAIN = {"Content-Type": "text/plain; charset=utf-8"}  # quick to extract: kills come sooner


def page(request: Request) -> Reply:
    """A page of its own for every path, so that no two are copies."""
    if request.path == "/robots.txt":
        return Reply(b"", 404)
    words = random.Random(request.path)
    lines = " ".join(
        f"Stone {words.randrange(10**6)} of the wall weighs {words.randrange(900)} pounds and came "
        f"from quarry {words.randrange(10**5)}."
        for _ in range(12)
    )
    return Reply(lines.encode(), 200, PLAIN, delay=0.005)


@pytest.fixture
def wall() -> Iterator[WebServer]:
    server = WebServer()
    server.fallback = page
    yield server
    server.close()


def article_on(wall: WebServer) -> str:
    """An article of 400 sentences, each with a source of its own."""
    claims, notes = [], []
    for n in range(1, SOURCES + 1):
        claims.append(
            f"<p>Stone number {n} was laid in its row before the winter came."
            f'<sup id="cite_ref-{n}" class="reference"><a href="#cite_note-{n}">[{n}]</a></sup></p>'
        )
        notes.append(
            f'<li id="cite_note-{n}"><span class="mw-cite-backlink"><a href="#cite_ref-{n}">^</a>'
            f'</span> <span class="reference-text"><a class="external text" '
            f'href="{wall.url(f"/wall/{n}")}">“Wall {n}”</a>.</span></li>'
        )
    return (
        '<html><head><title>The Wall - Wikipedia</title></head><body><h1 id="firstHeading">The '
        'Wall</h1><div id="mw-content-text"><div class="mw-parser-output">'
        f'{"".join(claims)}<h2>References</h2><div class="reflist"><ol class="references">'
        f"{''.join(notes)}</ol></div></div></div></body></html>"
    )


def committed(folder: Path) -> set[str]:
    """The addresses whose responses the corpus holds."""
    if not (folder / "corpus.sqlite").is_file():
        return set()
    with sqlite3.connect(f"file:{folder / 'corpus.sqlite'}", uri=True) as connection:
        made = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'captures'").fetchall()
        wanted = (
            "SELECT url FROM captures WHERE origin != 'supplied'" if made else "SELECT 1 WHERE 0"
        )
        rows = connection.execute(wanted).fetchall()
    connection.close()
    return {url for (url,) in rows}


def wait_a_while(process: subprocess.Popen[str], wall: WebServer, chance: random.Random) -> None:
    """Until some more pages were asked for, and a moment longer; or, now and then, at once."""
    more = len(wall.requests) + chance.choice((0, 1, 5, 20, 60))
    deadline = time.monotonic() + 4
    while len(wall.requests) < more and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=chance.uniform(0, 1.5))


def test_thirty_kills_lose_nothing_and_ask_for_nothing_twice(
    wall: WebServer, commands: Commands, tmp_path: Path
) -> None:
    article = tmp_path / "wall.html"
    article.write_text(article_on(wall), "utf-8")
    folder = tmp_path / "wall"
    settings = {
        "FOOTNOTED_FETCH": "true",
        "FOOTNOTED_FETCH_ALLOW": wall.address,
        "FOOTNOTED_ARCHIVE_URL": wall.url(""),
        "FOOTNOTED_ARCHIVE_API": wall.url(""),
        "FOOTNOTED_PACE": "0",
    }
    run = ("ingest", article, "--corpus", folder, "--jobs", JOBS, "--json")
    chance = random.Random(5)
    held: dict[str, int] = {}
    progress = []
    for _ in range(KILLS):
        process = commands.start(*run, **settings)
        wait_a_while(process, wall, chance)
        process.kill()
        process.communicate()
        asked = Counter(request.path for request in list(wall.requests))
        for url, count in held.items():
            assert asked[url] == count, f"{url} was committed, and asked for again"
        stored = committed(folder)
        held = {path: asked[path] for path in (url.partition(wall.address)[2] for url in stored)}
        progress.append(len(stored))
    assert progress == sorted(progress)
    assert progress[0] < SOURCES, "the first kill came too late to prove anything"
    assert progress[-1] > 100

    done = commands.process(*run, **settings)
    assert done.code == 0, done.err
    assert done.document["counts"]["access"] == {"fetched": SOURCES}
    verified = commands("verify", "--corpus", folder, "--json")
    assert verified.code == 0, verified.out
    asked = Counter(r.path for r in wall.requests if r.path.startswith("/wall/"))
    assert len(asked) == SOURCES
    assert sum(asked.values()) <= SOURCES + KILLS * JOBS
