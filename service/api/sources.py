"""The routes of the cited sources: all of them, one with its history, the text of a capture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response

from footnoted.documents import SourceDocument, SourcesDocument
from footnoted.service.access import needs
from footnoted.service.api.caching import IfNoneMatch, revalidated, revalidated_text
from footnoted.service.api.paging import PageParameters
from footnoted.service.api.responses import keeps, sends, unchanged
from footnoted.service.requests import CorpusParameter
from footnoted.service.shelf import Shelf, Told

_TEXT = "The text that was extracted from the capture: the one that citations' offsets count in."


def sources(shelf: Shelf) -> APIRouter:
    """``/sources`` and ``/captures``."""
    router = APIRouter()

    @router.get("/sources", responses=keeps(SourcesDocument, pages=True))
    def listed(
        request: Request,
        page: PageParameters,
        corpus: CorpusParameter = None,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """List the article's references and what became of each.

        `limit` and `offset` list some of them; `counts` counts them all.
        """

        def document(told: Told) -> SourcesDocument:
            whole = told.sources()
            return {**whole, "references": page.of(whole["references"])}

        def links(document: Mapping[str, Any]) -> dict[str, str]:
            return page.links(request, document["counts"]["references"])

        return revalidated(request, if_none_match, shelf.named(corpus), document, links)

    @router.get("/sources/{reference_id}", responses=keeps(SourceDocument))
    def source(
        request: Request,
        reference_id: Annotated[str, Path(description="A reference's `reference_id`.")],
        corpus: CorpusParameter = None,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """Show one reference: its state at each revision, and what was captured of it."""
        return revalidated(
            request, if_none_match, shelf.named(corpus), lambda told: told.source(reference_id)
        )

    @router.get(
        "/captures/{sha256}",
        response_class=Response,
        responses=sends(_TEXT, "text/plain") | unchanged(),
        dependencies=[Depends(needs("read", unless_local=True))],
    )
    def capture(
        request: Request,
        sha256: Annotated[
            str, Path(description="A `capture_sha256`, or the `sha256` of a source's capture.")
        ],
        corpus: CorpusParameter = None,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """Download the text of a capture, as plain text and never to be shown as a page.

        The text of a source is its author's: unless only this machine can ask the server, a key
        with the scope `read` is needed.
        """
        return revalidated_text(
            request, if_none_match, shelf.named(corpus), lambda told: told.capture(sha256)
        )

    return router
