"""The `mcp` command: the same answers as tools, for programs that start one and ask it."""

from __future__ import annotations

from typing import Annotated

import typer

from footnoted.cli.options import FastOption, ModelOption, add_command, notify, without_reader
from footnoted.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add this module's command to ``app``."""
    add_command(app, mcp)


def mcp(
    corpus: Annotated[
        list[str] | None,
        typer.Option("--corpus", "-c", metavar="C", help="A corpus; repeat it for several."),
    ] = None,
    fast: FastOption = False,
    model: ModelOption = None,
) -> None:
    """Offer the tools search, fetch, ask and sources on standard input and output (MCP).

    A chat program or agent starts this by itself; docs/mcp.md shows what to tell it.
    Over HTTP the same tools are at /mcp of `footnoted serve`.

    Example: footnoted mcp --corpus default --corpus example
    """
    from footnoted.service.connectors.stdio import answer_on_stdio

    settings = load_settings(model=model, reader=without_reader(fast))
    answer_on_stdio(corpus or [], settings, notify)
