"""Writes the pages that are made from code: ``python docs/generate.py [FOLDER]``.

`commands.md` from the commands' own help, `settings.md` from the settings, `errors.md` from the
error tree, `python-api.md` from the docstrings of what the package exports, `http-routes.md` from
the server's OpenAPI document. A test compares the committed pages with fresh ones.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_overloads

import typer
from msgspec import NODEFAULT
from typing_extensions import is_typeddict  # Python 3.11 knows its own alone

import footnoted
from footnoted import documents, errors
from footnoted.cli.main import app
from footnoted.service.api_page import Field, Operation, outline
from footnoted.service.app import create_app
from footnoted.service.filters import Filter, Narrowing
from footnoted.settings import PREFIX, meaning, setting_fields

HERE = Path(__file__).parent
WIDTH = 88
_PLAIN = (str, int, float, tuple, type(None))
MADE = "<!-- Made by `make docs` from the code: change it there. -->\n"


def commands() -> str:
    """Every command with its help, as a Markdown page."""
    parts = ["# Commands\n", MADE]
    for words, command in _all_commands(typer.main.get_command(app), ("footnoted",)):
        context = command.make_context(
            " ".join(words), [], resilient_parsing=True, max_content_width=WIDTH
        )
        context.terminal_width = WIDTH
        text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
        parts.append(
            f"{'#' * min(3, 1 + len(words))} `{' '.join(words)}`\n\n```text\n{text}\n```\n"
        )
    return "\n".join(parts)


def settings() -> str:
    """Every setting with its environment variable, default and meaning, as a Markdown page."""
    rows = []
    for name, info in setting_fields().items():
        default = "the system's own folder" if info.default is NODEFAULT else f"`{info.default}`"
        rows.append(f"| `{name}` | `{PREFIX}{name.upper()}` | {default} | {meaning(info)} |")
    head = (
        "# Settings\n\n"
        f"{MADE}\n"
        "A flag wins over the environment, the environment over `footnoted.toml` (in the working "
        "folder, or named by `FOOTNOTED_CONFIG`), the file over the default. `footnoted settings` "
        "shows every value and where it came from.\n\n"
        "| setting | environment | default | what it is |\n| --- | --- | --- | --- |\n"
    )
    return head + "\n".join(rows) + "\n"


def error_page() -> str:
    """The error tree with exit codes and HTTP statuses, as a Markdown page."""
    return (
        "# Errors and exit codes\n\n"
        f"{MADE}\n"
        "Exit codes: 0 done; 1 a gate or invariant failed; 2 usage; 3 refused; 4 bad input; "
        "5 corpus or index broken; 6 locked, read-only or disk full; 7 network; 70 internal "
        "error; 130 interrupted. Over HTTP every error is a problem document (RFC 9457) with the "
        "status below; its `type` is `urn:footnoted:problem:` and the name in lower case with "
        "hyphens, `about` names the file, id or address, `hint` says what to do next.\n\n"
        f"```text\n{_tree()}\n```\n"
    )


def python_api() -> str:
    """What the package exports, with signatures and docstrings, as a Markdown page."""
    parts = [
        "# Python API\n",
        MADE,
        "`from footnoted import …`. The [guide](python.md) shows these in use.\n",
    ]
    for name in ("Assistant", "Client"):
        kind = getattr(footnoted, name)
        parts.append(f"## `{name}`\n\n{_prose(kind)}\n")
        parts += [
            f"### `{call}`\n\n```text\n{_signatures(call, found)}\n```\n\n{_prose(found)}\n"
            for call, found in _methods(name, kind)
        ]
    parts.append(
        f"## Narrowing\n\nThe last parameters of `ask` and `search`. {_prose(Filter)}\n\n"
        f"```text\n{_keys(Narrowing)}\n```\n"
    )
    parts.append("## Errors\n\n`FootnotedError`: [the tree](errors.md).\n")
    parts.append(f"## Documents\n\n`footnoted.documents`. {_prose(documents)}\n")
    for name, shape in vars(documents).items():
        if is_typeddict(shape) and shape.__annotations__:
            parts.append(f"### `{name}`\n\n{_prose(shape)}\n\n```text\n{_keys(shape)}\n```\n")
    return "\n".join(parts)


def _methods(name: str, kind: type) -> Iterator[tuple[str, Any]]:
    """How each public method of a class is called; a class without `open` is called itself."""
    if "open" not in vars(kind):
        yield name, kind.__init__
    for method in vars(kind):
        found = getattr(kind, method)
        if not method.startswith("_") and inspect.isroutine(found):
            yield f"{name}.{method}", found


def _signatures(name: str, function: Any) -> str:
    """Each way to call it that has a type of its own."""
    return "\n".join(_signature(name, way) for way in get_overloads(function) or [function])


def _signature(name: str, function: Any) -> str:
    """A call as one would write it, with types and defaults, a parameter a line if it is long."""
    signature = inspect.signature(function)
    parts: list[str] = []
    for parameter in signature.parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in parts:
            parts.append("*")
        default = parameter.default
        shown = repr(default) if isinstance(default, _PLAIN) else "…"
        stars = "**" if parameter.kind is parameter.VAR_KEYWORD else ""
        end = "" if default is parameter.empty else f" = {shown}"
        parts.append(f"{stars}{parameter.name}: {_type(parameter.annotation)}{end}")
    given = (
        "" if name[0].isupper() and "." not in name else f" -> {_type(signature.return_annotation)}"
    )
    line = f"{name}({', '.join(parts)}){given}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"{name}(", *(f"    {part}," for part in parts), f"){given}"])


def _type(annotation: Any) -> str:
    return str(annotation).replace("documents.", "").replace("httpx2.", "")


def _prose(thing: Any) -> str:
    """A docstring as Markdown; its examples stay what they are."""
    text = (inspect.getdoc(thing) or "").replace("``", "`")
    return "\n".join(line.rstrip() for line in text.splitlines())


def _keys(shape: Any) -> str:
    keys = shape.__annotations__  # those that it inherits as well
    width = max(map(len, keys))
    return "\n".join(f"{key:<{width}}  {_written(hint)}" for key, hint in keys.items())


def http_routes() -> str:
    """Every route of the HTTP API with its parameters and documents, as a Markdown page."""
    found = outline(create_app({}).openapi())
    parts = [
        "# HTTP routes\n",
        MADE,
        "From the OpenAPI document of a server. [HTTP API](http.md) says how to use them.\n",
    ]
    parts += [_route(operation) for operation in found.operations]
    parts.append("## Documents\n")
    parts += [
        f"### {shape.name}\n\n{shape.description}\n\n{_fields(shape.fields)}"
        for shape in found.shapes
    ]
    return "\n".join(part.replace("\n\n\n", "\n\n") for part in parts)


def _route(operation: Operation) -> str:
    body = (
        f"The body is a [{operation.body}](#{operation.body.lower()}).\n\n"
        if operation.body
        else ""
    )
    given = f"Gives [{operation.gives}](#{operation.gives.lower()}).\n" if operation.gives else ""
    return (
        f"## `{operation.method} {operation.path}`\n\n{operation.description}\n\n"
        f"{_fields(operation.parameters)}\n{body}{given}"
    )


def _fields(fields: list[Field]) -> str:
    if not fields:
        return ""
    rows = [
        f"| `{field.name}` | {field.type.replace('|', '/')} |"
        f" {'yes' if field.required else ''} | {field.description} |"
        for field in fields
    ]
    head = "| name | type | always | what it is |\n| --- | --- | --- | --- |\n"
    return head + "\n".join(rows) + "\n"


def _written(hint: Any) -> str:
    return str(getattr(hint, "__forward_arg__", hint))


def _tree() -> str:
    lines = (errors.__doc__ or "").split("::\n", 1)[1].splitlines()
    drawn = [line.removeprefix("    ") for line in lines]
    return "\n".join(line for line in drawn[: drawn.index("", 1)] if line)


def _all_commands(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield words, command
    for name, child in getattr(command, "commands", {}).items():
        yield from _all_commands(child, (*words, name))


PAGES = {
    "commands.md": commands,
    "settings.md": settings,
    "errors.md": error_page,
    "python-api.md": python_api,
    "http-routes.md": http_routes,
}


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for name, page in PAGES.items():
        (folder / name).write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
