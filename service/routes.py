"""The HTTP API: each route asks one open corpus and passes its document on.

Routes are plain functions, run in the thread pool: asking is work for the processor. Errors are
raised, and become problem documents in ``footnoted.service.problems``.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse

from footnoted.domain import Json
from footnoted.errors import FootnotedError, StorageError
from footnoted.service import schemas
from footnoted.service.problems import MEDIA_TYPE
from footnoted.service.requests import (
    AskRequest,
    CorpusParameter,
    CountParameter,
    NarrowingParameters,
    OnlyParameter,
    ReferenceParameter,
    WriteParameter,
)
from footnoted.service.shelf import Shelf


def api(shelf: Shelf) -> APIRouter:
    """The routes under ``/v1``, answering from the corpora of ``shelf``."""
    router = APIRouter(prefix="/v1", responses=_problems())

    @router.post("/ask", responses=_gives(schemas.AnswerDocument))
    def ask(request: AskRequest, corpus: CorpusParameter = None) -> JSONResponse:
        """Answer a question with cited, verbatim statements, or refuse with a reason.

        Refusals are answers too: their status is 200. A corpus named in the body comes first.
        """
        chosen = shelf.named(request.corpus or corpus)
        return JSONResponse(
            chosen.ask(
                *(request.question, request.k, request.only, request.reference),
                history=request.history,
                write=request.write,
                **request.narrowing,
            )
        )

    @router.get("/ask", responses=_gives(schemas.AnswerDocument))
    def ask_by_address(  # noqa: PLR0917 as the address has them
        q: Annotated[str, Query(description="The question, in plain words.")],
        narrowing: NarrowingParameters,
        k: CountParameter = None,
        only: OnlyParameter = None,
        reference: ReferenceParameter = None,
        corpus: CorpusParameter = None,
        write: WriteParameter = False,
    ) -> JSONResponse:
        """Answer a question given in the address."""
        chosen = shelf.named(corpus)
        return JSONResponse(chosen.ask(q, k, only, reference, write=write, **narrowing))

    @router.get("/search", responses=_gives(schemas.SearchDocument))
    def search(  # noqa: PLR0917 as the address has them
        q: Annotated[str, Query(description="What to look for.")],
        narrowing: NarrowingParameters,
        k: CountParameter = None,
        only: OnlyParameter = None,
        reference: ReferenceParameter = None,
        corpus: CorpusParameter = None,
    ) -> JSONResponse:
        """Find passages, each with its citation."""
        return JSONResponse(shelf.named(corpus).search(q, k, only, reference, **narrowing))

    @router.get("/passages/{passage_id}", responses=_gives(schemas.PassageDocument))
    def passage(
        passage_id: Annotated[str, Path(description="A passage's `id`.")],
        corpus: CorpusParameter = None,
    ) -> JSONResponse:
        """Show one passage with its citation and the words around it."""
        return JSONResponse(shelf.named(corpus).passage(passage_id))

    @router.get("/sources", responses=_gives(schemas.SourcesDocument))
    def sources(corpus: CorpusParameter = None) -> JSONResponse:
        """List the article's references and what became of each."""
        return JSONResponse(shelf.named(corpus).sources())

    @router.get("/article", responses=_gives(schemas.ArticleDocument))
    def article(corpus: CorpusParameter = None) -> JSONResponse:
        """Show the article's text, and its claims with their footnotes."""
        return JSONResponse(shelf.named(corpus).article())

    @router.get("/claims/{claim_id}", responses=_gives(schemas.ClaimDocument))
    def claim(
        claim_id: Annotated[str, Path(description="A claim's `id`.")],
        corpus: CorpusParameter = None,
    ) -> JSONResponse:
        """Show one claim of the article and what each source that it cites says of it."""
        return JSONResponse(shelf.named(corpus).claim(claim_id))

    @router.get("/verify/{citation_id}", responses=_gives(schemas.VerifyDocument))
    def verify(
        citation_id: Annotated[str, Path(description="A citation's `citation_id`.")],
        corpus: CorpusParameter = None,
    ) -> JSONResponse:
        """Check a citation: that the stored text is whole, and which words it means."""
        return JSONResponse(shelf.named(corpus).verify(citation_id))

    @router.get("/corpora", responses=_gives(schemas.Corpora))
    def corpora() -> JSONResponse:
        """List the corpora that this server answers from."""
        return JSONResponse(shelf.listing())

    return router


def health(shelf: Shelf) -> APIRouter:
    """The probes: ``/healthz`` says that the process runs, ``/readyz`` that it can answer."""
    router = APIRouter(responses=_problems())

    @router.get("/healthz", responses=_gives(schemas.Health))
    def healthz() -> JSONResponse:
        """Say that the process is up."""
        return JSONResponse({"status": "ok"})

    @router.get("/readyz", responses=_gives(schemas.Health))
    def readyz() -> JSONResponse:
        """Say whether every corpus can be asked, loading those that are not; 503 when not."""
        shelf.name(None)
        for name, corpus in shelf.corpora.items():
            try:
                corpus.load()
            except FootnotedError as error:
                raise StorageError(
                    f"The corpus {name} cannot be asked: {error}", about=name, hint=error.hint
                ) from error
        return JSONResponse({"status": "ready"})

    return router


def _gives(shape: type[schemas.Shape]) -> dict[int | str, dict[str, Any]]:
    # Described, not validated: the documents are made and tested elsewhere.
    return {200: {"model": shape}}


def _problems() -> dict[int | str, dict[str, Any]]:
    schema: Json = schemas.Problem.model_json_schema()
    content = {MEDIA_TYPE: {"schema": schema}}
    return {
        code: {"description": meaning, "content": content}
        for code, meaning in (
            ("4XX", "The request cannot be answered; the problem document says why."),
            ("5XX", "The server failed; the problem document says how to go on."),
            (422, "A parameter is missing or wrong, or the question cannot be asked."),
        )
    }
