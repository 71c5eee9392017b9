"""Housekeeping: `corpora list|info|remove`, `forget`, `index`, `gc` and `settings`."""

from __future__ import annotations

from typing import Annotated

import typer

from footnoted.cli import render
from footnoted.cli.options import CorpusOption, JsonOption, ModelOption, add_command, notify
from footnoted.settings import explain, load_settings


def register(app: typer.Typer) -> None:
    """Add this module's commands to ``app``."""
    corpora = typer.Typer(help="List, describe and remove corpora.", no_args_is_help=True)
    add_command(corpora, list_corpora, "list")
    add_command(corpora, info, "info")
    add_command(corpora, remove, "remove")
    app.add_typer(corpora, name="corpora")
    add_command(app, forget)
    index = typer.Typer(help="Rebuild or roll back a corpus's index.", no_args_is_help=True)
    add_command(index, rebuild, "rebuild")
    add_command(index, rollback, "rollback")
    app.add_typer(index, name="index")
    add_command(app, gc)
    add_command(app, settings, "settings")


def list_corpora(as_json: JsonOption = False) -> None:
    """List the packaged corpora and those under the data folder."""
    from footnoted.service import housekeeping

    document = housekeeping.list_corpora(load_settings())
    if as_json:
        render.print_json(document)
        return
    rows = [
        (c["name"], c["title"] or c["problem"], c["references"], c["passages"], c["folder"])
        for c in document["corpora"]
    ]
    render.print_rows(
        render.console(), ("Name", "Article", "References", "Passages", "Folder"), rows
    )


def info(corpus: CorpusOption = None, as_json: JsonOption = False) -> None:
    """Describe a corpus: its article, revisions, counts and index."""
    from footnoted.service import housekeeping

    document = housekeeping.describe(load_settings(corpus=corpus))
    if as_json:
        render.print_json(document)
        return
    out = render.console()
    facts = [(key, value) for key, value in document.items() if key != "revisions"]
    render.print_rows(out, ("", ""), facts)
    rows = [(r["number"], r["revision"], r["created_at"]) for r in document["revisions"]]
    out.print()
    render.print_rows(out, ("Revision", "Id", "Made"), rows)


def remove(
    name: Annotated[str, typer.Argument(help="The corpus to remove, by name or folder.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a corpus with its captures and its index; there is no way back."""
    from footnoted.service import housekeeping

    current = load_settings(corpus=name)
    folder = housekeeping.removable(current)
    if not yes:
        typer.confirm(f"Remove {folder} with everything in it?", abort=True, err=True)
    housekeeping.remove(folder, current)
    notify(f"Removed {folder}.")


def forget(
    reference: Annotated[
        str, typer.Argument(help="The footnote: a label such as 7, group:label, or a reference id.")
    ],
    corpus: CorpusOption = None,
    lift: Annotated[
        bool, typer.Option("--lift", help="Let the next ingest read a forgotten source again.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Remove a source's texts, captures and vectors for good, and do not read it again.

    Footnotes that share the source are forgotten with it. What is supplied later with --source
    is read all the same. A running server answers without it from its next request on.

    Example: footnoted forget 7 --corpus my-article
    """
    from footnoted.service import forgetting

    current = load_settings(corpus=corpus)
    if lift:
        document = forgetting.lift(reference, current)
    else:
        document = forgetting.forget(reference, current, notify)
    if as_json:
        render.print_json(document)
        return
    out = render.console()
    if lift:
        out.print("The next `footnoted ingest` may read it again.")
        return
    rows = [(f"{r['group']} {r['label']}".strip(), r["text"]) for r in document["references"]]
    render.print_rows(out, ("", "Forgotten source"), rows)
    removed = document["removed"]
    out.print(
        f"\nRemoved {_counted(removed['documents'], 'document')} with "
        f"{_counted(removed['passages'], 'passage')}, and "
        f"{_counted(removed['captures'], 'capture')}."
    )


def rebuild(corpus: CorpusOption = None, model: ModelOption = None) -> None:
    """Build a corpus's index anew from its texts and use it."""
    from footnoted.service import housekeeping

    name = housekeeping.rebuild(load_settings(corpus=corpus, model=model), notify)
    notify(f"Generation {name} is in use.")


def rollback(corpus: CorpusOption = None) -> None:
    """Use the index generation before the current one again, until the next build.

    It answers from the corpus's revision that it was made of.
    """
    from footnoted.service import housekeeping

    notify(f"Generation {housekeeping.rollback(load_settings(corpus=corpus))} is in use.")


def gc(corpus: CorpusOption = None, as_json: JsonOption = False) -> None:
    """Remove index generations that nobody needs or reads, and what killed builds left.

    The one in use stays, and the one before it, for `footnoted index rollback`.
    """
    from footnoted.service import housekeeping

    document = housekeeping.collect(load_settings(corpus=corpus))
    if as_json:
        render.print_json(document)
        return
    removed, read = document["removed"], document["read"]
    notify(f"Removed {_counted(len(removed), 'generation')}.")
    if unreachable := document["unreachable"]:
        notify(f"In a Milvus that cannot be reached, and kept: {', '.join(unreachable)}.")
    if read:
        notify(f"Still read by a running process, and kept until it ends: {', '.join(read)}.")


def settings(as_json: JsonOption = False) -> None:
    """Show every setting, its value and where it came from."""
    rows = explain(load_settings())
    if as_json:
        render.print_json({"settings": [row._asdict() for row in rows]})
        return
    render.print_rows(render.console(), ("Setting", "Value", "From", "Meaning"), rows)


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
