"""Everything that stands around the routes for operators, put together from the settings."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import Response
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from footnoted.index.sessions import processors
from footnoted.service.access import needs
from footnoted.service.envelope import LOOPBACK
from footnoted.service.operations.admission import Admission
from footnoted.service.operations.corpora import InUse
from footnoted.service.operations.ending import Ending
from footnoted.service.operations.gate import MOST_AT_ONCE, Gate
from footnoted.service.operations.keys import Keys
from footnoted.service.operations.limits import FILE_NAME, RateLimit
from footnoted.service.operations.metrics import Metrics
from footnoted.service.operations.observing import Observing
from footnoted.service.operations.patience import Patience
from footnoted.service.shelf import Shelf
from footnoted.settings import Settings

_CORS_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
_CORS_ASKS = ("Accept", "Authorization", "Content-Type", "If-None-Match", "X-Request-Id")
_CORS_TELLS = (
    *("Content-Disposition", "ETag", "Link", "Location"),
    *("RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"),
)


class Operations:
    """Keys, limits, the gate, metrics and the end of one server process.

    ``metrics_folder`` is where several workers count together. Raises ``StorageError`` for a state
    folder in which a rate limit that workers share cannot be kept.
    """

    def __init__(self, settings: Settings, metrics_folder: Path | None = None) -> None:
        self.settings = settings
        self.ending = Ending()
        self.metrics = Metrics(metrics_folder)
        self.gate = Gate(at_once(settings), settings.waiting, self.metrics.queue)
        self.keys = Keys(settings.state_dir)
        self.limit: RateLimit | None = None
        if settings.rate_limit:
            shared = settings.state_dir / FILE_NAME if settings.workers > 1 else None
            self.limit = RateLimit(settings.rate_limit, shared)

    def outer(self) -> list[Middleware]:
        """What stands outside of the errors' translation, from the outermost in."""
        stack = [Middleware(Observing, metrics=self.metrics)]
        if origins := names_in(self.settings.cors_origins):
            stack.append(
                Middleware(
                    CORSMiddleware,
                    allow_origins=[origin.rstrip("/") for origin in origins],
                    allow_methods=_CORS_METHODS,
                    allow_headers=_CORS_ASKS,
                    expose_headers=_CORS_TELLS,
                )
            )
        return stack

    def admission(self) -> Middleware:
        """Who may ask."""
        return Middleware(
            Admission,
            keys=self.keys,
            limit=self.limit,
            local=is_local(self.settings),
            private=self.settings.private,
        )

    def patience(self) -> Middleware:
        """How long they wait; must stand inside the limit on bodies, which are read here."""
        return Middleware(
            Patience,
            gate=self.gate,
            ending=self.ending,
            seconds=self.settings.request_seconds,
            turned_away=self.metrics.turned_away,
        )

    def install(self, app: FastAPI, shelf: Shelf) -> None:
        """Add ``/metrics``; ``app.state.operations`` is this from now on."""
        app.state.operations = self
        router = APIRouter(dependencies=[Depends(needs("read", unless_local=True))])

        @router.get("/metrics", include_in_schema=False)
        def metrics(request: Request) -> Response:
            """Tell Prometheus."""
            accept = request.headers.get("accept", "")
            found = self.metrics.exposition(accept, InUse(shelf))
            return Response(found.body, headers={"Content-Type": found.media_type})

        app.include_router(router)

    def close(self) -> None:
        """Let go of the files."""
        if self.limit is not None:
            self.limit.close()


def at_once(settings: Settings) -> int:
    """How many requests one worker works on: twice its share of the processors.

    While one waits for the disk, or for a writing endpoint, another one computes.
    """
    return min(MOST_AT_ONCE, max(2, 2 * processors() // settings.workers))


def is_local(settings: Settings) -> bool:
    """Whether the settings say that only this machine can ask: on loopback, and no proxy named."""
    beyond = settings.public_url or settings.trusted_proxies or settings.allowed_hosts
    return settings.host.strip("[]").lower() in LOOPBACK and not beyond


def names_in(listed: str) -> list[str]:
    """The names of a setting that separates them by commas."""
    return [name.strip() for name in listed.split(",") if name.strip()]
