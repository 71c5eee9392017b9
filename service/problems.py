"""Problem documents (RFC 9457) for everything that goes wrong in a request.

The type of our own errors is ``urn:footnoted:problem:<kind>``, as on the command line; where the
status says it all, it is ``about:blank`` (RFC 9457, 4.2.1). ``instance`` is the path asked for.
No document shows a traceback, a file of ours, or the words of an unexpected error.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from footnoted.domain import Json
from footnoted.errors import FootnotedError, problem
from footnoted.service import schemas
from footnoted.service.chat.failures import error_document, is_chat
from footnoted.service.envelope import envelope_headers, request_id

MEDIA_TYPE = "application/problem+json"
_LONGEST_TEXT = 1000
_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
_logger = logging.getLogger(__name__)


def install(app: FastAPI) -> None:
    """Make ``app`` answer every error with a problem document."""
    app.add_exception_handler(FootnotedError, _footnoted_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(Exception, _unexpected_error)


def problem_response(
    document: Json, path: str, headers: Mapping[str, str] | None = None
) -> Response:
    """``document`` as a response of its own ``status``, with the path as its ``instance``.

    What OpenAI's clients ask is answered in the shape that they read.
    """
    if is_chat(path):
        return JSONResponse(error_document(document), document["status"], headers)
    shown = {name: _shortened(value) for name, value in {**document, "instance": path}.items()}
    return JSONResponse(
        shown,
        status_code=document["status"],
        headers=headers,
        media_type=MEDIA_TYPE,
    )


def _shortened(value: object) -> object:
    """A text at a length for reading: what was asked for may be of any."""
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return f"{value[:_LONGEST_TEXT]}…"
    return value


def plain_problem(status: int, detail: str, hint: str | None = None) -> Json:
    """A problem document that says no more than its HTTP status and ``detail``."""
    document: Json = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return document if hint is None else {**document, "hint": hint}


def error_problem(error: FootnotedError, request: Request) -> Json:
    """The document of one of our errors; those of the server's own doing are logged."""
    if error.http_status >= 500:
        _logger.error(
            "request %s: %s %s failed: %s",
            request_id(request.scope),
            request.method,
            request.url.path,
            error,
            exc_info=error,
        )
    return problem(error)


def _footnoted_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, FootnotedError)
    return problem_response(error_problem(error, request), request.url.path)


def _invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [_field_error(entry) for entry in error.errors()]
    document: Json = {
        "type": "urn:footnoted:problem:invalid-request",
        "title": "The request is not valid",
        "status": 422,
        "detail": "; ".join(f"{entry['field']}: {entry['problem']}" for entry in errors) + ".",
        "errors": errors,
        "hint": "The parameters of every route are listed at /docs and in /openapi.json.",
    }
    return problem_response(document, request.url.path)


def _field_error(entry: Json) -> Json:
    # The value itself is left out: it is the caller's, and may be long or unprintable.
    where, *names = entry["loc"]
    field = ".".join(str(name) for name in names) if names else f"the {where}"
    message = str(entry["msg"])
    if entry["type"] == "json_invalid":
        field = "the body"
        message = f"not JSON: {entry['ctx']['error']} (at character {names[0]})"
    elif where == "body" and not names and entry["type"] == "model_attributes_type":
        message = "needs a JSON object, sent as Content-Type: application/json"
    return {"in": where, "field": field, "problem": message}


def http_error(request: Request, error: Exception) -> Response:
    """The problem document of an ``HTTPException``: no such route, wrong method, too large…"""
    assert isinstance(error, HTTPException)
    status, path = error.status_code, request.url.path
    headers = dict(error.headers or {})
    if status == HTTPStatus.NOT_FOUND:
        document = plain_problem(404, f"There is no {path} here.", "The routes are at /docs.")
    elif status == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = headers["Allow"] = _allowed_methods(request)
        document = plain_problem(405, f"{path} does not take {request.method}, only {allowed}.")
    else:
        document = plain_problem(status, str(error.detail))
    return problem_response(document, path, headers)


def _allowed_methods(request: Request) -> str:
    # Starlette names only the methods of the first route with this path; we have some with two.
    return ", ".join(
        method
        for method in _METHODS
        for route in request.app.routes
        if route.matches({**request.scope, "method": method})[0] is Match.FULL
    )


def _unexpected_error(request: Request, error: Exception) -> Response:
    document = unexpected_problem(error, request)
    # This handler runs outside the envelope, which therefore cannot add its headers.
    return problem_response(document, request.url.path, envelope_headers(request.scope))


def unexpected_problem(error: Exception, request: Request) -> Json:
    """The document of what should not have happened, which is logged; it tells nothing of it."""
    identity = request_id(request.scope)
    _logger.error(
        "request %s: %s %s failed", identity, request.method, request.url.path, exc_info=error
    )
    return plain_problem(
        500,
        "Something went wrong that should not have.",
        f"Please report this with the request id {identity}; the server's log has the rest.",
    )


HANDLERS: Mapping[type[Exception], Callable[[Request, Exception], Response]] = {
    HTTPException: http_error,
    FootnotedError: _footnoted_error,
}
"""For what goes wrong around the routes, before any of them is asked."""


def described() -> dict[int | str, dict[str, Any]]:
    """The problem documents of a router's routes, for OpenAPI."""
    content = {MEDIA_TYPE: {"schema": schemas.Problem.model_json_schema()}}
    return {
        code: {"description": meaning, "content": content}
        for code, meaning in (
            ("4XX", "The request cannot be answered; the problem document says why."),
            ("5XX", "The server failed; the problem document says how to go on."),
            (422, "Something in the request is missing or wrong."),
        )
    }
