from __future__ import annotations

import http.client
import http.server
import json
import os
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.cli.main import run
from footnoted.errors import EXIT_DONE, EXIT_FAILED, FootnotedError, InvariantBroken, UsageError
from footnoted.eval.bench import comparing, memory, processes
from footnoted.eval.bench.machine import describe_machine
from footnoted.eval.bench.measures import Latencies, Row, latencies
from footnoted.eval.bench.processes import Timing
from footnoted.eval.questions import load_questions
from footnoted.eval.running import set_path
from footnoted.settings import load_settings

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from Linux's /proc")
BENCH = Path(comparing.__file__).parent
ECHO = """
import json, sys
for line in sys.stdin:
    if line == "die\\n":
        sys.exit("the lamp went out")
    print(json.dumps({"ms": float(len(line))}), flush=True)
"""


def comparison(**changes: object) -> comparing.Comparison:
    values = {
        "name": "cold start", "unit": "s", "footnoted": (1.0, 3.0, 2.0),
        "plain": (20.0, 10.0, 90.0), "bound": 0.15,
    }  # fmt: skip
    row = Row(**(values | changes))  # type: ignore[arg-type]
    setting = {"runs": 3, "questions": 5, "passages": 7, "threads": 2, "processor": "[a] one"}
    return comparing.Comparison((row, Row("only told", "", (9.0,), (1.0,))), setting)


def served(ms: float, megabytes: float, torch: int, pss: float | None = 1.0) -> object:
    held = memory.Memory(megabytes, pss)
    return comparing._Served(Latencies(ms, ms * 2, ms * 3), held, torch)


def sides(torch: int = 0, plain_torch: int = 4, pss: float | None = 1.0) -> tuple[object, object]:
    ours = comparing._Runs([Timing(1.0, 1.5)], [Latencies(5, 6, 7)], [served(8, 200, torch, pss)])
    plain = served(20, 600, plain_torch, pss)
    return ours, comparing._Runs([Timing(10.0, 11.0)], [plain.warm], [plain])


# --- the plain script ---


def test_the_plain_script_stays_plain() -> None:
    text = (BENCH / "plain_pipeline.py").read_text("utf-8")
    assert len(text.splitlines()) < 40
    assert "footnoted" not in text
    assert "batch_size=32" in text
    assert "IndexFlatIP" in text


# --- numbers ---


def test_ratios_are_of_medians_not_of_means() -> None:
    row = comparison().rows[0]
    assert row.ratio == pytest.approx(2.0 / 20.0)
    assert row.ok is True


@pytest.mark.parametrize(("bound", "ok"), [(0.1, True), (0.0999, False), (None, None)])
def test_a_bound_is_the_most_that_a_ratio_may_be(bound: float | None, ok: bool | None) -> None:
    assert comparison(bound=bound).rows[0].ok is ok


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


def test_rows_compare_each_value_with_its_counterpart() -> None:
    rows = {row.name: row for row in comparing._rows(*sides(), (3.0, 12.0))}
    assert {name: row.bound for name, row in rows.items() if row.bound is not None} == {
        "cold start to the answer": 0.15,
        "warm question, median": 0.5,
        "serving memory, RSS": 0.5,
        "torch libraries while serving": 0,
    }
    assert rows["cold start to the answer"].ratio == pytest.approx(0.1)
    assert rows["cold start to the exit"].ratio == pytest.approx(1.5 / 11)
    assert rows["warm question, median"].ratio == pytest.approx(5 / 20)
    assert rows["warm question, p99"].ratio == pytest.approx(7 / 60)
    assert rows["over HTTP, p95"].ratio == pytest.approx(16 / 40)
    assert rows["serving memory, RSS"].ratio == pytest.approx(200 / 600)
    assert rows["building the index"].ratio == pytest.approx(0.25)


def test_torch_in_the_serving_process_misses_its_bound() -> None:
    rows = {row.name: row for row in comparing._rows(*sides(torch=1), (3.0, 12.0))}
    assert rows["torch libraries while serving"].ok is False


def test_a_check_for_torch_that_finds_none_where_it_is_proves_nothing() -> None:
    with pytest.raises(InvariantBroken, match="proves nothing"):
        comparing._rows(*sides(plain_torch=0), (3.0, 12.0))


def test_a_kernel_without_pss_leaves_its_row_out() -> None:
    names = [row.name for row in comparing._rows(*sides(pss=None), (3.0, 12.0))]
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
    served = comparing._ask_all(process, [f"Question {n}?" for n in range(60)])
    assert seen == [50]
    assert len(process.asked) == len(set(process.asked)) == 65
    assert served.warm.p50 == pytest.approx(35.5)  # of 6 to 65: the first five warm up


@pytest.mark.parametrize("name", ["default", "hard", "reworded"])
def test_no_timed_question_was_asked_to_warm_up(name: str) -> None:
    assert not {q.text for q in load_questions(set_path(name))} & set(comparing.WARM_UP)


# --- memory ---


def test_memory_of_a_written_proc(tmp_path: Path) -> None:
    folder = tmp_path / "7"
    folder.mkdir()
    (folder / "status").write_text("Name:\tx\nVmRSS:\t   2000 kB\n")
    assert memory.memory_of(7, tmp_path) == memory.Memory(2.048, None)
    (folder / "smaps_rollup").write_text("Rss:  2000 kB\nPss:     1000 kB\nPss_Dirty: 9 kB\n")
    assert memory.memory_of(7, tmp_path) == memory.Memory(2.048, 1.024)
    (folder / "status").write_text("Name:\tx\nState:\tZ (zombie)\n")
    with pytest.raises(UsageError, match="Process 7"):
        memory.memory_of(7, tmp_path)


def test_torch_is_known_by_its_libraries_alone(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    maps = tmp_path / "7" / "maps"
    maps.write_text("7f r--p /home/torch/venv/libfaiss.so\n7f r--p /x/torch_embedder.py\n")
    assert memory.torch_libraries(7, tmp_path) == frozenset()
    maps.write_text("7f r--p /x/torch/lib/libtorch_cpu.so\n8f r-xp /x/torch/lib/libtorch_cpu.so\n")
    assert memory.torch_libraries(7, tmp_path) == {"libtorch_cpu.so"}


@LINUX
def test_memory_of_this_process_holds_what_it_allocates() -> None:
    before = memory.memory_of(os.getpid())
    block = bytearray(os.urandom(1)) * 64_000_000
    after = memory.memory_of(os.getpid())
    assert len(block) == 64_000_000
    assert after.rss - before.rss == pytest.approx(64, abs=8)


def test_a_system_without_proc_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not have") as caught:
        memory.check_proc(tmp_path)
    assert "Linux" in str(caught.value.hint)


# --- processes ---


def test_a_command_is_timed_to_its_output_and_to_its_end() -> None:
    code = "import os, time; time.sleep(.2); os.write(1, b'x'); time.sleep(.4)"
    timing = processes.time_command((sys.executable, "-S", "-c", code), os.environ)
    assert timing.printed >= 0.2
    assert timing.ended - timing.printed >= 0.35


def test_a_refusal_is_an_answer_and_a_failure_is_not() -> None:
    processes.time_command((sys.executable, "-c", "raise SystemExit(3)"), os.environ)
    with pytest.raises(FootnotedError, match="ended with 1: no lamp"):
        processes.time_command((sys.executable, "-c", "raise SystemExit('no lamp')"), os.environ)


def test_a_line_process_gives_its_own_milliseconds() -> None:
    command = (sys.executable, "-c", ECHO)
    with processes.line_process(command, os.environ) as process:
        assert process.ask("What\nis it?") == len("What is it?\n")
        with pytest.raises(FootnotedError, match="the lamp went out"):
            process.ask("die")


def test_a_line_process_ends_with_its_block() -> None:
    with processes.line_process((sys.executable, "-c", ECHO), os.environ) as process:
        pid = process.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_server_that_refuses_is_not_timed() -> None:
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), http.server.BaseHTTPRequestHandler
    ) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
        process = processes.HttpProcess(1, connection)
        try:
            with pytest.raises(FootnotedError, match="answered 501"):
                process.ask("Who?")
        finally:
            connection.close()
            server.shutdown()
            thread.join()


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    settings = load_settings(corpus=str(tmp_path / "none"), cache_dir=tmp_path)
    env = processes.environment(settings, 1)
    with (
        pytest.raises(FootnotedError, match=r"serve .*ended with 2: .*none"),
        processes.serve_process(env),
    ):
        pytest.fail("a server of no corpus started")


def test_both_sides_get_the_same_threads_and_no_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    env = processes.environment(load_settings(corpus="example"), 3)
    assert {env["OMP_NUM_THREADS"], env["MKL_NUM_THREADS"], env["FOOTNOTED_THREADS"]} == {"3"}
    assert env["HF_HUB_OFFLINE"] == "1"
    assert env["FOOTNOTED_CORPUS"] == "example"
    assert "PYTHONDONTWRITEBYTECODE" not in env


def test_the_machine_is_described() -> None:
    machine = describe_machine(3)
    assert machine["threads"] == 3
    assert machine["versions"].keys() >= {"torch", "sentence-transformers", "onnxruntime"}
    assert machine["date"].endswith("Z")
    assert machine["processor"]


# --- the command ---


@pytest.mark.parametrize(("bound", "code"), [(0.15, EXIT_DONE), (0.05, EXIT_FAILED)])
def test_a_missed_bound_is_an_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], bound: float, code: int
) -> None:
    monkeypatch.setattr(comparing, "compare", lambda *_: comparison(bound=bound))
    assert run(["bench"]) == code
    printed = capsys.readouterr().out
    assert ("NO" in printed) == (code == EXIT_FAILED)
    assert "0.100" in printed
    assert "[a] one" in printed


def test_json_holds_every_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(comparing, "compare", lambda *_: comparison(bound=0.05))
    assert run(["bench", "--json"]) == EXIT_FAILED
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] is False
    assert document["threads"] == 2
    assert document["rows"][0] == {
        "name": "cold start", "unit": "s", "footnoted": 2.0, "plain": 20.0, "ratio": 0.1,
        "bound": 0.05, "ok": False, "steady": False,
        "runs": {"footnoted": [1.0, 3.0, 2.0], "plain": [20.0, 10.0, 90.0]},
    }  # fmt: skip
    assert document["rows"][1]["ok"] is None


def test_unsteady_runs_are_said_to_be_such(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for plain, unsteady in (((14.7, 409.7, 21.7), True), ((14.7, 15.1, 21.7), False)):
        found = comparison(footnoted=(1.0, 1.4, 1.5), plain=plain)
        monkeypatch.setattr(comparing, "compare", lambda *_, found=found: found)
        run(["bench"])
        assert ("Unsteady" in capsys.readouterr().out) is unsteady


@pytest.mark.slow
@LINUX
def test_a_real_run_measures_both_pipelines(capfd: pytest.CaptureFixture[str]) -> None:
    code = run(["bench", "--runs", "1", "--questions", "2", "--json"])
    out, err = capfd.readouterr()
    document = json.loads(out)
    assert code == (EXIT_DONE if document["ok"] else EXIT_FAILED)
    rows = {row["name"]: row for row in document["rows"]}
    assert rows["torch libraries while serving"]["footnoted"] == 0
    assert rows["torch libraries while serving"]["plain"] >= 1
    assert rows["serving memory, RSS"]["ok"] is True
    # Not the bounds: another program on this machine may hold them up. Half is beyond doubt.
    assert rows["cold start to the answer"]["ratio"] < 0.5
    assert all(row["footnoted"] > 0 for name, row in rows.items() if "torch" not in name)
    assert "run 1 of 1" in err
