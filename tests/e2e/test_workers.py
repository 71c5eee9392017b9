"""Several workers on one socket: what they share, what a killed one takes along, how they end."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from tests.served_process import ServedProcess

from footnoted.eval.bench.load_clients import Clients

pytestmark = pytest.mark.timeout(180)
ASK = "/v1/ask?q=When+was+it+lit+for+the+first+time%3F"
QUESTIONS = tuple(f"Who kept the lamp in the year {year}?" for year in range(1850, 1950))


@pytest.fixture(scope="module")
def served(commands, light: Path, tmp_path_factory) -> Iterator[ServedProcess]:
    state = tmp_path_factory.mktemp("state")
    with ServedProcess(commands, light, state, "--workers", 2, rate_limit="100000") as process:
        process.state = state
        yield process
    assert process.process.returncode == 0
    assert list((state / "metrics").iterdir()) == [], "cleaned up"


def asked(served: ServedProcess, name: str) -> float:
    text = served.request("/metrics")[2].decode()
    return sum(float(found) for found in re.findall(rf"^{name}\S* (\S+)$", text, re.MULTILINE))


def cpu(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def test_two_workers_answer_and_count_as_one(served: ServedProcess) -> None:
    assert len(served.workers()) == 2
    before = asked(served, "footnoted_answers_total")
    spent = {pid: cpu(pid) for pid in served.workers()}
    clients = Clients(served.port, QUESTIONS, 8)
    clients.start()
    served.until(
        lambda: all(cpu(pid) > used + 0.1 for pid, used in spent.items()) or clients.load.failed
    )
    load = clients.stop()
    assert load.failed == []
    assert load.turned_away == 0
    # Both worked, and whoever is asked tells what both have counted, each time.
    for _ in range(4):
        assert asked(served, "footnoted_answers_total") - before == len(load.ms)


def test_the_index_is_mapped_once_for_both(served: ServedProcess) -> None:
    mapped = [
        {row.path for row in psutil.Process(pid).memory_maps() if "/generations/" in row.path}
        for pid in served.workers()
    ]
    assert mapped[0]
    assert mapped[0] == mapped[1]


def test_a_killed_worker_takes_only_its_own_requests(served: ServedProcess) -> None:
    clients = Clients(served.port, QUESTIONS, 6)
    clients.start()
    served.until(lambda: len(clients.load.ms) > 10)
    victim = served.workers()[0]
    os.kill(victim, signal.SIGKILL)
    answered = len(clients.load.ms)
    served.until(lambda: len(clients.load.ms) > answered + 20)
    served.until(lambda: len(served.workers()) == 2 and victim not in served.workers())
    answered = len(clients.load.ms)
    served.until(lambda: len(clients.load.ms) > answered + 20)
    load = clients.stop()
    # A client has one request under way: at most those that the victim held are lost, once each.
    assert len(load.failed) <= 6
    assert all(failure.startswith("no reply: ") for failure in load.failed), load.failed
    assert load.turned_away == 0
    assert any("died: signal SIGKILL" in line for line in served.log)
    before = asked(served, "footnoted_answers_total")
    assert before >= len(load.ms), "what the dead one counted is still counted"
    assert served.get("/readyz") == (200, {"status": "ready"})


def test_when_the_parent_is_killed_nobody_stays(commands, light: Path, tmp_path: Path) -> None:
    with ServedProcess(commands, light, tmp_path, "--workers", 2) as served:
        workers = [psutil.Process(pid) for pid in served.workers()]
        (left,) = (tmp_path / "metrics").iterdir()
        served.process.kill()
        served.process.wait(10)
        gone, alive = psutil.wait_procs(workers, timeout=20)
        assert (len(gone), alive) == (2, [])
    settings = {"rate_limit": "3"}
    with ServedProcess(commands, light, tmp_path, "--workers", 2, **settings) as served:
        assert not left.exists(), "who comes next cleans up"
        told: list[int] = []
        clients = [
            threading.Thread(target=lambda: told.append(served.request(ASK)[0])) for _ in range(9)
        ]
        for client in clients:
            client.start()
        for client in clients:
            client.join(30)
        assert sorted(told) == [200] * 3 + [429] * 6, "one limit for both workers"
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(20) == 130
        time.sleep(0.1)
        assert any("Interrupted" in line for line in served.log)


def test_a_worker_that_cannot_start_ends_the_server_with_its_reason(
    commands, tmp_path: Path
) -> None:
    done = commands.process(
        *("serve", "--corpus", "nowhere", "--port", "0", "--workers", "2"),
        FOOTNOTED_STATE_DIR=str(tmp_path),
    )
    assert done.code == 2
    assert "nowhere" in done.err
    assert "→" in done.err, "with what to do next"
    assert "Traceback" not in done.err
