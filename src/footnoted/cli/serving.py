"""The `serve` command: the HTTP API and the web page."""

from __future__ import annotations

from typing import Annotated

import typer

from footnoted.cli.options import FastOption, ModelOption, add_command, notify, without_reader
from footnoted.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add this module's command to ``app``."""
    add_command(app, serve)


def serve(
    corpus: Annotated[
        list[str] | None,
        typer.Option("--corpus", "-c", metavar="C", help="A corpus; repeat it for several."),
    ] = None,
    host: Annotated[str | None, typer.Option("--host", help="The address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option("--port", help="The port; 0 takes a free one.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", metavar="N", help="How many processes answer."),
    ] = None,
    fast: FastOption = False,
    model: ModelOption = None,
) -> None:
    """Serve the API under /v1 and the page at / until interrupted.

    Example: footnoted serve --corpus default --corpus example --port 8321

    Example: footnoted serve --workers 2 --host 0.0.0.0
    """
    from footnoted.service.server import serve_corpora

    settings = load_settings(
        host=host, port=port, workers=workers, model=model, reader=without_reader(fast)
    )
    serve_corpora(corpus or [], settings, notify)
