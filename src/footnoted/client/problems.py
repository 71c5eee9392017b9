"""Problem documents (RFC 9457) as the errors that they were made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from footnoted import errors

_BY_STATUS: Mapping[int, type[errors.FootnotedError]] = {
    **dict.fromkeys((400, 401, 403, 405, 413, 415, 421, 422, 431), errors.UsageError),
    404: errors.NotFound,
    410: errors.Gone,
}


def error_of(document: Mapping[str, Any], status: int, where: str) -> errors.FootnotedError:
    """The error that a problem document of the server ``where`` tells of.

    By its ``type``; by the ``status`` of the response where that says nothing, or is newer than
    this program: then a ``FetchError`` for what only the server can mend.
    """
    named = str(document.get("type", "")).removeprefix("urn:footnoted:problem:")
    kind = _kinds(errors.FootnotedError).get(named) or _BY_STATUS.get(status, errors.FetchError)
    detail = str(document.get("detail") or document.get("title") or f"status {status}")
    about, hint = document.get("about"), document.get("hint")
    return kind(
        detail if kind is not errors.FetchError else f"{where}: {detail}",
        about=None if about is None else str(about),
        hint=None if hint is None else str(hint),
    )


def _kinds(kind: type[errors.FootnotedError]) -> dict[str, type[errors.FootnotedError]]:
    """This error and all below it, by the names that they have in problem documents."""
    found = {kind("").slug: kind}
    for child in kind.__subclasses__():
        found |= _kinds(child)
    return found
