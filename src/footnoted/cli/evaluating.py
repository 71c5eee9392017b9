"""The `eval` commands: measure, draft a set, compare two runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from footnoted.cli import render
from footnoted.cli.bars import progress
from footnoted.cli.options import (
    CorpusOption,
    JsonOption,
    ModelOption,
    OwnCommandFirst,
    add_command,
    notify,
)
from footnoted.errors import EXIT_DONE, EXIT_FAILED, UsageError, storage_errors
from footnoted.settings import load_settings

if TYPE_CHECKING:
    from rich.console import Console

    from footnoted.eval.measured import Measured


def register(app: typer.Typer) -> None:
    """Add this module's commands to ``app``."""
    group = typer.Typer(
        cls=OwnCommandFirst,
        help="Measure answers with confidence intervals; draft eval sets; compare runs. "
        "`footnoted eval SET…` is short for `footnoted eval run SET…`.",
    )
    add_command(group, run, "run")
    add_command(group, init)
    add_command(group, compare)
    app.add_typer(group, name="eval")


def run(
    sets: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SET]...", help="Sets by name (default, example, …) or file."),
    ] = None,
    datasets: Annotated[
        list[Path] | None,
        typer.Option(
            "--dataset",
            metavar="DIR",
            help="A folder of public data: BEIR, claims with evidence, pairs, pages with gold.",
        ),
    ] = None,
    sentences: Annotated[
        bool,
        typer.Option(
            "--sentences",
            help="With --dataset: how often the first sentence cited holds an accepted answer, "
            "beside the first by BM25 and by cosine. Indexes every sentence of the set, once.",
        ),
    ] = False,
    auto: Annotated[
        bool,
        typer.Option("--auto", help="Ask the article's own cited sentences of their sources."),
    ] = False,
    corpus: CorpusOption = None,
    answers: Annotated[
        Path | None,
        typer.Option(
            "--answers",
            metavar="F",
            help="Score these answer documents instead; for a dataset also a TREC run.",
        ),
    ] = None,
    run_file: Annotated[
        Path | None,
        typer.Option("--run-file", metavar="F", help="Write what was retrieved as a TREC run."),
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(
            "--keep", metavar="DIR", help="Keep the run as a record there; a killed one goes on."
        ),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", metavar="RUN", help="Compare with this kept run."),
    ] = None,
    gates: Annotated[
        Path | None,
        typer.Option("--gates", metavar="F", help="Gates in TOML, instead of those shipped."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="F", help="Write a report with plots.")
    ] = None,
    summary: Annotated[
        Path | None,
        typer.Option("--summary", metavar="F", help="Write a summary in Markdown."),
    ] = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> int:
    """Measure retrieval, answers, citations and refusals, with confidence intervals.

    Without a set it measures the packaged ones. Exit code 1 says that a gate failed.

    Example: footnoted eval

    Example: footnoted eval default --keep runs/today --baseline runs/before --html report.html

    Example: footnoted eval --dataset bench/xquad-en-dev --sentences
    """
    from footnoted.eval import evaluating, measured
    from footnoted.eval.gates import SHIPPED
    from footnoted.eval.trec import write_trec_run

    for path in (html, summary, run_file):
        if path is not None and not path.absolute().parent.is_dir():
            raise UsageError(
                f"{path} cannot be written: there is no such folder.",
                about=str(path),
                hint="Make the folder first.",
            )
    wanted = evaluating.Wanted(
        sets=sets or (),
        datasets=datasets or (),
        sentences=sentences,
        auto=auto,
        answers=answers,
        baseline=baseline,
        keep=keep,
        gates=gates or SHIPPED,
        run_file=run_file,
    )
    settings = load_settings(corpus=corpus, model=model)
    with progress(enabled=sys.stderr.isatty()) as show:
        found = evaluating.measure(wanted, settings, corpus=corpus, notify=notify, progress=show)
    if run_file is not None:
        write_trec_run(run_file, found[0].run)
    if html is not None:
        _write(html, measured.html_of(found))
    if summary is not None:
        _write(summary, "\n".join(each.summary() for each in found))
    if as_json:
        render.print_json(measured.document_of(found))
    else:
        out = render.console()
        for each in found:
            _print(out, each)
    return EXIT_DONE if all(each.passed for each in found) else EXIT_FAILED


def init(
    path: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write, in JSON Lines.")],
    corpus: CorpusOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draft an eval set from a corpus: questions by rules, for you to edit.

    Example: footnoted eval init my-set.jsonl --corpus example
    """
    from footnoted.eval.starter.drafting import write_starter
    from footnoted.ingest.corpus import Corpus
    from footnoted.ingest.locations import corpus_folder

    settings = load_settings(corpus=corpus)
    with Corpus.open(corpus_folder(settings, settings.corpus)) as opened:
        lines = write_starter(path, opened)
    answerable = sum(line["answerable"] for line in lines)
    if as_json:
        render.print_json({"path": str(path), "questions": len(lines), "answerable": answerable})
        return
    out = render.console()
    out.print(f"{len(lines)} questions in {render.printable(path)}, {answerable} answerable.")
    out.print("They are drafts: read each one, mend or remove it, then measure with")
    out.print(f"footnoted eval {render.printable(path)} --corpus {settings.corpus}")


def compare(
    before: Annotated[Path, typer.Argument(metavar="A", help="The earlier kept run.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="The later kept run.")],
    as_json: JsonOption = False,
) -> None:
    """Show what differs between two kept runs of a set, and what chance explains.

    Example: footnoted eval compare runs/before runs/today
    """
    from footnoted.eval.records import compare_records
    from footnoted.eval.report import print_comparison

    found = compare_records(before, after)
    if as_json:
        render.print_json(found.document())
    else:
        print_comparison(render.console(), found)


def _print(out: Console, measured: Measured) -> None:
    from footnoted.eval.report import (
        differences_table,
        gate_results_table,
        print_comparison,
        print_report,
    )

    print_report(out, measured.report, measured.baselines)
    for system, differences in measured.differences.items():
        out.print(f"\nOurs less {render.printable(system)}:")
        out.print(differences_table(differences))
    if measured.comparison is not None:
        out.print(f"\nAgainst the baseline {render.printable(measured.comparison.baseline.name)}:")
        print_comparison(out, measured.comparison)
    if measured.gates:
        out.print(gate_results_table(measured.gates))
    for note in measured.notes:
        out.print(render.printable(note))
    if measured.failures:
        render.print_rows(out, ("What", "Problem"), measured.failures)


def _write(path: Path, text: str) -> None:
    with storage_errors(path):
        path.write_text(text, "utf-8")
