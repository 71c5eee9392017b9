"""The routes that OpenAI's clients ask: ``/v1/chat/completions`` and ``/v1/models``."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from footnoted.service.chat import schemas
from footnoted.service.chat.completions import Completed
from footnoted.service.chat.content import content_of
from footnoted.service.chat.conversation import asked
from footnoted.service.chat.failures import COMPLETIONS, MODELS
from footnoted.service.chat.models import corpus_of, model_document, models_document
from footnoted.service.connectors.addresses import Addresses, base_address
from footnoted.service.envelope import request_id
from footnoted.service.shelf import Shelf

STREAM = "text/event-stream"
MAX_CONVERSATION = 1024 * 1024
"""Bytes of a request: clients send everything that was said so far, our answers too."""


def chat(shelf: Shelf, public_url: str) -> APIRouter:
    """The routes, answering from ``shelf``; links to us begin with ``public_url``, where set."""
    router = APIRouter(tags=["OpenAI-compatible"], responses=_errors())
    started = int(time.time())

    @router.post(COMPLETIONS, responses=_completions())
    def completions(body: schemas.ChatRequest, request: Request) -> Response:
        """Answer the last user message of a conversation, as OpenAI's chat completions do.

        With `stream` the answer comes as server-sent events. Refusals are answers too, in words.
        """
        corpus = corpus_of(shelf, body.model)
        conversation = asked(body.messages)
        narrowed = body.footnoted
        document = shelf.named(corpus).ask(
            *(conversation.question, narrowed.k, narrowed.only, narrowed.reference),
            history=conversation.history,
            **narrowed.narrowing,
        )
        addresses = Addresses(base_address(public_url, str(request.base_url)), corpus)
        completed = Completed(
            identity=request_id(request.scope),
            model=body.model,
            asked=conversation,
            content=content_of(document, addresses),
            document=document,
        )
        if not body.stream:
            return JSONResponse(completed.whole())
        options = body.stream_options
        events = completed.events(include_usage=bool(options and options.include_usage))
        return StreamingResponse(events, media_type=STREAM, headers={"X-Accel-Buffering": "no"})

    @router.get(MODELS, responses={200: {"model": schemas.Models}})
    def models() -> JSONResponse:
        """List the corpora that are served, each as a model."""
        return JSONResponse(models_document(shelf, started))

    @router.get(f"{MODELS}/{{model:path}}", responses={200: {"model": schemas.Model}})
    def model(model: Annotated[str, Path(description="A model's `id`.")]) -> JSONResponse:
        """Show one corpus as a model."""
        return JSONResponse(model_document(shelf, model, started))

    return router


def _completions() -> dict[int | str, dict[str, Any]]:
    streamed = {"schema": {"type": "string", "description": "Chunks, then `data: [DONE]`."}}
    return {200: {"model": schemas.Completion, "content": {STREAM: streamed}}}


def _errors() -> dict[int | str, dict[str, Any]]:
    return {
        code: {"model": schemas.ErrorDocument, "description": meaning}
        for code, meaning in (
            ("4XX", "The request cannot be answered; the message says why."),
            ("5XX", "The server failed; the message says how to go on."),
            (422, "A field is missing or wrong, or the question cannot be asked."),
        )
    }
