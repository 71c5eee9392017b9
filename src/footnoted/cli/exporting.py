"""The `export` command: a bibliography for reference managers and for notes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from footnoted.cli.bench_output import check_out
from footnoted.cli.options import CorpusOption, FastOption, add_command, notify, without_reader
from footnoted.errors import storage_errors
from footnoted.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add this module's command to ``app``."""
    add_command(app, export)


def export(
    format: Annotated[  # noqa: A002 - the option is called so
        str, typer.Option("--format", "-f", metavar="F", help="csl-json, bibtex, ris or markdown.")
    ] = "csl-json",
    citation: Annotated[
        list[str] | None,
        typer.Option(
            "--citation", metavar="ID", help="What this citation quotes, by its id; again."
        ),
    ] = None,
    question: Annotated[
        str | None,
        typer.Option("--question", metavar="TEXT", help="What the answer to this question cites."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write this file, in UTF-8."),
    ] = None,
    corpus: CorpusOption = None,
    fast: FastOption = False,
) -> None:
    """Export the references, or the works that an answer quotes, as a bibliography.

    Example: footnoted export --format bibtex --output references.bib
    """
    from footnoted.service.assistant import Assistant

    check_out(output)
    settings = load_settings(corpus=corpus, reader=without_reader(fast))
    with Assistant.open(settings=settings, notify=notify) as assistant:
        text = assistant.export(format, citations=citation or (), question=question)
    if output is None:
        sys.stdout.write(text)
        return
    with storage_errors(output):
        output.write_text(text, "utf-8", errors="replace", newline="")
    notify(f"Written: {output}")
