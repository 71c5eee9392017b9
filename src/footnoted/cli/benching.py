"""The `bench` command: Footnoted's speed and memory as shares of the plain pipeline's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from footnoted.cli import render
from footnoted.cli.options import CorpusOption, JsonOption, ModelOption, add_command, notify
from footnoted.errors import EXIT_DONE, EXIT_FAILED
from footnoted.settings import load_settings

if TYPE_CHECKING:
    from footnoted.eval.bench.comparing import Comparison
    from footnoted.eval.bench.measures import Row

_SIGNS = {True: "yes", False: "NO", None: ""}


def register(app: typer.Typer) -> None:
    """Add this module's command to ``app``."""
    add_command(app, bench)


def bench(
    corpus: CorpusOption = None,
    runs: Annotated[
        int, typer.Option("--runs", metavar="N", min=1, help="Runs of each side; medians count.")
    ] = 5,
    questions: Annotated[
        int | None,
        typer.Option("--questions", metavar="N", min=1, help="Only the first N of the set."),
    ] = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> int:
    """Compare with the plain pipeline, in minutes; exit with 1 when a bound is missed.

    Example: footnoted bench --runs 5
    """
    from footnoted.eval.bench.comparing import compare
    from footnoted.eval.questions import load_questions
    from footnoted.eval.running import set_path

    asked = [question.text for question in load_questions(set_path("default"))][:questions]
    comparison = compare(load_settings(corpus=corpus, model=model), asked, runs, notify)
    if as_json:
        render.print_json(comparison.to_json())
    else:
        _print(comparison)
    return EXIT_DONE if comparison.ok else EXIT_FAILED


def _print(comparison: Comparison) -> None:
    out = render.console()
    header = ("", "Footnoted", "Plain", "Ratio", "At most", "Holds")
    render.print_rows(out, header, [_cells(row) for row in comparison.rows])
    setting = comparison.setting
    out.print(
        f"\nMedians of {setting['runs']} alternating runs, {setting['questions']} questions, "
        f"{setting['passages']} passages, {setting['threads']} threads, {setting['processor']}."
    )
    if doubtful := [
        row.name for row in comparison.rows if row.bound is not None and not row.steady
    ]:
        out.print(
            f"Unsteady, so not to be relied on: {', '.join(doubtful)}. Something else was at work "
            "on this machine; measure again when it is quiet."
        )


def _cells(row: Row) -> tuple[str, ...]:
    values = row.to_json()
    return (
        row.name,
        f"{values['footnoted']:,.2f} {row.unit}".strip(),
        f"{values['plain']:,.2f} {row.unit}".strip(),
        f"{row.ratio:.3f}",
        "" if row.bound is None else f"{row.bound:g}",
        _SIGNS[row.ok],
    )
