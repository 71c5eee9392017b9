"""The compatible routes over HTTP: what clients send, what they get, and how errors reach them."""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient

from footnoted.service.app import create_app
from footnoted.service.chat import schemas
from footnoted.settings import Settings

QUESTION = "When did the bridge fall?"
ASKED = {"messages": [{"role": "user", "content": QUESTION}]}
CHAT = "/v1/chat/completions"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def recorder(standin):
    """An in-memory corpus that remembers what it was asked."""

    class Recorder(standin):
        def __init__(self):
            super().__init__()
            self.calls = []

        def ask(self, question, k=None, only=None, reference=None, **more):
            self.calls.append((question, k, only, reference, more))
            return super().ask(question, k, only, reference)

    return Recorder()


def events(response):
    lines = [line for line in response.text.split("\n") if line]
    assert all(line.startswith("data: ") for line in lines)
    assert lines.pop() == "data: [DONE]"
    return [json.loads(line.removeprefix("data: ")) for line in lines]


def test_a_completion_is_what_openapi_describes_and_holds_the_answer_document(client):
    response = client.post(CHAT, json=ASKED, headers={"X-Request-Id": "mine"})
    assert response.status_code == 200
    completion = response.json()
    schemas.Completion.model_validate(completion, strict=True)
    direct = client.post("/v1/ask", json={"question": QUESTION}).json()
    assert completion["footnoted"] == direct
    assert completion["id"] == "chatcmpl-mine"
    assert completion["system_fingerprint"] == "g1"
    assert completion["choices"][0]["finish_reason"] == "stop"
    content = completion["choices"][0]["message"]["content"]
    assert completion["usage"] == {
        "prompt_tokens": 7,
        "completion_tokens": -(-len(content.encode()) // 4),
        "total_tokens": 7 + -(-len(content.encode()) // 4),
    }


def test_a_stream_says_the_same_in_pieces(client):
    whole = client.post(CHAT, json=ASKED).json()
    streamed = client.post(CHAT, json=ASKED | {"stream": True})
    assert streamed.headers["content-type"].startswith("text/event-stream")
    chunks = events(streamed)
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    assert deltas[0]["role"] == "assistant"
    message = whole["choices"][0]["message"]
    assert "".join(delta.get("content", "") for delta in deltas) == message["content"]
    assert len(deltas) > 4
    assert deltas[-1]["annotations"] == message["annotations"]
    finished = [chunk["choices"][0]["finish_reason"] for chunk in chunks]
    assert finished == [None] * (len(chunks) - 1) + ["stop"]
    assert chunks[-1]["footnoted"] == whole["footnoted"]
    assert all("usage" not in chunk for chunk in chunks)


def test_a_stream_counts_where_that_is_asked(client):
    options = {"stream": True, "stream_options": {"include_usage": True}}
    *chunks, last = events(client.post(CHAT, json=ASKED | options))
    assert last["choices"] == []
    assert last["usage"] == client.post(CHAT, json=ASKED).json()["usage"]
    assert {chunk["usage"] for chunk in chunks} == {None}


def test_a_refusal_is_a_message(client):
    body = {"messages": [{"role": "user", "content": "Who rules Brazil?"}]}
    completion = client.post(CHAT, json=body).json()
    message = completion["choices"][0]["message"]
    assert message["content"].startswith("No answer: ")
    assert (message["refusal"], message["annotations"]) == (None, [])
    assert completion["choices"][0]["finish_reason"] == "stop"
    assert completion["footnoted"]["reason"] == "not_in_corpus"


def test_history_model_and_extension_reach_the_corpus(standin, recorder):
    app = create_app({"town": standin(), "other": recorder})
    body = {
        "model": "footnoted/other",
        "messages": [
            {"role": "system", "content": "Say that the bridge never fell."},
            {"role": "user", "content": "Who?"},
            {"role": "assistant", "content": "Nobody."},
            {"role": "user", "content": [{"type": "text", "text": QUESTION}]},
        ],
        "temperature": 2,
        "max_tokens": 1,
        "tools": [{"type": "function", "function": {"name": "f"}}],
        "stream": None,
        "footnoted": {"k": 3, "only": "sources", "reference": "7", "language": "ar"},
    }
    response = TestClient(app, base_url="http://localhost").post(CHAT, json=body)
    assert response.json()["model"] == "footnoted/other"
    more = {"history": ("Who?",), "language": "ar"}
    assert recorder.calls == [(QUESTION, 3, "sources", "7", more)]


def test_models_are_the_corpora(client):
    listed = client.get("/v1/models").json()
    schemas.Models.model_validate(listed, strict=True)
    assert [row["id"] for row in listed["data"]] == ["footnoted", "footnoted/other"]
    assert {row["name"] for row in listed["data"]} == {"Footnoted: A town"}
    assert client.get("/v1/models/footnoted/other").json() == listed["data"][1]
    assert client.get("/v1/models/footnoted%2Ftown").json()["id"] == "footnoted/town"
    for missing in ("gpt-4o", "footnoted/lost", "footnoted/"):
        error = client.get(f"/v1/models/{missing}").json()["error"]
        assert (error["code"], error["param"]) == ("model_not_found", "model")
        assert error["message"].endswith("Models: footnoted, footnoted/other.")


@pytest.mark.parametrize(
    ("changes", "status", "param", "code"),
    [
        ({"model": "gpt-4o"}, 404, "model", "model_not_found"),
        ({"messages": []}, 422, "messages", "invalid_request"),
        ({"messages": [{"role": "system", "content": "x"}]}, 400, "messages", "usage_error"),
        ({"messages": [{"role": "user", "content": " "}]}, 422, None, "question_error"),
        ({"messages": [{"role": "user", "content": "a \ud800"}]}, 422, None, "invalid_request"),
        ({"messages": "hello"}, 422, "messages", "invalid_request"),
        ({"n": 2}, 422, "n", "invalid_request"),
        ({"stream": "yes"}, 422, "stream", "invalid_request"),
        ({"tool_choice": "required"}, 422, "tool_choice", "invalid_request"),
        ({"response_format": {"type": "json_object"}}, 422, None, "invalid_request"),
        ({"footnoted": {"onyl": "x"}}, 422, "footnoted.onyl", "invalid_request"),
    ],
)
def test_errors_have_openais_shape(client, changes, status, param, code):
    response = client.post(CHAT, content=json.dumps(ASKED | changes), headers=JSON)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    schemas.ErrorDocument.model_validate(response.json(), strict=True)
    error = response.json()["error"]
    assert (error["type"], error["code"]) == ("invalid_request_error", code)
    if param is not None:
        assert error["param"] == param


def test_what_goes_wrong_around_the_route_has_that_shape_too(client):
    crash = {"messages": [{"role": "user", "content": "crash"}]}
    failed = client.post(CHAT, json=crash)
    assert (failed.status_code, failed.json()["error"]["type"]) == (500, "server_error")
    assert "secret" not in failed.text
    foreign = client.post(CHAT, json=ASKED, headers={"Host": "evil.example"})
    assert (foreign.status_code, foreign.json()["error"]["param"]) == (421, None)
    assert client.get(CHAT).json()["error"]["code"] == "method_not_allowed"
    broken = client.post(CHAT, content="{", headers=JSON).json()["error"]
    assert broken["message"].startswith("the body: not JSON")
    assert broken["param"] is None
    # Other routes keep their problem documents.
    assert client.post("/v1/ask", json={}).json()["status"] == 422


def test_a_long_conversation_fits_and_an_endless_one_does_not(client):
    earlier = [{"role": "assistant", "content": "word " * 2_000}] * 50
    body = {"messages": [*earlier, *ASKED["messages"]]}
    assert len(json.dumps(body)) > 400_000
    assert client.post(CHAT, json=body).status_code == 200
    refused = client.post(CHAT, content=b"x" * (1024 * 1024 + 1))
    assert refused.status_code == 413
    assert refused.json()["error"]["message"] == "The body exceeds 1024 kB."
    assert client.post("/v1/ask", content=b"x" * 65 * 1024).status_code == 413


def test_a_private_servers_keys_are_bearer_tokens(standin, tmp_path):
    settings = Settings(private=True, state_dir=tmp_path)
    app = create_app({"town": standin()}, settings=settings)
    refused = TestClient(app, base_url="http://localhost").post(CHAT, json=ASKED)
    assert refused.status_code == 401
    error = refused.json()["error"]
    assert (error["type"], error["code"]) == ("authentication_error", "invalid_api_key")


def test_addresses_begin_with_the_public_one(standin, tmp_path):
    settings = Settings(public_url="https://answers.example/", state_dir=tmp_path)
    client = TestClient(create_app({"town": standin()}, settings=settings), "http://localhost")
    annotations = client.post(CHAT, json=ASKED).json()["choices"][0]["message"]["annotations"]
    assert annotations[1]["url_citation"]["url"].startswith("https://answers.example/shared?c=")
