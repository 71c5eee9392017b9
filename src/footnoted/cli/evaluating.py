"""The `eval` command: an eval set, scored beside the plain rankers."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from footnoted.cli import render
from footnoted.cli.bars import progress
from footnoted.cli.options import CorpusOption, JsonOption, ModelOption, add_command, notify
from footnoted.domain import Json
from footnoted.errors import EXIT_DONE, EXIT_FAILED, UsageError
from footnoted.settings import load_settings

if TYPE_CHECKING:
    from footnoted.eval.statistics import Interval


def register(app: typer.Typer) -> None:
    """Add this module's command to ``app``."""
    add_command(app, evaluate, "eval")


def evaluate(
    sets: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SET]...", help="Sets by name (default, hard, …) or file."),
    ] = None,
    datasets: Annotated[
        list[Path] | None,
        typer.Option(
            "--dataset", metavar="DIR", help="A folder of pages with gold.jsonl: their main text."
        ),
    ] = None,
    corpus: CorpusOption = None,
    answers: Annotated[
        Path | None,
        typer.Option("--answers", metavar="F", help="Score these answer documents instead."),
    ] = None,
    run_file: Annotated[
        Path | None,
        typer.Option("--run-file", metavar="F", help="Write the passages as a TREC run."),
    ] = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> int:
    """Measure retrieval, answers, citations and refusals, with confidence intervals.

    Example: footnoted eval default hard
    """
    from footnoted.eval.extraction import evaluate_extraction
    from footnoted.eval.running import SEED, run_set, set_path
    from footnoted.eval.runs import to_document
    from footnoted.eval.trec import write_trec_run
    from footnoted.service.assistant import Assistant

    paths = [set_path(name) for name in sets or ([] if datasets else ["default"])]
    if (run_file or answers) and len(paths) != 1:
        raise UsageError(
            "--run-file and --answers go with a single set.", hint="Evaluate one set at a time."
        )
    settings = load_settings(corpus=corpus, model=model)
    found = []
    with progress(enabled=sys.stderr.isatty()) as show:
        pages = [evaluate_extraction(d, seed=SEED, progress=show) for d in datasets or ()]
        if paths:
            with Assistant.open(settings=settings, notify=notify) as assistant:
                found = [run_set(path, assistant, answers=answers, progress=show) for path in paths]
    if run_file is not None:
        write_trec_run(run_file, found[0].run)
    if as_json:
        documents = [to_document(f.report) | {"baselines": _plain(f.baselines)} for f in found]
        documents += [extraction.document() for extraction in pages]
        render.print_json(documents[0] if len(documents) == 1 else {"sets": documents})
    else:
        from footnoted.eval.extraction_readings import OURS, PLAIN
        from footnoted.eval.report import (
            differences_table,
            gates_table,
            measures_table,
            print_report,
        )

        out = render.console()
        for evaluation in found:
            print_report(out, evaluation.report, evaluation.baselines)
        for extraction in pages:
            systems = {OURS: extraction.report.measures, PLAIN: extraction.plain}
            out.print(measures_table(systems, out.width))
            out.print(differences_table(extraction.differences))
            out.print(gates_table(extraction.report))
            if extraction.failures:
                render.print_rows(out, ("page", "system", "problem"), extraction.failures)
    reports = [*(f.report for f in found), *(e.report for e in pages)]
    return EXIT_DONE if all(report.passed for report in reports) else EXIT_FAILED


def _plain(baselines: Mapping[str, Mapping[str, Interval]]) -> Json:
    return {
        system: {measure: interval._asdict() for measure, interval in measures.items()}
        for system, measures in baselines.items()
    }
