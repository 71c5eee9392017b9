"""The application as a server: its envelope, its limits and its probes, over real connections."""

from __future__ import annotations

import http.client
import json
import threading
import time
from contextlib import closing

import pytest
import uvicorn
from fastapi.testclient import TestClient

from footnoted.errors import UsageError
from footnoted.service.app import create_app
from footnoted.service.envelope import MAX_BODY

PATHS = [
    ("/", 200),
    ("/?q=bridge", 200),
    ("/?q=", 422),
    ("/v1/ask?q=bridge", 200),
    ("/v1/ask", 422),
    ("/v1/ask?q=crash", 500),
    ("/nowhere", 404),
    ("/healthz", 200),
    ("/docs", 200),
    ("/openapi.json", 200),
]


@pytest.fixture
def port(standin):
    """The port of a real server on loopback that answers from the in-memory corpus."""
    config = uvicorn.Config(create_app({"town": standin()}), port=0, log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()


def send(port, method, path, body=None, headers=(), *, chunked=False):
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request(method, path, body, dict(headers), encode_chunked=chunked)
        response = connection.getresponse()
        return response.status, response.headers, response.read()


@pytest.mark.parametrize(("path", "status"), PATHS)
def test_every_response_has_an_id_and_the_security_headers(client, path, status):
    response = client.get(path)
    assert response.status_code == status
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response.headers["Cache-Control"] == "no-store"
    assert len(response.headers["X-Request-Id"]) == 32


def test_request_ids_differ_and_a_plain_one_of_the_caller_is_kept(client):
    ids = {client.get("/healthz").headers["X-Request-Id"] for _ in range(5)}
    assert len(ids) == 5
    kept = client.get("/healthz", headers={"X-Request-Id": "abc-123"})
    assert kept.headers["X-Request-Id"] == "abc-123"
    for hostile in ("a b", "x" * 65, "<script>", ""):
        answer = client.get("/healthz", headers={"X-Request-Id": hostile})
        assert answer.headers["X-Request-Id"] != hostile


@pytest.mark.parametrize("path", ["/", "/v1/corpora", "/docs", "/nowhere"])
@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "evil@localhost"])
def test_foreign_host_names_are_refused(client, path, host):
    response = client.get(path, headers={"Host": host})
    assert response.status_code == 421
    assert response.json()["status"] == 421
    assert response.headers["X-Request-Id"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1:8321", "[::1]:8321"])
def test_the_names_of_this_machine_are_answered(client, host):
    assert client.get("/v1/corpora", headers={"Host": host}).status_code == 200


def test_probes_pass_under_any_host_name(client):
    for path in ("/healthz", "/readyz"):
        assert client.get(path, headers={"Host": "10.0.0.7:8321"}).status_code == 200


def test_allowed_hosts_replaces_the_default(standin):
    app = create_app({"town": standin()}, allowed_hosts=["Notes.example"])
    named = TestClient(app, base_url="http://notes.example:8321")
    assert named.get("/v1/corpora").status_code == 200
    assert named.get("/v1/corpora", headers={"Host": "localhost"}).status_code == 421
    anyone = TestClient(create_app({"town": standin()}, allowed_hosts=["*"]))
    assert anyone.get("/v1/corpora", headers={"Host": "any.example"}).status_code == 200


def test_ready_only_with_corpora_that_can_be_asked(standin):
    def probe(corpora, path):
        return TestClient(create_app(corpora), base_url="http://localhost").get(path)

    assert probe({"town": standin()}, "/readyz").json() == {"status": "ready"}
    empty = probe({}, "/readyz")
    assert (empty.status_code, empty.json()["detail"]) == (503, "No corpus is loaded.")
    unready = probe({"town": standin(), "new": standin(damaged=True)}, "/readyz")
    assert (unready.status_code, unready.json()["about"]) == (503, "new")
    assert "No space left for the index." in unready.json()["detail"]
    assert unready.json()["hint"] == "Free some space."
    assert probe({}, "/healthz").json() == {"status": "ok"}


def test_a_default_that_is_not_served_is_a_mistake(standin):
    with pytest.raises(UsageError, match="elsewhere"):
        create_app({"town": standin()}, default="elsewhere")


def test_a_body_too_large_is_refused_announced_or_chunked(port):
    body = json.dumps({"question": "x" * MAX_BODY}).encode()
    headers = {"Content-Type": "application/json"}
    pieces = (body[i : i + 4096] for i in range(0, len(body), 4096))
    announced = send(port, "POST", "/v1/ask", body, headers)
    chunked = send(
        port,
        "POST",
        "/v1/ask",
        pieces,
        headers.items() | {("Transfer-Encoding", "chunked")},
        chunked=True,
    )
    for status, received, text in (announced, chunked):
        assert status == 413
        assert received["Content-Type"] == "application/problem+json"
        assert json.loads(text)["detail"] == "The body exceeds 64 kB."


def test_a_body_of_just_the_limit_is_read(port):
    frame = len(json.dumps({"question": ""}))
    body = json.dumps({"question": "bridge".ljust(MAX_BODY - frame, "!")}).encode()
    assert len(body) == MAX_BODY
    status, _, text = send(port, "POST", "/v1/ask", body, {"Content-Type": "application/json"})
    assert (status, json.loads(text)["status"]) == (200, "answered")


def test_a_crash_is_a_problem_over_a_real_connection_and_the_server_lives_on(port):
    status, headers, text = send(port, "GET", "/v1/ask?q=crash")
    assert (status, headers["Content-Type"]) == (500, "application/problem+json")
    assert b"secret" not in text
    assert headers["X-Request-Id"] in json.loads(text)["hint"]
    assert send(port, "GET", "/healthz")[0] == 200
