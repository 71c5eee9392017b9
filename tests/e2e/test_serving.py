"""One server process: its log, its limits and its end, as an operator meets them."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.served_process import ServedProcess

ASK = "/v1/ask?q=When+was+it+lit+for+the+first+time%3F"


@pytest.fixture
def served(commands, light: Path, tmp_path: Path) -> Iterator[ServedProcess]:
    settings = {"log_format": "json", "log_level": "info", "drain_seconds": "2", "waiting": "2"}
    with ServedProcess(commands, light, tmp_path, **settings) as process:
        yield process


def test_all_that_is_logged_is_json_and_sigterm_ends_in_order(served: ServedProcess) -> None:
    assert served.get(ASK, X_Request_Id="first")[0] == 200
    told: list[int] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            told.append(served.request(ASK)[0])

    client = threading.Thread(target=ask, daemon=True)
    assert served.request("/readyz")[0] == 200
    served.process.send_signal(signal.SIGTERM)
    served.until(lambda: served.request("/readyz")[0] == 503, 1.5)
    assert served.request("/healthz")[0] == 200
    client.start()
    time.sleep(0.5)
    stop.set()
    client.join(10)
    assert told
    assert set(told) == {200}, "not ready any more, and still answering"
    assert served.process.wait(20) == 0
    served.until(lambda: not served._reader.is_alive())
    lines = [json.loads(line) for line in served.log]
    assert any("Footnoted answers at" in line["message"] for line in lines)
    assert any(line["logger"] == "uvicorn.error" for line in lines)
    (first,) = [line for line in lines if line.get("request") == "first"]
    assert (first["route"], first["status"], first["corpus"]) == ("/v1/ask", 200, "light")
    assert "lit for" not in "".join(served.log).lower().replace("+", " ")


def test_overload_is_503_with_retry_after_at_once(served: ServedProcess) -> None:
    """Thirty-two clients, at most four at work and two in line: most are turned away."""
    statuses: list[tuple[int, str | None, float]] = []

    def ask(n: int) -> None:
        for turn in range(4):
            began = time.monotonic()
            asked = {"question": f"How tall is the tower in year {n} of keeper {turn}?"}
            status, headers, _ = served.request("/v1/ask", asked)
            statuses.append((status, headers["Retry-After"], time.monotonic() - began))

    clients = [threading.Thread(target=ask, args=(n,), daemon=True) for n in range(32)]
    for client in clients:
        client.start()
    assert served.request("/healthz")[0] == 200
    assert served.request("/readyz")[0] == 200
    for client in clients:
        client.join(60)
    answered = [s for s in statuses if s[0] == 200]
    away = [s for s in statuses if s[0] == 503]
    assert len(answered) + len(away) == len(statuses) == 128
    assert answered
    assert away
    assert all(after is not None and int(after) >= 1 for _, after, _ in away)
    metrics = served.request("/metrics")[2].decode()
    assert f'footnoted_turned_away_total{{why="overloaded"}} {len(away)}.0' in metrics
    assert served.request(ASK)[0] == 200, "and when they are gone, it answers as before"


def test_a_state_folder_that_is_a_file_is_said(commands, light: Path, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    done = commands.process(
        *("serve", "--corpus", light, "--port", "0", "--workers", "2"),
        FOOTNOTED_STATE_DIR=str(file),
    )
    assert done.code == 2
    assert "cannot be the state folder" in done.err
    assert "Traceback" not in done.err
