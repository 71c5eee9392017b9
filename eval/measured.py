"""What was measured of one set, as a document, as Markdown and, several together, as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from footnoted.domain import Json
from footnoted.eval.comparisons import Comparison, Difference
from footnoted.eval.gates import NO_LOSS, GateResult, passed
from footnoted.eval.measures import Qrels, Run
from footnoted.eval.running import SEED
from footnoted.eval.runs import EvalReport, merged, to_document
from footnoted.eval.statistics import Interval
from footnoted.eval.summary import markdown


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
    qrels: Qrels = field(default_factory=dict)
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
        document = to_document(self.report)
        document |= self.extra | document  # the gates of the file are in the report alone
        if self.baselines:
            document["baselines"] = {
                system: {name: interval._asdict() for name, interval in measures.items()}
                for system, measures in self.baselines.items()
            }
        if self.comparison is not None:
            document["comparison"] = self.comparison.document()
            document["losses"] = [g.document() for g in self.gates if g.bound == NO_LOSS]
        return document


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
