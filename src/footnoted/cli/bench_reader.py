"""The command `bench reader`: what the reader gains by depth, and what it costs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace

from footnoted.cli import render
from footnoted.cli.bars import progress
from footnoted.cli.bench_output import OutOption, check_out, print_costs, write
from footnoted.cli.options import JsonOption, notify
from footnoted.errors import EXIT_DONE, EXIT_FAILED
from footnoted.settings import load_settings


def reader(
    folders: Annotated[
        list[Path],
        typer.Argument(metavar="DIR", help="BEIR folders, or the one that holds them all."),
    ],
    weight: Annotated[
        float | None,
        typer.Option("--weight", min=0, max=1, help="Of the reader in a passage's score."),
    ] = None,
    questions: Annotated[
        int,
        typer.Option("--questions", metavar="N", min=1, help="At most N of each set, evenly."),
    ] = 400,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> int:
    """Measure what the reader gains by depth, and its cost beside a cross-encoder in torch.

    Exit with 1 where it does not gain, or costs too much.

    Example: footnoted bench reader path/to/sets --out reader.json
    """
    from footnoted.eval.bench.reading import measure_reading, reading_folders
    from footnoted.service.indexing import READER_WEIGHT

    check_out(out)
    settings = replace(load_settings(), reader=True)
    with progress(enabled=sys.stderr.isatty()) as show:
        found = measure_reading(
            reading_folders(folders),
            settings,
            weight=READER_WEIGHT if weight is None else weight,
            most=questions,
            progress=show,
            notify=notify,
        )
    write(out, found.to_json())
    if as_json:
        render.print_json(found.to_json())
        return EXIT_DONE if found.ok else EXIT_FAILED
    console = render.console()
    names = tuple(found.depths[0].sets)
    rows = []
    for row in found.depths:
        gain = ""
        if row.gain is not None:
            one = row.gain.interval
            gain = f"{one.value:+.4f} [{one.low:+.4f}, {one.high:+.4f}], p {row.gain.p:.4f}"
        rows.append(
            (
                str(row.depth),
                f"{row.macro.value:.4f}",
                gain,
                f"{row.milliseconds:.1f} ms",
                *(f"{row.sets[name]:.3f}" for name in names),
            )
        )
    render.print_rows(
        console, ("Read", "nDCG@10", "Gain over none", "Time of reading", *names), rows
    )
    console.print()
    print_costs(console, found.costs, "torch")
    return EXIT_DONE if found.ok else EXIT_FAILED
