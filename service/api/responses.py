"""What routes give, as OpenAPI describes it: documents by their shape, files by their type."""

from __future__ import annotations

from typing import Any, TypeAlias

Described: TypeAlias = dict[int | str, dict[str, Any]]

_REVALIDATED: dict[str, Any] = {
    "ETag": {
        "description": "Names this state of the document; send it as If-None-Match next time.",
        "schema": {"type": "string"},
    },
    "Cache-Control": {
        "description": "`private, no-cache`: it may be kept, and is to be asked for again.",
        "schema": {"type": "string"},
    },
}
_LIST = {"type": "array", "items": {"type": "object"}}
_LINKED = {
    "Link": {
        "description": "The other pages of a list (RFC 8288): first, prev, next, last.",
        "schema": {"type": "string"},
    }
}


def gives(shape: type[Any], **more: Any) -> Described:
    """A document of this shape; described, not validated: documents are made elsewhere."""
    return {200: {"model": shape, **more}}


def keeps(shape: type[Any], *, pages: bool = False) -> Described:
    """A document that may be kept and asked for again; with ``pages``, a list in parts."""
    headers = _REVALIDATED | (_LINKED if pages else {})
    return gives(shape, headers=headers) | unchanged()


def unchanged() -> Described:
    """What `If-None-Match` may lead to."""
    return {304: {"description": "The document is what If-None-Match names."}}


def sends(description: str, *media_types: str) -> Described:
    """A file of one of these types, to be saved; of the JSON ones, a list of objects."""
    content = {
        media_type: {"schema": _LIST if media_type.endswith("json") else {"type": "string"}}
        for media_type in media_types
    }
    headers = {
        "Content-Disposition": {
            "description": "`attachment`, with a name for the file.",
            "schema": {"type": "string"},
        }
    }
    return {200: {"description": description, "content": content, "headers": headers}}
