"""From reports to tables on a terminal: measures, tags, gates and failing questions.

Questions and answers are corpus and user text: they are shown as plain ``Text``, never as rich's
markup, and without the characters that steer a terminal or the direction of text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from footnoted.eval.comparisons import Comparison, Difference, QuestionDifference
from footnoted.eval.gates import GateResult
from footnoted.eval.runs import EvalReport, QuestionRow
from footnoted.eval.statistics import Interval
from footnoted.ingest.normalise import normalise_line

_NAME_WIDTH = 22
_CELL_WIDTH = 20  # "0.812 [0.771, 0.853]"
_TAG_MEASURES = {
    "nDCG@10": "nDCG@10",
    "answer_recall": "answer",
    "citation_precision": "cit. prec.",
    "citation_recall": "cit. rec.",
}


def print_report(
    console: Console,
    report: EvalReport,
    others: Mapping[str, Mapping[str, Interval]] | None = None,
    *,
    failures: int = 20,
) -> None:
    """Print everything of ``report``, beside the measures of ``others`` (system to measures).

    At most that many failing questions are listed; how many more there are is said.
    """
    console.print(measures_table({report.name: report.measures, **(others or {})}, console.width))
    if report.costs:
        console.print(costs_table(report))
    if any(row.question.tags for row in report.rows):
        console.print(tags_table(report))
    failed = [row for row in report.rows if row.failure is not None]
    if report.rows:
        console.print(Text(f"{len(failed)} of {len(report.rows)} questions failed."))
    if failed[:failures]:
        console.print(failures_table(failed[:failures]))
    if len(failed) > failures:
        console.print(Text(f"… and {len(failed) - failures} more."))


def print_comparison(console: Console, comparison: Comparison, *, questions: int = 20) -> None:
    """Print what differs between two runs: settings, measures, and questions, the worst first."""
    for name, (before, after) in (comparison.settings or {}).items():
        console.print(_plain(f"{name}: {before} → {after}"))
    console.print(differences_table(comparison.differences))
    changed = comparison.questions
    losses = sum(one.gain < 0 for one in changed)
    console.print(Text(f"{len(changed)} questions changed, {losses} for the worse."))
    if changed[:questions]:
        console.print(changes_table(changed[:questions]))
    if len(changed) > questions:
        console.print(Text(f"… and {len(changed) - questions} more."))
    if comparison.left_out:
        console.print(Text(f"{len(comparison.left_out)} are not in both runs, and not compared."))


def measures_table(systems: Mapping[str, Mapping[str, Interval]], width: int = 80) -> Table:
    """A row a measure, a column a system; where ``width`` is too small, a row for each of both.

    Cells are ``value [low, high]``, the 95 % interval.
    """
    names = list(dict.fromkeys(name for measures in systems.values() for name in measures))
    table = _table()
    table.add_column("measure", no_wrap=True)
    if _NAME_WIDTH + (_CELL_WIDTH + 2) * len(systems) <= width:
        for system in systems:
            table.add_column(_plain(system), justify="right")
        for name in names:
            table.add_row(_plain(name), *(_cell(m.get(name)) for m in systems.values()))
        return table
    table.add_column("system")
    table.add_column("value", justify="right", no_wrap=True)
    for name in names:
        measured = [(system, m[name]) for system, m in systems.items() if name in m]
        for place, (system, interval) in enumerate(measured):
            table.add_row(_plain("" if place else name), _plain(system), _cell(interval))
    return table


def costs_table(report: EvalReport) -> Table:
    """A row a cost (milliseconds a question, megabytes): its value and its 95 % interval."""
    table = _table()
    table.add_column("cost", no_wrap=True)
    for heading in ("value", "n"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, (value, low, high, n) in report.costs.items():
        ends = f" [{low:.1f}, {high:.1f}]" if n > 1 else ""
        table.add_row(_plain(name), Text(f"{value:.1f}{ends}"), Text(str(n)))
    return table


def differences_table(differences: Mapping[str, Difference]) -> Table:
    """A row a measure: the change since the baseline, its interval, and p corrected by Holm.

    ``least`` is the smallest change that this many questions would find in four runs of five.
    """
    table = _table()
    table.add_column("measure", no_wrap=True)
    for heading in ("change", "p (Holm)", "least", "n"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, difference in differences.items():
        value, low, high, n = difference.interval
        change = Text(f"{value:+.3f} [{low:+.3f}, {high:+.3f}]")
        least = "–" if difference.detectable is None else f"{difference.detectable:.3f}"
        table.add_row(
            _plain(name), change, Text(f"{difference.p_holm:.3f}"), Text(least), Text(str(n))
        )
    return table


def changes_table(questions: Iterable[QuestionDifference]) -> Table:
    """Two columns: a question's id; what was asked, the answers and the values that changed."""
    table = _table()
    table.add_column("id", no_wrap=True, max_width=16)
    table.add_column("changed question", overflow="fold")
    for one in questions:
        values = (f"{name} {old:.2f} → {new:.2f}" for name, (old, new) in one.changes.items())
        lines = [one.text, f"before: {one.before}", f"after: {one.after}", ", ".join(values)]
        table.add_row(_plain(one.question_id), Text("\n").join(map(_plain, filter(None, lines))))
    return table


def tags_table(report: EvalReport) -> Table:
    """A row a tag: how many questions have it, mean values, and the share that was refused."""
    table = _table()
    table.add_column("tag")
    for heading in ("n", *_TAG_MEASURES.values(), "refused"):
        table.add_column(heading, justify="right", no_wrap=True)
    for tag in dict.fromkeys(tag for row in report.rows for tag in row.question.tags):
        rows = [row for row in report.rows if tag in row.question.tags]
        means = [_mean([r.values[m] for r in rows if m in r.values]) for m in _TAG_MEASURES]
        refused = _mean([float(not row.answered) for row in rows])
        table.add_row(_plain(tag), Text(str(len(rows))), *means, refused)
    return table


def gate_results_table(results: Iterable[GateResult]) -> Table:
    """A row a gate that was checked: its bound, what was found, and whether it holds."""
    table = _table()
    for heading in ("gate", "bound", "found", "holds"):
        table.add_column(heading, no_wrap=True)
    said = {True: "yes", False: "NO", None: "not checked"}
    for one in results:
        table.add_row(_plain(one.measure), Text(one.bound), Text(one.found), Text(said[one.ok]))
    return table


def failures_table(rows: list[QuestionRow]) -> Table:
    """Two columns: a failing question's id; what was asked, what was wrong, expected and got."""
    table = _table()
    table.add_column("id", no_wrap=True, max_width=16)
    table.add_column("failed question", overflow="fold")
    for row in rows:
        table.add_row(_plain(row.question.question_id), Text("\n").join(_lines_of(row)))
    return table


def _lines_of(row: QuestionRow) -> Iterator[Text]:
    yield _plain(row.question.text)
    yield Text(row.failure or "")
    yield Text("expected: ").append_text(_plain(row.expected))
    yield Text("got: ").append_text(_plain(row.got))


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))


def _plain(text: str) -> Text:
    return Text(normalise_line(text))


def _cell(interval: Interval | None) -> Text:
    if interval is None:
        return Text("–")
    return Text(f"{interval.value:.3f} [{interval.low:.3f}, {interval.high:.3f}]")


def _mean(values: list[float]) -> Text:
    return Text(f"{sum(values) / len(values):.3f}" if values else "–")
