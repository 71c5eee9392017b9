from __future__ import annotations

from dataclasses import replace

import pytest

from footnoted.eval.comparisons import compare_reports
from footnoted.eval.gates import GateResult
from footnoted.eval.runs import evaluate
from footnoted.eval.statistics import Interval
from footnoted.eval.summary import escaped, markdown, table


def report_of(world, **changed):
    documents = world.documents | changed
    return evaluate(world.questions, documents, world.qrels, world.texts, seed=7, name="dev")


def cells(text, start):
    row = next(line for line in text.splitlines() if line.startswith(f"| {start} |"))
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_measures_stand_with_intervals_beside_the_plain_rankers(world):
    report = report_of(world, a0=world.refusal("not_in_corpus", 0.3))
    text = markdown(report, baselines={"BM25 only": {"RR": Interval(0.25, 0.2, 0.3, 8)}})
    recall = report.measures["answer_recall"]
    ends = f"{recall.low:.3f} to {recall.high:.3f}"
    assert cells(text, "answer_recall") == ["answer_recall", "0.875", ends, "8", "–"]
    assert cells(text, "RR")[-1] == "0.250"
    assert text.startswith("## Evaluation: dev\n\n1 of 12 questions failed. Index generation g1.")
    assert "### Failed questions (1)" in text
    assert "a0: Made-up question number 0? | refused an answerable question | 1884" in text


def test_a_comparison_shows_changes_regressions_and_gains(world):
    before = report_of(world, a5=world.refusal("not_in_corpus", 0.1))
    now = report_of(world, a2=world.refusal("not_in_corpus", 0.1))
    found = compare_reports(before, now, seed=1, measures=["answer_recall"])
    found = replace(found, settings={"model": ("old", "new")})
    text = markdown(now, comparison=found)
    assert "Nothing is significantly worse than the baseline." in text
    change = found.differences["answer_recall"]
    assert cells(text, "answer_recall")[-3:] == [
        f"+0.000 [{change.interval.low:+.3f}, {change.interval.high:+.3f}]".replace(
            "[", "&#91;"
        ).replace("]", "&#93;"),
        "1.000",
        f"{change.detectable:.3f}",
    ]
    assert "### Worst regressions (1)" in text
    assert "### Greatest gains (1)" in text
    assert text.index("a2: Made-up") < text.index("a5: Made-up")
    assert cells(text, "model") == ["model", "old", "new"]


def test_a_significant_loss_is_said_at_the_top(world):
    before, now = report_of(world), report_of(world, a2=world.refusal("not_in_corpus", 0.1))
    found = compare_reports(before, now, seed=1, measures=["answer_recall"])
    clear = found.differences["answer_recall"]._replace(p_holm=0.001)
    found = replace(found, differences=dict(found.differences) | {"answer_recall": clear})
    head = markdown(now, comparison=found).splitlines()[2]
    assert "Significantly worse than the baseline: answer_recall." in head


def test_gates_and_costs_are_listed(world):
    gates = [
        GateResult("RR", "≥ 0.5", "0.400", False),
        GateResult("ece", "≤ 0.2", "0.100", True),
        GateResult("aurc", "no significant loss", "no baseline", None),
    ]
    report = replace(report_of(world), costs={"latency_p95_ms": Interval(41.4, 38.0, 55.0, 12)})
    text = markdown(report, gates=gates)
    assert "**1 of 3 gates fail**: RR." in text
    assert cells(text, "RR") == ["RR", "≥ 0.5", "0.400", "NO"]
    assert cells(text, "aurc")[-1] == "not checked"
    assert cells(text, "latency_p95_ms") == ["latency_p95_ms", "41", "38 to 55"]
    assert "All gates hold." in markdown(report, gates=gates[1:])


@pytest.mark.parametrize(
    "hostile",
    ["| a |", "<img src=x>", "@someone", "see #12", "[a](b)", "`x`", "*x*", "_x_", "~~x~~", "\\|"],
)
def test_nothing_in_a_question_acts_on_the_page(world, hostile):
    world.questions[0] = replace(world.questions[0], text=f"Who {hostile} it?")
    text = markdown(report_of(world, a0=world.refusal("not_in_corpus", 0.1)))
    row = next(line for line in text.splitlines() if "a0: Who" in line)
    assert row.count("|") == 5
    assert not set("<>`*[]~\\") & set(row)
    assert "@" not in row
    assert " #" not in row
    assert " _" not in row


def test_escaping_keeps_names_readable_and_links_dead():
    assert escaped("token_f1 and nDCG@10") == "token_f1 and nDCG@10"
    assert escaped("https://a.b www.c.d") == "https&#58;//a.b www&#46;c.d"
    assert escaped("a\nb\u202e") == "a b"
    assert escaped("AT&T & &lt;") == "AT&#38;T &#38; &#38;lt;"
    assert len(escaped("x" * 500)) == 160
    assert table(("a", "b"), [("1", "2|3")]) == "| a | b |\n| --- | --- |\n| 1 | 2&#124;3 |"


def test_only_so_many_questions_are_listed(world):
    documents = {f"a{i}": world.refusal("not_in_corpus", 0.1) for i in range(8)}
    text = markdown(report_of(world, **documents), listed=3)
    assert "### Failed questions (8)" in text
    assert "| a2: " in text
    assert "| a3: " not in text
