"""The API's description for people, drawn from its OpenAPI document: ``/docs`` without a script."""

from __future__ import annotations

from typing import Any, NamedTuple

from footnoted.domain import Json


class Field(NamedTuple):
    """A parameter, or a key of a document; ``shape`` names the document that it holds."""

    name: str
    type: str
    shape: str | None
    required: bool
    description: str


class Operation(NamedTuple):
    """One route and method: what it takes and the document that it gives."""

    method: str
    path: str
    description: str
    parameters: list[Field]
    body: str | None
    gives: str | None


class Shape(NamedTuple):
    """A document: its name and its keys."""

    name: str
    description: str
    fields: list[Field]


class Outline(NamedTuple):
    """All that the page tells."""

    title: str
    version: str
    description: str
    operations: list[Operation]
    shapes: list[Shape]


def outline(openapi: Json) -> Outline:
    """The operations and documents of an OpenAPI 3.1 document, in its order."""
    return Outline(
        title=openapi["info"]["title"],
        version=openapi["info"]["version"],
        description=openapi["info"].get("description", ""),
        operations=[
            _operation(method, path, operation)
            for path, methods in openapi["paths"].items()
            for method, operation in methods.items()
        ],
        shapes=[
            Shape(name, schema.get("description", ""), _fields(schema))
            for name, schema in openapi["components"]["schemas"].items()
        ],
    )


def _operation(method: str, path: str, operation: Json) -> Operation:
    return Operation(
        method=method.upper(),
        path=path,
        description=operation.get("description", ""),
        parameters=[
            _field(p["name"], p["schema"], p.get("required", False), p.get("description", ""))
            for p in operation.get("parameters", ())
        ],
        body=_shape(_content(operation.get("requestBody", {}))),
        gives=_shape(_content(operation["responses"].get("200", {}))),
    )


def _content(holder: Json) -> Json:
    schema: Json = holder.get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def _fields(schema: Json) -> list[Field]:
    required = schema.get("required", ())
    return [
        _field(name, value, name in required, value.get("description", ""))
        for name, value in schema.get("properties", {}).items()
    ]


def _field(name: str, schema: Json, required: bool, description: str) -> Field:
    return Field(name, type_of(schema), _shape(schema), required, description)


def type_of(schema: Json) -> str:
    """The type of a schema as a reader would write it (``list of Passage``, ``string or null``)."""
    if "$ref" in schema:
        return _ref_name(schema["$ref"])
    if "anyOf" in schema:
        return " or ".join(type_of(option) for option in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(f"“{value}”" for value in schema["enum"])
    if "const" in schema:
        return f"“{schema['const']}”"
    if schema.get("type") == "array":
        return f"list of {type_of(schema.get('items', {}))}"
    return str(schema.get("type", "anything"))


def _shape(schema: Any) -> str | None:
    """The name of the first document that a schema refers to."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _ref_name(schema["$ref"])
        schema = list(schema.values())
    if isinstance(schema, list):
        return next((name for item in schema if (name := _shape(item))), None)
    return None


def _ref_name(reference: str) -> str:
    return reference.rsplit("/", 1)[-1]
