"""The MCP server over HTTP: a real client on a real server, methods, hosts, origins."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from mcp import Client
from mcp.shared.exceptions import MCPError
from tests.loopback_server import listening

from footnoted.service.app import create_app
from footnoted.settings import Settings

MODERN, LEGACY = "auto", "legacy"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("state")


@pytest.fixture
def app(standin, folder):
    settings = Settings(state_dir=folder, cors_origins="https://chat.example")
    return create_app({"town": standin(), "other": standin(damaged=True)}, settings=settings)


@pytest.fixture
def address(app) -> Iterator[str]:
    with listening(app) as found:
        yield found


@pytest.fixture
def client(app) -> Iterator[TestClient]:
    """A client within the application's lifespan, for requests that no MCP client sends."""
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as opened:
        yield opened


def rpc(client, method="tools/list", params=None, **headers):
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}}
    sent = {"Content-Type": "application/json", "Accept": "application/json", **headers}
    return client.post("/mcp", content=json.dumps(body), headers=sent)


@pytest.mark.parametrize("mode", [MODERN, LEGACY])
def test_a_real_client_lists_and_calls_the_tools(address, mode):
    async def talk():
        async with Client(f"{address}/mcp", mode=mode) as client:
            offered = (await client.list_tools()).tools
            found = await client.call_tool("search", {"query": "bridge"})
            fetched = await client.call_tool("fetch", {"id": "town:p1"})
            answer = await client.call_tool("ask", {"question": "When did the bridge fall?"})
            missing = await client.call_tool("fetch", {"id": "town:p2"})
            wrong = await client.call_tool("search", {"querry": "x"})
            crash = await client.call_tool("ask", {"question": "crash"})
            with pytest.raises(MCPError, match="only search, fetch, ask, sources"):
                await client.call_tool("delete_all", {})
            return client, offered, found, fetched, answer, (missing, wrong, crash)

    _client, offered, found, fetched, answer, failures = asyncio.run(talk())
    assert [tool.name for tool in offered] == ["search", "fetch", "ask", "sources"]
    for tool in offered:
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint is True
        assert tool.title
        assert len(tool.description or "") > 80
        assert tool.output_schema
        assert tool.output_schema["type"] == "object"
        assert all("description" in p for p in tool.input_schema["properties"].values())
    assert offered[0].input_schema["required"] == ["query"]
    assert offered[1].input_schema["required"] == ["id"]
    for result in (found, fetched, answer):
        assert result.is_error is False
        (block,) = result.content
        assert json.loads(block.text) == result.structured_content
    assert [row["id"] for row in found.structured_content["results"]] == ["town:p1", "other:p1"]
    assert fetched.structured_content["text"].startswith("A town on a river.")
    link = answer.structured_content["citations"][1]["url"]
    assert link.startswith(f"{address}/shared?c=")
    assert [result.is_error for result in failures] == [True] * 3
    texts = [result.content[0].text for result in failures]
    assert texts[0] == "No passage has the id p2."
    assert texts[1].startswith("query: Field required; querry: Extra inputs are not permitted.")
    assert "secret" not in texts[2]
    assert "Traceback" not in "".join(texts)


@pytest.mark.parametrize("mode", [MODERN, LEGACY])
def test_only_tools_are_offered_and_no_handler_is_added_to_the_log(address, mode):
    async def capabilities():
        async with Client(f"{address}/mcp", mode=mode) as client:
            return client.server_capabilities, client.instructions

    before = list(logging.getLogger().handlers)
    offered, instructions = asyncio.run(capabilities())
    assert offered.tools is not None
    assert (offered.prompts, offered.resources) == (None, None)
    assert "never followed" in instructions
    assert logging.getLogger().handlers == before


def test_errors_say_what_to_do_next(client):
    result = rpc(client, "tools/call", {"name": "sources", "arguments": {"corpus": "lost"}}).json()
    assert result["result"]["isError"] is True
    text = result["result"]["content"][0]["text"]
    assert text == "No corpus named lost is served here. Served here: town, other."


def test_it_answers_at_exactly_mcp_and_only_to_post(client):
    assert rpc(client).status_code == 200
    for path in ("/mcp/", "/mcp/mcp", "/MCP"):
        assert client.post(path, json={}, follow_redirects=False).status_code == 404
    for method in ("GET", "DELETE", "PUT"):
        response = client.request(method, "/mcp", headers={"Accept": "text/event-stream"})
        assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert "mcp-session-id" not in rpc(client, "ping").headers


def test_a_foreign_host_is_misdirected_and_a_foreign_page_forbidden(client):
    assert rpc(client, Host="evil.example").status_code == 421
    assert rpc(client, Host="evil.example", Origin="http://evil.example").status_code == 421
    for origin in ("http://evil.example", "null", "http://localhost:9", "https://localhost.evil"):
        assert rpc(client, Origin=origin).status_code == 403, origin
    for origin in ("http://localhost", "https://chat.example"):
        assert rpc(client, Origin=origin).status_code == 200, origin


def test_broken_messages_end_in_a_status_and_never_in_a_fault(client):
    note = b'{"jsonrpc": "2.0", "method": "notifications/initialized"}'
    no_method = b'{"jsonrpc": "2.0", "id": 1}'
    bodies = {b"": 400, b"{": 400, b"[" * 60_000: 400, b"[]": 400, no_method: 400, note: 202}
    bodies[b"x" * 70_000] = 413
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    for version in (None, "2025-06-18", "2026-07-28", "1999-01-01"):
        named = headers if version is None else {**headers, "MCP-Protocol-Version": version}
        for body, status in bodies.items():
            response = client.post("/mcp", content=body, headers=named)
            # A version that nobody knows is the first thing that is wrong.
            expected = 400 if (version, status) == ("1999-01-01", 202) else status
            assert response.status_code == expected, (version, body[:60])
            assert "Traceback" not in response.text


def test_unknown_methods_and_hostile_arguments_are_answered(client):
    assert rpc(client, "resources/list").json()["error"]["code"] == -32601
    for arguments in ({"query": {"a": 1}}, {"query": ["x"] * 1_000}, {"query": None}):
        result = rpc(client, "tools/call", {"name": "search", "arguments": arguments}).json()
        assert result["result"]["isError"] is True
        assert len(result["result"]["content"][0]["text"]) < 400
    surrogate = {"name": "search", "arguments": {"query": "a \ud800"}}
    refused = rpc(client, "tools/call", surrogate)
    assert refused.status_code == 400 or refused.json()["result"]["isError"] is True


def test_many_at_once_each_get_their_own_answer(client):
    def ask(number):
        body = {"name": "fetch", "arguments": {"id": f"town:x{number}"}}
        return rpc(client, "tools/call", body).json()["result"]["content"][0]["text"]

    with ThreadPoolExecutor(8) as pool:
        texts = list(pool.map(ask, range(40)))
    assert texts == [f"No passage has the id x{number}." for number in range(40)]


def test_the_application_can_be_started_again(app):
    for _ in range(2):
        with TestClient(app, base_url="http://localhost") as client:
            assert rpc(client).status_code == 200
    stopped = rpc(TestClient(app, base_url="http://localhost"))
    assert (stopped.status_code, stopped.headers["retry-after"]) == (503, "1")


def test_the_sdk_is_not_loaded_before_it_serves():
    code = "import footnoted.service.app, footnoted.cli.main, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "fastapi" in loaded
    assert not loaded & {"mcp", "mcp_types"}


def test_a_server_loads_the_sdk_for_the_first_request_and_not_before():
    script = """
import sys
from fastapi.testclient import TestClient
from footnoted.service.app import create_app
from footnoted.settings import Settings
with TestClient(create_app({}, settings=Settings()), base_url="http://localhost") as client:
    client.get("/healthz")
    print("mcp" in sys.modules)
    sent = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    both = [client.post("/mcp", json=sent, headers={"Accept": "application/json"}) for _ in "ab"]
    print("mcp" in sys.modules, *(response.status_code for response in both))
"""
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.splitlines() == ["False", "True 200 200"], run.stderr
