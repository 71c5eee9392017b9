"""The HTTP API: each route asks one open corpus and passes its document on.

What asks or reads runs in the thread pool: it is work for the processor. Errors are
raised, and become problem documents in ``footnoted.service.problems``. What is told under ``/v1``
keeps its meaning: docs/http.md says what that promises.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from footnoted.errors import FootnotedError, StorageError
from footnoted.service import problems
from footnoted.service.access import needs
from footnoted.service.api.asking import asking
from footnoted.service.api.exporting import exporting
from footnoted.service.api.reading import reading
from footnoted.service.api.responses import gives
from footnoted.service.api.sources import sources
from footnoted.service.origins import from_own_page
from footnoted.service.schemas import Health
from footnoted.service.shelf import Shelf
from footnoted.settings import Settings


def api(shelf: Shelf, settings: Settings) -> APIRouter:
    """The routes under ``/v1``, answering from the corpora of ``shelf``."""
    router = APIRouter(prefix="/v1", responses=problems.described())
    has_key, from_here = needs("read", unless_local=True), from_own_page(settings)

    def check_writing(request: Request) -> None:
        """A chat endpoint costs money: no stranger spends it, nor a page that they made."""
        has_key(request)
        from_here(request)

    router.include_router(asking(shelf, check_writing))
    for part in (reading, sources, exporting):
        router.include_router(part(shelf))
    return router


def health(shelf: Shelf) -> APIRouter:
    """The probes: ``/healthz`` says that the process runs, ``/readyz`` that it can answer."""
    router = APIRouter(responses=problems.described())

    @router.get("/healthz", responses=gives(Health))
    async def healthz() -> JSONResponse:
        """Say that the process is up."""
        return JSONResponse({"status": "ok"})

    @router.get("/readyz", responses=gives(Health))
    def readyz() -> JSONResponse:
        """Say whether every corpus can be asked, loading those that are not; 503 when not."""
        shelf.name(None)
        for name, corpus in shelf.corpora.items():
            try:
                corpus.load()
            except FootnotedError as error:
                raise StorageError(
                    f"The corpus {name} cannot be asked: {error}", about=name, hint=error.hint
                ) from error
        return JSONResponse({"status": "ready"})

    return router
