"""The JSON documents of the contract, key by key, as the commands print them."""

from __future__ import annotations

from typing import Any

import pytest

CITATION = {
    *("citation_id", "number", "kind", "label", "title", "authors", "publisher", "published"),
    *(
        "csl",
        "url",
        "archive_url",
        "fragment_url",
        "quote",
        "language",
        "direction",
        "page",
        "start",
        "end",
        "answer_start",
    ),
    *("answer_end", "document_id", "text_sha256", "capture_sha256", "captured_at", "access"),
    *("identity", "references"),
}
PASSAGE = {
    *("id", "rank", "score", "text", "document_id", "heading", "signals", "citation"),
    *("matches", "duplicates", "duplicate_of"),
}
SOURCE = {
    *("reference_id", "label", "group", "text", "csl", "url", "archive_url", "access"),
    *("identity", "reason", "document_id", "characters", "captured_at"),
}
FOOTNOTE = SOURCE - {"text", "reason", "characters", "captured_at"}
CORPUS = {"id", "name", "revision", "generation", "article"}


@pytest.fixture(scope="module")
def show(commands, bridge):
    def shown(*command: object) -> Any:
        return commands(*command, "--corpus", bridge.folder, "--json").document

    return shown


def check_passages(passages: list[dict[str, Any]]) -> None:
    assert passages
    for passage in passages:
        assert set(passage) == PASSAGE
        assert set(passage["signals"]) == {"dense", "bm25", "maxsim", "rerank"}
        assert set(passage["citation"]) == CITATION
        for footnote in passage["citation"]["references"]:
            assert set(footnote) == FOOTNOTE


def test_an_answer(show):
    document = show("ask", "Who designed the bridge?")
    assert set(document) == {
        *("question", "status", "reason", "confidence", "caveats", "answer", "statements"),
        *("citations", "passages", "coverage", "notes", "corpus", "timings_ms"),
    }
    assert set(document["coverage"]) == {"references", "readable", "digests"}
    assert set(document["corpus"]) == CORPUS
    assert set(document["corpus"]["article"]) == {"title", "url", "revision", "licence"}
    check_passages(document["passages"])
    for citation in document["citations"]:
        assert set(citation) == CITATION
    for statement in document["statements"]:
        assert set(statement) == {"text", "span", "citations", "corroboration"}
        counts = statement["corroboration"]
        assert set(counts) == {"cited", "readable", "supporting", "independent", "digests"}
        assert counts["cited"] >= counts["readable"]


def test_a_search(show):
    document = show("search", "the flood")
    assert set(document) == {"query", "passages", "citations", "notes", "corpus"}
    check_passages(document["passages"])
    assert document["citations"] == [p["citation"] for p in document["passages"]]


def test_the_sources_are_what_ingest_printed(show, bridge):
    document = show("sources")
    assert document["references"] == bridge.document["references"]
    assert document["counts"] == bridge.document["counts"]
    assert all(set(row) == SOURCE for row in document["references"])
    counts = document["counts"]
    assert (counts["references"], counts["readable"], counts["digests"]) == (12, 6, 2)
    assert sum(counts["access"].values()) == 12
    states = bridge.states
    for label in "124689":
        assert (states[label]["access"], states[label]["identity"]) == ("supplied", "unverified")
        assert states[label]["characters"] > 500
        assert states[label]["document_id"]
    assert (states["5"]["access"], states["5"]["identity"]) == ("supplied", "digest")
    assert (states["10"]["access"], states["10"]["document_id"]) == ("not_attempted", None)


def test_the_article(show):
    document = show("article")
    assert {"title", "url", "revision", "language", "licence", "text", "claims", "counts"} <= set(
        document
    )
    for claim in document["claims"]:
        assert {"id", "text", "start", "end", "markers", "reference_ids", "flags"} <= set(claim)
        if claim["label"] is None:
            assert document["text"][claim["start"] : claim["end"]] == claim["text"]
    known = {row["reference_id"] for row in show("sources")["references"]}
    assert {i for claim in document["claims"] for i in claim["reference_ids"]} <= known
    assert document["counts"]["claims"] == len(document["claims"])


def test_one_passage(show):
    passage_id = show("search", "the flood", "-k", 1)["passages"][0]["id"]
    document = show("passage", passage_id)
    assert {"id", "text", "before", "after", "document_id", "heading", "citation"} <= set(document)
    assert set(document["citation"]) == CITATION


def test_a_check(show):
    document = show("verify")
    assert document["ok"] is True
    for check in document["checks"]:
        assert {"name", "checked", "failed"} <= set(check)
