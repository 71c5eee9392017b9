from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from footnoted.eval.comparisons import Difference, compare_reports
from footnoted.eval.gates import SHIPPED, GateResult, Gates, check
from footnoted.eval.report import (
    differences_table,
    gate_results_table,
    measures_table,
    print_comparison,
    print_report,
)
from footnoted.eval.runs import Gate, evaluate
from footnoted.eval.statistics import Interval

HOSTILE = "Who [a] wrote [/x] \x1b[2J\u202e it [note 1]?"


def shown(thing, width=80, **options) -> str:
    out = StringIO()
    console = Console(file=out, width=width, force_terminal=False, **options)
    if callable(thing):
        thing(console)
    else:
        console.print(thing)
    text = out.getvalue()
    assert all(cell_len(line) <= width for line in text.splitlines())
    return text


def systems(*names):
    return {
        name: {
            "nDCG@10": Interval(0.8124, 0.77, 0.85, 40),
            "RR": Interval(0.5 + i / 10, 0.4, 0.7, 40),
        }
        for i, name in enumerate(names)
    }


def test_one_or_two_systems_stand_side_by_side():
    lines = shown(measures_table(systems("footnoted", "BM25 only"))).splitlines()
    row = next(line for line in lines if "RR" in line)
    assert row.split() == ["RR", "0.500", "[0.400,", "0.700]", "0.600", "[0.400,", "0.700]"]
    heading = next(line for line in lines if "measure" in line)
    assert heading.index("footnoted") < heading.index("BM25 only")
    assert any("0.812 [0.770, 0.850]" in line for line in lines)


def test_more_systems_than_fit_are_listed_below_each_other():
    names = ["footnoted", "BM25 only", "cosine only", "fused"]
    lines = shown(measures_table(systems(*names), 80)).splitlines()
    rows = [line for line in lines if "[" in line]
    assert len(rows) == 8
    assert [any(name in row for row in rows[:4]) for name in names] == [True] * 4
    assert "nDCG@10" in rows[0]
    assert "nDCG@10" not in rows[1]
    side_by_side = shown(measures_table(systems(*names), 200), width=200).splitlines()
    assert len([line for line in side_by_side if "[" in line]) == 2


def test_a_measure_that_a_system_lacks_is_a_dash():
    both = systems("footnoted", "BM25 only")
    both["footnoted"]["answer_recall"] = Interval(1.0, 1.0, 1.0, 3)
    row = next(x for x in shown(measures_table(both)).splitlines() if "answer_recall" in x)
    assert row.split() == ["answer_recall", "1.000", "[1.000,", "1.000]", "–"]


def test_a_difference_shows_its_sign_interval_and_corrected_p():
    difference = Difference(Interval(-0.0321, -0.05, 0.012, 40), 0.01, 0.0432)
    rows = shown(differences_table({"nDCG@10": difference})).splitlines()
    row = next(line for line in rows if "nDCG@10" in line)
    assert row.split() == ["nDCG@10", "-0.032", "[-0.050,", "+0.012]", "0.043", "–", "40"]
    told = difference._replace(detectable=0.0456)
    row = next(x for x in shown(differences_table({"RR": told})).splitlines() if "RR" in x)
    assert row.split()[-3:] == ["0.043", "0.046", "40"]


@pytest.fixture
def report(world):
    world.questions[0] = replace(world.questions[0], text=HOSTILE, tags=("early", "[b]tag[/q]"))
    world.documents["a0"]["statements"][0] |= {"text": "It [/i] was \x9b1mdark.", "span": None}
    world.documents["a1"] = world.refusal("not_in_corpus", 0.2)
    world.documents["u0"] = world.answer(2, 0.9)
    return evaluate(
        world.questions, world.documents, world.qrels, world.texts, seed=1, name="dev [x]",
        gates=[Gate("RR", at_least=0.5), Gate("ece", at_most=0.01), Gate("[c]", at_least=0.1)],
    )  # fmt: skip


def test_a_report_shows_hostile_text_as_it_is_and_nothing_that_steers_a_terminal(report):
    text = shown(lambda console: print_report(console, report))
    assert "Who [a] wrote [/x] [2J it [note 1]?" in text
    assert "got: It [/i] was 1mdark." in text
    assert "[b]tag[/q]" in text
    assert "dev [x]" in text
    assert not set("\x1b\x9b\u202e") & set(text)


def test_a_report_lists_what_failed_why_expected_and_got(report):
    text = shown(lambda console: print_report(console, report))
    assert "3 of 12 questions failed." in text
    for said in (
        "wrong or partial answer", "expected: 1884", "refused an answerable question",
        "expected: three", "got: refusal: not_in_corpus", "answered an unanswerable question",
        "expected: refusal: not_in_corpus", "got: Ada Holm",
    ):  # fmt: skip
        assert said in text, said
    assert "expected: Oslo" not in text
    short = shown(lambda console: print_report(console, report, failures=1))
    assert "expected: three" not in short
    assert "… and 2 more." in short


def test_a_report_breaks_measures_down_by_tag(report):
    lines = shown(lambda console: print_report(console, report)).splitlines()
    early = next(line for line in lines if line.split()[:1] == ["early"])
    # a0 answers wrongly but cites rightly, a1 refuses (and shows p0 first), a2 and a3 are right
    assert early.split()[1:] == ["4", "0.908", "0.500", "1.000", "0.750", "0.250"]
    none = next(line for line in lines if line.split()[:1] == ["none"])
    assert none.split()[1:] == ["4", "–", "–", "–", "–", "0.750"]


def test_a_report_says_which_gates_hold(report):
    held = check(Gates(SHIPPED, {}), report)
    lines = shown(gate_results_table(held)).splitlines()
    gates = [line.split() for line in lines if "≥" in line or "≤" in line]
    assert [gate[-1] for gate in gates] == ["yes", "NO", "NO"]
    assert gates[0][:3] == ["RR", "≥", "0.5"]
    assert gates[2][3:5] == ["not", "measured"]


def test_a_report_without_failures_or_tags_says_so(world):
    questions = [replace(question, tags=()) for question in world.questions]
    report = evaluate(questions, world.documents, world.qrels, world.texts, seed=1, name="dev")
    text = shown(lambda console: print_report(console, report, systems("BM25 only")))
    assert "0 of 12 questions failed." in text
    assert "refused" not in text
    assert "BM25 only" in text


def test_costs_stand_in_a_table_of_their_own(report):
    assert "latency" not in shown(lambda console: print_report(console, report))
    costs = {
        "latency_p95_ms": Interval(41.26, 38.0, 55.5, 12),
        "memory_peak_mb": Interval(166.0, 166.0, 166.0, 1),
    }
    lines = shown(lambda console: print_report(console, replace(report, costs=costs))).splitlines()
    rows = [line.split() for line in lines]
    assert ["latency_p95_ms", "41.3", "[38.0,", "55.5]", "12"] in rows
    assert ["memory_peak_mb", "166.0", "1"] in rows


def test_gates_that_were_checked_say_what_was_found():
    results = [
        GateResult("RR", "≥ 0.5", "0.400", False),
        GateResult("aurc", "no significant loss", "no baseline", None),
    ]
    lines = [line for line in shown(gate_results_table(results)).splitlines() if line.strip()]
    assert lines[-2].split() == ["RR", "≥", "0.5", "0.400", "NO"]
    assert lines[-1].split()[-4:] == ["no", "baseline", "not", "checked"]


def test_a_comparison_lists_settings_and_questions_the_worst_first(world, report):
    good = evaluate(world.questions, world.documents, world.qrels, world.texts, seed=1)
    world.documents["a3"] = world.refusal("not_in_corpus", 0.2)
    now = evaluate(world.questions, world.documents, world.qrels, world.texts, seed=1)
    found = compare_reports(good, now, seed=1, measures=["answer_recall"])
    found = replace(found, settings={"model": ("old", "new[/b]")})
    text = shown(lambda console: print_comparison(console, found))
    assert "model: old → new[/b]" in text
    assert "1 questions changed, 1 for the worse." in text
    assert "before: 41 metres" in text
    assert "after: refusal: not_in_corpus" in text
    assert "answer_recall 1.00 → 0.00" in text
    none = shown(lambda console: print_comparison(console, found, questions=0))
    assert "… and 1 more." in none
    assert "before:" not in none
