"""What the `bench` commands share: the file they write, and tables of two sides."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from footnoted.cli import render
from footnoted.errors import UsageError, storage_errors

if TYPE_CHECKING:
    from rich.console import Console

    from footnoted.domain import Json
    from footnoted.eval.bench.measures import Row

OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="F", help="Write the JSON document there as well.")
]
_SIGNS = {True: "yes", False: "NO", None: ""}


def check_out(out: Path | None) -> None:
    """Raise ``UsageError`` for a file that cannot be written, before minutes are spent."""
    if out is not None and not out.absolute().parent.is_dir():
        raise UsageError(
            f"{out} cannot be written: there is no such folder.",
            about=str(out),
            hint="Make the folder first.",
        )


def write(out: Path | None, document: Json) -> None:
    """Write the document into a file, where one is named."""
    if out is not None:
        with storage_errors(out):
            out.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", "utf-8")


def print_costs(console: Console, rows: Sequence[Row], other: str) -> None:
    """Both sides of each measure, their ratio, its bound and whether that holds."""
    header = ("", "Footnoted", other, "Ratio", "Bound", "Holds")
    render.print_rows(console, header, [_cells(row) for row in rows])


def print_doubtful(console: Console, rows: Sequence[Row]) -> None:
    """Which measures with a bound swayed too much for it to mean anything."""
    if doubtful := [row.name for row in rows if row.ok is not None and not row.steady]:
        console.print(
            f"Unsteady, so not to be relied on: {', '.join(doubtful)}. Something else was at work "
            "on this machine; measure again when it is quiet."
        )


def _cells(row: Row) -> tuple[str, ...]:
    values = row.to_json()
    bounds = (("at most", row.at_most), ("at least", row.at_least))
    return (
        row.name,
        f"{values['footnoted']:,.2f} {row.unit}".strip(),
        f"{values['plain']:,.2f} {row.unit}".strip(),
        f"{row.ratio:.3f}",
        ", ".join(f"{which} {bound:g}" for which, bound in bounds if bound is not None),
        _SIGNS[row.ok],
    )
