"""What a route needs of who asks: the scopes that the key of a request grants.

A key is sent as ``Authorization: Bearer KEY`` (RFC 6750). The middleware that looks it up leaves
the scopes it grants in the request's state, and whether the server listens to this machine alone.
An ``admin`` key may read as well.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import Scope as Asked

from footnoted.service.scopes import Scope


def grant(asked: Asked, scopes: frozenset[Scope], *, local: bool) -> None:
    """Leave in a request's state which scopes it has, and whether the server is ``local``."""
    asked.setdefault("state", {}).update(granted=scopes, local=local)


def granted(request: Request) -> frozenset[Scope]:
    """The scopes of this request; none where nobody granted any."""
    scopes: frozenset[Scope] = request.scope.get("state", {}).get("granted", frozenset())
    return frozenset({"read", "admin"}) if "admin" in scopes else scopes


def needs(scope: Scope, *, unless_local: bool = False) -> Callable[[Request], None]:
    """A dependency of routes for which a key with ``scope`` must be sent.

    With ``unless_local`` a server that listens on this machine alone asks for none. Raises
    ``HTTPException`` 401 where no key is sent, 403 where it does not grant the scope.
    """

    def check(request: Request) -> None:
        scopes = granted(request)
        if scope in scopes or (unless_local and request.scope["state"].get("local", False)):
            return
        if scopes:
            raise HTTPException(403, f"This needs a key with the scope {scope}.")
        raise HTTPException(
            401,
            f"This needs a key with the scope {scope}, sent as Authorization: Bearer KEY.",
            {"WWW-Authenticate": 'Bearer realm="footnoted"'},
        )

    return check
