"""What happens to a job, as Server-Sent Events that can be taken up where they broke off."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.concurrency import run_in_threadpool

from footnoted.errors import NotFound
from footnoted.ingest.records import dumps
from footnoted.service.jobs.store import JobStore

LOOK_SECONDS = 0.3
PING_SECONDS = 15.0
RETRY_MS = 2000


async def stream(store: JobStore, job_id: str, after: int) -> AsyncIterator[bytes]:
    """The job's events after this one, as they come, to its end; now and then a comment.

    A client that loses the connection is told to come back, with the id of the last event.
    """
    yield format_sse_event(retry=RETRY_MS)
    spoken = time.monotonic()
    while True:
        try:  # the job first: when it has ended, no event comes after those read then
            job = await run_in_threadpool(store.job, job_id)
        except NotFound:
            return  # it is too old to be kept
        for event in await run_in_threadpool(store.events, job_id, after):
            after, spoken = event.number, time.monotonic()
            yield format_sse_event(data_str=dumps(event.data), event=event.kind, id=str(after))
        if not job.state.active:
            return
        if time.monotonic() - spoken >= PING_SECONDS:
            spoken = time.monotonic()
            yield KEEPALIVE_COMMENT
        await asyncio.sleep(LOOK_SECONDS)
