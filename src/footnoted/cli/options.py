"""The options that commands share, and the notices that they print while they work."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from footnoted.cli.render import printable
from footnoted.errors import UsageError

CorpusOption = Annotated[
    str | None,
    typer.Option(
        "--corpus", "-c", metavar="C", help="A corpus by name (default, example, …) or folder."
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on standard output.")
]
CountOption = Annotated[int | None, typer.Option("-k", metavar="N", help="How many passages.")]
OnlyOption = Annotated[
    str | None, typer.Option("--only", metavar="WHICH", help="Only `article` or only `sources`.")
]
ReferenceOption = Annotated[
    str | None,
    typer.Option(
        "--reference", metavar="ID", help="Only this reference: a label such as 7, or its id."
    ),
]
ModelOption = Annotated[
    str | None,
    typer.Option("--model", metavar="M", help="Embed with this sentence-transformers model."),
]

FastOption = Annotated[
    bool,
    typer.Option("--fast", help="Go without the reader: several times quicker, less exact."),
]


class OwnCommandFirst(TyperGroup):
    """A group whose first command is meant where none is named: `eval default`, `eval init F`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the first command's name before ``args`` that begin with no command's."""
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = [next(iter(self.commands)), *args]
        return super().parse_args(ctx, args)


def add_command(app: typer.Typer, function: Callable[..., object], name: str | None = None) -> None:
    """Add a command, listed with the whole first sentence of its docstring."""
    summary = " ".join((function.__doc__ or "").split("\n\n")[0].split())
    app.command(name, short_help=summary)(function)


def without_reader(fast: bool) -> bool | None:
    """The setting ``reader`` that ``--fast`` stands for; ``None`` leaves it as it is."""
    return False if fast else None


def notify(message: str) -> None:
    """Tell the user what takes so long, on standard error."""
    sys.stderr.write(f"{printable(message)}\n")
    sys.stderr.flush()


def check_only(value: str | None) -> None:
    """Raise ``UsageError`` unless ``--only`` is one of its two words or absent."""
    if value not in (None, "article", "sources"):
        raise UsageError(f"--only takes article or sources, not {value!r}.", about="only")
