"""The `ingest` command: an article and its sources become a corpus with an index."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from footnoted.cli import render
from footnoted.cli.options import JsonOption, ModelOption, add_command, notify
from footnoted.errors import UsageError
from footnoted.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add this module's command to ``app``."""
    add_command(app, ingest)


def ingest(
    source: Annotated[str, typer.Argument(help="The article: a saved HTML page or a text export.")],
    corpus: Annotated[
        str | None,
        typer.Option(
            "--corpus", "-c", metavar="C", help="Name or folder; else a name made from the title."
        ),
    ] = None,
    links: Annotated[
        Path | None,
        typer.Option(
            "--links", metavar="FILE", help='Addresses of references: {"7": "https://…"}.'
        ),
    ] = None,
    source_file: Annotated[
        list[str] | None,
        typer.Option("--source", metavar="KEY=PATH", help="A source's own page, text or PDF."),
    ] = None,
    digest: Annotated[
        list[str] | None,
        typer.Option("--digest", metavar="KEY=PATH", help="Own-words notes on a source."),
    ] = None,
    form: Annotated[
        str | None, typer.Option("--form", help="The article's form, where it is not recognised.")
    ] = None,
    url: Annotated[
        str | None, typer.Option("--url", help="Where the article was saved from.")
    ] = None,
    no_fetch: Annotated[
        bool, typer.Option("--no-fetch", help="Do not read sources from the web.")
    ] = False,
    no_index: Annotated[bool, typer.Option("--no-index", help="Do not build the index.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be read, and write nothing.")
    ] = False,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read an article and its sources into a corpus, and build its index.

    Example: footnoted ingest article.html --source 7=page.html --digest 9=notes.md
    """
    from footnoted.service import ingestion

    if source.startswith(("http://", "https://", "wikipedia:")):
        raise UsageError(
            f"{source} is an address; this version reads articles from files only.",
            about=source,
            hint="Save the page as HTML and name the file.",
        )
    if not no_fetch:
        notify("Sources on the web are not fetched by this version; --source supplies them.")
    request = ingestion.request_from_files(
        Path(source),
        load_settings(model=model),
        corpus=corpus,
        links=links,
        sources=source_file or (),
        digests=digest or (),
        form=form,
        url=url,
    )
    if dry_run:
        document = ingestion.plan(request)
    else:
        with render.progress(enabled=sys.stderr.isatty()) as show:
            document = ingestion.ingest_and_index(
                request, with_index=not no_index, notify=notify, progress=show
            )
    if as_json:
        render.print_json(document)
        return
    out = render.console()
    render.print_sources(out, document)
    if not dry_run:
        folder = document["corpus"]["folder"]
        out.print(f"\nAsk it: footnoted ask 'Your question' --corpus {folder}")
