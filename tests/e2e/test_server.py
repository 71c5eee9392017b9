"""`footnoted serve` as a process: the address that it prints is ready, and Ctrl+C ends it."""

from __future__ import annotations

import json
import re
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def address(commands, light, bridge) -> Iterator[str]:
    """The address of a server of two corpora; at the end it is interrupted, as by Ctrl+C."""
    process = commands.start("serve", "--corpus", light, "-c", bridge.folder, "--port", "0")
    assert process.stderr is not None
    lines: list[str] = []
    found = None
    while found is None:
        line = process.stderr.readline()
        assert line, f"the server ended: {lines}"
        lines.append(line)
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
    yield found[0]
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "Interrupted" in err
    assert out == ""


def get(url: str, data: dict[str, Any] | None = None) -> tuple[int, Any]:
    request = urllib.request.Request(url, headers={"Content-Type": "application/json"})
    body = json.dumps(data).encode() if data is not None else None
    try:
        with urllib.request.urlopen(request, body, timeout=30) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_the_printed_address_answers_at_once(address):
    status, answer = get(f"{address}/v1/ask", {"question": "When was it lit for the first time?"})
    assert status == 200
    assert answer["status"] == "answered"
    assert "1888" in answer["answer"]
    assert answer["corpus"]["article"]["title"] == "Grennock Light"


def test_each_corpus_is_served_by_its_name(address, commands, bridge):
    question = "Who designed the bridge?"
    status, served = get(f"{address}/v1/ask", {"question": question, "corpus": "bridge"})
    assert status == 200
    printed = commands("ask", question, "--corpus", bridge.folder, "--json").document
    for document in (served, printed):
        document.pop("timings_ms")
    assert served == printed


def test_errors_are_problem_documents(address):
    status, problem = get(f"{address}/v1/ask", {"question": "?", "corpus": "light"})
    assert status == 422
    assert problem["type"] == "urn:footnoted:problem:question-error"
    status, problem = get(f"{address}/v1/ask", {"question": "Who?", "corpus": "nowhere"})
    assert status == 404
    assert problem["about"] == "nowhere"
    status, problem = get(f"{address}/v1/ask", {"question": "a \ud800"})
    assert status == 422


def test_a_port_in_use_and_a_foreign_address(commands, light):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = commands.process("serve", "--corpus", light, "--port", port)
    assert done.code == 2
    assert f"127.0.0.1:{port} cannot be listened on" in done.err
    assert "Traceback" not in done.err
    assert commands("serve", "--corpus", "nowhere").code == 2
