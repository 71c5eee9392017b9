"""The wheel, installed into an empty folder: it answers there, and asks nothing of the network."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

# Read by every Python that finds it: no connection leaves the process without a word of it.
NO_NETWORK = """
import socket
def refuse(self, address, *rest):
    raise AssertionError(f"connected to {address!r}")
socket.socket.connect = socket.socket.connect_ex = refuse
socket.getaddrinfo = lambda host, *rest, **named: refuse(None, host)
"""


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's files; the libraries come from the environment of the tests."""
    folder = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--no-compile"]
    done = subprocess.run(
        [*command, "--quiet", "--target", folder, wheel],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (folder / "sitecustomize.py").write_text(NO_NETWORK)
    return folder


def run(commands: Any, installed: Path, folder: Path, *command: str) -> Any:
    dead = "http://127.0.0.1:9"
    environment = commands.environment(
        PYTHONPATH=str(installed), HTTP_PROXY=dead, HTTPS_PROXY=dead, PYTHONDONTWRITEBYTECODE="1"
    )
    environment.pop("HF_HUB_OFFLINE", None)
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_it_answers_from_the_default_corpus_in_an_empty_folder(commands, installed, tmp_path):
    script = str(installed / "bin" / "footnoted")
    question = "How many US soldiers were killed in Jordan on 28 January 2024?"
    done = run(commands, installed, tmp_path, sys.executable, script, "ask", question, "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert "three" in answer["answer"].lower()
    labels = {r["label"] for c in answer["citations"] for r in c["references"]}
    assert labels >= {"7", "8", "9", "10", "11"}
    assert list(tmp_path.iterdir()) == []


def test_it_is_the_wheel_that_runs(commands, installed, tmp_path):
    code = "import footnoted.ingest.locations as l; print(l.PACKAGED, l.packaged_names())"
    done = run(commands, installed, tmp_path, sys.executable, "-c", code)
    assert done.returncode == 0, done.stderr
    packaged = installed / "footnoted" / "ingest" / "packaged"
    assert done.stdout == f"{packaged} ['default', 'example']\n"
    module = run(commands, installed, tmp_path, sys.executable, "-m", "footnoted", "verify")
    assert module.returncode == 0, module.stderr
    assert "Everything holds." in module.stdout


def test_it_measures_itself_and_writes_its_report(commands, installed, tmp_path):
    report = tmp_path / "report.html"
    done = run(
        *(commands, installed, tmp_path, sys.executable, "-m", "footnoted"),
        *("eval", "example", "--html", str(report), "--json"),
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["gates"]
    assert "<svg" in report.read_text("utf-8")


def test_its_types_are_for_everybody(installed):
    assert (installed / "footnoted" / "py.typed").is_file()
    assert not (installed / "footnoted" / "ingest").is_symlink()
