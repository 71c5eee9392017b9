from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.cli.main import run
from footnoted.errors import EXIT_DONE, EXIT_FAILED, EXIT_USAGE, InvariantBroken
from footnoted.eval.bench import comparing, memory, subjects
from footnoted.eval.bench.measures import Latencies, Row, latencies
from footnoted.eval.bench.processes import Timing
from footnoted.eval.bench.subjects import Subject
from footnoted.eval.bench.table import MEASURES, Part, Rate, Served, rows_of

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from Linux's /proc")
BENCH = Path(comparing.__file__).parent


def row(**changes: Any) -> Row:
    values = {
        "name": "cold start", "unit": "s", "footnoted": (1.0, 3.0, 2.0),
        "plain": (20.0, 10.0, 90.0), "at_most": 0.15,
    }  # fmt: skip
    return Row(**(values | changes))


def comparison(**changes: Any) -> comparing.Comparison:
    setting = {
        "runs": 3, "questions": 5, "passages": 7, "passages_built": 9, "threads": 2,
        "processor": "[a] one",
    }  # fmt: skip
    return comparing.Comparison((row(**changes), Row("only told", "", (9.0,), (1.0,))), setting)


def served(ms: float, megabytes: float, torch: int, pss: float | None = 1.0) -> Served:
    return Served(ms, ms * 2, ms * 3, 1000 / ms, megabytes, pss, float(torch))


def sides(
    torch: int = 0, plain_torch: int = 4, pss: float | None = 50.0
) -> tuple[dict[Part, list[object]], dict[Part, list[object]]]:
    ours: dict[Part, list[object]] = {
        Part.COLD: [Timing(1.0, 1.5)],
        Part.RETRIEVAL: [served(4, 150, 0)],
        Part.ANSWERS: [served(5, 160, 0)],
        Part.HTTP: [served(8, 200, torch, pss)],
        Part.RETRIEVAL_AT_ONCE: [Rate(400.0)],
        Part.ANSWERS_AT_ONCE: [Rate(120.0)],
        Part.BUILD: [Rate(90.0)],
    }
    plain: dict[Part, list[object]] = {
        Part.COLD: [Timing(10.0, 11.0)],
        Part.RETRIEVAL: [served(20, 600, plain_torch, pss and 400.0)],
        Part.RETRIEVAL_AT_ONCE: [Rate(80.0)],
        Part.BUILD: [Rate(50.0)],
    }
    return ours, plain


# --- the plain script ---


def test_the_plain_script_stays_plain() -> None:
    text = (BENCH / "plain_pipeline.py").read_text("utf-8")
    assert len(text.splitlines()) < 40
    assert "footnoted" not in text
    assert "batch_size=32" in text
    assert "IndexFlatIP" in text


# --- numbers ---


def test_ratios_are_of_medians_not_of_means() -> None:
    assert row().ratio == pytest.approx(2.0 / 20.0)
    assert row().ok is True


@pytest.mark.parametrize(
    ("at_most", "at_least", "ok"),
    [
        (0.1, None, True),
        (0.0999, None, False),
        (None, 0.1, True),
        (None, 0.1001, False),
        (0.2, 0.05, True),
        (0.2, 0.15, False),
        (None, None, None),
    ],
)
def test_bounds_are_the_most_and_the_least_that_a_ratio_may_be(
    at_most: float | None, at_least: float | None, ok: bool | None
) -> None:
    assert row(at_most=at_most, at_least=at_least).ok is ok


def test_percentiles_interpolate() -> None:
    assert latencies([float(n) for n in range(101)]) == Latencies(50.0, 95.0, 99.0)
    assert latencies([1.0, 3.0]) == Latencies(2.0, pytest.approx(2.9), pytest.approx(2.98))


def test_no_questions_have_no_percentiles() -> None:
    with pytest.raises(ValueError, match="no question"):
        latencies([])


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_percentiles_are_ordered_and_within_the_times(ms: list[float]) -> None:
    found = latencies(ms)
    assert found.p50 <= found.p95 <= found.p99
    assert min(ms) <= found.p50
    assert found.p99 <= max(ms)


# --- the table ---


def test_the_targets_stand_in_one_table() -> None:
    bounds = {m.name: m.at_most for m in MEASURES if m.at_most is not None}
    assert bounds == {
        "cold start to the answer": 0.10,
        "retrieval, median": 0.25,
        "retrieval, p99": 0.4,
        "whole answer, median": 0.5,
        "serving memory, RSS": 0.4,
        "serving memory, PSS": 0.4,
        "torch libraries while serving": 0,
    }
    least = {m.name: m.at_least for m in MEASURES if m.at_least is not None}
    assert least == {"building, passages": 1.6}


def test_rows_compare_each_value_with_its_counterpart() -> None:
    ratios = {each.name: each.ratio for each in rows_of(*sides())}
    assert ratios == pytest.approx(
        {
            "cold start to the answer": 1 / 10,
            "cold start to the exit": 1.5 / 11,
            "retrieval, median": 4 / 20,
            "retrieval, p95": 8 / 40,
            "retrieval, p99": 12 / 60,
            "whole answer, median": 5 / 20,
            "whole answer, p95": 10 / 40,
            "whole answer, p99": 15 / 60,
            "over HTTP, median": 8 / 20,
            "over HTTP, p95": 16 / 40,
            "over HTTP, p99": 24 / 60,
            "retrievals, one client": 250 / 50,
            "retrievals, 2 clients": 400 / 80,
            "whole answers, one client": 200 / 50,
            "whole answers, 2 clients": 120 / 80,
            "building, passages": 90 / 50,
            "serving memory, RSS": 200 / 600,
            "serving memory, PSS": 50 / 400,
            "torch libraries while serving": 0,
        }
    )


def test_a_build_that_is_too_slow_misses_its_bound() -> None:
    ours, plain = sides()
    for rate, ok in ((80.0, True), (79.0, False)):
        rows = {each.name: each for each in rows_of(ours | {Part.BUILD: [Rate(rate)]}, plain)}
        assert rows["building, passages"].ok is ok


def test_torch_in_the_serving_process_misses_its_bound() -> None:
    rows = {each.name: each for each in rows_of(*sides(torch=1))}
    assert rows["torch libraries while serving"].ok is False


def test_a_check_for_torch_that_finds_none_where_it_is_proves_nothing() -> None:
    with pytest.raises(InvariantBroken, match="proves nothing"):
        rows_of(*sides(plain_torch=0))


def test_a_kernel_without_pss_leaves_its_row_out() -> None:
    names = [each.name for each in rows_of(*sides(pss=None))]
    assert "serving memory, PSS" not in names
    assert "serving memory, RSS" in names


class Counting:
    """Answers in as many milliseconds as questions were asked; is this very process."""

    pid = os.getpid()

    def __init__(self) -> None:
        self.asked: list[str] = []

    def ask(self, question: str) -> float:
        self.asked.append(question)
        return float(len(self.asked))


@LINUX
def test_memory_is_read_after_the_fiftieth_question(monkeypatch: pytest.MonkeyPatch) -> None:
    process, seen = Counting(), []
    real = memory.memory_of
    monkeypatch.setattr(
        memory, "memory_of", lambda pid: (seen.append(len(process.asked)), real(pid))[1]
    )
    (served,) = comparing.in_turns([process], [f"Question {n}?" for n in range(60)])
    assert seen == [50]
    assert len(process.asked) == len(set(process.asked)) == 65
    assert served.p50 == pytest.approx(35.5)  # of 6 to 65: the first five warm up
    assert served.per_second > 1000


@LINUX
def test_processes_take_turns_on_the_same_questions() -> None:
    order: list[str] = []

    class Noting(Counting):
        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

        def ask(self, question: str) -> float:
            order.append(self.name)
            return super().ask(question)

    one, other = Noting("one"), Noting("other")
    questions = [f"Question {n}?" for n in range(7)]
    found = comparing.in_turns([one, other], questions)
    assert len(found) == 2
    assert one.asked == other.asked
    assert one.asked[5:] == questions
    assert order[10:] == ["one"] * 5 + ["other"] * 5 + ["one"] * 2 + ["other"] * 2


# --- the command ---


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What ``compare`` is called with, which gives its last element as the comparison."""
    calls: list[Any] = []
    subject = Subject("default", (), (), tuple(f"Question {n}?" for n in range(9)))
    monkeypatch.setattr(subjects, "corpus_subject", lambda *_: subject)

    def compare(*arguments: object) -> comparing.Comparison:
        found = calls.pop()
        calls.append(arguments)
        return found

    monkeypatch.setattr(comparing, "compare", compare)
    return calls


@pytest.mark.parametrize(("bound", "code"), [(0.15, EXIT_DONE), (0.05, EXIT_FAILED)])
def test_a_missed_bound_is_an_exit_code(
    compared: list[Any], capsys: pytest.CaptureFixture[str], bound: float, code: int
) -> None:
    compared.append(comparison(at_most=bound))
    assert run(["bench"]) == code
    printed = capsys.readouterr().out
    assert ("NO" in printed) == (code == EXIT_FAILED)
    assert "0.100" in printed
    assert f"at most {bound}" in printed
    assert "[a] one" in printed


def test_json_holds_every_run_on_the_screen_and_in_a_file(
    compared: list[Any], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    compared.append(comparison(at_most=0.05))
    out = tmp_path / "bench.json"
    assert run(["bench", "run", "--json", "--out", str(out)]) == EXIT_FAILED
    document = json.loads(capsys.readouterr().out)
    assert json.loads(out.read_text("utf-8")) == document
    assert document["ok"] is False
    assert document["threads"] == 2
    assert document["rows"][0] == {
        "name": "cold start", "unit": "s", "footnoted": 2.0, "plain": 20.0, "ratio": 0.1,
        "at_most": 0.05, "at_least": None, "ok": False, "steady": False,
        "runs": {"footnoted": [1.0, 3.0, 2.0], "plain": [20.0, 10.0, 90.0]},
    }  # fmt: skip
    assert document["rows"][1]["ok"] is None


def test_fewer_questions_are_taken_from_all_of_them(compared: list[Any]) -> None:
    compared.append(comparison())
    assert run(["bench", "--questions", "3", "--runs", "2"]) == EXIT_DONE
    subject, _, runs, _ = compared[-1]
    assert subject.questions == ("Question 0?", "Question 3?", "Question 6?")
    assert runs == 2


def test_unsteady_runs_are_said_to_be_such(
    compared: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    for plain, unsteady in (((14.7, 409.7, 21.7), True), ((14.7, 15.1, 21.7), False)):
        compared.append(comparison(footnoted=(1.0, 1.4, 1.5), plain=plain))
        run(["bench"])
        assert ("Unsteady" in capsys.readouterr().out) is unsteady


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--corpus", "example", "--dataset", "x"], "not both"),
        (["--out", "no/such/folder/bench.json"], "no such folder"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_measured(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["bench", *arguments]) == EXIT_USAGE
    assert said in capsys.readouterr().err
