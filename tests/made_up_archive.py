"""A web archive of one page, whose two interfaces answer as a test tells them to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import httpx2

from footnoted.domain import Access
from footnoted.ingest.fetching.archive_lookup import WaybackMachine
from footnoted.ingest.fetching.archives import Snapshot
from footnoted.ingest.fetching.responses import NoResponse, Response

PAGE = "https://lamp.example/tower?lit=1888"
FIELDS = ["timestamp", "original", "mimetype", "statuscode"]
NOON = "20150304120000"  # the middle of 4 March 2015


async def get(url: str, headers: Sequence[tuple[str, str]] = ()) -> Response | NoResponse:
    """Asks for real; what cannot be reached is a connection that broke."""
    async with httpx2.AsyncClient(follow_redirects=True, verify=False) as client:
        try:
            found = await client.get(url, headers=list(headers))
        except httpx2.TransportError as error:
            reason = f"the connection broke ({type(error).__name__})."
            return NoResponse(url, Access.DEAD, reason, transient=True)
    sent = tuple(found.headers.multi_items())
    return Response(url, str(found.url), found.status_code, sent, found.content)


class Archive:
    """What the two interfaces of an archive on the server ``web`` say about ``PAGE``."""

    def __init__(self, web: Any) -> None:
        self.web = web
        self.machine = WaybackMachine(get, base=web.url(""), api=web.url("/"))

    def availability(self, body: Any, status: int = 200, stamp: str | None = NOON, **h: str) -> str:
        path = "/wayback/available?" + urlencode(
            {"url": PAGE} | ({"timestamp": stamp} if stamp else {})
        )
        self.web.page(path, body if isinstance(body, str) else json.dumps(body), status, **h)
        return path

    def cdx(self, body: Any, status: int = 200, stamp: str | None = NOON, **h: str) -> str:
        query = {
            "url": PAGE,
            "output": "json",
            "fl": "timestamp,original,mimetype,statuscode",
            "filter": "statuscode:200",
        }
        if stamp:
            query |= {"sort": "closest", "closest": stamp, "limit": "10"}
        else:
            query |= {"limit": "-10", "fastLatest": "true"}
        path = "/cdx/search/cdx?" + urlencode(query)
        self.web.page(path, body if isinstance(body, str) else json.dumps(body), status, **h)
        return path

    def closest(self, stamp: str, original: str = PAGE, **said: Any) -> dict[str, Any]:
        url = self.web.url(f"/web/{stamp}/{original}")
        closest = {"available": True, "status": "200", "timestamp": stamp, "url": url} | said
        return {"url": PAGE, "archived_snapshots": {"closest": closest}}

    def nearest(self, when: str | None = "2015-03-04") -> Snapshot | NoResponse:
        return asyncio.run(self.machine.nearest(PAGE, when))

    def found(self, when: str | None = "2015-03-04") -> Snapshot:
        answer = self.nearest(when)
        assert isinstance(answer, Snapshot), answer
        return answer

    def failed(self, when: str | None = "2015-03-04") -> NoResponse:
        answer = self.nearest(when)
        assert isinstance(answer, NoResponse), answer
        assert answer.url == PAGE
        return answer


def row(
    stamp: str, original: str = PAGE, media: str = "text/html", status: str = "200"
) -> list[str]:
    return [stamp, original, media, status]
