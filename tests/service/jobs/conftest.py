"""A web with an article that can be slow, and servers of ingest jobs that share a state folder."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from tests.web_server import Reply, WebServer

from footnoted.service import problems
from footnoted.service.envelope import Envelope
from footnoted.service.jobs.ingesting import IngestJobs
from footnoted.service.operations.keys import Keys
from footnoted.service.operations.stack import Operations
from footnoted.service.shelf import Shelf
from footnoted.settings import Settings

SECONDS = 60.0
ARTICLE = """<html><head><title>{title} - Wikipedia</title></head><body>
<h1 id="firstHeading">{title}</h1><div id="mw-content-text"><div class="mw-parser-output">
<p>The old bridge fell into the river in the flood of 1931.<sup id="cite_ref-1" class="reference">
<a href="#cite_note-1">[1]</a></sup></p><h2>References</h2><div class="reflist">
<ol class="references"><li id="cite_note-1"><a href="#cite_ref-1">^</a>
<span class="reference-text"><a class="external text" href="{source}">“The flood”</a>.</span></li>
</ol></div></div></div></body></html>"""
SOURCE = "The flood of 1931 took the old bridge of the town. It fell into the river at night. " * 9
PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


@pytest.fixture
def web() -> Iterator[WebServer]:
    """Serves ``/article``, which cites ``/source``; ``/slow`` cites what takes a minute to come."""
    server = WebServer()
    server.replies["/source"] = Reply(SOURCE.encode(), 200, PLAIN)
    server.replies["/endless"] = Reply(SOURCE.encode(), 200, PLAIN, delay=SECONDS)
    server.page("/article", ARTICLE.format(title="Old Bridge", source=server.url("/source")))
    server.page("/slow", ARTICLE.format(title="Slow Bridge", source=server.url("/endless")))
    yield server
    server.close()


@pytest.fixture
def settings(web: WebServer, tmp_path: Path, cache_dir: Path) -> Settings:
    return Settings(
        data_dir=tmp_path / "data",
        state_dir=tmp_path / "state",
        cache_dir=cache_dir,
        fetch_allow=web.address,
        archive_url=web.url(""),
        archive_api=web.url(""),
        pace=0.0,
        threads=1,
    )


@pytest.fixture
def key(settings: Settings) -> str:
    """The key of the administrator Ana."""
    return Keys(settings.state_dir).add("ana", "admin")


@pytest.fixture
def serve(settings: Settings, key: str) -> Iterator[Callable[..., TestClient]]:
    """Makes a client of another worker each time; those that ``run`` run jobs until the end."""
    running = []

    def client(*, run: bool = False, corpora: dict[str, Any] | None = None) -> TestClient:
        operations = Operations(settings)
        jobs = IngestJobs(Shelf(corpora or {}), operations.keys, settings)
        app = FastAPI(
            lifespan=lambda _: jobs.running(),
            middleware=[
                Middleware(Envelope),
                Middleware(ExceptionMiddleware, handlers=problems.HANDLERS),
                operations.admission(),
            ],
        )
        problems.install(app)
        app.include_router(jobs.router)
        made = TestClient(app, base_url="http://localhost", raise_server_exceptions=False)
        made.headers["Authorization"] = f"Bearer {key}"
        if run:
            made.__enter__()
            running.append(made)
        return made

    yield client
    for made in running:
        made.__exit__(None, None, None)


def until(client: TestClient, job: str, *states: str) -> dict[str, Any]:
    """The job's document once it is in one of these states."""
    end = time.monotonic() + SECONDS
    while (found := client.get(f"/v1/ingest/{job}").json())["state"] not in states:
        assert time.monotonic() < end, found
        time.sleep(0.05)
    return dict(found)


def events_of(body: str) -> list[tuple[int, str, dict[str, Any]]]:
    """Number, kind and data of each event of a stream."""
    found = []
    for block in body.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "event" in fields:
            found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return found
