"""The routes of notes: one note per claim, and all of a corpus, also as labels.

Notes are for those who work with a corpus: a key with the scope read (or none, on a server that
listens to this machine alone) both reads and writes them. The key's name is the author.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from footnoted.domain import Json
from footnoted.errors import NotFound
from footnoted.service.access import needs
from footnoted.service.api.paging import PageParameters
from footnoted.service.notes import shapes
from footnoted.service.notes.claims import ArticleClaims, CitedClaim, claims_of
from footnoted.service.notes.conditions import check
from footnoted.service.notes.documents import (
    Attached,
    attached,
    note_document,
    note_on,
    notes_document,
)
from footnoted.service.notes.labels import Labels, line_of
from footnoted.service.notes.store import Note, NoteStore, Said
from footnoted.service.opened import opened
from footnoted.service.origins import from_own_page
from footnoted.service.problems import described
from footnoted.service.requests import CorpusParameter
from footnoted.service.shelf import Answers, Shelf
from footnoted.settings import Settings

JSONL = "application/jsonl"
NOBODY = "local"
"""The author on a server that listens to this machine alone and asks for no key."""

ClaimId = Annotated[str, Path(description="A claim's `id`.")]
IfMatch = Annotated[str | None, Header(description="The `ETag` of the note that is changed.")]
IfNoneMatch = Annotated[
    str | None, Header(description="`*` writes a note only where there is none.")
]


def notes(shelf: Shelf, store: NoteStore, settings: Settings) -> APIRouter:
    """The routes under ``/v1`` that read and write ``store``, about the corpora of ``shelf``."""
    may = Depends(needs("read", unless_local=True))
    own_page = Depends(from_own_page(settings))
    router = APIRouter(
        prefix="/v1", tags=["notes"], dependencies=[own_page, may], responses=described()
    )

    @router.get("/notes", responses={200: {"model": shapes.NotesDocument, "content": {JSONL: {}}}})
    def of_corpus(
        request: Request,
        page: PageParameters,
        corpus: CorpusParameter = None,
        format: Annotated[  # noqa: A002 as the address has it
            Literal["json", "jsonl"],
            Query(description="`jsonl` gives labels for `footnoted eval`, with the sources' text."),
        ] = "json",
    ) -> Response:
        """List the notes on a corpus's article, or give them as labels, one JSON object a line.

        `limit` and `offset` list some of them; `counts` counts them all. Labels are always all.
        """
        chosen = shelf.named(corpus)
        article = _article(chosen)
        found = attached(store.notes(article), article)
        if format == "json":
            document = notes_document(found, article)
            listed = document | {"notes": page.of(document["notes"])}
            return JSONResponse(listed, headers=page.links(request, len(found)))
        return _labels(chosen, found, article.corpus_name)

    @router.get("/claims/{claim_id}/note", responses={200: {"model": shapes.NoteDocument}})
    def note(claim_id: ClaimId, corpus: CorpusParameter = None) -> Response:
        """Show the note on a claim."""
        article = _article(shelf.named(corpus))
        found = note_on(claim_id, attached(store.notes(article), article))
        if found is None:
            _claim(claim_id, article)
            raise NotFound(
                f"There is no note on the claim {claim_id}.",
                about=claim_id,
                hint=f"PUT a verdict or a note to /v1/claims/{claim_id}/note.",
            )
        return _given(note_document(found, article))

    @router.put(
        "/claims/{claim_id}/note",
        responses={
            200: {"model": shapes.NoteDocument},
            201: {"model": shapes.NoteDocument, "description": "There was no note before."},
        },
    )
    def write(
        request: Request,
        claim_id: ClaimId,
        words: shapes.NoteWords,
        *,
        corpus: CorpusParameter = None,
        if_match: IfMatch = None,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """Write a note on a claim, or change it; a change names the note's ETag in If-Match."""
        article = _article(shelf.named(corpus))
        said = Said(words.verdict, words.note.strip(), _author(request), _now())
        with store.changing(article) as changes:
            found = note_on(claim_id, attached(changes.notes(), article))
            before = note_document(found, article) if found else None
            check(if_match, if_none_match, before, claim_id)
            if found is None:
                claim = _claim(claim_id, article)
                kept: tuple[Note, CitedClaim | None] = (changes.add(claim, said), claim)
            else:
                kept = (changes.change(found.note, found.now, said), found.now)
        return _given(note_document(Attached(*kept), article), 201 if found is None else 200)

    @router.delete("/claims/{claim_id}/note", status_code=204, response_class=Response)
    def remove(
        claim_id: ClaimId,
        corpus: CorpusParameter = None,
        if_match: IfMatch = None,
    ) -> Response:
        """Remove the note on a claim; its ETag stands in If-Match."""
        article = _article(shelf.named(corpus))
        with store.changing(article) as changes:
            found = note_on(claim_id, attached(changes.notes(), article))
            if found is None:
                raise NotFound(
                    f"There is no note on the claim {claim_id}.",
                    about=claim_id,
                    hint="GET /v1/notes lists those that there are.",
                )
            check(if_match, None, note_document(found, article), claim_id)
            changes.remove(found.note)
        return Response(status_code=204)

    return router


def _article(corpus: Answers) -> ArticleClaims:
    """The claims of a corpus's article; ``NotFound`` for a corpus without one."""
    with corpus.held() as told:
        return claims_of(told.info(), told.article(), told.sources())


def _claim(claim_id: str, article: ArticleClaims) -> CitedClaim:
    if claim_id not in article.claims:
        raise NotFound(
            f"No claim has the id {claim_id}.",
            about=claim_id,
            hint="Ids come from /v1/article; /v1/notes has notes on earlier revisions too.",
        )
    return article.claims[claim_id]


def _labels(corpus: Answers, notes: list[Attached], name: str) -> Response:
    def lines() -> Iterator[str]:
        with opened(corpus) as texts:
            yield from map(line_of, Labels(notes, texts))

    with opened(corpus):
        pass  # what forbids it is said before the first line
    file = quote(f"labels-{name}.jsonl", safe="")
    return StreamingResponse(
        lines(),
        media_type=JSONL,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{file}"},
    )


def _given(document: Json, status: int = 200) -> JSONResponse:
    return JSONResponse(document, status, {"ETag": document["etag"]})


def _author(request: Request) -> str:
    return str(request.scope.get("state", {}).get("key_name", NOBODY))


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
