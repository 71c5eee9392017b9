"""Asking a chat endpoint: what is sent, what is read, and what a misbehaving server can do."""

from __future__ import annotations

import asyncio
import json
import logging
import time

import pytest
from tests.chat_server import DONE, STREAM_HEAD, chatting, data, event, head

from footnoted.errors import FetchError, UsageError
from footnoted.service.writing import endpoint as endpoints
from footnoted.service.writing.endpoint import MOST_BYTES, ChatEndpoint

KEY = "sk-s3cret-0123456789"
ASK = [{"role": "user", "content": "Say it."}]


@pytest.fixture
def chat():
    with chatting() as server:
        yield server


def endpoint(chat, seconds=5.0, key=KEY):
    return ChatEndpoint(chat.url, "small", key, seconds)


def fails(chat, *words, seconds=5.0, key=KEY):
    """The error of asking, which holds these words, ends in time, and never shows the key."""
    began = time.monotonic()
    with pytest.raises(FetchError) as caught:
        endpoint(chat, seconds, key).complete(ASK)
    assert time.monotonic() - began < seconds + 2
    error = caught.value
    for word in words:
        assert word in str(error)
    assert chat.url in str(error)
    assert error.about == chat.url
    assert error.hint
    assert KEY not in f"{error} {error.hint}"
    return error


def test_a_streamed_answer_is_put_together(chat):
    chat.says("The bridge fell in 1931. [1] سقط الجسر.")
    assert endpoint(chat).complete(ASK) == "The bridge fell in 1931. [1] سقط الجسر."


def test_a_whole_answer_is_read_too(chat):
    chat.says_at_once("The bridge fell. [1]")
    assert endpoint(chat).complete(ASK) == "The bridge fell. [1]"


def test_thoughts_are_left_out(chat):
    chat.says("<think>It fell. [1]</think>\n\nIt was rebuilt. [2]")
    assert endpoint(chat).complete(ASK) == "It was rebuilt. [2]"
    chat.plays.clear()
    chat.says("<think>It fell. [1]")
    assert endpoint(chat).complete(ASK) == ""


def test_only_what_is_needed_is_sent(chat, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "other-key")
    monkeypatch.setenv("OPENAI_ORG_ID", "org")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Mine: 1\nAuthorization: Bearer other")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    chat.says("Yes.")
    endpoint(chat).complete(ASK)
    (asked,) = chat.asked
    assert asked.path == "/v1/chat/completions"
    assert asked.headers == {
        "host": f"127.0.0.1:{chat.port}",
        "content-type": "application/json",
        "content-length": asked.headers["content-length"],
        "accept-encoding": "identity",
        "user-agent": "Footnoted",
        "authorization": f"Bearer {KEY}",
    }
    assert asked.body == {
        "model": "small",
        "messages": ASK,
        "temperature": 0,
        "max_tokens": 2048,
        "stream": True,
    }


def test_without_a_key_none_is_sent(chat, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "other-key")
    chat.says("Yes.")
    endpoint(chat, key="").complete(ASK)
    assert "authorization" not in chat.asked[0].headers


def test_the_key_is_never_shown_nor_logged(chat, caplog):
    caplog.set_level(logging.DEBUG)
    chat.refuses("401 Unauthorized", f"Incorrect API key provided: {KEY}.")
    error = fails(chat, "does not accept the key", "401")
    assert "***" in str(error.hint)
    assert "FOOTNOTED_LLM_KEY" in str(error.hint)
    assert KEY not in repr(endpoint(chat))
    assert KEY not in caplog.text
    assert len(chat.asked) == 1


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("403 Forbidden", "does not accept the key"),
        ("404 Not Found", "knows no model small"),
        ("400 Bad Request", "refuses the request"),
        ("413 Content Too Large", "refuses the request"),
    ],
)
def test_a_refusal_is_not_repeated(chat, status, words):
    chat.refuses(status, "\x1b[2J evil \u202e words")
    error = fails(chat, words, status[:3])
    assert "evil words" in str(error.hint)
    assert "evil" not in str(error)
    assert error.hint.isprintable()
    assert len(chat.asked) == 1


@pytest.mark.parametrize(
    ("status", "words"),
    [("429 Too Many Requests", "no more requests"), ("500 Oops", "failed"), ("503 No", "failed")],
)
def test_a_failure_is_tried_once_more(chat, status, words):
    chat.refuses(status, "x" * 100_000, Retry_After_Ms="1")
    error = fails(chat, words, status[:3])
    assert len(error.hint) < 400
    assert len(chat.asked) == 2
    chat.plays[:0] = chat.plays  # one more failure, and then
    chat.plays.pop()
    chat.says("Well.")
    assert endpoint(chat).complete(ASK) == "Well."


def test_a_long_wait_before_the_second_try_ends_with_our_own(chat):
    chat.refuses("429 Too Many Requests", Retry_After="50")
    fails(chat, "was not done within 0.5 seconds", seconds=0.5)


@pytest.mark.parametrize(
    "status", ["302 Found", "307 Temporary Redirect", "308 Permanent Redirect"]
)
def test_the_key_goes_to_no_other_place(chat, status):
    with chatting() as other:
        other.says("Stolen.")
        location = f"{other.url}/chat/completions"
        chat.raw(head(status, {"Location": location, "Content-Length": "0"}))
        fails(chat, "sends on to another address", status[:3])
        assert other.asked == []


WORDLESS = "does not speak the chat completions protocol"


@pytest.mark.parametrize(
    ("play", "words"),
    [
        (lambda c: c.sends(b'{"choices": [{"mess'), WORDLESS),
        (lambda c: c.sends(b"[" * 100_000), WORDLESS),
        (lambda c: c.sends(b'{"choices": 5}'), WORDLESS),
        (lambda c: c.sends(b'{"choices": [{"message": {"content": ["a"]}}]}'), WORDLESS),
        (lambda c: c.sends(b"<html>Welcome", Content_Type="text/html"), WORDLESS),
        (lambda c: c.sends(b"\xff\xfe"), WORDLESS),
        (lambda c: c.raw(STREAM_HEAD, b"data: {no json}\n\n"), WORDLESS),
        (lambda c: c.raw(STREAM_HEAD, b"data: \xff\n\n"), WORDLESS),
        (lambda c: c.raw(STREAM_HEAD, b"data: " + b"[" * 100_000 + b"\n\n"), WORDLESS),
        (lambda c: c.raw(STREAM_HEAD, data({"error": {"message": "evil"}})), "broke off"),
        (lambda c: c.raw(b"SSH-2.0-OpenSSH_9.2\r\n"), "not HTTP"),
        (lambda c: c.raw(b""), "not HTTP"),
        (lambda c: c.sends(b"{}", Content_Length="100"), "hung up"),
        (lambda c: c.sends(b"\x1f\x8b", Content_Encoding="gzip"), "packs its answers"),
        (lambda c: c.raw(head("200 OK", {"X": "x" * 300_000})), "not HTTP"),
        (lambda c: c.endless(b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n" * 1000), "not HTTP"),
    ],
)
def test_what_is_not_the_protocol(chat, play, words):
    play(chat)
    error = fails(chat, words)
    assert "evil" not in str(error)


@pytest.mark.parametrize(
    "chunk",
    [
        *(5, [], None, "word", {"choices": 5}, {"choices": [5]}, {"choices": []}),
        *({"choices": [{"delta": {"content": value}}]} for value in (5, ["a"], {"a": 1}, None)),
    ],
)
def test_odd_chunks_say_nothing(chat, chunk):
    chat.raw(STREAM_HEAD, b": keep-alive\n\n", data(chunk), event("Yes."), DONE)
    assert endpoint(chat).complete(ASK) == "Yes."


def test_tool_calls_say_nothing(chat):
    call = [{"index": 0, "id": "1", "function": {"name": "rm", "arguments": "{}"}}]
    chat.raw(STREAM_HEAD, event(None, tool_calls=call), DONE)
    assert endpoint(chat).complete(ASK) == ""
    chat.plays.clear()
    chat.says_at_once(None, tool_calls=call)
    assert endpoint(chat).complete(ASK) == ""
    assert all("tools" not in asked.body for asked in chat.asked)


@pytest.mark.parametrize(
    ("start", "part"),
    [
        (STREAM_HEAD, event("word " * 20)),
        (STREAM_HEAD, event("") * 100),
        (STREAM_HEAD, b"x" * 10_000),
        (STREAM_HEAD, b":\n" * 1000),
        (head("200 OK", {"Content-Type": "application/json"}), b" " * 10_000),
        (head("400 Bad Request", {}), b" " * 10_000),
    ],
)
def test_endless_answers_end(chat, start, part):
    chat.endless(start, part)
    fails(chat, "sent more than any answer needs")


def test_a_long_whole_answer_is_refused(chat):
    chat.says_at_once("word " * 10_000)
    fails(chat, "sent more than any answer needs")
    assert MOST_BYTES > 50_000


@pytest.mark.parametrize(
    ("start", "part"),
    [
        (b"", b""),
        (b"HTTP/1.1 200 OK\r\n", b"X: 1\r\n"),
        (STREAM_HEAD, event("a")),
        (STREAM_HEAD, b":\n\n"),
    ],
)
def test_slow_answers_end(chat, start, part):
    chat.endless(start, part, pause=0.1)
    fails(chat, "was not done within 0.6 seconds", seconds=0.6)


def test_nobody_there_is_said_so(chat):
    gone = ChatEndpoint("http://127.0.0.1:9/v1", "small", KEY, 5.0)
    with pytest.raises(FetchError, match="cannot be reached") as caught:
        gone.complete(ASK)
    assert "FOOTNOTED_LLM_URL" in str(caught.value.hint)
    nowhere = ChatEndpoint("http://nowhere.invalid/v1", "small", KEY, 5.0)
    with pytest.raises(FetchError, match=r"cannot be reached|was not done"):
        nowhere.complete(ASK)


def test_a_check_costs_one_token_and_tells_what_is_wrong(chat):
    chat.says("Yes")
    endpoint(chat).check()
    assert chat.asked[0].body["max_tokens"] == 1
    chat.plays.clear()
    chat.refuses("404 Not Found", "model small not found")
    with pytest.raises(FetchError, match="knows no model small") as caught:
        endpoint(chat).check()
    assert "FOOTNOTED_LLM_MODEL" in str(caught.value.hint)


def test_it_works_inside_an_event_loop_too(chat):
    chat.says("Yes.")

    async def notebook():
        return endpoint(chat).complete(ASK)

    assert asyncio.run(notebook()) == "Yes."


@pytest.mark.parametrize(
    "url",
    [
        *("localhost:11434/v1", "ftp://x/v1", "http://", "http://[::1/v1", "http://x:99999/v1"),
        *("http://x/v1?a=1", "http://x/v1#a", "http://x y/v1", "http://x\n/v1"),
        "http://u:s3cret@x/v1",
    ],
)
def test_a_wrong_address_is_refused_at_once(url):
    with pytest.raises(UsageError) as caught:
        ChatEndpoint.of(url, "small", "", 5.0)
    assert caught.value.about == "llm_url"
    assert "s3cret" not in f"{caught.value} {caught.value.hint}"


def test_what_is_missing_is_named():
    with pytest.raises(UsageError, match="No chat endpoint is set"):
        ChatEndpoint.of("", "small", "", 5.0)
    with pytest.raises(UsageError, match="No model is named"):
        ChatEndpoint.of("http://x/v1", "", "", 5.0)
    for key in ("with space", "line\nend", "ключ"):
        with pytest.raises(UsageError, match="characters that no key can have") as caught:
            ChatEndpoint.of("http://x/v1", "small", key, 5.0)
        assert key not in str(caught.value)
    assert ChatEndpoint.of("http://x/v1/chat/completions/", "m", "", 5.0).url == "http://x/v1"


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(endpoints, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match="openai") as caught:
        ChatEndpoint.of("http://x/v1", "small", "", 5.0)
    assert caught.value.hint == "Install it with: pip install 'footnoted[llm]'"


def test_the_stand_in_speaks_json():
    assert json.loads(event("a").removeprefix(b"data: "))["choices"][0]["delta"] == {"content": "a"}
