"""An ingest of 400 sources that is killed again and again: nothing is lost or asked for twice."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from tests.conftest import Commands
from tests.web_server import Reply, Request, WebServer

from footnoted.ingest.database import FILE_NAME

SOURCES = 400
SITES = 8
KILLS = 30 if os.environ.get("FOOTNOTED_TEST_STRICT") == "1" else 6
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
def walls() -> Iterator[list[WebServer]]:
    servers = [WebServer() for _ in range(SITES)]
    for server in servers:
        server.fallback = page
    yield servers
    for server in servers:
        server.close()


def article_on(walls: Sequence[WebServer]) -> str:
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
            f'href="{walls[n % SITES].url(f"/wall/{n}")}">“Wall {n}”</a>.</span></li>'
        )
    return (
        '<html><head><title>The Wall - Wikipedia</title></head><body><h1 id="firstHeading">The '
        'Wall</h1><div id="mw-content-text"><div class="mw-parser-output">'
        f'{"".join(claims)}<h2>References</h2><div class="reflist"><ol class="references">'
        f"{''.join(notes)}</ol></div></div></div></body></html>"
    )


def committed(folder: Path) -> set[str]:
    """The paths whose responses the corpus holds."""
    if not (folder / FILE_NAME).is_file():
        return set()
    with sqlite3.connect(f"file:{folder / FILE_NAME}", uri=True) as connection:
        made = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'captures'").fetchall()
        wanted = (
            "SELECT url FROM captures WHERE origin != 'supplied'" if made else "SELECT 1 WHERE 0"
        )
        rows = connection.execute(wanted).fetchall()
    connection.close()
    return {"/wall/" + url.rpartition("/")[2] for (url,) in rows}


def asked_for(walls: Sequence[WebServer]) -> Counter[str]:
    requests = [request.path for wall in walls for request in list(wall.requests)]
    return Counter(path for path in requests if path.startswith("/wall/"))


def wait_a_while(
    process: subprocess.Popen[str], walls: Sequence[WebServer], chance: random.Random
) -> None:
    """Until some more pages were asked for, and a moment longer; or, now and then, at once."""
    more = asked_for(walls).total() + chance.choice((0, 2, 10, 30, 80))
    deadline = time.monotonic() + 4
    while asked_for(walls).total() < more and time.monotonic() < deadline:
        if process.poll() is not None:
            break
        time.sleep(0.01)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=chance.uniform(0, 0.8))


@pytest.mark.timeout(1200)
def test_kills_lose_nothing_and_nothing_is_asked_for_twice(
    walls: list[WebServer], commands: Commands, tmp_path: Path
) -> None:
    article = tmp_path / "wall.html"
    article.write_text(article_on(walls), "utf-8")
    killed, resumed = tmp_path / "killed", tmp_path / "resumed"
    settings = {
        "FOOTNOTED_FETCH": "true",
        "FOOTNOTED_FETCH_ALLOW": ",".join(wall.address for wall in walls),
        "FOOTNOTED_PACE": "0",
    }
    run = ("ingest", article, "--jobs", JOBS, "--no-index", "--json", "--corpus")
    chance = random.Random(5)
    progress = []
    for number in range(KILLS):
        held, before = committed(killed), asked_for(walls)
        process = commands.start(*run, killed, **settings)
        wait_a_while(process, walls, chance)
        process.kill()
        process.communicate()
        after = asked_for(walls)
        assert not {path for path in held if after[path] > before[path]}, "asked for again"
        progress.append(len(committed(killed)))

        # What a resumed ingest makes of this moment; the next kill goes on from the same one.
        shutil.rmtree(resumed, ignore_errors=True)
        if killed.exists():
            shutil.copytree(killed, resumed)
        held, before = committed(resumed), asked_for(walls)
        done = commands(*run, resumed, **settings)
        assert done.code == 0, (number, done.err)
        assert done.document["counts"]["access"] == {"fetched": SOURCES}
        after = asked_for(walls)
        new = {path: after[path] - before[path] for path in after}
        assert not {path for path in held if new[path]}, "committed, and asked for again"
        assert set(new.values()) <= {0, 1}
        assert sum(new.values()) == SOURCES - len(held)
        verified = commands("verify", "--corpus", resumed, "--json")
        assert verified.code == 0, verified.out
    assert progress == sorted(progress)
    assert progress[0] < SOURCES, "the first kill came too late to prove anything"
    assert progress[-1] > 20
