"""Wheel and source distribution, installed into empty folders: they answer there, offline."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from footnoted import Client

# Read by every Python that finds it: no connection leaves the process without a word of it. A
# server asks what its own address is.
NO_NETWORK = """
import socket
def refuse(self, address, *rest):
    raise AssertionError(f"connected to {address!r}")
found = socket.getaddrinfo
def look_up(host, *rest, **named):
    return found(host, *rest, **named) if host == "127.0.0.1" else refuse(None, host)
socket.socket.connect = socket.socket.connect_ex = refuse
socket.getaddrinfo = look_up
"""


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's files; the libraries come from the environment of the tests."""
    return _install(wheel, tmp_path_factory.mktemp("installed"))


@pytest.fixture(scope="module")
def installed_from_source(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same from the source distribution, which is built of the tree of the wheel."""
    tree = wheel.parents[1]
    command = [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", "dist"]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    (found,) = (tree / "dist").glob("*.tar.gz")
    return _install(found, tmp_path_factory.mktemp("from-source"))


def _install(distribution: Path, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--no-compile"]
    done = subprocess.run(
        [*command, "--no-build-isolation", "--quiet", "--target", folder, distribution],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (folder / "sitecustomize.py").write_text(NO_NETWORK)
    return folder


def environment_of(commands: Any, installed: Path, folder: Path) -> dict[str, str]:
    dead = "http://127.0.0.1:9"
    environment: dict[str, str] = commands.environment(
        PYTHONPATH=str(installed),
        HTTP_PROXY=dead,
        HTTPS_PROXY=dead,
        PYTHONDONTWRITEBYTECODE="1",
        FOOTNOTED_STATE_DIR=str(folder.parent / f"{folder.name}-state"),
    )
    environment.pop("HF_HUB_OFFLINE", None)
    return environment


def run(commands: Any, installed: Path, folder: Path, *command: str) -> Any:
    return subprocess.run(
        command,
        cwd=folder,
        env=environment_of(commands, installed, folder),
        capture_output=True,
        text=True,
        check=False,
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


def _files(folder: Path) -> set[str]:
    kept = (folder / "footnoted").rglob("*")
    return {str(path.relative_to(folder)) for path in kept if path.is_file()}


def test_the_source_distribution_holds_what_the_wheel_holds(
    commands, installed, installed_from_source, tmp_path
):
    assert _files(installed_from_source) == _files(installed)
    question = "How many US soldiers were killed in Jordan on 28 January 2024?"
    script = str(installed_from_source / "bin" / "footnoted")
    asking = (commands, installed_from_source, tmp_path, sys.executable, script, "ask", question)
    done = run(*asking, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["statements"][0]["span"] == "three"
    assert list(tmp_path.iterdir()) == []


def test_its_other_commands_are_there(commands, installed, tmp_path):
    program = (commands, installed, tmp_path, sys.executable, "-m", "footnoted")
    exported = run(*program, "export", "--format", "ris")
    assert exported.returncode == 0, exported.stderr
    assert exported.stdout.count("TY  - ") == 13
    added = run(*program, "keys", "add", "reading-room", "--json")
    assert added.returncode == 0, added.stderr
    assert json.loads(added.stdout)["scope"] == "read"
    assert run(*program, "notes", "--help").returncode == 0
    asked = {"jsonrpc": "2.0", "id": 1, "method": "initialize"}
    asked["params"] = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    }
    spoken = subprocess.run(
        [sys.executable, "-m", "footnoted", "mcp"],
        cwd=tmp_path,
        env=environment_of(commands, installed, tmp_path),
        input=json.dumps(asked) + "\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert json.loads(spoken.stdout.splitlines()[0])["result"]["serverInfo"], spoken.stderr


def test_it_serves_its_page_and_its_api(commands, installed, tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "footnoted", "serve", "--port", "0"],
        cwd=tmp_path,
        env=environment_of(commands, installed, tmp_path),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        address = next(m[0] for m in (re.search(r"http://\S+:\d+", line) for line in lines) if m)
        with Client(address) as client:
            assert client.ask("How many US soldiers were killed in Jordan?")["status"] == "answered"
        with urllib.request.urlopen(address, timeout=30) as page:
            body = page.read().decode("utf-8")
        styles = re.findall(r'(?:href|src)="(/static/[^"]+)"', body)
        assert styles
        for path in styles:
            with urllib.request.urlopen(address + path, timeout=30) as asset:
                assert asset.status == 200
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
