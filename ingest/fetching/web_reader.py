"""Reads cited sources from the web: the cited page first, then archived copies of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, closing
from functools import partial
from typing import NamedTuple

from footnoted.csl import accessed, issued
from footnoted.domain import (
    READABLE,
    Access,
    Identity,
    Origin,
    Reference,
    SourceState,
    UrlStatus,
)
from footnoted.ingest.extract import Extraction
from footnoted.ingest.fetching.archive_lookup import WaybackMachine, is_replay_error
from footnoted.ingest.fetching.archives import is_archive, same_page, snapshot_of
from footnoted.ingest.fetching.keeping import KeepingGet
from footnoted.ingest.fetching.reading_process import ReadingProcess, ToRead
from footnoted.ingest.fetching.responses import Get, NoResponse, Response
from footnoted.ingest.fetching.robots import site_of
from footnoted.ingest.readings import Extracted, OfflineReader, Reading, Unread
from footnoted.ingest.states.page_states import Judgement, shared_endings
from footnoted.ingest.store import CorpusWriter

LIVE_URLS = 3  # of one reference that are asked for: its title's, its archive's original, its DOI
_TAKEN_OVER = frozenset({UrlStatus.UNFIT, UrlStatus.USURPED})  # somebody else's page by now

Connect = Callable[[], AbstractAsyncContextManager[Get | None]]
"""Opens the web for one run; gives ``None`` where only what was captured may be read."""
FindArchived = Callable[[Get], WaybackMachine]
Judge = Callable[[ToRead], Awaitable[tuple[Extraction | None, Judgement]]]
OnRead = Callable[[str | None, int, int], None]
"""Hears of a host, or of all of them (``None``): how many of its sources are done, of how many."""


class _Candidate(NamedTuple):
    """An address at which a source may be read; ``at`` is when an archive took its copy."""

    url: str
    origin: Origin
    at: str | None = None


class WebReader:
    """Reads every source of an article in parallel, before the first of them is asked for."""

    def __init__(
        self,
        writer: CorpusWriter,
        connect: Connect,
        archive: FindArchived,
        *,
        now: Callable[[], str],
        refresh: bool = False,
        earlier: Mapping[str, SourceState] | None = None,
        on_read: OnRead = lambda *_: None,
    ) -> None:
        """``earlier`` are the states of an earlier ingest, for what was never captured."""
        self._writer = writer
        self._connect = connect
        self._archive = archive
        self._now = now
        self._refresh = refresh
        self._earlier = earlier or {}
        self._on_read = on_read
        self._found: dict[str, Extracted | Unread] = {}

    def prepare(self, references: Sequence[Reference]) -> None:
        """Read all of them; ``read`` then gives what was found."""
        asyncio.run(self._read_all(references))

    def read(self, reference: Reference) -> Reading | Extracted | Unread:
        found = self._found[reference.reference_id]
        state = self._earlier.get(reference.reference_id)
        if isinstance(found, Unread) and found.access is Access.NOT_ATTEMPTED and state:
            # What never answered has no capture: only the earlier ingest knows why.
            return Unread(state.access, state.reason, state.captured_at)
        return found

    async def _read_all(self, references: Sequence[Reference]) -> None:
        # One thread for one process: while a page is read, the loop goes on asking for others.
        with ThreadPoolExecutor(max_workers=1) as thread, closing(ReadingProcess()) as process:
            await self._read_through(references, partial(_read_apart, thread, process))
        self._take_back(references)

    async def _read_through(self, references: Sequence[Reference], judge: Judge) -> None:
        async with self._connect() as get:
            run = _Run(
                KeepingGet(self._writer, get, self._now, refresh=self._refresh),
                self._archive,
                judge,
            )
            tally = _Tally(references, self._on_read)

            async def read(reference: Reference) -> None:
                self._found[reference.reference_id] = await run.read(reference)
                tally.count(reference)

            try:
                async with asyncio.TaskGroup() as group:
                    for reference in references:
                        group.create_task(read(reference))
            except ExceptionGroup as failed:
                # What stops one stops all (a full disk, say): it is told as itself.
                raise failed.exceptions[0] from failed

    def _take_back(self, references: Sequence[Reference]) -> None:
        """Many addresses that all end on one page: that page is none of them."""
        ends = {}
        for reference in references:
            found = self._found[reference.reference_id]
            if isinstance(found, Extracted) and found.capture.origin is Origin.LIVE:
                ends[reference.reference_id] = (found.capture.url, found.capture.final_url)
        for reference_id in shared_endings(ends):
            asked, final = ends[reference_id]
            self._found[reference_id] = Unread(
                Access.SOFT_404,
                f"{asked} leads to {final}, and so do the addresses of other references: the page "
                "itself is gone. Supply it with --source if you have it.",
            )


class _Tally:
    """How many sources are done, of all and of each host."""

    def __init__(self, references: Sequence[Reference], on_read: OnRead) -> None:
        self._on_read = on_read
        self._totals = Counter(host for r in references if (host := _host(r)) is not None)
        self._all = len(references)
        self._done: Counter[str | None] = Counter()
        on_read(None, 0, self._all)
        for host, total in self._totals.most_common():
            on_read(host, 0, total)

    def count(self, reference: Reference) -> None:
        self._done[None] += 1
        self._on_read(None, self._done[None], self._all)
        if (host := _host(reference)) is not None:
            self._done[host] += 1
            self._on_read(host, self._done[host], self._totals[host])


def _host(reference: Reference) -> str | None:
    site = site_of(reference.urls[0]) if reference.urls else None
    return site.host if site is not None else None


class _Run:
    """What the references of one run share: kept responses, the archive, and a limit."""

    def __init__(self, keeping: KeepingGet, archive: FindArchived, judge: Judge) -> None:
        self._keeping = keeping
        self._wayback = archive(keeping.through(Origin.ARCHIVE))
        self._judge = judge
        self._reading = asyncio.Lock()
        self._unsafe: set[str] = set()

    async def read(self, reference: Reference) -> Extracted | Unread:
        """The first candidate that can be read whole; else a partial one; else why none could."""
        partial: Extracted | None = None
        failed: list[tuple[Origin, Unread]] = []
        async for candidate in self._candidates(reference):
            if isinstance(candidate, Unread):
                failed.append((Origin.ARCHIVE, candidate))
                continue
            found = await self._try(reference, candidate)
            if isinstance(found, Unread):
                failed.append((candidate.origin, found))
            elif found.access is Access.PARTIAL:
                partial = partial or found
            else:
                return found
        if partial is not None:
            return partial
        if not failed:
            return OfflineReader().read(reference)
        # What became of the cited page itself is the state; what the archives said explains it.
        _, main = min(failed, key=lambda entry: entry[0] is not Origin.LIVE)
        others = [unread.reason for _, unread in failed if unread is not main]
        return Unread(main.access, " ".join((main.reason, *others)), main.captured_at)

    async def _candidates(self, reference: Reference) -> AsyncIterator[_Candidate | Unread]:
        """Where to look, in order; an ``Unread`` says why an archive has nothing to offer.

        An archived copy comes first where the article says that the page is dead or taken over.
        """
        live = [url for url in reference.urls if not is_archive(url)][:LIVE_URLS]
        cited = [url for url in (reference.archive_url, *reference.urls) if url]
        copies = [
            _Candidate(found.raw_url or found.url, Origin.ARCHIVE, found.at)
            for url in dict.fromkeys(cited)
            if (found := snapshot_of(url)) is not None and not found.listing
        ]
        pages = [_Candidate(url, Origin.LIVE) for url in live]
        if reference.url_status in _TAKEN_OVER:
            pages = []
        if reference.url_status is UrlStatus.DEAD:
            copies, pages = [*copies, *pages], []
        for candidate in (*pages, *copies):
            yield candidate
        for url in live[:1]:
            if url in self._unsafe:
                continue  # an archive has no business with addresses of private networks
            when = accessed(reference.csl) or issued(reference.csl)
            if when is None and reference.url_status in _TAKEN_OVER:
                continue  # the newest copy would be the new owner's page
            snapshot = await self._wayback.nearest(url, when)
            if isinstance(snapshot, NoResponse):
                yield Unread(snapshot.access, snapshot.reason)
            else:
                yield _Candidate(snapshot.raw_url or snapshot.url, Origin.ARCHIVE, snapshot.at)

    async def _try(self, reference: Reference, candidate: _Candidate) -> Extracted | Unread:
        capture = await self._keeping.keep(candidate.url, candidate.origin)
        if isinstance(capture, NoResponse):
            if capture.access is Access.UNSAFE:
                self._unsafe.add(candidate.url)
            return Unread(capture.access, capture.reason)
        async with self._reading:  # hundreds may wait here: none of them holds a body
            response = self._keeping.response(capture)
            if candidate.origin is Origin.ARCHIVE:
                failure = _replay_failure(candidate, response)
                if failure is not None:
                    return Unread(Access.DEAD, failure, capture.fetched_at)
            job = ToRead(reference, response, candidate.origin, candidate.at)
            extraction, (access, identity, reason) = await self._judge(job)
        if extraction is None or access not in READABLE:
            return Unread(access, reason, capture.fetched_at)
        return Extracted(extraction, capture, access, Identity(identity), reason)


def _replay_failure(candidate: _Candidate, response: Response) -> str | None:
    """Why an archive's answer is not the copy that it was asked for."""
    if is_replay_error(response):
        return f"{candidate.url}: the archive answers, but not with its copy."
    asked, given = snapshot_of(candidate.url), snapshot_of(response.final_url)
    wanted, found = asked and asked.original, given and given.original
    if wanted and found and not same_page(wanted, found):
        return f"{candidate.url}: the archive gives a copy of {found} instead."
    return None


async def _read_apart(
    thread: Executor, process: ReadingProcess, job: ToRead
) -> tuple[Extraction | None, Judgement]:
    return await asyncio.get_running_loop().run_in_executor(thread, process.read, job)
