"""The commands that read a corpus: ask, search, sources, article, passage, verify."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from footnoted.cli import render
from footnoted.cli.options import (
    CorpusOption,
    CountOption,
    JsonOption,
    ModelOption,
    OnlyOption,
    ReferenceOption,
    add_command,
    check_only,
    notify,
)
from footnoted.domain import Json
from footnoted.errors import EXIT_DONE, EXIT_FAILED, EXIT_REFUSED, UsageError
from footnoted.settings import load_settings

if TYPE_CHECKING:
    from footnoted.service.assistant import Assistant


def register(app: typer.Typer) -> None:
    """Add this module's commands to ``app``."""
    for command in (ask, search, sources, article, passage, verify):
        add_command(app, command)


def ask(
    question: Annotated[str | None, typer.Argument(help="The question, in quotes.")] = None,
    corpus: CorpusOption = None,
    k: CountOption = None,
    only: OnlyOption = None,
    reference: ReferenceOption = None,
    batch: Annotated[
        Path | None,
        typer.Option(
            "--batch", metavar="FILE", help='JSON Lines of questions: {"id": …, "question": …}.'
        ),
    ] = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> int:
    """Answer a question with verbatim, cited sentences; exit with 3 when it is refused.

    Example: footnoted ask "How large is the group?"
    """
    check_only(only)
    if (question is None) == (batch is None):
        raise UsageError("Give either a question or --batch FILE.", hint="footnoted ask --help")
    with _open(corpus, model) as assistant:
        if batch is not None:
            return _ask_batch(assistant, batch, k, only, reference)
        document = assistant.ask(question or "", k, only, reference)
    _show(document, render.print_answer, as_json=as_json)
    return EXIT_DONE if document["status"] == "answered" else EXIT_REFUSED


def _ask_batch(
    assistant: Assistant, path: Path, k: int | None, only: str | None, reference: str | None
) -> int:
    from footnoted.service.batch import read_batch

    for item in read_batch(path):
        document = {"id": item.id} | assistant.ask_or_problem(item.question, k, only, reference)
        sys.stdout.write(render.json_text(document) + "\n")
        sys.stdout.flush()
    return EXIT_DONE


def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    corpus: CorpusOption = None,
    k: CountOption = None,
    only: OnlyOption = None,
    reference: ReferenceOption = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the passages that are nearest to a query, each with its citation."""
    check_only(only)
    with _open(corpus, model) as assistant:
        document = assistant.search(query, k, only, reference)
    if as_json:
        render.print_json(document)
        return
    out = render.console()
    for hit in document["passages"]:
        render.print_passage(out, hit)


def sources(corpus: CorpusOption = None, as_json: JsonOption = False) -> None:
    """List the article's references and what became of each."""
    with _open(corpus) as assistant:
        document = assistant.sources()
    _show(document, render.print_sources, as_json=as_json)


def article(corpus: CorpusOption = None, as_json: JsonOption = False) -> None:
    """Show the article's claims with the footnote signs that belong to each."""
    with _open(corpus) as assistant:
        document = assistant.article()
    _show(document, render.print_article, as_json=as_json)


def passage(
    passage_id: Annotated[str, typer.Argument(metavar="ID", help="A passage's id.")],
    corpus: CorpusOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one passage with the words before and after it."""
    with _open(corpus) as assistant:
        document = assistant.passage(passage_id)
    _show(document, render.print_single_passage, as_json=as_json)


def verify(
    citation_id: Annotated[
        str | None, typer.Argument(metavar="[CITATION]", help="One citation's id; else everything.")
    ] = None,
    corpus: CorpusOption = None,
    as_json: JsonOption = False,
) -> int:
    """Re-check quotes, hashes, ids and the index, without any model; exit with 1 if one fails."""
    with _open(corpus) as assistant:
        document = assistant.verify(citation_id)
    _show(document, render.print_checks, as_json=as_json)
    return EXIT_DONE if document["ok"] else EXIT_FAILED


def _show(document: Json, for_people: Callable[[Console, Json], None], *, as_json: bool) -> None:
    if as_json:
        render.print_json(document)
    else:
        for_people(render.console(), document)


def _open(corpus: str | None, model: str | None = None) -> Assistant:
    from footnoted.service.assistant import Assistant

    settings = load_settings(corpus=corpus, model=model)
    return Assistant.open(settings=settings, notify=notify)
