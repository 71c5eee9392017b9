"""The commands that read a corpus: ask, search, sources, article, passage, verify."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from footnoted.cli import render
from footnoted.cli.options import (
    CorpusOption,
    CountOption,
    FastOption,
    JsonOption,
    ModelOption,
    OnlyOption,
    ReferenceOption,
    add_command,
    check_only,
    notify,
    without_reader,
)
from footnoted.errors import EXIT_DONE, EXIT_FAILED, EXIT_REFUSED, UsageError
from footnoted.settings import load_settings

if TYPE_CHECKING:
    from footnoted.service.assistant import Assistant
    from footnoted.service.filters import Narrowing

KindOption = Annotated[
    str | None,
    typer.Option("--kind", metavar="KIND", help="Only `article`, `source` or `document`."),
]
SourceOption = Annotated[
    str | None,
    typer.Option("--source", metavar="S", help="Only this document: its id or its address."),
]
LanguageOption = Annotated[
    str | None, typer.Option("--language", metavar="CODE", help="Only this language, such as en.")
]
SinceOption = Annotated[
    str | None,
    typer.Option(
        "--since", metavar="DATE", help="Only what was published on this date or later: 2023-10."
    ),
]
UntilOption = Annotated[
    str | None,
    typer.Option(
        "--until", metavar="DATE", help="Only what was published on this date or earlier."
    ),
]


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
    kind: KindOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    history: Annotated[
        list[str] | None,
        typer.Option(
            "--history", metavar="TEXT", help="An earlier question, which explains this one; again."
        ),
    ] = None,
    batch: Annotated[
        Path | None,
        typer.Option(
            "--batch",
            metavar="FILE",
            help='JSON Lines of questions: {"id": …, "question": …}; filters by their names.',
        ),
    ] = None,
    write: Annotated[
        bool,
        typer.Option(
            "--write", help="Also have the answer phrased by the chat endpoint in the settings."
        ),
    ] = False,
    fast: FastOption = False,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> int:
    """Answer a question with verbatim, cited sentences; exit with 3 when it is refused.

    Example: footnoted ask "How large is the group?"
    """
    check_only(only)
    if (question is None) == (batch is None):
        raise UsageError("Give either a question or --batch FILE.", hint="footnoted ask --help")
    narrowing = _narrowing(kind, source, language, since, until)
    with _open(corpus, model, fast=fast) as assistant:
        if write:
            assistant.check_writing()
        if batch is not None:
            options = {"only": only, "reference": reference, **narrowing}
            return _ask_batch(assistant, batch, k, options, write=write)
        earlier = history or []
        document = assistant.ask(
            question or "", k, only, reference, history=earlier, write=write, **narrowing
        )
    _show(document, _print_answer, as_json=as_json)
    return EXIT_DONE if document["status"] == "answered" else EXIT_REFUSED


def _ask_batch(
    assistant: Assistant, path: Path, k: int | None, options: dict[str, Any], *, write: bool
) -> int:
    from footnoted.service.batch import read_batch

    for item in read_batch(path):
        narrowed: dict[str, Any] = options | dict(item.narrowing)
        document = assistant.ask_or_problem(
            item.question, k, history=item.history, write=write, **narrowed
        )
        sys.stdout.write(render.json_text({"id": item.id, **document}) + "\n")
        sys.stdout.flush()
    return EXIT_DONE


def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    corpus: CorpusOption = None,
    k: CountOption = None,
    only: OnlyOption = None,
    reference: ReferenceOption = None,
    kind: KindOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    fast: FastOption = False,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the passages that are nearest to a query, each with its citation."""
    check_only(only)
    narrowing = _narrowing(kind, source, language, since, until)
    with _open(corpus, model, fast=fast) as assistant:
        document = assistant.search(query, k, only, reference, **narrowing)
    _show(document, _print_hits, as_json=as_json)


def _narrowing(*parts: str | None) -> Narrowing:
    from footnoted.service.filters import given

    return given(*parts)


def _print_answer(out: Console, document: Mapping[str, Any]) -> None:
    render.print_answer(out, document)
    _print_notes(out, document)


def _print_hits(out: Console, document: Mapping[str, Any]) -> None:
    for hit in document["passages"]:
        heading = render.printable(" › ".join(hit["heading"]))
        out.print(Text(f"\n{hit['rank']}. {heading}".rstrip(), style="dim"))
        out.print(Padding(_marked(hit), (0, 0, 0, 3)))
        render.print_citation(out, hit["citation"], "  ")
        if copies := len(hit["duplicates"]):
            others = "another passage says" if copies == 1 else f"{copies} other passages say"
            out.print(Text(f"   {others} the same", style="dim"))
        elif hit["duplicate_of"]:
            out.print(Text("   the same words stand further up", style="dim"))
    _print_notes(out, document)


def _marked(hit: Mapping[str, Any]) -> Text:
    """The passage's words, those that match the query's underlined."""
    words, done = Text(), 0
    for start, end in sorted({(match["start"], match["end"]) for match in hit["matches"]}):
        words.append(render.printable(hit["text"][done:start]))
        words.append(render.printable(hit["text"][start:end]), style="underline")
        done = end
    return words.append(render.printable(hit["text"][done:]))


def _print_notes(out: Console, document: Mapping[str, Any]) -> None:
    for note in document["notes"]:
        out.print(Text(render.printable(note), style="yellow"))


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


def _show(
    document: Mapping[str, Any],
    for_people: Callable[[Console, Mapping[str, Any]], None],
    *,
    as_json: bool,
) -> None:
    if as_json:
        render.print_json(document)
    else:
        for_people(render.console(), document)


def _open(corpus: str | None, model: str | None = None, *, fast: bool = False) -> Assistant:
    from footnoted.service.assistant import Assistant

    settings = load_settings(corpus=corpus, model=model, reader=without_reader(fast))
    return Assistant.open(settings=settings, notify=notify)
