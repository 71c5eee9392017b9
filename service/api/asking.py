"""The routes that ask: a question for its answer, a query for passages."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from footnoted.documents import AnswerDocument, SearchDocument
from footnoted.service import streaming
from footnoted.service.api.responses import Described, gives
from footnoted.service.requests import (
    AskRequest,
    CorpusParameter,
    CountParameter,
    HistoryParameter,
    NarrowingParameters,
    OnlyParameter,
    QuestionParameter,
    ReferenceParameter,
    WriteParameter,
)
from footnoted.service.shelf import Answers, Shelf

_EVENTS = """Server-Sent Events, where `Accept: text/event-stream` asks for them: `passages`, then
`statements`, then `answer` with the document that the route gives otherwise; `problem` where
something goes wrong on the way."""
_ANSWERS: Described = gives(
    AnswerDocument,
    content={streaming.MEDIA_TYPE: {"schema": {"type": "string", "description": _EVENTS}}},
) | {204: {"description": "An event source comes back for an answer that it has had whole."}}


def asking(shelf: Shelf, check_writing: Callable[[Request], None]) -> APIRouter:
    """``/ask`` and ``/search``; ``check_writing`` raises where who asks may not have it phrased."""
    router = APIRouter()

    @router.post("/ask", responses=_ANSWERS)
    async def ask(request: Request, asked: AskRequest, corpus: CorpusParameter = None) -> Response:
        """Answer a question with cited, verbatim statements, or refuse with a reason.

        Refusals are answers too: their status is 200. A corpus named in the body comes first.
        With `Accept: text/event-stream` the answer comes as it is made.
        """
        if asked.write:
            check_writing(request)
        chosen = shelf.named(asked.corpus or corpus)
        values = (asked.question, asked.k, asked.only, asked.reference)
        named = {"history": asked.history, "write": asked.write, **asked.narrowing}
        return await _answered(request, chosen, values, named)

    @router.get("/ask", responses=_ANSWERS)
    async def ask_by_address(  # noqa: PLR0917 as the address has them
        request: Request,
        q: QuestionParameter,
        narrowing: NarrowingParameters,
        history: HistoryParameter = (),
        k: CountParameter = None,
        only: OnlyParameter = None,
        reference: ReferenceParameter = None,
        corpus: CorpusParameter = None,
        write: WriteParameter = False,
        last_event_id: Annotated[
            str | None, Header(description="What an event source sends that comes back.")
        ] = None,
    ) -> Response:
        """Answer a question given in the address, as an `EventSource` asks it too."""
        if write:
            check_writing(request)
        chosen = shelf.named(corpus)
        if last_event_id == streaming.LAST:
            return Response(status_code=204)
        named = {"history": history, "write": write, **narrowing}
        return await _answered(request, chosen, (q, k, only, reference), named)

    @router.get("/search", responses=gives(SearchDocument))
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

    return router


async def _answered(
    request: Request, corpus: Answers, values: tuple[Any, ...], named: dict[str, Any]
) -> Response:
    """The answer as events where the request prefers them, else as one document."""
    if streaming.wants_events(request.headers.get("accept", "")):
        return await streaming.event_stream(request, corpus.ask_in_steps(*values, **named))
    document = await run_in_threadpool(partial(corpus.ask, *values, **named))
    return JSONResponse(document, headers={"Vary": "Accept"})
