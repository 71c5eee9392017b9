"""Whether a browser's request that changes something comes from a page of this server's own.

Any page on the web can have a reader's browser send requests to a server on the same machine, or
to one where the browser has logged in. Browsers say where a request comes from (``Origin``, and
``Sec-Fetch-Site`` of W3C Fetch Metadata); programs send neither, and are not asked for it.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from fastapi import Request
from starlette.exceptions import HTTPException

from footnoted.settings import Settings

_OWN = frozenset({"same-origin", "none"})  # "none": the reader typed the address


def from_own_page(settings: Settings) -> Callable[[Request], None]:
    """A dependency of routes that change something.

    It raises ``HTTPException`` 403 for a request of another site's page, unless that is one of
    the settings' ``cors_origins``. "Same site" is not enough: every port of this machine is that.
    """
    allowed = frozenset(_names(settings.cors_origins))
    public = urlsplit(settings.public_url).netloc.lower()

    def check(request: Request) -> None:
        origin = request.headers.get("origin")
        if origin is not None and origin.rstrip("/").lower() in allowed:
            return
        site = request.headers.get("sec-fetch-site", "same-origin").lower()
        if site in _OWN and (origin is None or _is_own(origin, request, public)):
            return
        raise HTTPException(
            403,
            "A page of another site may not change anything here. Whoever runs the server can "
            "allow its origin with the setting cors_origins.",
        )

    return check


def _is_own(origin: str, request: Request, public: str) -> bool:
    """Whether ``origin`` is this server; its scheme may be that of a proxy before it."""
    place = urlsplit(origin).netloc.lower()
    return bool(place) and place in {request.headers.get("host", "").lower(), public}


def _names(origins: str) -> list[str]:
    return [part.strip().rstrip("/").lower() for part in origins.split(",") if part.strip()]
