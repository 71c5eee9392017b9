"""The web page: its views, each an address that works without script, and their static files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

from fastapi import FastAPI, Query, Request
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from footnoted.service import api_page
from footnoted.service.shelf import Shelf
from footnoted.service.web import article, asking, claims, references, shared
from footnoted.service.web.rendering import FOLDER, Pages

MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

Field: TypeAlias = Annotated[str, Query()]


def install(app: FastAPI, shelf: Shelf) -> None:
    """Add the views, the API's description (``/docs``) and the static files to ``app``."""
    assets = {path.name: path.read_bytes() for path in sorted((FOLDER / "static").iterdir())}
    pages = Pages(shelf, assets)

    def ask(  # noqa: PLR0917 as the address has them
        request: Request,
        q: Annotated[str | None, Query()] = None,
        corpus: Field = "",
        only: Field = "",
        reference: Field = "",
        since: Field = "",
        until: Field = "",
    ) -> HTMLResponse:
        asked = asking.Asked(q, only, reference, since, until)
        steps = (lambda a: asking.form(a, asked), lambda a: asking.answer(a, asked))
        shown = asked._replace(question=(q or "")[: asking.LONGEST_SHOWN])
        return pages.show(request, "ask", corpus, steps, {"asked": shown})

    def sources(request: Request, corpus: Field = "", state: Field = "") -> HTMLResponse:
        return pages.show(request, "sources", corpus, [lambda a: references.listing(a, state)])

    def read(request: Request, corpus: Field = "") -> HTMLResponse:
        return pages.show(request, "article", corpus, [article.reading])

    def claim(request: Request, claim_id: str, corpus: Field = "") -> HTMLResponse:
        return pages.show(request, "claim", corpus, [lambda a: claims.comparison(a, claim_id)])

    def link(
        request: Request, c: Field = "", g: Field = "", q: Field = "", corpus: Field = ""
    ) -> HTMLResponse:
        values = {"question": q[: asking.LONGEST_SHOWN]}
        return pages.show(request, "shared", corpus, [lambda a: shared.recheck(a, c, g)], values)

    def docs(request: Request) -> HTMLResponse:
        frame = pages.frame("docs", request.url.path, None)
        return pages.render("api.html", frame=frame, api=api_page.outline(app.openapi()))

    def static(name: str) -> Response:
        if name not in assets:
            raise HTTPException(404)
        return Response(
            assets[name],
            media_type=MEDIA_TYPES[Path(name).suffix],
            # The address carries a hash of the content, so it never needs asking again.
            headers={"Cache-Control": "public, max-age=31536000, immutable"},
        )

    for path, endpoint in (
        ("/", ask),
        ("/sources", sources),
        ("/article", read),
        ("/claims/{claim_id}", claim),
        ("/shared", link),
        ("/docs", docs),
        ("/static/{name}", static),
    ):
        app.add_api_route(path, endpoint, methods=["GET", "HEAD"], include_in_schema=False)
