"""Long lists in parts: which part is asked for, and the links to the others (RFC 8288).

A list is whole unless a limit is asked for. The numbers in a document count the whole list; how a
list of one edition is cut never changes, and its `ETag` tells when the edition does.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple, TypeAlias, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query, Request

MOST = 1_000
_Entry = TypeVar("_Entry")


class Page(NamedTuple):
    """``limit`` entries from ``offset`` on, counted from 0; all of them without a limit."""

    limit: int | None
    offset: int

    def of(self, entries: list[_Entry]) -> list[_Entry]:
        """The entries that are on this page; none beyond the last."""
        end = None if self.limit is None else self.offset + self.limit
        return entries[self.offset : end]

    def links(self, request: Request, total: int) -> dict[str, str]:
        """The ``Link`` header to the other pages of a list of ``total``; none for a whole list.

        Its targets are relative, so that they are right behind any proxy.
        """
        if self.limit is None:
            return {}
        last = max(0, (total - 1) // self.limit * self.limit)
        targets = {"first": 0, "last": last}
        if self.offset > 0:
            targets["prev"] = max(0, min(self.offset - self.limit, last))
        if self.offset + self.limit < total:
            targets["next"] = self.offset + self.limit
        kept = [pair for pair in request.query_params.multi_items() if pair[0] not in Page._fields]
        return {
            "Link": ", ".join(
                f'<?{urlencode([*kept, ("limit", self.limit), ("offset", offset)])}>; rel="{name}"'
                for name, offset in targets.items()
            )
        }


def _page(
    limit: Annotated[
        int | None,
        Query(ge=1, le=MOST, description="How many entries to list; without it, all of them."),
    ] = None,
    offset: Annotated[
        int, Query(ge=0, le=10_000_000, description="How many entries to leave out before them.")
    ] = 0,
) -> Page:
    return Page(limit, offset)


PageParameters: TypeAlias = Annotated[Page, Depends(_page)]
