"""The responses in a WARC file that somebody else wrote, by their addresses.

Only an index of them is kept: a large crawl costs no more memory than its file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from footnoted.domain import Access
from footnoted.ids import canonical_url
from footnoted.ingest.fetching.responses import NoResponse, Response
from footnoted.ingest.warc.reading import Record, Unreadable, payload, records, unwrapped

_MOST_HOPS = 5


class Captured(NamedTuple):
    """A response, and when it was captured (UTC, ISO 8601 with ``Z``)."""

    response: Response
    fetched_at: str


class WarcCaptures:
    """All responses of a WARC file; as a ``Get``, it answers from the file alone."""

    def __init__(self, body: bytes, *, name: str) -> None:
        """Raises ``UnreadableFile`` for what is no WARC, is damaged or is cut short."""
        self._body = unwrapped(body, name)
        self._name = name
        self._records: dict[str, Record] = {}
        self._aliases: dict[str, str] = {}
        for record in records(self._body, name):
            key = canonical_url(record.url)
            known = self._records.get(key)
            # Of several captures of an address, the last good one counts.
            if known is None or record.status == 200 or known.status != 200:
                self._records[key] = record
            self._aliases.setdefault(canonical_url(record.requested), key)

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses that answered, in the order of the file."""
        return tuple(record.url for record in self._records.values())

    def find(self, url: str) -> Captured | NoResponse:
        """What the file holds for ``url``, its own redirects followed."""
        hops: list[str] = []
        asked = url
        while (record := self._record(asked)) is not None and (where := record.location):
            hops.append(asked)
            asked = where
            if len(hops) > _MOST_HOPS:
                return self._none(url, f"{url} is redirected without end in {self._name}.")
        if record is None:
            end = f" It is redirected to {asked}, which is missing." if hops else ""
            return self._none(url, f"{self._name} holds no response for {url}.{end}")
        original = self._record(record.same_as) if record.same_as else record
        if original is None:
            return self._none(
                url, f"{self._name} names {record.same_as} for {url}, but does not hold it."
            )
        try:
            body = payload(self._body, original)
        except Unreadable as error:
            return NoResponse(url, error.access, f"{url} in {self._name}: {error}.")
        if not hops and canonical_url(record.url) != canonical_url(url):
            hops.append(url)  # our own captures keep the first and the last address
        headers = record.headers or original.headers
        status = original.status if record.same_as else record.status
        response = Response(url, record.url, status, headers, body, tuple(hops))
        return Captured(response, record.fetched_at)

    async def __call__(
        self,
        url: str,
        headers: Sequence[tuple[str, str]] = (),  # noqa: ARG002 - the seam's
    ) -> Response | NoResponse:
        """``find`` for those who ask as they would ask the network; ``headers`` change nothing."""
        found = self.find(url)
        if isinstance(found, NoResponse):
            return found
        return replace(found.response, answered_at=found.fetched_at)

    def _record(self, url: str) -> Record | None:
        key = canonical_url(url)
        return self._records.get(key) or self._records.get(self._aliases.get(key, ""))

    @staticmethod
    def _none(url: str, reason: str) -> NoResponse:
        return NoResponse(url, Access.NOT_ATTEMPTED, reason)
