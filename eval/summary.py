"""From an eval run to Markdown for a pull request: measures, gates, what changed and what failed.

Questions and answers are corpus and user text: what Markdown, HTML or a forge would act on (marks,
tags, links, mentions) is escaped, so that it shows as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from footnoted.eval.comparisons import Comparison, Difference, QuestionDifference, lost
from footnoted.eval.gates import GateResult, passed
from footnoted.eval.runs import EvalReport, QuestionRow
from footnoted.eval.statistics import Interval
from footnoted.ingest.normalise import normalise_line

LISTED = 10
_LONGEST = 160
# Signs inside a word (token_f1, nDCG@10) do nothing; "://" and "www." make links by themselves.
_ACTIVE = re.compile(r"[\\`*\[\]#!|~$&<>]|(?<!\w)[_@]|_(?!\w)|:(?=//)|(?<=www)\.")


def markdown(
    report: EvalReport,
    *,
    baselines: Mapping[str, Mapping[str, Interval]] | None = None,
    comparison: Comparison | None = None,
    gates: Sequence[GateResult] = (),
    listed: int = LISTED,
) -> str:
    """The summary of ``report``; at most ``listed`` questions of each kind are shown.

    ``comparison`` is with the baseline run, ``gates`` are what ``check`` found.
    """
    parts = [f"## Evaluation: {escaped(report.name)}", _verdict(report, comparison, gates)]
    if gates:
        rows = [(g.measure, g.bound, g.found, _held(g)) for g in gates]
        parts += ["### Gates", table(("gate", "bound", "found", "holds"), rows)]
    parts += ["### Measures", _measures(report, baselines or {}, comparison)]
    if report.costs:
        spent = [(name, f"{one.value:.0f}", _ends(one, 0)) for name, one in report.costs.items()]
        parts += ["### Costs", table(("cost", "value", "95 % interval"), spent)]
    if comparison is not None:
        parts += _changes(comparison, listed)
    parts += _failures(report, listed)
    return "\n\n".join(filter(None, parts)) + "\n"


def escaped(text: str, longest: int = _LONGEST) -> str:
    """``text`` on one line, cut to ``longest`` characters, with nothing that Markdown acts on."""
    line = normalise_line(text)
    short = line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
    return _ACTIVE.sub(lambda sign: f"&#{ord(sign[0])};", short)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table of texts, each escaped."""
    lines = [" | ".join(headings), " | ".join("---" for _ in headings)]
    lines += [" | ".join(escaped(cell) for cell in row) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


def _verdict(report: EvalReport, comparison: Comparison | None, gates: Sequence[GateResult]) -> str:
    said = []
    if gates:
        failed = [g.measure for g in gates if g.ok is False]
        said.append(
            "All gates hold."
            if passed(gates)
            else f"**{len(failed)} of {len(gates)} gates fail**: {escaped(', '.join(failed))}."
        )
    if comparison is not None:
        losses = [name for name, one in comparison.differences.items() if lost(name, one)]
        said.append(
            f"Significantly worse than the baseline: {escaped(', '.join(losses))}."
            if losses
            else "Nothing is significantly worse than the baseline."
        )
    if report.rows:
        failures = sum(row.failure is not None for row in report.rows)
        said.append(f"{failures} of {len(report.rows)} questions failed.")
    if report.generation is not None:
        said.append(f"Index generation {escaped(report.generation)}.")
    return " ".join(said)


def _measures(
    report: EvalReport,
    baselines: Mapping[str, Mapping[str, Interval]],
    comparison: Comparison | None,
) -> str:
    differences = {} if comparison is None else comparison.differences
    headings = ["measure", "value", "95 % interval", "n", *(escaped(name) for name in baselines)]
    if comparison is not None:
        headings += ["change", "p (Holm)", "detectable"]
    rows = []
    for name, one in report.measures.items():
        row = [name, f"{one.value:.3f}", _ends(one, 3), str(one.n)]
        row += [_value(measures.get(name)) for measures in baselines.values()]
        if comparison is not None:
            row += _change(differences.get(name))
        rows.append(row)
    return table(headings, rows)


def _changes(comparison: Comparison, listed: int) -> Iterator[str]:
    if comparison.settings:
        yield "### Made with"
        rows = [(name, str(old), str(new)) for name, (old, new) in comparison.settings.items()]
        yield table(("setting", "baseline", "now"), rows)
    worse = [one for one in comparison.questions if one.gain < 0]
    better = [one for one in reversed(comparison.questions) if one.gain > 0]
    for title, found in (("Worst regressions", worse), ("Greatest gains", better)):
        if found:
            yield f"### {title} ({len(found)})"
            yield table(
                ("question", "before", "now", "measures"),
                [_changed_row(one) for one in found[:listed]],
            )
    if comparison.left_out:
        yield f"{len(comparison.left_out)} questions are not in both runs, and not compared."


def _changed_row(one: QuestionDifference) -> tuple[str, str, str, str]:
    measures = ", ".join(
        f"{name} {old:.2f} → {new:.2f}" for name, (old, new) in one.changes.items()
    )
    return f"{one.question_id}: {one.text}", one.before, one.after, measures


def _failures(report: EvalReport, listed: int) -> Iterator[str]:
    failed: list[QuestionRow] = [row for row in report.rows if row.failure is not None]
    if failed:
        yield f"### Failed questions ({len(failed)})"
        yield table(
            ("question", "what", "expected", "got"),
            [
                (f"{r.question.question_id}: {r.question.text}", r.failure or "", r.expected, r.got)
                for r in failed[:listed]
            ],
        )


def _held(gate: GateResult) -> str:
    return {True: "yes", False: "NO", None: "not checked"}[gate.ok]


def _change(difference: Difference | None) -> list[str]:
    if difference is None:
        return ["–", "–", "–"]
    value, low, high, _ = difference.interval
    least = "–" if difference.detectable is None else f"{difference.detectable:.3f}"
    return [f"{value:+.3f} [{low:+.3f}, {high:+.3f}]", f"{difference.p_holm:.3f}", least]


def _value(interval: Interval | None) -> str:
    return "–" if interval is None else f"{interval.value:.3f}"


def _ends(interval: Interval, digits: int) -> str:
    return f"{interval.low:.{digits}f} to {interval.high:.{digits}f}"
