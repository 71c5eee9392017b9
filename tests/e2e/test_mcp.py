"""MCP between processes: `footnoted mcp` on its pipes, two workers on one socket, the page."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from tests.documented_examples import PRINTED, examples

PAGE = "mcp.md"
QUESTION = "When was it lit for the first time?"
WORKER = """
import os, socket, sys
import uvicorn
from footnoted import Assistant
from footnoted.service.app import create_app

listener = socket.socket(fileno=int(sys.argv[1]))
with Assistant.open(sys.argv[2]) as assistant:
    assistant.load()
    app = create_app({"light": assistant})

    async def marked(scope, receive, send):
        async def send_marked(message):
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-worker", str(os.getpid()).encode())]
            await send(message)

        await app(scope, receive, send_marked if scope["type"] == "http" else send)

    print("ready", flush=True)
    uvicorn.Server(uvicorn.Config(marked, log_level="warning")).run(sockets=[listener])
"""


def environment(commands) -> dict[str, str]:
    """That of ``footnoted`` without its reader, which takes a while to load."""
    state = str(commands.folder / "state")
    return commands.environment(FOOTNOTED_STATE_DIR=state, FOOTNOTED_READER="off")


@pytest.fixture(scope="module")
def on_pipes(commands, light) -> StdioServerParameters:
    """How a client starts the server of the lighthouse's corpus."""
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "footnoted", "mcp", "--corpus", str(light)],
        env=environment(commands),
        cwd=commands.folder,
    )


def test_a_client_starts_asks_and_ends_it(on_pipes, capfd):
    async def talk() -> Any:
        async with Client(on_pipes, mode="legacy") as client:
            found = await client.call_tool("search", {"query": QUESTION})
            best = found.structured_content["results"][0]
            fetched = await client.call_tool("fetch", {"id": best["id"]})
            answers = await asyncio.gather(
                *(client.call_tool("ask", {"question": QUESTION}) for _ in range(4))
            )
            refused = await client.call_tool("ask", {"question": "Who rules Brazil?"})
            missing = await client.call_tool("fetch", {"id": "light:0"})
            return best, fetched, answers, refused, missing

    best, fetched, answers, refused, missing = asyncio.run(talk())
    assert best["id"].startswith("light:")
    assert best["url"].startswith("urn:footnoted:citation:light:")
    assert fetched.structured_content["title"] == best["title"]
    assert [a.structured_content["status"] for a in answers] == ["answered"] * 4
    answer = answers[0].structured_content
    assert "1888" in answer["statements"][0]["text"]
    assert answer["citations"][0]["quote"]
    assert refused.structured_content["status"] == "refused"
    assert (refused.is_error, missing.is_error) == (False, True)
    assert "Traceback" not in capfd.readouterr().err


def test_nothing_but_messages_is_on_standard_output_and_ctrl_c_ends_it(commands, light):
    start = {"protocolVersion": "2025-06-18", "capabilities": {}}
    start["clientInfo"] = {"name": "test", "version": "1"}
    call = {"name": "ask", "arguments": {"question": QUESTION}}
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": start},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        "this is no message",
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call},
    ]
    lines = "".join(f"{m if isinstance(m, str) else json.dumps(m)}\n" for m in messages)
    with subprocess.Popen(
        [sys.executable, "-m", "footnoted", "mcp", "-c", str(light)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment(commands),
        # What a shell starts in the background is deaf to Ctrl+C, and children inherit it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(lines)
        process.stdin.flush()
        got: dict[Any, Any] = {}
        while 2 not in got:
            message = json.loads(process.stdout.readline())
            assert message["jsonrpc"] == "2.0"
            got[message.get("id")] = message
        # Its standard input is still open, and a thread of it waits there.
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == -signal.SIGINT
        out, err = process.communicate()
    assert out == ""
    assert "Traceback" not in err
    assert got[1]["result"]["serverInfo"]["name"] == "footnoted"
    assert got[2]["result"]["structuredContent"]["status"] == "answered"


def test_a_corpus_that_is_not_there_is_said_before_anything_is_served(commands):
    done = commands("mcp", "--corpus", "nowhere")
    assert (done.code, done.out) == (2, "")
    assert "nowhere" in done.err


@pytest.fixture(scope="module")
def workers(commands, light) -> Iterator[str]:
    """The address of two processes that answer on one socket."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", WORKER, str(listener.fileno()), str(light)],
                stdout=subprocess.PIPE,
                text=True,
                env=environment(commands),
                pass_fds=[listener.fileno()],
            )
            for _ in range(2)
        ]
        try:
            for process in processes:
                assert process.stdout is not None
                assert process.stdout.readline() == "ready\n"
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.communicate(timeout=20)


def post(address: str, method: str, params: Any, host: str | None = None) -> tuple[int, str, Any]:
    """Status, worker and body of one request on a connection of its own."""
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if host is not None:
        headers["Host"] = host
    request = urllib.request.Request(f"{address}/mcp", json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.headers["x-worker"], json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["x-worker"], json.load(error)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_either_of_two_workers_answers_any_request(workers, mode):
    async def talk() -> list[str]:
        async with Client(f"{workers}/mcp", mode=mode) as client:
            calls = (client.call_tool("ask", {"question": QUESTION}) for _ in range(6))
            return [
                r.structured_content["statements"][0]["text"] for r in await asyncio.gather(*calls)
            ]

    first, *others = asyncio.run(talk())
    assert "1888" in first
    assert set(others) == {first}
    seen: set[str] = set()
    deadline = time.monotonic() + 20
    while len(seen) < 2 and time.monotonic() < deadline:
        status, worker, body = post(workers, "tools/call", {"name": "sources", "arguments": {}})
        assert (status, body["result"]["isError"]) == (200, False)
        seen.add(worker)
    assert len(seen) == 2


def test_a_foreign_host_is_misdirected_by_a_worker(workers):
    status, _, problem = post(workers, "tools/list", {}, host="evil.example")
    assert (status, problem["title"]) == (421, "Misdirected Request")


def test_the_pages_example_over_http(workers, capsys):
    code = examples(PAGE, "python")[1].replace(PRINTED, workers)
    code = code.replace("How many US soldiers were killed in Jordan on 28 January 2024?", QUESTION)
    assert QUESTION in code
    exec(code, {})
    statement, citation, *_ = capsys.readouterr().out.splitlines()
    assert "1888" in statement
    assert statement.endswith("[1]")
    assert citation.startswith("1 Grennock Light ")


def test_the_pages_example_with_a_process_of_its_own(tmp_path, capsys, monkeypatch):
    (tmp_path / "footnoted").write_text(f'#!/bin/sh\nexec {sys.executable} -m footnoted "$@"\n')
    (tmp_path / "footnoted").chmod(0o755)
    # The SDK hands a server only the variables that every program needs: HOME leads to the cache.
    cache = Path(os.environ.get("FOOTNOTED_CACHE_DIR") or Path.home() / ".cache" / "footnoted")
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "footnoted").symlink_to(cache)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    exec(examples(PAGE, "python")[0], {})
    assert "Jordan" in capsys.readouterr().out


def test_the_pages_configurations_name_what_there_is(workers):
    started, reached = (json.loads(text)["mcpServers"] for text in examples(PAGE, "json"))
    assert started["footnoted"] == {"command": "footnoted", "args": ["mcp", "--corpus", "default"]}
    assert reached["footnoted"]["url"] == f"{PRINTED}/mcp"
    (command,) = examples(PAGE, "sh")
    done = subprocess.run(
        ["bash", "-c", command.replace(PRINTED, workers).replace("curl ", "curl -s ")],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert json.loads(done.stdout)["result"]["structuredContent"]["results"]
