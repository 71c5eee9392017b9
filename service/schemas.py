"""How OpenAPI describes what ``footnoted.documents`` does not: requests, problems, probes."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from footnoted.documents import Document


class Shape(BaseModel):
    """A request, or a document about the server: these keys and no others."""

    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    """A problem document (RFC 9457); ``errors`` names each invalid field."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    about: str | None = None
    hint: str | None = None
    errors: list[dict[str, str]] | None = None


class Health(Document):
    """What the probes give."""

    status: Literal["ok", "ready"]
