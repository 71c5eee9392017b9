"""What one ``footnoted eval`` measures: sets, datasets and an article's own claims, with gates.

With nothing named these are the packaged sets, each on the packaged corpus that it was written
for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import msgspec

from footnoted.domain import Json
from footnoted.errors import InputError, UsageError
from footnoted.eval.auto.evaluating import evaluate_auto
from footnoted.eval.comparisons import compare_reports
from footnoted.eval.datasets.evaluating import evaluate_dataset
from footnoted.eval.gates import (
    ALL,
    SHIPPED,
    Gates,
    check,
    load_gates,
    with_bounds,
)
from footnoted.eval.measured import Measured
from footnoted.eval.records import (
    Record,
    check_free,
    is_finished,
    read_record,
    write_record,
    write_summary,
)
from footnoted.eval.run_facts import run_facts
from footnoted.eval.running import PASSAGES, SEED, SETS, run_set, set_path
from footnoted.eval.runs import Gate
from footnoted.ingest.database import FILE_NAME
from footnoted.ingest.locations import packaged_names
from footnoted.service.assistant import Assistant
from footnoted.service.indexing import Notify, Progress
from footnoted.settings import Settings

TRUE_QUOTES = Gate("quote_fidelity", at_least=1.0)
DEFAULT_SETS = ("default", "example")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be measured, and what to do with it.

    ``answers`` are scored instead of asking; ``baseline`` is the run folder to compare with;
    ``keep`` the folder that keeps the run, or one folder for each of several; ``run_file`` where
    what was retrieved is to be written; ``sentences`` measures the first sentence that is cited.
    """

    sets: Sequence[str] = ()
    datasets: Sequence[Path] = ()
    sentences: bool = False
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
        if self.sentences and not self.datasets:
            raise UsageError(
                "--sentences goes with --dataset, whose judgements and accepted answers it needs.",
                about="--sentences",
                hint="Name one: footnoted eval --dataset DIR --sentences",
            )
        if self.auto and self.answers is not None:
            raise UsageError(
                "--answers does not go with --auto, which hides sources as it asks.",
                about="--answers",
                hint="Score answers on a set or a dataset.",
            )
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
    _check_gates(gates, names)
    if twice := [name for name in names if names.count(name) > 1]:
        raise UsageError(
            f"Two of what is to be measured are called {twice[0]}.",
            about=twice[0],
            hint="Measure one at a time, or rename one.",
        )
    if before is not None and not wanted.auto and before.report.name != names[0]:
        raise UsageError(
            f"The run in {wanted.baseline} is of {before.report.name}, not of {names[0]}.",
            about="--baseline",
            hint="Name a kept run of the same set.",
        )
    kept = _folders(wanted.keep, names)
    finished = _finished_sets(kept, [path.stem for path in paths])
    way = _Way(wanted, settings, notify, progress)
    found = [_dataset(path, way, kept.get(path.resolve().name)) for path in wanted.datasets]
    for path in paths:
        own = settings if corpus else _on_its_corpus(path, settings)
        with Assistant.open(settings=own, notify=notify) as assistant:
            its_way, folder = way._replace(settings=own), kept.get(path.stem)
            found.append(_set(path, assistant, its_way, folder, reuse=path.stem in finished))
    if wanted.auto:
        with Assistant.open(settings=settings, notify=notify) as assistant:
            found.append(_auto(assistant, way, kept.get("auto")))
    judged = [_judged(each, gates, before) for each in found]
    for name, each in zip(names, judged, strict=True):
        if name in kept:
            write_summary(kept[name], each.summary())
    return judged


def _check_gates(gates: Gates, names: Sequence[str]) -> None:
    """``InputError`` for a file of gates that has some, and none for anything that is measured."""
    held = [name for name in gates.sets if name in (ALL, *names) or name.startswith("auto:")]
    if gates.sets and not held and gates.path != SHIPPED:
        raise InputError(
            f"{gates.path} has gates for {', '.join(gates.sets)}, and none for {', '.join(names)}.",
            about=str(gates.path),
            hint=f"Name a table after the set, or [{ALL}] for every set.",
        )


def _folders(keep: Path | None, names: Sequence[str]) -> dict[str, Path]:
    """The run folder of each name: ``keep`` itself, or where there are several one in it."""
    if keep is None:
        return {}
    return {name: keep / name if len(names) > 1 else keep for name in names}


def _finished_sets(kept: Mapping[str, Path], sets: Sequence[str]) -> frozenset[str]:
    """The sets that were measured before a run of several was killed; these are not asked again.

    Raises ``UsageError`` for any other folder in which no run can be kept.
    """
    finished = [name for name, folder in kept.items() if is_finished(folder)]
    again = frozenset(finished).intersection(sets) if len(finished) < len(kept) else frozenset()
    for name, folder in kept.items():
        if name not in again:
            check_free(folder)
    return again


def _on_its_corpus(path: Path, settings: Settings) -> Settings:
    """``settings`` with the packaged corpus that a packaged set of its name was written for."""
    if path.parent == SETS and path.stem in packaged_names():
        return msgspec.structs.replace(settings, corpus=path.stem)
    return settings


def _set(
    path: Path, assistant: Assistant, way: _Way, folder: Path | None, *, reuse: bool
) -> Measured:
    found = run_set(
        path,
        assistant,
        answers=way.wanted.answers,
        folder=folder,
        settings=way.settings,
        reuse=reuse,
        progress=way.progress,
    )
    return Measured(
        found.report, baselines=found.baselines, run=found.run, documents=found.documents
    )


def _dataset(path: Path, way: _Way, folder: Path | None) -> Measured:
    answers, settings = way.wanted.answers, way.settings
    found = evaluate_dataset(
        path,
        settings,
        answers=answers,
        sentences=way.wanted.sentences,
        seed=SEED,
        progress=way.progress,
        notify=way.notify,
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
        qrels=found.qrels,
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
        qrels=measured.qrels,
        baselines=measured.baselines,
        documents=measured.documents,
    )


def _judged(each: Measured, gates: Gates, before: Record | None) -> Measured:
    """``each`` with its gates, those of the file added, and its differences from ``before``."""
    baseline = before.report if before else None
    report = each.report
    if report.value_of(TRUE_QUOTES.measure) is not None:  # whatever the file of gates says
        report = replace(report, gates=tuple(dict.fromkeys((*report.gates, TRUE_QUOTES))))
    results = check(gates, report, baseline, seed=SEED)
    comparison = compare_reports(baseline, report, seed=SEED) if baseline else None
    report = with_bounds(gates, report)
    return replace(each, report=report, gates=results, comparison=comparison)
