"""Follows an address through its redirects, one request at a time, each judged before it is made.

Who asks for a single address (the safe client, the polite one) gives its answer or a ``Redirect``
and never goes further by itself: so addresses, robots.txt and pace are looked at again for every
place that a server sends us to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from footnoted.domain import Access
from footnoted.ingest.fetching.addresses import shown
from footnoted.ingest.fetching.responses import NoResponse, Response
from footnoted.ingest.fetching.robots import site_of

MOST = 5  # redirects; as many as RFC 9309, 2.3.1.2 wants for robots.txt
_SECRET = frozenset({"authorization", "cookie"})


class Spent(NamedTuple):
    """What the redirects before an address have cost, as the limits on it count them."""

    seconds: float = 0.0
    wire_bytes: int = 0


NOTHING = Spent()


@dataclass(frozen=True, slots=True)
class Redirect:
    """An answer that leads elsewhere; ``url`` gave it, and ``spent`` is what it cost in all.

    Both addresses are normalised, ``to`` only where it is one that may be asked.
    """

    url: str
    to: str
    spent: Spent


class Once(Protocol):
    """Asks for one address and follows nothing; never raises for what a server does."""

    async def __call__(
        self, url: str, headers: Sequence[tuple[str, str]] = (), spent: Spent = NOTHING
    ) -> Response | NoResponse | Redirect: ...


async def follow(
    once: Once, url: str, headers: Sequence[tuple[str, str]] = ()
) -> Response | NoResponse:
    """The response that ``url`` leads to after at most five redirects, or why there is none.

    ``headers`` go with every request, ``Authorization`` and ``Cookie`` only to the site of
    ``url``.
    """
    hops: list[str] = []
    asked: set[str] = set()
    address, spent = url, NOTHING
    while True:
        answer = await once(address, _for(url, address, headers), spent)
        if isinstance(answer, Response):
            return replace(answer, url=url, hops=tuple(hops))
        if isinstance(answer, NoResponse):
            reason = f"{_way(url, address)}{answer.reason}" if hops else answer.reason
            return replace(answer, url=url, reason=reason, hops=tuple(hops))
        asked.add(answer.url)
        hops.append(address)
        address, spent = answer.to, answer.spent
        if address in asked:
            return _lost(url, hops, f"{_way(url, address)}{_CIRCLE}")
        if len(hops) > MOST:
            return _lost(url, hops, f"{_way(url, address)}{_TOO_MANY}")


def _for(url: str, address: str, headers: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """``headers`` without what is meant for the site of ``url`` only."""
    if address == url or site_of(address) == site_of(url):
        return headers
    return [(name, value) for name, value in headers if name.lower() not in _SECRET]


def _way(url: str, address: str) -> str:
    return f"{shown(url)} redirects to {shown(address)}. "


def _lost(url: str, hops: Sequence[str], reason: str) -> NoResponse:
    return NoResponse(url, Access.DEAD, reason, hops=tuple(hops), endless=True)


_CIRCLE = (
    "It was not read: its redirects lead in a circle, as on sites that insist on cookies or a "
    "login. Save the page in a browser and supply it with --source."
)
_TOO_MANY = (
    f"It was not read: more than {MOST} redirects led there, and no page. Save the page in a "
    "browser and supply it with --source."
)
