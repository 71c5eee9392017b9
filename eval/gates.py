"""Gates: what a run must reach, from a TOML file, and whether it does.

::

    [all]                                  # every set, where it has the measure
    [[all.gate]]
    measure = "quote_fidelity"
    at_least = 1.0

    [default]                              # the set of that name
    no_significant_loss = ["nDCG@10", "answer_recall"]
    [[default.gate]]
    measure = "latency_p95_ms"
    at_most = 500

``no_significant_loss`` is checked against a baseline run: a measure fails that fell (or, where
lower is better, rose) with p below .05 after Holm's correction over the measures of the list.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from footnoted.domain import Json
from footnoted.errors import InputError, UnreadableFile
from footnoted.eval.comparisons import Difference, compare_reports, lost
from footnoted.eval.runs import EvalReport, Gate

SHIPPED = Path(__file__).parent / "gates.toml"
ALL = "all"
ALPHA = 0.05
NO_LOSS = "no significant loss"


class SetGates(NamedTuple):
    """The gates of one set: bounds, and measures that must not fall."""

    bounds: tuple[Gate, ...] = ()
    no_significant_loss: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gates:
    """The gates of a file by the set's name; those under ``all`` hold for every set."""

    path: Path
    sets: Mapping[str, SetGates]

    def bounds(self, report: EvalReport) -> tuple[Gate, ...]:
        """The bounds that this report must keep; one for every set counts where it is measured."""
        own = self.sets.get(report.name, SetGates()).bounds if report.name != ALL else ()
        common = self.sets.get(ALL, SetGates()).bounds
        return (*(g for g in common if report.value_of(g.measure) is not None), *own)

    def no_significant_loss(self, report: EvalReport) -> tuple[str, ...]:
        """The measures of this report that must not fall below a baseline's."""
        own = self.sets.get(report.name, SetGates()).no_significant_loss
        common = self.sets.get(ALL, SetGates()).no_significant_loss
        known = (name for name in common if report.value_of(name) is not None)
        return tuple(dict.fromkeys((*known, *own)))


class GateResult(NamedTuple):
    """One gate and what became of it; ``ok`` is ``None`` where there was no baseline to ask."""

    measure: str
    bound: str
    found: str
    ok: bool | None

    def document(self) -> Json:
        return self._asdict()


def load_gates(path: Path = SHIPPED) -> Gates:
    """The gates of a TOML file.

    Raises ``UnreadableFile`` for no such file, ``InputError`` for one that is no TOML, and for an
    unknown key or a value that makes no sense, with the file and the key.
    """
    try:
        fields = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(
            f"The gates {path} cannot be read: {error}.", about=str(path), hint="Name a TOML file."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            f"The gates {path} are not TOML: {error}.",
            about=str(path),
            hint="Mend the file; the head of footnoted/eval/gates.py shows the format.",
        ) from error
    return Gates(path, {name: _set_gates(path, name, table) for name, table in fields.items()})


def check(
    gates: Gates, report: EvalReport, baseline: EvalReport | None = None, *, seed: int = 0
) -> tuple[GateResult, ...]:
    """Every gate of the report and of its set, bounds first; an unmeasured one does not hold.

    Raises ``InputError`` for a baseline that has no question of this set.
    """
    held = [
        GateResult(g.measure, _bound_words(g), _number(value), g.admits(value))
        for g in dict.fromkeys((*report.gates, *gates.bounds(report)))
        for value in [report.value_of(g.measure)]
    ]
    names = gates.no_significant_loss(report)
    if not names:
        return tuple(held)
    if baseline is None:
        return (*held, *(GateResult(name, NO_LOSS, "no baseline", None) for name in names))
    differences = compare_reports(baseline, report, seed=seed, measures=names).differences
    return (*held, *(_loss(name, differences.get(name)) for name in names))


def passed(results: Iterable[GateResult]) -> bool:
    """Whether no gate failed; one that could not be asked for want of a baseline did not."""
    return all(result.ok is not False for result in results)


def with_bounds(gates: Gates, report: EvalReport) -> EvalReport:
    """The report with the bounds that it must keep added to its own gates, each once."""
    return replace(report, gates=tuple(dict.fromkeys((*report.gates, *gates.bounds(report)))))


def _loss(name: str, difference: Difference | None) -> GateResult:
    if difference is None:
        return GateResult(name, NO_LOSS, "not measured in both runs", False)
    found = f"{difference.interval.value:+.3f}, p {difference.p_holm:.3f}"
    return GateResult(name, NO_LOSS, found, not lost(name, difference, alpha=ALPHA))


def _bound_words(gate: Gate) -> str:
    bounds = (("≥", gate.at_least), ("≤", gate.at_most))
    return " ".join(f"{sign} {bound:g}" for sign, bound in bounds if bound is not None)


def _number(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.3f}"


def _set_gates(path: Path, name: str, table: object) -> SetGates:
    if not isinstance(table, dict):
        raise _wrong(path, name, "is no table; gates stand under a set's name")
    for key in table.keys() - {"gate", "no_significant_loss"}:
        raise _wrong(path, f"{name}.{key}", "is unknown; a set has gate and no_significant_loss")
    listed = table.get("gate", [])
    if not isinstance(listed, list):
        raise _wrong(path, f"{name}.gate", f"is written [[{name}.gate]]")
    losses = table.get("no_significant_loss", [])
    if not isinstance(losses, list) or not all(isinstance(m, str) and m for m in losses):
        raise _wrong(path, f"{name}.no_significant_loss", "is a list of measures")
    bounds = (_gate(path, f"{name}.gate[{n}]", fields) for n, fields in enumerate(listed))
    return SetGates(tuple(bounds), tuple(losses))


def _gate(path: Path, where: str, fields: Any) -> Gate:
    if not isinstance(fields, dict):
        raise _wrong(path, where, "is no table")
    for key in sorted(fields.keys() - {"measure", "at_least", "at_most"}):
        raise _wrong(path, f"{where}.{key}", "is unknown; a gate has measure, at_least, at_most")
    measure = fields.get("measure")
    if not isinstance(measure, str) or not measure:
        raise _wrong(path, f"{where}.measure", "names the measure")
    bounds = {key: fields[key] for key in ("at_least", "at_most") if key in fields}
    if not bounds:
        raise _wrong(path, where, "has neither at_least nor at_most")
    for key, value in bounds.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise _wrong(path, f"{where}.{key}", f"is a number, not {value!r}")
        if not math.isfinite(value):
            raise _wrong(path, f"{where}.{key}", f"is a finite number, not {value!r}")
    return Gate(measure, **{key: float(value) for key, value in bounds.items()})


def _wrong(path: Path, key: str, what: str) -> InputError:
    return InputError(
        f"{path}: {key} {what}.",
        about=f"{path}: {key}",
        hint="Mend the file; the head of footnoted/eval/gates.py shows the format.",
    )
