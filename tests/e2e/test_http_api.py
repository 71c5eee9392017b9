"""The HTTP API of `footnoted serve`, as a program that knows only HTTP uses it."""

from __future__ import annotations

import http.client
import json
import re
import signal
from collections.abc import Iterator
from contextlib import closing
from typing import Any, NamedTuple

import pytest

QUESTION = "Who designed the bridge?"


class Got(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


class Server(NamedTuple):
    port: int

    def get(self, path: str, **headers: str) -> Got:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as asked:
            asked.request("GET", path, headers=named)
            response = asked.getresponse()
            return Got(response.status, response.headers, response.read())


@pytest.fixture(scope="module")
def server(commands, bridge, tmp_path_factory) -> Iterator[Server]:
    process = commands.start(
        *("serve", "--corpus", bridge.folder, "--port", "0", "--fast"),
        FOOTNOTED_STATE_DIR=str(tmp_path_factory.mktemp("state")),
    )
    assert process.stderr is not None
    found = None
    while found is None:
        line = process.stderr.readline()
        assert line, "the server ended"
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
    yield Server(int(found[1]))
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert "Traceback" not in err


def test_an_answer_comes_as_events_that_end_with_the_document(server: Server) -> None:
    path = "/v1/ask?q=Who%20designed%20the%20bridge%3F"
    streamed = server.get(path, Accept="text/event-stream")
    assert streamed.headers["Content-Type"].startswith("text/event-stream")
    blocks = [b.split("\n") for b in streamed.body.decode().split("\n\n") if b]
    assert [block[0] for block in blocks] == [
        "event: passages",
        "event: statements",
        "event: answer",
    ]
    answer = json.loads(blocks[-1][2].removeprefix("data: "))
    whole = server.get(path).document
    assert answer | {"timings_ms": {}} == whole | {"timings_ms": {}}


def test_every_citation_counts_in_the_answer_and_in_the_capture(server: Server) -> None:
    answer = server.get("/v1/ask?q=Who%20designed%20the%20bridge%3F").document
    assert answer["status"] == "answered"
    for citation in answer["citations"]:
        at = slice(citation["answer_start"], citation["answer_end"])
        if citation["answer_start"] is not None:
            assert answer["answer"][at] == citation["quote"]
    checked = 0
    for citation in (p["citation"] for p in answer["passages"]):
        assert (citation["answer_start"], citation["answer_end"]) == (None, None)
        got = server.get(f"/v1/captures/{citation['capture_sha256']}")
        assert (got.status, got.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
        text = got.body.decode()
        assert text[citation["start"] : citation["end"]] == citation["quote"]
        checked += 1
    assert checked


def test_documents_are_kept_until_the_corpus_changes(server: Server) -> None:
    first = server.get("/v1/sources")
    tag = first.headers["ETag"]
    again = server.get("/v1/sources", If_None_Match=tag)
    assert (again.status, again.body) == (304, b"")
    reference = next(
        row["reference_id"] for row in first.document["references"] if row["label"] == "2"
    )
    source = server.get(f"/v1/sources/{reference}")
    assert source.document["history"][0]["access"] == source.document["access"]
    assert source.document["captures"][0]["sha256"]
    compressed = server.get("/v1/sources", Accept_Encoding="gzip")
    assert compressed.headers["Content-Encoding"] == "gzip"
    assert compressed.headers["ETag"] == tag
    assert len(compressed.body) < len(first.body)


def test_the_bibliography_is_that_of_the_command(server: Server, commands, bridge) -> None:
    printed = commands("export", "--corpus", bridge.folder, "--format", "bibtex")
    served = server.get("/v1/export?format=bibtex")
    assert served.body.decode() == printed.out
    assert served.headers["Content-Disposition"] == 'attachment; filename="references.bib"'
    assert server.get("/v1/export?format=endnote").status == 422
    assert server.get("/v1/export?citation=x").status == 404
