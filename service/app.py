"""The web application: API, page and probes around corpora that somebody else opens and closes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware

import footnoted
from footnoted.service import problems, routes, webpage
from footnoted.service.envelope import LOOPBACK, AllowedHosts, BodyLimit, Envelope
from footnoted.service.shelf import Answers, Shelf
from footnoted.settings import Settings

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
) -> FastAPI:
    """An ASGI application that answers from ``corpora``, open assistants by name.

    ``default`` is the corpus of requests that name none; without it, the first. ``allowed_hosts``
    are the host names and addresses under which the server may be asked; without it, only those
    of this machine, and ``["*"]`` allows any. ``settings`` are the defaults where none are given.
    Raises ``UsageError`` for a default not among them.
    """
    shelf = Shelf(corpora, default)
    hosts = LOOPBACK if allowed_hosts is None else tuple(allowed_hosts)
    app = FastAPI(
        title="Footnoted",
        description=DESCRIPTION,
        version=footnoted.__version__,
        docs_url=None,  # FastAPI's own page loads its script from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(Envelope),
            Middleware(ExceptionMiddleware, handlers={HTTPException: problems.http_error}),
            Middleware(AllowedHosts, hosts=hosts),
            Middleware(BodyLimit),
        ],
    )
    problems.install(app)
    app.include_router(routes.api(shelf))
    app.include_router(routes.health(shelf))
    webpage.install(app, shelf)
    return app
