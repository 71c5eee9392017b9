"""Every error is a problem document (RFC 9457) that tells what, where and what next."""

from __future__ import annotations

import json
import logging

import pytest
from fastapi.testclient import TestClient

from footnoted import errors
from footnoted.service.app import create_app
from footnoted.service.problems import MEDIA_TYPE

JSON = {"Content-Type": "application/json"}


def problem_of(response, status):
    assert response.status_code == status
    assert response.headers["Content-Type"] == MEDIA_TYPE
    document = response.json()
    assert document["status"] == status
    assert document["detail"]
    assert document["instance"] == response.request.url.path
    return document


def subclasses(kind):
    yield kind
    for child in kind.__subclasses__():
        yield from subclasses(child)


@pytest.mark.parametrize("kind", list(subclasses(errors.FootnotedError)), ids=lambda k: k.__name__)
def test_each_of_our_errors_keeps_its_status_and_words(standin, kind):
    class Failing(standin):
        def sources(self):
            raise kind("It went wrong.", about="thing", hint="Do that.")

    client = TestClient(create_app({"town": Failing()}), base_url="http://localhost")
    document = problem_of(client.get("/v1/sources"), kind.http_status)
    assert document == errors.problem(kind("It went wrong.", about="thing", hint="Do that.")) | {
        "instance": "/v1/sources"
    }


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({}, "question", "required"),
        ({"question": 5}, "question", "string"),
        ({"question": "x", "k": 0}, "k", "greater than or equal to 1"),
        ({"question": "x", "k": "many"}, "k", "integer"),
        ({"question": "x", "only": "web"}, "only", "'article' or 'sources'"),
        ({"question": "x", "depth": 3}, "depth", "not permitted"),
    ],
)
def test_an_invalid_body_is_named_field_by_field(client, body, field, words):
    document = problem_of(client.post("/v1/ask", json=body), 422)
    assert document["type"] == "urn:footnoted:problem:invalid-request"
    (entry,) = document["errors"]
    assert (entry["in"], entry["field"]) == ("body", field)
    assert words in entry["problem"]
    assert f"{field}: " in document["detail"]


@pytest.mark.parametrize(
    ("body", "headers", "words"),
    [
        (b"{not json", JSON, "not JSON"),
        (b"", JSON, "required"),
        (b"[1]", JSON, "JSON object"),
        (b'{"question": "x"}', {"Content-Type": "text/plain"}, "application/json"),
        (b'{"question": "\\ud800"}', JSON, "Unicode"),
        (b'{"question": "x", "corpus": "\\udfff"}', JSON, "Unicode"),
        (b'{"question": "x", "\\udfff": 1}', JSON, "unicode"),
    ],
)
def test_a_body_that_is_no_request_is_told_so(client, body, headers, words):
    document = problem_of(client.post("/v1/ask", content=body, headers=headers), 422)
    assert words in document["detail"]


@pytest.mark.parametrize("body", [b"\xff\xfe{", b"[" * 60_000])
def test_a_body_that_no_parser_takes_is_a_problem_too(client, body):
    problem_of(client.post("/v1/ask", content=body, headers=JSON), 400)


def test_an_invalid_parameter_is_named(client):
    (missing,) = problem_of(client.get("/v1/search"), 422)["errors"]
    assert missing == {"in": "query", "field": "q", "problem": "Field required"}
    (wrong,) = problem_of(client.get("/v1/search?q=x&k=101"), 422)["errors"]
    assert wrong["field"] == "k"


def test_unknown_routes_and_methods(client):
    for path in ("/nowhere", "/v1", "/v1/ask/", "/static/../app.py", "/static/app.py"):
        assert problem_of(client.get(path), 404)["title"] == "Not Found"
    response = client.delete("/v1/ask")
    assert problem_of(response, 405)["detail"].endswith("only GET, POST.")
    assert response.headers["Allow"] == "GET, POST"
    assert client.post("/").headers["Allow"] == "GET, HEAD"


def test_an_unexpected_error_tells_nothing_and_is_logged_with_its_id(client, caplog):
    with caplog.at_level(logging.ERROR, logger="footnoted.service.problems"):
        response = client.get("/v1/ask?q=crash", headers={"X-Request-Id": "find-me"})
    document = problem_of(response, 500)
    assert "secret" not in json.dumps(document)
    assert "RuntimeError" not in response.text
    assert "find-me" in document["hint"]
    (record,) = [r for r in caplog.records if r.name == "footnoted.service.problems"]
    assert "find-me" in record.getMessage()
    assert record.exc_info[0] is RuntimeError


def test_a_failure_of_the_server_is_logged_and_one_of_the_caller_is_not(standin, caplog):
    class Broken(standin):
        def sources(self):
            raise errors.IndexBroken("The index is damaged.")

    client = TestClient(create_app({"town": Broken()}), base_url="http://localhost")
    with caplog.at_level(logging.ERROR, logger="footnoted.service.problems"):
        client.get("/v1/sources", headers={"X-Request-Id": "broken-1"})
        client.get("/v1/passages/none", headers={"X-Request-Id": "caller-1"})
    assert "broken-1" in caplog.text
    assert "caller-1" not in caplog.text
