"""From evaluated sets to one HTML page that needs nothing else: no network and no other file.

Style and script stand in the page, and its content security policy allows those two by their
hashes and nothing more. All texts are somebody else's: the templates escape everything, and
characters that steer the direction of text are replaced, as on the web page.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from footnoted.domain import Json
from footnoted.errors import UsageError
from footnoted.eval.comparisons import Difference, QuestionDifference, lost
from footnoted.eval.gates import GateResult, passed
from footnoted.eval.html.plots import (
    Figure,
    latency_figure,
    reliability_figure,
    risk_coverage_figure,
)
from footnoted.eval.html.questions import ShownQuestion, shown_question
from footnoted.eval.html.summary import (
    interval_strip,
    interval_words,
    measure_words,
    own_gates,
    signed,
    three_digits,
)
from footnoted.eval.html.tags import tag_figures
from footnoted.eval.runs import EvalReport, QuestionRow, columns_of
from footnoted.eval.statistics import Interval
from footnoted.service.display import instant_in_words, neutral

TEMPLATES = Path(__file__).parent / "templates"
OURS = "this run"
COLUMN_MEASURES = {
    "answer_recall": "answer",
    "token_f1": "F1",
    "citation_precision": "cit. prec.",
    "citation_recall": "cit. rec.",
    "nDCG@10": "nDCG@10",
}
"""The measures that the table of questions has a column for, where they were measured."""


@dataclass(frozen=True, slots=True)
class ReportedSet:
    """A report and what is known beside it; everything but the report may be absent.

    ``documents`` are the answer documents by question id, ``baselines`` each other system's
    measures, ``differences`` measure to the change since a baseline, which ``compared_with``
    names, and ``changed`` the questions that it answered otherwise. ``gates`` are what
    ``gates.check`` found; without them the bounds that the report carries are checked.
    """

    report: EvalReport
    documents: Mapping[str, Json] = field(default_factory=dict)
    baselines: Mapping[str, Mapping[str, Interval]] = field(default_factory=dict)
    differences: Mapping[str, Difference] = field(default_factory=dict)
    compared_with: str = "the baseline"
    changed: Sequence[QuestionDifference] = ()
    gates: Sequence[GateResult] = ()


class _Section(NamedTuple):
    """A set as the template takes it."""

    name: str
    report: EvalReport
    systems: Sequence[tuple[str, Mapping[str, Interval]]]
    measures: Sequence[str]
    gates: Sequence[GateResult]
    reported: ReportedSet
    failures: Mapping[str, int]
    figures: Sequence[Figure]
    tag_figures: Sequence[Figure]
    columns: Mapping[str, str]
    tags: Sequence[str]
    questions: Sequence[ShownQuestion]

    @property
    def passed(self) -> bool:
        return passed(self.gates)


def html_report(
    evaluations: Sequence[ReportedSet],
    *,
    title: str,
    created_at: str,
    seed: int,
    facts: Mapping[str, str] | None = None,
    passages: int = 5,
    questions: int = 1_000,
) -> str:
    """One self-contained HTML page over all ``evaluations``, in their order.

    ``created_at`` is an instant (UTC, with a ``Z``); ``facts`` (versions, settings, …) are shown
    at the top; ``seed`` draws the intervals of the tags. Of each question at most ``passages``
    retrieved passages are shown, and of each set at most ``questions`` questions, the failed ones
    first. Raises ``UsageError`` without an evaluation and ``InputError`` for an answer document
    that breaks the contract. The page is text without lone surrogates: write it as UTF-8.
    """
    if not evaluations:
        raise UsageError("A report needs an evaluated set.", hint="Name a set to evaluate.")
    style = (TEMPLATES / "report.css").read_text("utf-8")
    script = (TEMPLATES / "report.js").read_text("utf-8")
    sections = [_section(each, seed, passages, questions) for each in evaluations]
    page = _environment().get_template("report.html")
    return page.render(
        title=title,
        created_at=created_at,
        facts=facts or {},
        sections=sections,
        style=Markup(style),  # noqa: S704 - both are files of this package
        script=Markup(script),  # noqa: S704
        policy=f"default-src 'none'; style-src '{_source_hash(style)}'; "
        f"script-src '{_source_hash(script)}'; base-uri 'none'; form-action 'none'",
    )


def _section(reported: ReportedSet, seed: int, passages: int, most: int) -> _Section:
    report = reported.report
    systems = [(OURS, {**report.measures, **report.costs}), *reported.baselines.items()]
    rows = report.rows
    measured = [name for name, values in report.values.items() if values]
    tags = list(dict.fromkeys(tag for row in rows for tag in row.question.tags))
    return _Section(
        name=report.name,
        report=report,
        systems=systems,
        measures=list(dict.fromkeys(name for _, found in systems for name in found)),
        gates=reported.gates or own_gates(report),
        reported=reported,
        failures=dict(Counter(row.failure for row in rows if row.failure).most_common()),
        figures=_figures(reported),
        tag_figures=tag_figures(rows, measured, seed=seed),
        columns={name: words for name, words in COLUMN_MEASURES.items() if name in measured},
        tags=tags,
        questions=[
            shown_question(row, reported.documents.get(row.question.question_id), passages=passages)
            for row in _chosen(rows, most)
        ],
    )


def _figures(reported: ReportedSet) -> list[Figure]:
    """A figure for each of the three that something was measured for."""
    report = reported.report
    columns = columns_of(report.rows)
    figures = []
    if report.rows and "aurc" in report.measures:
        figures.append(risk_coverage_figure(columns))
    if "ece" in report.measures and not columns.refused.all():
        figures.append(reliability_figure(columns))
    if report.milliseconds:
        figures.append(latency_figure(list(report.milliseconds.values())))
    return figures


def _chosen(rows: Sequence[QuestionRow], most: int) -> list[QuestionRow]:
    """All rows, or ``most`` of them, failed ones first, in the order of the set."""
    first = sorted(range(len(rows)), key=lambda place: rows[place].failure is None)[:most]
    return [rows[place] for place in sorted(first)]


def _environment() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        finalize=neutral,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shown: dict[str, Any] = {
        "instant_in_words": instant_in_words,
        "lost": lost,
        "interval_strip": interval_strip,
        "interval_words": interval_words,
        "measure_words": measure_words,
        "signed": signed,
        "three_digits": three_digits,
    }
    templates.globals.update(shown)
    return templates


def _source_hash(content: str) -> str:
    """A content security policy's name of an inline element with exactly this content."""
    digest = hashlib.sha256(content.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
