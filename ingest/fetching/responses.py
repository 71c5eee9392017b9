"""What asking a web address gave: a response, or the honest reason why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from footnoted.domain import Access


@dataclass(frozen=True, slots=True)
class Response:
    """One answer of a server, after redirects, with its payload decoded.

    ``url`` is what was asked for, ``final_url`` what answered; ``hops`` are the addresses between
    them, ``url`` first, without ``final_url``. ``headers`` are the final response's, as they came.
    ``answered_at`` is the instant of an answer that somebody else captured; else it is new.
    """

    url: str
    final_url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    hops: tuple[str, ...] = ()
    answered_at: str | None = None

    def header(self, name: str) -> str | None:
        """The first value of a header, whatever the case of its name."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def media_type(self) -> str:
        """The ``Content-Type`` as it was sent, parameters included; empty where there is none."""
        return self.header("content-type") or ""


@dataclass(frozen=True, slots=True)
class NoResponse:
    """Why an address gave nothing that can be kept: a state, and a sentence for a researcher.

    ``transient`` when asking again may help (a connection that broke, a server that is busy).
    ``hops`` are the addresses that redirected before the one that failed, ``url`` first;
    ``endless`` when the redirects themselves never came to a page.
    """

    url: str
    access: Access
    reason: str
    transient: bool = False
    hops: tuple[str, ...] = ()
    endless: bool = False


class Get(Protocol):
    """Asks for one address, following redirects; never raises for what a server does."""

    async def __call__(
        self, url: str, headers: Sequence[tuple[str, str]] = ()
    ) -> Response | NoResponse:
        """``headers`` are sent besides the client's own."""
        ...
