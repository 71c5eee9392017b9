"""Ingest jobs of one server process, put together: their store, what runs them, their routes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from footnoted.service.jobs.api import jobs
from footnoted.service.jobs.runner import Runner
from footnoted.service.jobs.store import JobStore
from footnoted.service.jobs.workers import Workers
from footnoted.service.operations.keys import Keys
from footnoted.service.shelf import Shelf
from footnoted.settings import Settings


class IngestJobs:
    """The routes in ``router``, and the jobs, which run while ``running`` does."""

    def __init__(self, shelf: Shelf, keys: Keys, settings: Settings) -> None:
        workers = Workers(settings.state_dir)
        store = JobStore(settings.state_dir, workers.lives)
        self.runner = Runner(store, workers, settings)
        self.router = jobs(shelf, store, keys, settings, self.runner.wake)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run what is queued; what still runs at the end goes back to the queue."""
        async with self.runner.running():
            yield
