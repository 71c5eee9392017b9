"""Documents that a client may keep and ask for again: validators (RFC 9110, 8.8 and 13.1).

A document's validator is made of the name of the edition that it is told from and of what was
asked, so that it is known before the document is made. It is weak: the same document may come
compressed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from fastapi import Header, Request
from fastapi.responses import JSONResponse, Response

from footnoted.service.shelf import Answers, Told

if TYPE_CHECKING:
    from footnoted.ingest.source_history import CapturedText

PRIVATE = "private, no-cache"

IfNoneMatch: TypeAlias = Annotated[
    str | None,
    Header(description="The `ETag` of what you keep: unchanged, it is not sent again (304)."),
]


def revalidated(
    request: Request,
    kept: str | None,
    corpus: Answers,
    make: Callable[[Told], Mapping[str, Any]],
    headers: Callable[[Mapping[str, Any]], Mapping[str, str]] = lambda _: {},
) -> Response:
    """The document that ``make`` makes of the edition in use, or 304 where the asker has it.

    ``kept`` is the request's ``If-None-Match``; ``headers`` are further ones of a document that is
    sent.
    """
    with corpus.held() as edition:
        tag = _tag(edition.edition, request.url.path, request.url.query)
        if _is_named(tag, kept):
            return _not_modified(tag)
        document = make(edition)
    return JSONResponse(document, headers=_kept(tag) | dict(headers(document)))


def revalidated_text(
    request: Request, kept: str | None, corpus: Answers, find: Callable[[Told], CapturedText]
) -> Response:
    """The text that ``find`` finds, to be saved and never shown, or 304 where the asker has it."""
    with corpus.held() as edition:
        found = find(edition)
    tag = _tag(request.url.path, found.text_sha256)
    if _is_named(tag, kept):
        return _not_modified(tag)
    name = f"capture-{found.capture.sha256[:16]}.txt"
    headers = {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    }
    return Response(found.text.encode(), headers=headers | _kept(tag))


def by_content(kept: str | None, document: Mapping[str, Any]) -> Response:
    """``document``, or 304 where the asker has the same; for what no edition names."""
    tag = _tag(json.dumps(document, sort_keys=True))
    if _is_named(tag, kept):
        return _not_modified(tag)
    return JSONResponse(document, headers=_kept(tag))


def _is_named(tag: str, kept: str | None) -> bool:
    """Whether ``If-None-Match`` lists this validator, compared weakly."""
    if (kept or "").strip() == "*":  # RFC 9110, 13.1.2: any there is
        return True
    listed = {one.strip().removeprefix("W/") for one in (kept or "").split(",")}
    return tag.removeprefix("W/") in listed


def _not_modified(tag: str) -> Response:
    """The response without a body, with the headers that the document would have."""
    return Response(status_code=304, headers=_kept(tag))


def _tag(*parts: str) -> str:
    return f'W/"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:32]}"'


def _kept(tag: str) -> dict[str, str]:
    return {"ETag": tag, "Cache-Control": PRIVATE, "Vary": "Accept-Encoding, Authorization"}
