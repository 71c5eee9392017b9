"""The `notes` command: researchers' verdicts on an article's claims, as labels for `eval`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from footnoted.cli import render
from footnoted.cli.options import CorpusOption, JsonOption, add_command, notify
from footnoted.errors import UsageError, storage_errors
from footnoted.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add this module's commands to ``app``."""
    group = typer.Typer(help="Researchers' own verdicts and notes on claims.", no_args_is_help=True)
    add_command(group, export, "export")
    app.add_typer(group, name="notes")


def export(
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Make this folder a dataset for `eval --dataset DIR`."
        ),
    ] = None,
    corpus: CorpusOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print researchers' verdicts on a corpus's claims as labels, one JSON object a line.

    Each line has the claim, the texts of the sources that it cites, and the verdict. Notes that
    say nothing about a text are left out, and counted.

    Example: footnoted notes export --corpus my-article --out labels

    Example: footnoted eval --dataset labels
    """
    from footnoted.ingest.locations import corpus_folder
    from footnoted.service.indexing import open_corpus
    from footnoted.service.notes.labels import labels_of, line_of

    if as_json and out is None:
        raise UsageError(
            "--json tells where the labels were written, and nothing is written without --out.",
            about="--json",
            hint="Leave --json out to print the labels, or name a folder with --out.",
        )
    settings = load_settings(corpus=corpus)
    with open_corpus(corpus_folder(settings), settings) as opened:
        labels = labels_of(opened, settings)
        path = None if out is None else _new_file(out)
        if path is None:
            for label in labels:
                sys.stdout.write(line_of(label))
        else:
            with storage_errors(path), path.open("x", encoding="utf-8", newline="\n") as file:
                file.writelines(map(line_of, labels))
    left_out = dict(labels.left_out)
    if as_json:
        render.print_json({"path": str(path), "labels": labels.made, "left_out": left_out})
        return
    notify(f"{labels.made} labels{f' in {path}' if path else ''}.")
    for reason, count in left_out.items():
        notify(f"Left out: {count} {reason}.")
    if path is not None and labels.made:
        notify(f"Measure with: footnoted eval --dataset {path.parent}")


def _new_file(folder: Path) -> Path:
    """The file of labels in ``folder``, which is made; ``UsageError`` when there is one already."""
    path = folder / "pairs.jsonl"
    if path.exists():
        raise UsageError(
            f"{path} is there already.", about=str(path), hint="Name another folder, or remove it."
        )
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return path
