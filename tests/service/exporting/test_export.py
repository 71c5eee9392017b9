"""What is exported of a corpus: every reference, or the works that an answer quotes."""

from __future__ import annotations

import json
from collections.abc import Iterator

import bibtexparser
import pytest
import rispy

from footnoted import Assistant
from footnoted.domain import Span
from footnoted.errors import NotFound, UsageError
from footnoted.ids import citation_id
from footnoted.service.exporting.bibliography import MOST_CITATIONS

QUESTION = "How many US soldiers were killed in Jordan on 28 January 2024?"


@pytest.fixture(scope="module")
def assistant() -> Iterator[Assistant]:
    with Assistant.open("default") as opened:
        yield opened


def test_every_reference_is_exported_in_every_format(assistant: Assistant) -> None:
    references = assistant.sources()["references"]
    works = json.loads(assistant.export())
    assert [work["id"] for work in works] == [r["reference_id"] for r in references]
    for work, reference in zip(works, references, strict=True):
        assert work["title"]
        assert work["type"]
        assert work["citation-label"] == reference["label"]
        assert work.get("URL", reference["url"]) == (
            reference["csl"].get("URL") or reference["url"]
        )
    library = bibtexparser.parse_string(assistant.export("bibtex"))
    assert not library.failed_blocks
    assert [entry.key.rpartition("-")[2] for entry in library.entries] == [w["id"] for w in works]
    assert [record["id"] for record in rispy.loads(assistant.export("ris"))] == [
        work["id"] for work in works
    ]
    lines = assistant.export("markdown").splitlines()
    assert len(lines) == len(works)
    assert lines[0].startswith(f"1. **{references[0]['label']}** ")


def test_the_works_that_an_answer_quotes_with_their_quotes(assistant: Assistant) -> None:
    answer = assistant.ask(QUESTION)
    ids = [citation["citation_id"] for citation in answer["citations"]]
    works = json.loads(assistant.export(citations=ids))
    assert assistant.export(question=QUESTION) == assistant.export(citations=ids)
    article = works[0]
    assert article["type"] == "entry-encyclopedia"
    assert article["title"] == answer["citations"][0]["title"]
    assert answer["citations"][0]["quote"] in article["note"]
    assert ids[0] in article["note"]
    assert "Licence: https://creativecommons.org/licenses/by-sa/4.0/." in article["note"]


def test_a_work_quoted_twice_stands_there_once(assistant: Assistant) -> None:
    document = next(d for d in assistant.corpus.documents.values() if d.reference_ids)
    ids = [
        citation_id(document.document_id, document.text_sha256, Span(start, start + 5))
        for start in (0, 10, 0)
    ]
    (work,) = json.loads(assistant.export(citations=ids))
    assert work["id"] == document.reference_ids[0]
    assert work["note"].count("Quoted:") == 2


def test_what_cannot_be_exported(assistant: Assistant) -> None:
    with pytest.raises(NotFound, match="not a citation id"):
        assistant.export(citations=["x"])
    with pytest.raises(NotFound, match="refused"):
        assistant.export(question="Who is the president of Brazil?")
    with pytest.raises(UsageError, match="cannot both"):
        assistant.export(question=QUESTION, citations=["x"])
    with pytest.raises(UsageError, match="at most 100"):
        assistant.export(citations=["x"] * (MOST_CITATIONS + 1))
    document = next(iter(assistant.corpus.documents.values()))
    beyond = citation_id(document.document_id, document.text_sha256, Span(0, 10**9))
    with pytest.raises(NotFound, match="means no words"):
        assistant.export(citations=[beyond])
