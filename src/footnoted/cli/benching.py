"""The `bench` commands: speed and memory as shares of other pipelines', measured in one run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from footnoted.cli import render
from footnoted.cli.bars import progress
from footnoted.cli.bench_load import load
from footnoted.cli.bench_output import OutOption, check_out, print_costs, print_doubtful, write
from footnoted.cli.bench_reader import reader
from footnoted.cli.options import (
    CorpusOption,
    FastOption,
    JsonOption,
    ModelOption,
    OwnCommandFirst,
    add_command,
    notify,
    without_reader,
)
from footnoted.errors import EXIT_DONE, EXIT_FAILED, UsageError
from footnoted.settings import load_settings

RunsOption = Annotated[
    int, typer.Option("--runs", metavar="N", min=1, help="Runs of each side; medians count.")
]


def register(app: typer.Typer) -> None:
    """Add this module's commands to ``app``."""
    group = typer.Typer(
        cls=OwnCommandFirst,
        help="Measure speed and memory against other pipelines in one run. "
        "`footnoted bench` alone is short for `footnoted bench run`.",
    )
    add_command(group, run, "run")
    add_command(group, lexical)
    add_command(group, stages)
    add_command(group, scale)
    add_command(group, reader)
    add_command(group, load)
    app.add_typer(group, name="bench")


def run(
    corpus: CorpusOption = None,
    dataset: Annotated[
        Path | None,
        typer.Option(
            "--dataset", metavar="DIR", help="Measure on the documents of this BEIR folder."
        ),
    ] = None,
    runs: RunsOption = 5,
    questions: Annotated[
        int,
        typer.Option("--questions", metavar="N", min=1, help="At most N, taken evenly from all."),
    ] = 500,
    built: Annotated[
        int,
        typer.Option("--passages", metavar="N", min=1, help="Passages that the index is built of."),
    ] = 1000,
    fast: FastOption = False,
    model: ModelOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> int:
    """Compare with the plain pipeline, in minutes; exit with 1 when a bound is missed.

    Example: footnoted bench --runs 5

    Example: footnoted bench --dataset beir/scifact --out bench.json
    """
    from dataclasses import replace

    from footnoted.eval.bench.comparing import compare
    from footnoted.eval.bench.subjects import corpus_subject, dataset_subject, spread

    if corpus is not None and dataset is not None:
        raise UsageError(
            "A dataset is a corpus of its own: give --corpus or --dataset, not both.",
            about="dataset",
        )
    check_out(out)
    settings = load_settings(corpus=corpus, model=model, reader=without_reader(fast))
    if dataset is None:
        subject = corpus_subject(settings, built, notify)
    else:
        subject = dataset_subject(dataset, settings, built, notify)
    subject = replace(subject, questions=spread(subject.questions, questions))
    comparison = compare(subject, settings, runs, notify)
    write(out, comparison.to_json())
    if as_json:
        render.print_json(comparison.to_json())
    else:
        console = render.console()
        print_costs(console, comparison.rows, "Plain")
        setting = comparison.setting
        console.print(
            f"\nMedians of {setting['runs']} alternating runs, {setting['questions']} questions, "
            f"{setting['passages']} passages ({setting['passages_built']} to build), "
            f"{setting['threads']} threads, {setting['processor']}."
        )
        print_doubtful(console, comparison.rows)
    return EXIT_DONE if comparison.ok else EXIT_FAILED


def lexical(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the development sets lie.")],
    passages: Annotated[
        int, typer.Option("--passages", metavar="N", min=1, help="Passages to search.")
    ] = 100_000,
    runs: RunsOption = 5,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> int:
    """Compare our BM25 with bm25s on long claims; exit with 1 when a bound is missed.

    Example: footnoted bench lexical path/to/sets
    """
    from footnoted.eval.bench.lexical import compare_lexical

    check_out(out)
    found = compare_lexical(folder, load_settings(), passages=passages, runs=runs, notify=notify)
    document = found.to_json()
    write(out, document)
    if as_json:
        render.print_json(document)
    else:
        console = render.console()
        print_costs(console, found.rows, "bm25s")
        console.print()
        rows = [
            (side, f"{one.value:.3f} [{one.low:.3f}, {one.high:.3f}]")
            for side, one in found.found.items()
        ]
        render.print_rows(console, ("", "nDCG@10"), rows)
        one = found.difference
        console.print(f"Difference {one.interval.value:+.3f}, p = {one.p:.3g}.")
        print_doubtful(console, found.rows)
    return EXIT_DONE if found.ok else EXIT_FAILED


def stages(
    folders: Annotated[
        list[Path],
        typer.Argument(metavar="DIR", help="BEIR folders, or the one that holds them all."),
    ],
    sweep: Annotated[
        bool, typer.Option("--sweep", help="Try other weights and depths as well.")
    ] = False,
    model: ModelOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> int:
    """Measure what each stage of retrieval gains; exit with 1 where it is not significant.

    Example: footnoted bench stages path/to/sets --out stages.json
    """
    from footnoted.eval.bench.stages import default_folders
    from footnoted.eval.bench.stages_report import measure_stages
    from footnoted.eval.datasets.kinds import CORPUS

    check_out(out)
    if len(folders) == 1 and not (folders[0] / CORPUS).is_file():
        folders = default_folders(folders[0])
    settings = load_settings(model=model, reader=False)  # it has a benchmark of its own
    with progress(enabled=sys.stderr.isatty()) as show:
        found = measure_stages(folders, settings, swept=sweep, progress=show, notify=notify)
    write(out, found.to_json())
    if as_json:
        render.print_json(found.to_json())
    else:
        console = render.console()
        for title, header, rows in found.tables():
            console.print(f"\n{title}")
            render.print_rows(console, header, rows)
    return EXIT_DONE if found.ok else EXIT_FAILED


def scale(
    folders: Annotated[
        list[Path],
        typer.Argument(metavar="DIR", help="BEIR folders whose passages and queries are used."),
    ],
    sizes: Annotated[
        list[int] | None,
        typer.Option("--size", metavar="N", min=1, help="A number of passages; may be repeated."),
    ] = None,
    memory: Annotated[
        int | None,
        typer.Option("--memory", metavar="MB", min=1, help="What the vectors may take."),
    ] = None,
    model: ModelOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> int:
    """Compare the vector index chosen for many passages with exact search; 1 when a bound fails.

    Real passages and copies of them, jittered to lie as real neighbours do, 10 thousand to 1
    million unless --size says otherwise: half an hour.

    Example: footnoted bench scale path/to/sets/* --size 10000 --size 100000
    """
    from footnoted.eval.bench.scale import SIZES, measure_scale

    check_out(out)
    settings = load_settings(model=model)
    found = measure_scale(settings, folders, sizes or SIZES, notify, memory)
    write(out, found.to_json())
    if as_json:
        render.print_json(found.to_json())
        return EXIT_DONE if found.ok else EXIT_FAILED
    console = render.console()
    header = ("Passages", "Index", "Recall@10", "p95", "Exact p95", "Ratio", "MB", "Exact MB")
    rows = [
        (
            f"{row.rows:,}",
            f"{row.facts.factory}{' (chosen)' if row.chosen else ''}",
            f"{row.recall:.3f}",
            f"{row.ours.ten.p95:.2f} ms",
            f"{row.exact.ten.p95:.2f} ms",
            f"{row.time_ratio:.3f}",
            f"{row.ours.memory.resident:,.0f}",
            f"{row.exact.memory.resident:,.0f}",
        )
        for row in found.rows
    ]
    render.print_rows(console, header, rows)
    console.print("\nOn paper, from the largest size:")
    render.print_rows(
        console,
        ("Passages", "Index", "Memory", "Disk", "Build", "Search", "Exact"),
        [
            (
                f"{plan.rows:,}",
                plan.factory,
                f"{plan.memory_mb / 1000:,.0f} GB",
                f"{plan.disk_mb / 1000:,.0f} GB",
                f"{plan.build_hours:,.0f} h",
                f"{plan.search_ms:,.0f} ms",
                f"{plan.exact_ms:,.0f} ms",
            )
            for plan in found.paper
        ],
    )
    return EXIT_DONE if found.ok else EXIT_FAILED
