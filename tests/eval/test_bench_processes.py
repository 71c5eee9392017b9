from __future__ import annotations

import http.client
import http.server
import os
import sys
import threading
from pathlib import Path

import pytest

from footnoted.errors import FootnotedError, UsageError
from footnoted.eval.bench import memory, processes
from footnoted.eval.bench.machine import describe_machine
from footnoted.settings import load_settings

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from Linux's /proc")
ECHO = """
import json, sys, time
for line in sys.stdin:
    for question in json.loads(line):
        if question == "die":
            sys.exit("the lamp went out")
        time.sleep(.1 * (question == "wait"))
        print(json.dumps({"ms": len(question)}), flush=True)
"""


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


def test_what_a_command_is_given_it_reads(tmp_path: Path) -> None:
    code = f"import sys; open({str(tmp_path / 'read')!r}, 'w').write(sys.stdin.read())"
    processes.time_command((sys.executable, "-c", code), os.environ, "Who? — Ada\n")
    assert (tmp_path / "read").read_text() == "Who? — Ada\n"


def test_the_seconds_of_a_command_stand_in_its_last_line() -> None:
    code = "print('Loading'); print('{\"seconds\": 1.5}')"
    assert processes.seconds_of((sys.executable, "-c", code), os.environ) == 1.5
    with pytest.raises(FootnotedError, match="ended with 3: no lamp"):
        processes.seconds_of(
            (sys.executable, "-c", "import sys; print('no lamp', file=sys.stderr); sys.exit(3)"),
            os.environ,
        )


def test_a_line_process_gives_its_own_milliseconds() -> None:
    command = (sys.executable, "-c", ECHO)
    with processes.line_process(command, os.environ) as process:
        assert process.ask("What\nis it?") == len("What\nis it?")
        with pytest.raises(FootnotedError, match="the lamp went out"):
            process.ask("die")


def test_questions_at_once_are_timed_from_the_first_to_the_last() -> None:
    command = (sys.executable, "-c", ECHO)
    with processes.line_process(command, os.environ) as process:
        assert process.ask("Who?") == 4
        assert process.ask_at_once(["wait"] * 4) >= 0.4
        assert process.ask("Who is it?") == 10  # every answer of the line before was read
        with pytest.raises(FootnotedError, match="the lamp went out"):
            process.ask_at_once(["Who?", "die", "Where?"])


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
    env = processes.environment(settings, settings.corpus, 1)
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
    env = processes.environment(load_settings(corpus="default"), "example", 3)
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
