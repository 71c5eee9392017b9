"""What operators are told of requests: one line each, and numbers, and never the question."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from footnoted.service.app import create_app
from footnoted.service.operations.keys import Keys
from footnoted.service.operations.logs import configure, notices
from footnoted.settings import Settings

SECRET = "Who paid the bridge-keeper Zanzibarqux?"


@pytest.fixture
def client(standin, tmp_path: Path) -> TestClient:
    app = create_app({"town": standin()}, settings=Settings(state_dir=tmp_path, log_level="info"))
    return TestClient(app, base_url="http://localhost", raise_server_exceptions=False)


@pytest.fixture
def log(capsys) -> Iterator[Callable[[], str]]:
    """What was logged since last asked; the configuration of logging is put back."""
    loggers = [logging.getLogger(name) for name in ("", "footnoted", "uvicorn")]
    before = [(one, one.level, one.handlers[:]) for one in loggers]
    yield lambda: capsys.readouterr().err
    logging.captureWarnings(False)
    for one, level, handlers in before:
        one.setLevel(level)
        one.handlers[:] = handlers


def numbers(client: TestClient) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    text = client.get("/metrics").text
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_request_is_one_line_with_its_facts(client, log, tmp_path: Path) -> None:
    configure("json", "info")
    key = Keys(tmp_path).add("ana", "read")
    headers = {"Authorization": f"Bearer {key}", "X-Request-Id": "r-1"}
    client.post("/v1/ask", json={"question": SECRET}, headers=headers)
    client.get("/v1/ask", params={"q": "Zanzibarqux?"}, headers={"X-Request-Id": "r-2"})
    client.get("/v1/passages/zanzibarqux", headers={"X-Request-Id": "r-3"})
    client.get("/Zanzibarqux", headers={"X-Request-Id": "r-4"})
    written = log()
    lines = [json.loads(line) for line in written.splitlines()]
    found = [
        tuple(
            line.get(name)
            for name in ("method", "route", "status", "request", "corpus", "outcome", "key")
        )
        for line in lines
        if line["logger"] == "footnoted.requests"
    ]
    assert found == [
        ("POST", "/v1/ask", 200, "r-1", "town", "answered", "ana"),
        ("GET", "/v1/ask", 200, "r-2", "town", "not_in_corpus", None),
        ("GET", "/v1/passages/{passage_id}", 404, "r-3", "town", None, None),
        ("GET", "none", 404, "r-4", None, None, None),
    ]
    assert all(line["level"] == "info" and line["ms"] > 0 for line in lines)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z", line["time"]) for line in lines)
    assert "zanzibarqux" not in written.lower()
    assert key not in written


def test_a_crash_is_logged_with_its_trace_and_counted_as_500(client, log) -> None:
    configure("text", "info")
    client.get("/v1/ask?q=crash", headers={"X-Request-Id": "r-9"})
    text = log()
    assert re.search(
        r"info request method=GET route=/v1/ask status=500 ms=[\d.]+ request=r-9", text
    )
    assert re.search(r"^\S+ error request r-9: GET /v1/ask failed\nTraceback", text, re.MULTILINE)
    labels = (("method", "GET"), ("route", "/v1/ask"), ("status", "500"))
    assert numbers(client)["footnoted_requests_total", labels] == 1


def test_the_level_and_the_form_are_kept_to_by_everything(client, log) -> None:
    configure("json", "warning")
    client.get("/healthz")
    assert log() == ""
    logging.getLogger("uvicorn.error").warning("Cancel %d tasks", 3)
    logging.getLogger("somebody.else").warning("careful")
    logging.getLogger("somebody.else").info("chatter")
    notices("json", pytest.fail)("Footnoted answers at http://127.0.0.1:8321/")
    lines = [json.loads(line) for line in log().splitlines()]
    assert [(line["logger"], line["level"], line["message"]) for line in lines] == [
        ("uvicorn.error", "warning", "Cancel 3 tasks"),
        ("somebody.else", "warning", "careful"),
        ("footnoted", "info", "Footnoted answers at http://127.0.0.1:8321/"),
    ]


def test_what_a_client_sends_forges_no_line(log) -> None:
    configure("text", "info")
    logging.getLogger("footnoted.x").error("failed: /a\n2026 info forged \x1b[2J\u202e")
    written = log()
    assert written.count("\n") == 1
    assert r"/a\u000a2026 info forged \u001b[2J\u202e" in written


def test_answers_refusals_stages_and_what_is_in_use_are_counted(client) -> None:
    client.get("/v1/ask?q=bridge")
    client.get("/v1/ask?q=elsewhere")
    client.post("/v1/ask", json={"question": "bridge"}, headers={"Accept": "text/event-stream"})
    client.get("/", params={"q": "Zanzibarqux bridge"})
    client.get("/v1/passages/Zanzibarqux")
    found = numbers(client)
    town = ("corpus", "town")
    assert found["footnoted_answers_total", (town, ("status", "answered"))] == 3
    assert found["footnoted_answers_total", (town, ("status", "refused"))] == 1
    assert found["footnoted_refusals_total", (town, ("reason", "not_in_corpus"))] == 1
    assert found["footnoted_request_seconds_count", (("route", "/v1/ask"),)] == 3
    assert any(name == "footnoted_stage_seconds_count" for name, _ in found)
    assert found["footnoted_sources", (("access", "fetched"), town)] == 1
    assert found["footnoted_sources", (("access", "dead"), town)] == 1
    assert found["footnoted_corpus_healthy", (town,)] == 1
    generation = (town, ("generation", ""), ("revision", "r1"))
    assert found["footnoted_generation_info", generation] == 1
    assert not any("Zanzibarqux" in str(labels) for labels in found)


def test_labels_stay_few_whatever_is_asked(client) -> None:
    for n in range(30):
        client.get(f"/nowhere/{n}")
        client.get(f"/v1/passages/{n}")
        client.request(f"X{n}", "/v1/ask")
    requests = [labels for name, labels in numbers(client) if name == "footnoted_requests_total"]
    assert len(requests) <= 4, requests
    assert {dict(labels)["method"] for labels in requests} == {"GET", "other"}
