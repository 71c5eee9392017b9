"""The `bench load` command: both pipelines served, under 1, 8 and 64 clients."""

from __future__ import annotations

from typing import Annotated

import typer

from footnoted.cli import render
from footnoted.cli.bench_output import OutOption, check_out, print_costs, write
from footnoted.cli.options import (
    CorpusOption,
    FastOption,
    JsonOption,
    ModelOption,
    notify,
    without_reader,
)
from footnoted.errors import EXIT_DONE, EXIT_FAILED
from footnoted.settings import load_settings


def load(
    corpus: CorpusOption = None,
    runs: Annotated[
        int, typer.Option("--runs", metavar="N", min=1, help="Runs of each; medians count.")
    ] = 3,
    seconds: Annotated[
        float, typer.Option("--seconds", metavar="S", min=0.5, help="How long clients ask in each.")
    ] = 10.0,
    requests: Annotated[
        int,
        typer.Option(
            "--requests", metavar="N", min=0, help="Put N more to Footnoted and watch its memory."
        ),
    ] = 0,
    fast: FastOption = False,
    model: ModelOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> int:
    """Serve both pipelines to 1, 8 and 64 clients while indexes are switched; 1 on a failure.

    The plain pipeline is served by FastAPI. Exits with 1 when a request to Footnoted fails, when
    its slowest hundredth at 8 clients takes above 5 times the median, or its memory grows.

    Example: footnoted bench load --runs 1 --requests 20000
    """
    from footnoted.eval.bench.load import measure_load
    from footnoted.eval.bench.subjects import corpus_subject

    check_out(out)
    settings = load_settings(corpus=corpus, model=model, reader=without_reader(fast))
    subject = corpus_subject(settings, 1, notify)
    found = measure_load(subject, settings, notify, runs=runs, seconds=seconds, requests=requests)
    write(out, found.to_json())
    if as_json:
        render.print_json(found.to_json())
    else:
        console = render.console()
        print_costs(console, found.rows, "Plain")
        console.print()
        header = ("Footnoted alone", "Value", "At most", "Holds")
        rows = [
            (
                check.name,
                f"{check.value:.3g}",
                "" if check.at_most is None else f"{check.at_most:g}",
                "yes" if check.ok else "NO",
            )
            for check in found.checks
        ]
        render.print_rows(console, header, rows)
        for failure in found.failed[:5]:
            console.print(render.printable(failure), markup=False)
    return EXIT_DONE if found.ok else EXIT_FAILED
