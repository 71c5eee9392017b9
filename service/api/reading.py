"""The routes that show what a corpus holds: passages, the article, its claims, the corpora."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response

from footnoted.documents import (
    ArticleDocument,
    ClaimDocument,
    Corpora,
    PassageDocument,
    VerifyDocument,
)
from footnoted.service.api.caching import IfNoneMatch, by_content, revalidated
from footnoted.service.api.paging import PageParameters
from footnoted.service.api.responses import gives, keeps
from footnoted.service.requests import CorpusParameter
from footnoted.service.shelf import Shelf, Told


def reading(shelf: Shelf) -> APIRouter:
    """``/passages``, ``/article``, ``/claims``, ``/verify`` and ``/corpora``."""
    router = APIRouter()

    @router.get("/passages/{passage_id}", responses=keeps(PassageDocument))
    def passage(
        request: Request,
        passage_id: Annotated[str, Path(description="A passage's `id`.")],
        corpus: CorpusParameter = None,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """Show one passage with its citation and the words around it."""
        return revalidated(
            request, if_none_match, shelf.named(corpus), lambda told: told.passage(passage_id)
        )

    @router.get("/article", responses=keeps(ArticleDocument, pages=True))
    def article(
        request: Request,
        page: PageParameters,
        corpus: CorpusParameter = None,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """Show the article's text, and its claims with their footnotes.

        `limit` and `offset` list some of the claims; `counts` counts them all.
        """

        def document(told: Told) -> ArticleDocument:
            whole = told.article()
            return {**whole, "claims": page.of(whole["claims"])}

        def links(document: Mapping[str, Any]) -> dict[str, str]:
            return page.links(request, document["counts"]["claims"])

        return revalidated(request, if_none_match, shelf.named(corpus), document, links)

    @router.get("/claims/{claim_id}", responses=keeps(ClaimDocument))
    def claim(
        request: Request,
        claim_id: Annotated[str, Path(description="A claim's `id`.")],
        corpus: CorpusParameter = None,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """Show one claim of the article and what each source that it cites says of it."""
        return revalidated(
            request, if_none_match, shelf.named(corpus), lambda told: told.claim(claim_id)
        )

    @router.get("/verify/{citation_id}", responses=gives(VerifyDocument))
    def verify(
        citation_id: Annotated[str, Path(description="A citation's `citation_id`.")],
        corpus: CorpusParameter = None,
    ) -> JSONResponse:
        """Check a citation: that the stored text is whole, and which words it means."""
        return JSONResponse(shelf.named(corpus).verify(citation_id))

    @router.get("/corpora", responses=keeps(Corpora))
    def corpora(if_none_match: IfNoneMatch = None) -> Response:
        """List the corpora that this server answers from."""
        return by_content(if_none_match, shelf.listing())

    return router
