"""The `ingest` command: an article and its sources become a corpus with an index."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from footnoted.cli import render
from footnoted.cli.bars import progress
from footnoted.cli.options import JsonOption, ModelOption, add_command, notify
from footnoted.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add this module's command to ``app``."""
    add_command(app, ingest)


def ingest(
    source: Annotated[
        str,
        typer.Argument(
            help="The article: wikipedia:Title, wikipedia:ar:Title, an address, or a saved file."
        ),
    ],
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
    revision: Annotated[
        str | None,
        typer.Option("--revision", metavar="R", help="An older revision of a wiki page."),
    ] = None,
    no_fetch: Annotated[
        bool, typer.Option("--no-fetch", help="Do not read sources from the web.")
    ] = False,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Ask again for sources that were read before.")
    ] = False,
    from_captures: Annotated[
        bool,
        typer.Option("--from-captures", help="Read what was captured before, and ask nobody."),
    ] = False,
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="N", help="How many sources to fetch at once.")
    ] = None,
    no_index: Annotated[bool, typer.Option("--no-index", help="Do not build the index.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be read, and write nothing.")
    ] = False,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read an article and its sources into a corpus, and build its index.

    Example: footnoted ingest wikipedia:Apamea

    Example: footnoted ingest article.html --source 7=page.html --digest 9=notes.md

    Interrupted, it goes on where it was when the same command is run again.
    """
    from stamina.instrumentation import set_on_retry_hooks

    from footnoted.service import ingestion

    set_on_retry_hooks([])  # a retry is no news: what became of each source is said at the end
    settings = load_settings(model=model, jobs=jobs, fetch=False if no_fetch else None)
    request = ingestion.request_for(
        source,
        settings,
        corpus=corpus,
        links=links,
        sources=source_file or (),
        digests=digest or (),
        form=form,
        url=url,
        revision=revision,
        web=ingestion.Web(refresh=refresh, from_captures=from_captures),
    )
    if dry_run:
        document = ingestion.plan(request)
    else:
        with progress(enabled=sys.stderr.isatty()) as show:
            document = ingestion.ingest_and_index(
                request, with_index=not no_index, notify=notify, progress=show
            )
    if as_json:
        render.print_json(document)
        return
    out = render.console()
    if dry_run:
        render.print_plan(out, document)
        return
    render.print_sources(out, document)
    if "changes" in document:
        render.print_changes(out, document["changes"])
    folder = document["corpus"]["folder"]
    out.print(f"\nAsk it: footnoted ask 'Your question' --corpus {folder}")
