"""The route that exports a bibliography."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from fastapi import APIRouter, Query
from fastapi.responses import Response

from footnoted.service.api.responses import sends
from footnoted.service.exporting.bibliography import MOST_CITATIONS
from footnoted.service.exporting.formats import FORMATS
from footnoted.service.requests import CorpusParameter, Words
from footnoted.service.shelf import Shelf

FormatName: TypeAlias = Literal["csl-json", "bibtex", "ris", "markdown"]
_TYPES = [kind.media_type.partition(";")[0] for kind in FORMATS.values()]


def exporting(shelf: Shelf) -> APIRouter:
    """``/export``."""
    router = APIRouter()

    @router.get(
        "/export",
        response_class=Response,
        responses=sends("The bibliography, in the format asked for.", *_TYPES),
    )
    def export(
        format: Annotated[  # noqa: A002 - as the option of the command line is called
            FormatName, Query(description="How the bibliography is written.")
        ] = "csl-json",
        citation: Annotated[
            list[Words],
            Query(
                max_length=MOST_CITATIONS,
                description="A citation's `citation_id`; repeat it for several.",
            ),
        ] = [],  # noqa: B006 - FastAPI copies it
        q: Annotated[
            str | None, Query(description="A question, whose answer's citations are meant.")
        ] = None,
        corpus: CorpusParameter = None,
    ) -> Response:
        """Export the references; or what some citations quote, or those of an answer."""
        text = shelf.named(corpus).export(format, citations=citation, question=q)
        chosen = FORMATS[format]
        name = "citations" if citation or q is not None else "references"
        headers = {
            "Content-Type": chosen.media_type,
            "Content-Disposition": f'attachment; filename="{name}.{chosen.ending}"',
        }
        return Response(text.encode("utf-8", "replace"), headers=headers)

    return router
