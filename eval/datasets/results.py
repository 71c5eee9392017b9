"""What the evaluation of a dataset gives, whatever its kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from footnoted.domain import Json
from footnoted.eval.comparisons import Difference
from footnoted.eval.datasets.kinds import DatasetKind
from footnoted.eval.measures import Run
from footnoted.eval.runs import EvalReport, to_document
from footnoted.eval.statistics import Interval


class Failure(NamedTuple):
    """A file or question that could not be measured as it should, and why."""

    name: str
    problem: str


@dataclass(frozen=True, slots=True)
class DatasetEvaluation:
    """The measures of a dataset, those of simpler systems, and the differences between them.

    ``baselines`` map a system to its measures, ``differences`` a system to ours minus its own;
    ``parts`` map a part of the set (a file, a source) to its measures. ``run`` ranks the set's own
    document ids for each query; it is empty where nothing is retrieved. ``notes`` say what a
    reader of the figures must know.
    """

    kind: DatasetKind
    report: EvalReport
    baselines: Mapping[str, Mapping[str, Interval]] = field(default_factory=dict)
    differences: Mapping[str, Mapping[str, Difference]] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, Interval]] = field(default_factory=dict)
    run: Run = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    notes: tuple[str, ...] = ()

    def document(self) -> Json:
        """The ``eval`` JSON document of this set."""
        return to_document(self.report) | {
            "kind": self.kind.value,
            "baselines": _plain(self.baselines),
            "differences": {
                system: {
                    name: {**one.interval._asdict(), "p": one.p, "p_holm": one.p_holm}
                    for name, one in measures.items()
                }
                for system, measures in self.differences.items()
            },
            "parts": _plain(self.parts),
            "failures": [failure._asdict() for failure in self.failures],
            "notes": list(self.notes),
        }


def _plain(groups: Mapping[str, Mapping[str, Interval]]) -> Json:
    return {
        group: {name: interval._asdict() for name, interval in measures.items()}
        for group, measures in groups.items()
    }
