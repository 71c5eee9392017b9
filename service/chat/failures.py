"""Problem documents in the words of OpenAI's API, for the routes that its clients ask."""

from __future__ import annotations

from http import HTTPStatus

from footnoted.domain import Json
from footnoted.service.chat.schemas import ChatRequest, Narrowed

COMPLETIONS = "/v1/chat/completions"
MODELS = "/v1/models"

_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
_CODES = {401: "invalid_api_key", 429: "rate_limit_exceeded", 503: "service_unavailable"}


def is_chat(path: str) -> bool:
    """Whether errors of this path go to clients that read OpenAI's."""
    return path in (COMPLETIONS, MODELS) or path.startswith(f"{MODELS}/")


def error_document(problem: Json) -> Json:
    """The problem document as ``{"error": {message, type, param, code}}``.

    The message ends with what to do next; ``param`` is the request's field that is wrong, if one
    is; the code is the kind of problem in OpenAI's spelling.
    """
    status = problem["status"]
    server = "server_error" if status >= 500 else "invalid_request_error"
    parts = (problem["detail"], problem.get("hint"))
    return {
        "error": {
            "message": " ".join(part for part in parts if part),
            "type": _TYPES.get(status, server),
            "param": _param(problem),
            "code": _code(problem),
        }
    }


def _param(problem: Json) -> str | None:
    if errors := problem.get("errors"):
        field = str(errors[0]["field"])
        return None if field.startswith("the ") else field  # "the body": no one field is wrong
    about: str | None = problem.get("about")
    if about in Narrowed.model_fields:
        return f"footnoted.{about}"
    return about if about in ChatRequest.model_fields else None


def _code(problem: Json) -> str:
    status = problem["status"]
    if status == HTTPStatus.NOT_FOUND and problem.get("about") == "model":
        return "model_not_found"
    if status in _CODES:
        return _CODES[status]
    kind = str(problem["type"])
    name = problem["title"] if kind == "about:blank" else kind.rsplit(":", 1)[-1]
    return str(name).lower().replace("-", "_").replace(" ", "_")
