"""Runs queued jobs in this server process: a thread that looks for them, and one for each job."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.concurrency import run_in_threadpool

from footnoted.domain import Json
from footnoted.errors import FootnotedError, problem
from footnoted.service.jobs.child import order
from footnoted.service.jobs.process import JobProcess
from footnoted.service.jobs.records import Job, JobState
from footnoted.service.jobs.store import JobStore
from footnoted.service.jobs.workers import Workers
from footnoted.settings import Settings

AT_ONCE = 2
"""Jobs that run at once, in all workers together: each reads up to ``settings.jobs`` sources."""
LOOK_SECONDS = 1.0
_HEAR_SECONDS = 0.25
_AGAIN_SECONDS = 1.0
_logger = logging.getLogger(__name__)


class Runner:
    """Takes jobs of ``store`` that wait and runs them, until it is stopped."""

    def __init__(
        self, store: JobStore, workers: Workers, settings: Settings, at_once: int = AT_ONCE
    ) -> None:
        self._store = store
        self._workers = workers
        self._settings = settings
        self._at_once = at_once
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._looking: threading.Thread | None = None
        self._running: list[threading.Thread] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Jobs run while the block does; those that still run at its end go back to the queue."""
        self.start()
        try:
            yield
        finally:
            await run_in_threadpool(self.stop)

    def start(self) -> None:
        """Begin to look for jobs."""
        self._looking = threading.Thread(target=self._look, name="ingest jobs")
        self._looking.start()

    def wake(self) -> None:
        """Look now: there may be something to do."""
        self._woken.set()

    def stop(self) -> None:
        """End what runs, so that another worker, or the next server, takes it up."""
        self._stopping.set()
        self._woken.set()
        if self._looking is not None:
            self._looking.join()
        for thread in self._running:
            thread.join()
        self._workers.leave()
        self._store.close()

    def _look(self) -> None:
        troubled = False
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                self._take_all()
                troubled = False
            except (FootnotedError, OSError) as error:
                if not troubled:  # said once, not every second
                    _logger.error("No ingest jobs can be run: %s", error)
                troubled = True
            self._woken.wait(LOOK_SECONDS)

    def _take_all(self) -> None:
        self._running = [thread for thread in self._running if thread.is_alive()]
        while self._store.waiting() and not self._stopping.is_set():
            job = self._store.take(self._workers.join(), self._at_once)
            if job is None:
                return
            thread = threading.Thread(target=self._run, args=(job,), name=f"ingest {job.job_id}")
            self._running.append(thread)
            thread.start()

    def _run(self, job: Job) -> None:
        """Run a job to its end, and keep what became of it however that was."""
        result: Json | None = None
        try:
            state, result, trouble = self._work(job)
        except (FootnotedError, OSError) as error:
            _logger.error("The ingest job %s ended: %s", job.job_id, error)
            failed = error if isinstance(error, FootnotedError) else _unstarted(error)
            state, trouble = JobState.FAILED, problem(failed)
        while True:
            try:
                if state is JobState.QUEUED:
                    self._store.queue_again(job.job_id)
                else:
                    self._store.end(job.job_id, state, result=result, problem=trouble)
            except (FootnotedError, OSError) as error:
                _logger.error("What became of job %s cannot be kept: %s", job.job_id, error)
                if self._stopping.is_set():
                    return  # this worker will be gone, and the job be found to be lost
                time.sleep(_AGAIN_SECONDS)
            else:
                self._woken.set()  # there is room for another
                return

    def _work(self, job: Job) -> tuple[JobState, Json | None, Json | None]:
        """The state in which a job ended, its result, and its problem."""
        options = {key: value for key, value in job.request.items() if key != "source"}
        told = order(job.request["source"], job.folder, options, self._settings)
        cancelled = False
        with JobProcess(told) as process:
            self._store.began(job.job_id, process.pid)
            ended: tuple[str, Json] | None = None
            while not process.over:
                heard = process.hear(_HEAR_SECONDS)
                latest = {str(data["stage"]): data for kind, data in heard if kind == "progress"}
                events = [("progress", data) for data in latest.values()]
                events += [(kind, data) for kind, data in heard if kind == "notice"]
                if events:
                    self._store.tell(job.job_id, events)
                ended = next(((k, d) for k, d in heard if k in ("done", "failed")), ended)
                cancelled = self._store.is_cancelled(job.job_id)
                if ended is None and (cancelled or self._stopping.is_set()):
                    process.end()
            code = process.end()
        if ended is not None and ended[0] == "done":
            return JobState.DONE, ended[1], None
        if cancelled:
            return JobState.CANCELLED, None, None
        if self._stopping.is_set() and ended is None:
            return JobState.QUEUED, None, None
        return JobState.FAILED, None, ended[1] if ended else problem(_died(code))


def _died(code: int) -> FootnotedError:
    if code < 0:
        how = f"was killed by {signal.Signals(-code).name}"
        hint = "It may have needed more memory than there is; start it again, with fewer `jobs`."
    else:
        how, hint = f"ended with code {code}", "The server's log may say why; start it again."
    return FootnotedError(f"The process that read the article {how}.", hint=hint)


def _unstarted(error: OSError) -> FootnotedError:
    return FootnotedError(
        f"The process that reads the article cannot be run: {error.strerror or error}.",
        hint="The machine may be out of memory or processes; start the job again later.",
    )
