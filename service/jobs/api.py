"""The routes of ingest jobs: start one, list them, watch it, cancel it.

They are for administrators alone: a key with the scope admin must be sent, also on a server that
listens to this machine alone, and where no such key was made they are off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.exceptions import HTTPException

from footnoted.domain import Json
from footnoted.service.access import needs
from footnoted.service.api.paging import PageParameters
from footnoted.service.jobs import shapes
from footnoted.service.jobs.events import stream
from footnoted.service.jobs.records import Job, JobState
from footnoted.service.jobs.requests import wanted
from footnoted.service.jobs.store import JobStore
from footnoted.service.operations.keys import Keys
from footnoted.service.origins import from_own_page
from footnoted.service.problems import described
from footnoted.service.shelf import Shelf
from footnoted.settings import Settings

PLACE = "/v1/ingest"
EVENTS = "text/event-stream"
JobId = Annotated[str, Path(description="A job's `id`.")]


def jobs(
    shelf: Shelf, store: JobStore, keys: Keys, settings: Settings, wake: Callable[[], None]
) -> APIRouter:
    """The routes under ``/v1/ingest``; ``wake`` is called when a job was queued or cancelled."""
    router = APIRouter(
        prefix=PLACE,
        tags=["ingest"],
        dependencies=[
            Depends(_switched_on(keys)),
            Depends(from_own_page(settings)),
            Depends(needs("admin")),
        ],
        responses=described(),
    )

    @router.post(
        "",
        status_code=202,
        responses={202: {"model": shapes.JobDocument, "description": "The job is queued."}},
    )
    def start(request: Request, body: shapes.IngestRequest) -> Response:
        """Read an article and its sources into a corpus, and build its index: as a job."""
        asked = wanted(body, shelf, settings)
        kept = body.model_dump(exclude_defaults=True)
        kept |= {"source": asked.source, "corpus": asked.corpus}
        author = str(request.scope["state"].get("key_name", "admin"))
        job = store.add(asked.corpus, asked.folder, kept, author)
        wake()
        return JSONResponse(
            _document(job, store, shelf), 202, {"Location": f"{PLACE}/{job.job_id}"}
        )

    @router.get("", responses={200: {"model": shapes.JobsDocument}})
    def listed(request: Request, page: PageParameters) -> Response:
        """List the last jobs, the newest first; `counts` counts them all by their state."""
        found = store.jobs()
        counts = Counter(job.state for job in found)
        document = {
            "jobs": [_document(job, store, shelf) for job in page.of(found)],
            "counts": {state.value: counts[state] for state in JobState},
        }
        return JSONResponse(document, headers=page.links(request, len(found)))

    @router.get("/{job}", responses={200: {"model": shapes.JobDocument}})
    def shown(job: JobId) -> Response:
        """Show one job: its state, how far it is, and what became of it."""
        return JSONResponse(_document(store.job(job), store, shelf))

    @router.get(
        "/{job}/events",
        response_class=StreamingResponse,
        responses={
            200: {
                "description": "Events `state`, `progress` and `notice`; ends when the job does.",
                "content": {EVENTS: {"schema": {"type": "string"}}},
            },
            204: {"description": "The job has ended, and nothing came after that event."},
        },
    )
    def watched(
        job: JobId,
        last_event_id: Annotated[
            str | None,
            # Digits that SQLite can compare; as text, for that is what headers are.
            Header(pattern="^[0-9]{1,18}$", description="The id of the last event that came."),
        ] = None,
    ) -> Response:
        """Watch a job: what happened to it, then what happens, as Server-Sent Events."""
        after = int(last_event_id or 0)
        if not store.job(job).state.active and not store.events(job, after):
            return Response(status_code=204)  # with this, browsers do not come back
        return StreamingResponse(
            stream(store, job, after),
            media_type=EVENTS,
            headers={"X-Accel-Buffering": "no"},
        )

    @router.delete(
        "/{job}",
        responses={
            200: {"model": shapes.JobDocument, "description": "It is cancelled."},
            202: {"model": shapes.JobDocument, "description": "It is being ended."},
        },
    )
    def cancel(job: JobId) -> Response:
        """Cancel a job; what it has read is kept, and a later one goes on from there."""
        found = store.cancel(job)
        wake()
        return JSONResponse(_document(found, store, shelf), 202 if found.state.active else 200)

    return router


def _switched_on(keys: Keys) -> Callable[[], None]:
    def check() -> None:
        if not any(key.scope == "admin" for key in keys.all()):
            raise HTTPException(
                403,
                "Ingesting over HTTP is off here, as no admin key was made. Whoever runs this "
                "server turns it on with: footnoted keys add NAME --scope admin",
            )

    return check


def _document(job: Job, store: JobStore, shelf: Shelf) -> Json:
    stages = [event.data for event in store.events(job.job_id) if event.kind == "progress"]
    return {
        "id": job.job_id,
        "state": job.state.value,
        "corpus": job.corpus,
        "served": job.corpus in shelf.corpora,
        "request": job.request,
        "author": job.author,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
        "progress": stages,
        "result": job.result,
        "problem": job.problem,
        "events": f"{PLACE}/{job.job_id}/events",
    }
