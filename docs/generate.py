"""Writes the pages that are made from code: ``python docs/generate.py [FOLDER]``.

`commands.md` from the commands' own help, `settings.md` from the settings, `errors.md` from the
error tree. A test compares the committed pages with fresh ones.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from msgspec import NODEFAULT

from footnoted import errors
from footnoted.cli.main import app
from footnoted.settings import PREFIX, meaning, setting_fields

HERE = Path(__file__).parent
WIDTH = 88
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


def _tree() -> str:
    lines = (errors.__doc__ or "").split("::\n", 1)[1].splitlines()
    drawn = [line.removeprefix("    ") for line in lines]
    return "\n".join(line for line in drawn[: drawn.index("", 1)] if line)


def _all_commands(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield words, command
    for name, child in getattr(command, "commands", {}).items():
        yield from _all_commands(child, (*words, name))


PAGES = {"commands.md": commands, "settings.md": settings, "errors.md": error_page}


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for name, page in PAGES.items():
        (folder / name).write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
