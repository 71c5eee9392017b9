"""The table of retrieval's stages, and whether what ships beats each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from footnoted.domain import Json
from footnoted.errors import UsageError
from footnoted.eval.bench.stages import (
    BM25,
    CONVEX,
    DENSE,
    MEASURES,
    PLAIN_BM25,
    RECIPROCAL,
    SHIPPED,
    STAGES,
    TESTED,
    StagedSet,
    stage_set,
)
from footnoted.eval.bench.stages_sweep import Swept, sweep
from footnoted.eval.bench.stages_tests import (
    SetValues,
    macro_differences,
    macro_mean,
    set_differences,
)
from footnoted.eval.comparisons import Difference
from footnoted.eval.statistics import Interval, bootstrap_mean
from footnoted.service.indexing import Notify, Progress
from footnoted.settings import Settings

OTHERS = (BM25, DENSE, RECIPROCAL, CONVEX)
MUST_BEAT = (BM25, DENSE, RECIPROCAL)
ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class SetStages:
    """One set's measures by stage, and its tested differences of nDCG@10.

    ``against_better`` is what ships minus the better of BM25 and dense, ``folding`` BM25 over our
    tokens minus BM25 over plain ones; Holm over the sets of the report.
    """

    name: str
    language: str
    legible: bool
    measures: Mapping[str, Mapping[str, Interval]]
    better: str
    against_better: Difference
    folding: Difference

    @property
    def lost(self) -> bool:
        """Whether what ships is significantly below the better of BM25 and dense.

        By the p-value as it stands: correcting it would hide losses.
        """
        return self.against_better.p < ALPHA and self.against_better.interval.value < 0

    def to_json(self) -> Json:
        return {
            "name": self.name,
            "language": self.language,
            "legible": self.legible,
            "measures": {
                stage: {measure: one._asdict() for measure, one in measures.items()}
                for stage, measures in self.measures.items()
            },
            "better": self.better,
            "against_better": _difference(self.against_better),
            "lost": self.lost,
            "folding": _difference(self.folding),
        }


@dataclass(frozen=True, slots=True)
class StageReport:
    """Every set's stages; the macro-averages are over the sets whose language the model reads.

    ``differences`` are what ships minus each other stage, in macro-averaged nDCG@10, Holm over the
    stages. Without a set that the model reads both are empty.
    """

    sets: tuple[SetStages, ...]
    macro: Mapping[str, Interval]
    differences: Mapping[str, Difference]
    swept: tuple[Swept, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether what ships is significantly above the other rankers, and loses on no set."""
        won = (self.differences[name] for name in MUST_BEAT if name in self.differences)
        beats = all(one.p_holm < ALPHA and one.interval.value > 0 for one in won)
        return beats and not any(one.lost for one in self.sets)

    def to_json(self) -> Json:
        return {
            "ok": self.ok,
            "sets": [one.to_json() for one in self.sets],
            "macro": {
                "measure": TESTED,
                "sets": [one.name for one in self.sets if one.legible],
                "stages": {stage: one._asdict() for stage, one in self.macro.items()},
                "differences": {name: _difference(one) for name, one in self.differences.items()},
            },
            "sweep": [one.to_json() for one in self.swept],
        }

    def tables(self) -> list[tuple[str, tuple[str, ...], list[tuple[str, ...]]]]:
        """Each table's title, header and rows of text, for a terminal or for Markdown."""
        found = [(measure, *self._of_measure(measure)) for measure in MEASURES]
        found.append(("Differences of nDCG@10", *self._differences()))
        if self.swept:
            found.append(("nDCG@10 by setting", *_swept_rows(self.swept)))
        return found

    def _of_measure(self, measure: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        rows = [
            (
                one.name,
                str(one.measures[SHIPPED][measure].n),
                *(_interval(one.measures[stage][measure]) for stage in STAGES),
            )
            for one in self.sets
        ]
        if measure == TESTED and self.macro:
            n = str(self.macro[SHIPPED].n)
            rows.append(("macro-average", n, *(_interval(self.macro[s]) for s in STAGES)))
        return ("set", "queries", *STAGES), rows

    def _differences(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        rows: list[tuple[str, ...]] = [
            ("macro-average", f"{SHIPPED} - {stage}", *_cells(difference))
            for stage, difference in self.differences.items()
        ]
        for one in self.sets:
            rows.append((one.name, f"{SHIPPED} - {one.better}", *_cells(one.against_better)))
            rows.append((one.name, f"{BM25} - {PLAIN_BM25}", *_cells(one.folding)))
        return ("set", "what", "difference", "p", "p (Holm)"), rows


def measure_stages(
    folders: Sequence[Path],
    settings: Settings,
    *,
    seed: int = 0,
    swept: bool = False,
    progress: Progress = lambda *_: None,
    notify: Notify = lambda _: None,
) -> StageReport:
    """Search every BEIR folder by every stage, measure, average and test; ``swept`` tries settings.

    Raises ``UsageError`` for no folder and for two of the same name, ``InputError`` for broken
    data.
    """
    names = [folder.resolve().name for folder in folders]
    if not names or len(set(names)) < len(names):
        raise UsageError(
            "Two datasets have the same name." if names else "No dataset is named.",
            about=", ".join(names),
            hint="Name each dataset's folder once.",
        )
    staged = []
    for folder in folders:
        notify(f"Searching {folder.name}")
        staged.append(stage_set(folder, settings, progress=progress, notify=notify))
    return report_stages(staged, seed=seed, swept=tuple(sweep(staged)) if swept else ())


def report_stages(
    staged: Sequence[StagedSet], *, seed: int, swept: tuple[Swept, ...] = ()
) -> StageReport:
    """The measures with their intervals and the tests of sets that have been searched."""
    measures = {one.name: _intervals(one, seed) for one in staged}
    better = {
        name: max((BM25, DENSE), key=lambda stage: of_set[stage][TESTED].value)
        for name, of_set in measures.items()
    }
    ours = _tested(staged, dict.fromkeys(better, SHIPPED))
    against = set_differences(ours, _tested(staged, better), seed=seed)
    folding = set_differences(
        _tested(staged, dict.fromkeys(better, BM25)),
        _tested(staged, dict.fromkeys(better, PLAIN_BM25)),
        seed=seed,
    )
    read = [one for one in staged if one.legible]
    of_stage = {s: _tested(read, dict.fromkeys(better, s)) for s in STAGES} if read else {}
    return StageReport(
        tuple(
            SetStages(
                one.name,
                one.language,
                one.legible,
                measures[one.name],
                better[one.name],
                against[one.name],
                folding[one.name],
            )
            for one in staged
        ),
        {stage: macro_mean(values, seed=seed) for stage, values in of_stage.items()},
        macro_differences(of_stage[SHIPPED], {s: of_stage[s] for s in OTHERS}, seed=seed)
        if read
        else {},
        swept,
    )


def _intervals(one: StagedSet, seed: int) -> dict[str, dict[str, Interval]]:
    return {
        stage: {
            measure: bootstrap_mean(list(of_measure.values()), seed=seed)
            for measure, of_measure in values.items()
        }
        for stage, values in one.values.items()
    }


def _tested(staged: Sequence[StagedSet], stage_of: Mapping[str, str]) -> SetValues:
    return {one.name: one.values[stage_of[one.name]][TESTED] for one in staged}


def _swept_rows(swept: Sequence[Swept]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    names = tuple(swept[0].sets)
    rows: list[tuple[str, ...]] = [
        (
            f"{one.dense_weight:g}",
            f"{one.maxsim_weight:g}",
            str(one.depth),
            f"{one.macro:.4f}",
            *(f"{one.sets[name]:.3f}" for name in names),
        )
        for one in swept
    ]
    return ("dense weight", "MaxSim weight", "depth", "macro-average", *names), rows


def _interval(one: Interval) -> str:
    return f"{one.value:.3f} [{one.low:.3f}, {one.high:.3f}]"


def _cells(one: Difference) -> tuple[str, str, str]:
    value, low, high, _ = one.interval
    return f"{value:+.4f} [{low:+.4f}, {high:+.4f}]", f"{one.p:.4f}", f"{one.p_holm:.4f}"


def _difference(one: Difference) -> Json:
    return {**one.interval._asdict(), "p": one.p, "p_holm": one.p_holm}
