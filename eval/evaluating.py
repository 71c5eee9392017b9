"""What one ``footnoted eval`` measures: sets, datasets and an article's own claims, with gates.

With nothing named these are the packaged sets, each on the packaged corpus that it was written
for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from footnoted.domain import Json
from footnoted.errors import UsageError
from footnoted.eval.auto.evaluating import evaluate_auto
from footnoted.eval.comparisons import Comparison, Difference, compare_reports
from footnoted.eval.datasets.evaluating import evaluate_dataset
from footnoted.eval.gates import (
    NO_LOSS,
    SHIPPED,
    GateResult,
    Gates,
    check,
    load_gates,
    passed,
    with_bounds,
)
from footnoted.eval.measures import Run
from footnoted.eval.records import (
    Record,
    read_record,
    write_record,
    write_summary,
)
from footnoted.eval.run_facts import run_facts
from footnoted.eval.running import PASSAGES, SEED, SETS, run_set, set_path
from footnoted.eval.runs import EvalReport, merged, to_document
from footnoted.eval.statistics import Interval
from footnoted.eval.summary import markdown
from footnoted.ingest.database import FILE_NAME
from footnoted.ingest.locations import packaged_names
from footnoted.service.assistant import Assistant
from footnoted.settings import Settings

DEFAULT_SETS = ("default", "example")

Notify = Callable[[str], None]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be measured, and what to do with it.

    ``answers`` are scored instead of asking; ``baseline`` is the run folder to compare with;
    ``keep`` the folder that keeps the run, or one folder for each of several; ``run_file`` where
    what was retrieved is to be written.
    """

    sets: Sequence[str] = ()
    datasets: Sequence[Path] = ()
    auto: bool = False
    answers: Path | None = None
    baseline: Path | None = None
    keep: Path | None = None
    gates: Path = SHIPPED
    run_file: Path | None = None

    @property
    def set_names(self) -> tuple[str, ...]:
        return tuple(self.sets) or (() if self.datasets or self.auto else DEFAULT_SETS)

    def __post_init__(self) -> None:
        many = len(self.set_names) + len(self.datasets) + self.auto
        alone = {
            "--answers": self.answers,
            "--baseline": self.baseline,
            "--run-file": self.run_file,
        }
        for flag, given in alone.items():
            if given is not None and many != 1:
                raise UsageError(
                    f"{flag} goes with a single set or dataset.",
                    about=flag,
                    hint="Name one: footnoted eval default " + f"{flag} {given}",
                )


class _Way(NamedTuple):
    """How one thing is measured: what was asked for, with which settings, and who hears of it."""

    wanted: Wanted
    settings: Settings
    notify: Notify
    progress: Progress


@dataclass(frozen=True, slots=True)
class Measured:
    """One set as it was measured, what its gates say, and how it differs from the baseline run.

    ``extra`` is what its JSON document holds besides.
    """

    report: EvalReport
    gates: tuple[GateResult, ...] = ()
    baselines: Mapping[str, Mapping[str, Interval]] = field(default_factory=dict)
    differences: Mapping[str, Mapping[str, Difference]] = field(default_factory=dict)
    run: Run = field(default_factory=dict)
    documents: Mapping[str, Json] = field(default_factory=dict)
    comparison: Comparison | None = None
    notes: tuple[str, ...] = ()
    failures: tuple[tuple[str, str], ...] = ()
    extra: Json = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        return passed(self.gates)

    def summary(self) -> str:
        """This set in Markdown, fit for a pull request."""
        return markdown(
            self.report, baselines=self.baselines, comparison=self.comparison, gates=self.gates
        )

    def document(self) -> Json:
        """The ``eval`` JSON document of this set."""
        document = to_document(self.report) | self.extra
        if self.baselines:
            document["baselines"] = {
                system: {name: interval._asdict() for name, interval in measures.items()}
                for system, measures in self.baselines.items()
            }
        if self.comparison is not None:
            document["comparison"] = self.comparison.document()
            document["losses"] = [g.document() for g in self.gates if g.bound == NO_LOSS]
        return document


def measure(
    wanted: Wanted, settings: Settings, *, corpus: str | None, notify: Notify, progress: Progress
) -> list[Measured]:
    """Everything that is wanted, in the order: datasets, sets, the article's own claims.

    ``corpus`` is the one that the user named. Raises what the single runs raise, before anything
    is measured where that can be.
    """
    gates = load_gates(wanted.gates)
    before = read_record(wanted.baseline) if wanted.baseline else None
    paths = [set_path(name) for name in wanted.set_names]
    names = [path.resolve().name for path in wanted.datasets] + [path.stem for path in paths]
    names += ["auto"] * wanted.auto
    if twice := [name for name in names if names.count(name) > 1]:
        raise UsageError(
            f"Two of what is to be measured are called {twice[0]}.",
            about=twice[0],
            hint="Measure one at a time, or rename one.",
        )
    several = len(names) > 1

    def folder(name: str) -> Path | None:
        return wanted.keep / name if wanted.keep and several else wanted.keep

    way = _Way(wanted, settings, notify, progress)
    found = [_dataset(path, way, folder(path.resolve().name)) for path in wanted.datasets]
    for path in paths:
        own = settings if corpus else _on_its_corpus(path, settings)
        with Assistant.open(settings=own, notify=notify) as assistant:
            found.append(_set(path, assistant, way._replace(settings=own), folder(path.stem)))
    if wanted.auto:
        with Assistant.open(settings=settings, notify=notify) as assistant:
            found.append(_auto(assistant, way, folder("auto")))
    judged = [_judged(each, gates, before) for each in found]
    for name, each in zip(names, judged, strict=True):
        if (kept := folder(name)) is not None:
            write_summary(kept, each.summary())
    return judged


def document_of(found: Sequence[Measured]) -> Json:
    """The JSON document of a run: one set's, or all of them under ``sets``.

    Several sets of questions are also taken together, at the top.
    """
    if len(found) == 1:
        return found[0].document()
    together = {}
    if all(each.report.rows for each in found):
        together = to_document(merged([each.report for each in found], seed=SEED))
        together["gates"] = [
            {"set": each.report.name, **gate}
            for each in found
            for gate in to_document(each.report)["gates"]
        ]
    return together | {"sets": [each.document() for each in found]}


def html_of(found: Sequence[Measured]) -> str:
    """One HTML page over everything that was measured."""
    from footnoted.eval.html.report import ReportedSet, html_report  # noqa: PLC0415 - loads jinja2

    return html_report(
        [
            ReportedSet(
                each.report,
                each.documents,
                each.baselines,
                differences=each.comparison.differences if each.comparison else {},
                compared_with=each.comparison.baseline.name if each.comparison else "the baseline",
                changed=each.comparison.questions if each.comparison else (),
                gates=each.gates,
            )
            for each in found
        ],
        title="Footnoted: evaluation of " + ", ".join(each.report.name for each in found),
        created_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        seed=SEED,
        facts={each.report.name: each.report.generation or "no index" for each in found},
    )


def _on_its_corpus(path: Path, settings: Settings) -> Settings:
    """``settings`` with the packaged corpus that a packaged set of its name was written for."""
    if path.parent == SETS and path.stem in packaged_names():
        return settings.model_copy(update={"corpus": path.stem})
    return settings


def _set(path: Path, assistant: Assistant, way: _Way, folder: Path | None) -> Measured:
    found = run_set(
        path,
        assistant,
        answers=way.wanted.answers,
        folder=folder,
        settings=way.settings,
        progress=way.progress,
    )
    return Measured(
        found.report, baselines=found.baselines, run=found.run, documents=found.documents
    )


def _dataset(path: Path, way: _Way, folder: Path | None) -> Measured:
    answers, settings = way.wanted.answers, way.settings
    found = evaluate_dataset(
        path, settings, answers=answers, seed=SEED, progress=way.progress, notify=way.notify
    )
    measured = Measured(
        found.report,
        baselines=found.baselines,
        differences=found.differences,
        run=found.run,
        notes=found.notes,
        failures=tuple((failure.name, failure.problem) for failure in found.failures),
        extra=found.document(),
    )
    if folder is not None:
        items = max(map(len, found.report.values.values()), default=0)
        facts = run_facts(path, questions=items, seed=SEED, settings=settings, answers=answers)
        _record(folder, facts, measured)
    return measured


def _auto(assistant: Assistant, way: _Way, folder: Path | None) -> Measured:
    settings = way.settings
    found = evaluate_auto(
        assistant, refuse_below=settings.refuse_below, seed=SEED, progress=way.progress
    )
    measured = Measured(
        found.report,
        baselines=found.baselines,
        run=found.run,
        documents=found.documents,
        notes=found.notes,
        extra={"notes": list(found.notes)},
    )
    if folder is not None:
        facts = run_facts(
            assistant.corpus.folder / FILE_NAME,
            questions=len(found.report.rows),
            seed=SEED,
            assistant=assistant,
            settings=settings,
            passages=PASSAGES,
        )
        _record(folder, facts, measured)
    return measured


def _record(folder: Path, facts: Json, measured: Measured) -> None:
    write_record(
        folder,
        facts,
        measured.report,
        summary=measured.summary(),
        run=measured.run,
        baselines=measured.baselines,
        documents=measured.documents,
    )


def _judged(each: Measured, gates: Gates, before: Record | None) -> Measured:
    """``each`` with its gates, those of the file added, and its differences from ``before``."""
    baseline = before.report if before else None
    results = check(gates, each.report, baseline, seed=SEED)
    comparison = compare_reports(baseline, each.report, seed=SEED) if baseline else None
    report = with_bounds(gates, each.report)
    return replace(each, report=report, gates=results, comparison=comparison)
