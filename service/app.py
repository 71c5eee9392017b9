"""The web application: API, page and probes around corpora that somebody else opens and closes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.middleware.gzip import GZipMiddleware

import footnoted
from footnoted.service import problems, routes, webpage
from footnoted.service.chat import failures
from footnoted.service.chat.routes import MAX_CONVERSATION, chat
from footnoted.service.connectors.http import McpEndpoint
from footnoted.service.envelope import LOOPBACK, AllowedHosts, BodyLimit, Envelope
from footnoted.service.jobs.ingesting import IngestJobs
from footnoted.service.notes.api import notes
from footnoted.service.notes.store import NoteStore
from footnoted.service.operations.corpora import watched
from footnoted.service.operations.stack import Operations
from footnoted.service.shelf import Answers, Shelf
from footnoted.settings import Settings

SMALL = 1024  # bytes: what is smaller is sent as it is
DESCRIPTION = (
    "Cited answers about one article and everything it cites. Every statement is verbatim, and "
    "every statement and passage comes with its citation."
)


def create_app(
    corpora: Mapping[str, Answers],
    *,
    default: str | None = None,
    allowed_hosts: Iterable[str] | None = None,
    settings: Settings | None = None,
    metrics_folder: Path | None = None,
) -> FastAPI:
    """An ASGI application that answers from ``corpora``, open assistants by name.

    ``default`` is the corpus of requests that name none; without it, the first. ``allowed_hosts``
    are the host names and addresses under which the server may be asked; without it, only those
    of this machine, and ``["*"]`` allows any. ``settings`` are the defaults where none are given.
    ``metrics_folder`` is where the workers of one server count together.
    Raises ``UsageError`` for a default not among them.
    """
    operations = Operations(settings or Settings(), metrics_folder)
    shelf = Shelf(watched(corpora, operations.metrics), default)
    hosts = LOOPBACK if allowed_hosts is None else tuple(allowed_hosts)
    mcp = McpEndpoint(shelf, settings or Settings())
    ingest = IngestJobs(shelf, operations.keys, operations.settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with mcp.running(), ingest.running():
            yield

    app = FastAPI(
        title="Footnoted",
        description=DESCRIPTION,
        version=footnoted.__version__,
        docs_url=None,  # FastAPI's own page loads its script from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        middleware=[
            Middleware(Envelope),
            Middleware(GZipMiddleware, minimum_size=SMALL, compresslevel=4),
            *operations.outer(),
            Middleware(ExceptionMiddleware, handlers=problems.HANDLERS),
            Middleware(AllowedHosts, hosts=hosts),
            operations.admission(),
            Middleware(BodyLimit, larger={failures.COMPLETIONS: MAX_CONVERSATION}),
            operations.patience(),
        ],
    )
    problems.install(app)
    app.include_router(routes.api(shelf, operations.settings))
    app.include_router(routes.health(shelf))
    app.include_router(chat(shelf, settings.public_url if settings else ""))
    app.router.routes.append(mcp.route)
    app.include_router(ingest.router)
    app.include_router(notes(shelf, NoteStore(operations.settings.state_dir), operations.settings))
    operations.install(app, shelf)
    webpage.install(app, shelf)
    return app
