"""Asks the web for each address once, and keeps what answers before anybody uses it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from footnoted.domain import Access, Capture, Origin
from footnoted.ingest.fetching.responses import Get, NoResponse, Response
from footnoted.ingest.rereading import without_reader
from footnoted.ingest.store import CorpusWriter

_NOT_MODIFIED = 304
_VALIDATORS = (("etag", "If-None-Match"), ("last-modified", "If-Modified-Since"))


class KeepingGet:
    """Gives what a corpus has captured already, and asks the web for the rest.

    A response is on disk and in the corpus before it is given on: an ingest that is killed finds
    it again. ``get`` ``None`` asks nobody. ``refresh`` asks again for what was captured before
    this run, by its validators (RFC 9110, 13.1) where it has any.
    """

    def __init__(
        self,
        writer: CorpusWriter,
        get: Get | None,
        now: Callable[[], str],
        *,
        refresh: bool = False,
    ) -> None:
        self._writer = writer
        self._get = get
        self._now = now
        self._refresh = refresh
        self._asked: dict[str, asyncio.Task[Capture | NoResponse]] = {}

    async def keep(self, url: str, origin: Origin) -> Capture | NoResponse:
        """The capture of what ``url`` answers; ``origin`` is what a new one is noted as."""
        # Several references may cite one address: it is asked for once, and its bytes lie on
        # disk, so that memory does not grow with the number of those that wait to be read.
        if url not in self._asked:
            self._asked[url] = asyncio.create_task(self._capture(url, origin))
        return await asyncio.shield(self._asked[url])

    def response(self, capture: Capture) -> Response:
        """What was captured, read from disk."""
        recorded = self._writer.captures.read_response(capture)
        return Response(
            capture.url, capture.final_url, capture.status, recorded.headers, recorded.body
        )

    def through(self, origin: Origin) -> Get:
        """The same as a plain ``Get``, for those who need no capture."""

        async def get(url: str, headers: Sequence[tuple[str, str]] = ()) -> Response | NoResponse:
            if headers:
                raise ValueError("kept responses do not depend on headers")
            found = await self.keep(url, origin)
            return found if isinstance(found, NoResponse) else self.response(found)

        return get

    async def _capture(self, url: str, origin: Origin) -> Capture | NoResponse:
        earlier = self._writer.captured(url)
        if self._get is None:
            return earlier or NoResponse(
                url, Access.NOT_ATTEMPTED, f"Not read: nothing was captured of {url}."
            )
        if earlier is not None and not self._refresh:
            return earlier
        found = await self._get(url, self._validators(earlier) if earlier else ())
        if isinstance(found, NoResponse):
            return found
        if earlier is not None and found.status == _NOT_MODIFIED:
            return earlier
        capture = self._writer.captures.store(
            found.body,
            url=url,
            final_url=found.final_url,
            status=found.status,
            media_type=without_reader(found.media_type),
            fetched_at=found.answered_at or self._now(),
            origin=origin,
            headers=found.headers,
            hops=found.hops,
        )
        self._writer.add_capture(capture)
        return capture

    def _validators(self, capture: Capture) -> tuple[tuple[str, str], ...]:
        headers = {k.lower(): v for k, v in self._writer.captures.read_response(capture).headers}
        return tuple((ask, headers[name]) for name, ask in _VALIDATORS if headers.get(name))
