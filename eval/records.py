"""An eval run as a folder, and a folder as a run: what was asked, of what, and what came out.

::

    run.json        settings, set, corpus, generation, versions, machine, times and costs
    results.jsonl   a question a line: what was expected, what came, every measure's value
    measures.json   every measure with its interval, the gates, the other systems' measures
    answers.jsonl   the answer documents as they were made, without their times
    timings.jsonl   the milliseconds of each question
    run.trec        the passages, in TREC's columns
    qrels.txt       which of them are relevant, in TREC's columns, where the set did not say so
    summary.md      for people

Two runs of the same thing write the same ``results.jsonl``, ``measures.json``, ``answers.jsonl``
and ``run.trec``; times stand in the other files. ``run.json`` says ``finished_at`` once
everything else is there: a folder without it belongs to a run that was killed and can go on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from footnoted.domain import Json
from footnoted.errors import InputError, NotFound, UsageError, storage_errors
from footnoted.eval.answer_log import (
    ANSWERS,
    TIMINGS,
    AnswerLog,
    answer_line,
    damaged,
    json_line,
    json_lines,
    open_log,
    read_logged_answers,
    read_milliseconds,
)
from footnoted.eval.comparisons import Comparison, compare_reports
from footnoted.eval.datasets.qrels import write_qrels
from footnoted.eval.measures import Qrels, Run
from footnoted.eval.result_lines import item_lines, read_items, read_row, row_line
from footnoted.eval.runs import EvalReport, Gate, to_document
from footnoted.eval.statistics import Interval
from footnoted.eval.trec import read_trec_run, write_trec_run

FORMAT = 1
RUN = "run.json"
RESULTS = "results.jsonl"
MEASURES = "measures.json"
TREC = "run.trec"
QRELS = "qrels.txt"
SUMMARY = "summary.md"
_CIRCUMSTANCES = ("format", "machine", "started_at", "finished_at", "costs")


@dataclass(frozen=True, slots=True)
class Record:
    """A finished run as its folder holds it; ``facts`` is ``run.json``."""

    folder: Path
    facts: Mapping[str, Any]
    report: EvalReport
    run: Run
    baselines: Mapping[str, Mapping[str, Interval]]
    documents: Mapping[str, Json]


def begin(folder: Path, facts: Json) -> None:
    """Begin a run in ``folder``, or find that the one which was killed there can go on.

    ``facts`` are what the run is made with. Raises ``UsageError`` as ``check_free`` does, and where
    the folder holds a run that was made with anything else.
    """
    check_free(folder)
    if (folder / RUN).exists():
        check_same(folder, facts)
        return
    try:
        with storage_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise UsageError(
            f"The run cannot be written to {folder}: {error.strerror}.",
            about=str(folder),
            hint="Name a new folder for the run.",
        ) from error
    _write(folder / RUN, _pretty({"format": FORMAT, **facts, "started_at": now()}))


def is_finished(folder: Path) -> bool:
    """Whether ``folder`` holds a finished run."""
    return (folder / RUN).exists() and bool(read_facts(folder).get("finished_at"))


def check_free(folder: Path) -> None:
    """``UsageError`` where ``folder`` holds a finished run or other files: no run can go there."""
    if is_finished(folder):
        raise UsageError(
            f"{folder} holds a finished run already.",
            about=str(folder),
            hint="Name a new folder; `footnoted eval compare` shows two runs side by side.",
        )
    if (folder / RUN).exists() or not folder.is_dir():
        return
    if any(not path.name.startswith(".") for path in folder.iterdir()):
        raise UsageError(
            f"{folder} is not empty, and holds no eval run.",
            about=str(folder),
            hint="Name a new folder for the run.",
        )


def check_same(folder: Path, facts: Json) -> None:
    """``UsageError`` where the run in ``folder`` was made with anything else than ``facts``."""
    for name, (old, new) in _changed(read_facts(folder), facts).items():
        raise UsageError(
            f"The run that was begun in {folder} cannot go on: its {name} was {old!r},"
            f" and is now {new!r}.",
            about=str(folder),
            hint="Run it as it was begun, or name a new folder.",
        )


@contextmanager
def continued(folder: Path, facts: Json) -> Iterator[AnswerLog]:
    """``begin``, and the log of the answers made so far, open for the rest."""
    begin(folder, facts)
    with open_log(folder) as log:
        yield log


def write_record(
    folder: Path,
    facts: Json,
    report: EvalReport,
    *,
    summary: str,
    run: Run | None = None,
    qrels: Qrels | None = None,
    baselines: Mapping[str, Mapping[str, Interval]] | None = None,
    documents: Mapping[str, Json] | None = None,
) -> None:
    """Write a whole run into ``folder``, which is new, empty, or begun with the same ``facts``.

    Every file is replaced in one step, and ``run.json`` last. Raises as ``begin`` does, and
    ``DiskFull`` or ``ReadOnly``.
    """
    begin(folder, facts)
    lines = [*map(row_line, report.rows), *item_lines(report.item_values)]
    measured = to_document(report) | {
        "baselines": {
            system: {name: one._asdict() for name, one in measures.items()}
            for system, measures in (baselines or {}).items()
        }
    }
    costs = measured.pop("costs", {})
    _write(folder / RESULTS, "".join(map(json_line, lines)))
    _write(folder / MEASURES, _pretty(measured))
    if documents:
        made = [json_line(answer_line(key, document)) for key, document in documents.items()]
        _write(folder / ANSWERS, "".join(made))
    if report.milliseconds:
        times = [{"id": key, "ms": ms} for key, ms in report.milliseconds.items()]
        _write(folder / TIMINGS, "".join(map(json_line, times)))
    if run:
        write_trec_run(folder / TREC, run)
    if qrels:
        write_qrels(folder / QRELS, qrels)
    _write(folder / SUMMARY, summary)
    times_of_run = {"started_at": read_facts(folder)["started_at"], "finished_at": now()}
    _write(folder / RUN, _pretty({"format": FORMAT, **facts, **times_of_run, "costs": costs}))


def write_summary(folder: Path, markdown: str) -> None:
    """Replace the summary of a run folder, once gates and baseline are known."""
    _write(folder / SUMMARY, markdown)


def read_record(folder: Path) -> Record:
    """The finished run in ``folder``.

    Raises ``NotFound`` where there is none, ``InputError`` for an unfinished or damaged one.
    """
    facts = read_facts(folder)
    if not facts.get("finished_at"):
        raise InputError(
            f"The run in {folder} is not finished.",
            about=str(folder),
            hint="Repeat the command that made it; it goes on where it stopped.",
        )
    measured = _object(folder / MEASURES)
    lines = list(json_lines(folder / RESULTS))
    try:
        report = EvalReport(
            name=measured["set"],
            generation=measured["generation"],
            measures=_intervals(measured["measures"]),
            rows=tuple(read_row(line) for _, line in lines if "question" in line),
            gates=tuple(Gate(g["measure"], g["at_least"], g["at_most"]) for g in measured["gates"]),
            item_values=read_items([line for _, line in lines if "question" not in line]),
            milliseconds=read_milliseconds(folder),
            costs=_intervals(facts.get("costs", {})),
        )
        baselines = {name: _intervals(of) for name, of in measured.get("baselines", {}).items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise damaged(str(folder), f"a result is not as it was written ({error!r})") from error
    run = read_trec_run(folder / TREC) if (folder / TREC).exists() else {}
    return Record(folder, facts, report, run, baselines, read_logged_answers(folder))


def read_facts(folder: Path) -> Json:
    """The ``run.json`` of a run folder, finished or not; ``NotFound`` where there is none."""
    if not (folder / RUN).is_file():
        raise NotFound(
            f"{folder} holds no eval run: it has no {RUN}.",
            about=str(folder),
            hint="Name a folder that `footnoted eval` wrote.",
        )
    facts = _object(folder / RUN)
    if facts.get("format") != FORMAT:
        raise damaged(str(folder / RUN), f"its format is {facts.get('format')!r}, not {FORMAT}")
    return facts


def compare_records(baseline: Path, new: Path) -> Comparison:
    """Two run folders of the same set: every difference, tested, and what they were made with.

    Raises as ``read_record``, and ``InputError`` when they share no question.
    """
    return compare_with(read_record(baseline), read_record(new))


def compare_with(baseline: Record, new: Record) -> Comparison:
    """``compare_records`` for records that are read already; the new run's seed counts."""
    found = compare_reports(baseline.report, new.report, seed=int(new.facts.get("seed", 0)))
    return replace(found, settings=_changed(baseline.facts, new.facts))


def now() -> str:
    """This second in UTC, as ISO 8601 with a ``Z``."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _changed(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, tuple[object, object]]:
    """What two runs were made with, where it differs: all but when, where and at what cost."""
    old, new = (
        _flat({key: facts[key] for key in facts if key not in _CIRCUMSTANCES})
        for facts in (before, after)
    )
    names = dict.fromkeys([*old, *new])
    return {
        name: (old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)
    }


def _flat(value: Mapping[str, Any], path: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, item in value.items():
        if isinstance(item, Mapping):
            flat |= _flat(item, f"{path}{key}.")
        else:
            flat[f"{path}{key}"] = item
    return flat


def _intervals(fields: Mapping[str, Mapping[str, Any]]) -> dict[str, Interval]:
    return {name: Interval(**one) for name, one in fields.items()}


def _object(path: Path) -> Json:
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise damaged(str(path), f"it cannot be read ({error})") from error
    if not isinstance(value, dict):
        raise damaged(str(path), "it is no JSON object")
    return value


def _pretty(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def _write(path: Path, text: str) -> None:
    """Replace ``path`` in one step: whoever reads it sees the old text or the new one."""
    temporary = path.with_name(f".{path.name}.tmp")
    with storage_errors(path):
        with temporary.open("w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
