"""Citations: checked here from answer JSON and WARC alone, with nothing of ours but extract_text.

The first half is the independent check of quotes that the design asks for: it knows the JSON of
the contract, the WARC standard, and how a text is taken from a capture, and no other code of ours.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from warcio.archiveiterator import ArchiveIterator

from footnoted.ingest.extract import extract_text

PACKAGED = Path(__file__).parents[2] / "ingest" / "packaged"
QUESTIONS = {
    "default": (
        "How many US soldiers were killed in Jordan on 28 January 2024?",
        "Who leads the Islamic Resistance in Iraq?",
        "المقاومة الإسلامية في العراق",
        "Which militias may disarm?",
    ),
    "example": (
        "Who designed the bridge?",
        "When did the bridge open?",
        "كم يومًا قضى المهندس في البلدة؟",
        "What happened in the flood of 1931?",
        "How many rivets does it have?",
    ),
    "bridge": (
        "Who designed the bridge?",
        "How did the council vote in 1904?",
        "How many rivets were estimated?",
        "What was the toll for a motor-car?",
        "جسر سالوويك",
    ),
}


def citations_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every citation anywhere in a document."""
    if isinstance(value, dict):
        if "quote" in value and "citation_id" in value:
            yield value
        for inner in value.values():
            yield from citations_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from citations_in(inner)


def records_of(folder: Path) -> dict[str, list[tuple[bytes, str, str]]]:
    """The payload, media type and address of every record, by the payload's SHA-256."""
    found: dict[str, list[tuple[bytes, str, str]]] = {}
    for path in sorted(folder.glob("*.warc.gz")):
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                body = record.content_stream().read()
                media_type = (
                    record.http_headers.get_header("Content-Type")
                    if record.rec_type == "response"
                    else record.rec_headers.get_header("Content-Type")
                )
                address = record.rec_headers.get_header("WARC-Target-URI")
                entry = (body, media_type, address)
                found.setdefault(hashlib.sha256(body).hexdigest(), []).append(entry)
    return found


@pytest.fixture(scope="module")
def answers(commands, bridge) -> dict[str, list[dict[str, Any]]]:
    corpora = {"default": "default", "example": "example", "bridge": bridge.folder}
    found: dict[str, list[dict[str, Any]]] = {}
    for name, questions in QUESTIONS.items():
        for question in questions:
            asked = commands("ask", question, "--corpus", corpora[name], "-k", 20, "--json")
            searched = commands("search", question, "--corpus", corpora[name], "-k", 20, "--json")
            assert asked.code in (0, 3)
            found.setdefault(name, []).extend((asked.document, searched.document))
    return found


@pytest.fixture(scope="module")
def folders(bridge) -> dict[str, Path]:
    return {
        "default": PACKAGED / "default",
        "example": PACKAGED / "example",
        "bridge": bridge.folder,
    }


@pytest.mark.parametrize("corpus", QUESTIONS)
def test_every_quote_stands_in_its_capture(answers, folders, corpus):
    records = records_of(folders[corpus])
    texts: dict[tuple[str, str], str] = {}
    checked = 0
    for citation in citations_in(answers[corpus]):
        capture, text_sha256 = citation["capture_sha256"], citation["text_sha256"]
        assert capture in records, "the capture's bytes hash to its name"
        if (capture, text_sha256) not in texts:
            read = [
                extract_text(body, media_type, address)
                for body, media_type, address in records[capture]
            ]
            by_hash = {hashlib.sha256(text.encode()).hexdigest(): text for text in read}
            assert text_sha256 in by_hash
            texts[capture, text_sha256] = by_hash[text_sha256]
        text = texts[capture, text_sha256]
        assert text[citation["start"] : citation["end"]] == citation["quote"] != ""
        checked += 1
    assert checked > 50
    assert len(texts) >= {"default": 5, "example": 8, "bridge": 7}[corpus]


@pytest.mark.parametrize("corpus", QUESTIONS)
def test_no_words_without_a_citation(answers, corpus):
    statements = 0
    for document in answers[corpus]:
        for passage in document["passages"]:
            assert passage["citation"]["quote"] == passage["text"]
            assert passage["citation"]["document_id"] == passage["document_id"]
        if "status" not in document:
            continue
        by_number = {citation["number"]: citation for citation in document["citations"]}
        assert sorted(by_number) == list(range(1, len(by_number) + 1))
        for statement in document["statements"]:
            quotes = [by_number[number]["quote"] for number in statement["citations"]]
            assert statement["text"] in quotes
            assert statement["span"] is None or statement["span"] in statement["text"]
            statements += 1
        answer = document["answer"]
        assert answer == " ".join(s["text"] for s in document["statements"])
        for citation in document["citations"]:
            if citation["answer_start"] is not None:
                span = slice(citation["answer_start"], citation["answer_end"])
                assert answer[span] == citation["quote"]
    assert statements > 2


def test_a_citation_id_says_which_characters_it_means(answers, commands):
    for citation in citations_in(answers["example"]):
        document, prefix, span = citation["citation_id"].split(".")
        assert document == citation["document_id"]
        assert citation["text_sha256"].startswith(prefix)
        assert span == f"{citation['start']}-{citation['end']}"
    one = next(citations_in(answers["example"]))
    checked = commands("verify", one["citation_id"], "--corpus", "example", "--json").document
    assert checked["ok"] is True
    assert checked["status"] == "current"
    assert checked["quote"] == one["quote"]
    assert commands("verify", one["citation_id"], "--corpus", "default").code == 2


def test_an_article_sentence_carries_its_footnotes_read_or_not(answers, commands):
    claims = commands("article", "--corpus", "example", "--json").document["claims"]
    carried: list[list[str]] = []
    for citation in citations_in(answers["example"]):
        labels = [reference["label"] for reference in citation["references"]]
        if citation["kind"] != "article":
            assert labels == []
            assert citation["label"] is not None
            continue
        start, end = citation["start"], citation["end"]
        under = [c["markers"] for c in claims if c["start"] < end and start < c["end"]]
        assert labels == list(dict.fromkeys(label for markers in under for label in markers))
        carried.append(labels)
    assert any(len(labels) > 1 for labels in carried)
    assert [] in carried


def test_a_digest_is_never_the_sources_words(answers):
    by_kind: dict[tuple[str, str], int] = {}
    for citation in citations_in(answers["bridge"]):
        key = (citation["kind"], citation["identity"])
        by_kind[key] = by_kind.get(key, 0) + 1
        if "eleven to nine" in citation["quote"]:
            assert citation["identity"] == "digest"
    assert by_kind["source", "digest"] > 0
    assert by_kind["source", "unverified"] > 0
    assert by_kind["article", "exact"] > 0


def test_what_a_reader_needs_to_find_the_source(answers):
    cited = {c["label"]: c for c in citations_in(answers["example"]) if c["kind"] == "source"}
    assert cited["1"]["url"] == "https://works.ostervey.example/reports/84-17-sallowick.pdf"
    assert cited["1"]["authors"] == ["T. Ganderly", "M. Ulvik"]
    assert cited["1"]["published"] == "1984-10"
    assert cited["1"]["publisher"] == "Public Works Office of Ostervey"
    assert cited["8"]["title"] == "ستة أيام مع جسر سالوويك"
    assert cited["11"]["access"] == "archived_copy"
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}Z", c["captured_at"]) for c in cited.values())


def test_a_quote_from_a_pdf_names_the_page_on_which_it_begins(answers, folders):
    cited = [c for c in citations_in(answers["example"]) if c["label"] == "1"]
    ((body, media_type, address),) = records_of(folders["example"])[cited[0]["capture_sha256"]]
    assert media_type == "application/pdf"
    pages = [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(body)).pages]
    assert len(pages) > 1
    for citation in cited:
        begins = " ".join(citation["quote"].split()[:3])
        assert begins in pages[citation["page"] - 1]
        assert citation["fragment_url"] == f"{address}#page={citation['page']}"
    assert {c["page"] for c in cited} - {1}, "the first page alone would prove little"


def test_a_quote_says_its_language_and_direction_and_only_pdfs_have_pages(answers):
    cited = {c["label"]: c for c in citations_in(answers["example"]) if c["kind"] == "source"}
    assert (cited["8"]["language"], cited["8"]["direction"]) == ("ar", "rtl")
    assert (cited["1"]["language"], cited["1"]["direction"]) == ("en", "ltr")
    others = [c for c in citations_in(answers["example"]) if c["label"] != "1"]
    assert {c["page"] for c in others} == {None}
    assert not any("#page=" in (c["fragment_url"] or "") for c in others)


def test_words_of_a_web_page_carry_the_address_that_was_captured_with_a_text_directive(answers):
    cited = {c["label"]: c for c in citations_in(answers["example"]) if c["kind"] == "source"}
    assert cited["2"]["fragment_url"].startswith(f"{cited['2']['url']}#:~:text=")
    archived = cited["11"]["fragment_url"]
    assert archived.startswith("https://web.archive.example/web/20160210093000/http://quayside.")
    assert cited["6"]["fragment_url"] is None, "plain text is no web page"
    of_article = [c for c in citations_in(answers["example"]) if c["kind"] == "article"]
    with_fragment = [c for c in of_article if "#:~:text=" in (c["fragment_url"] or "")]
    assert len(with_fragment) > 0.8 * len(of_article)


def test_a_digest_and_a_page_without_an_address_have_no_fragment(answers):
    digests = [c for c in citations_in(answers["bridge"]) if c["identity"] == "digest"]
    assert digests
    assert {c["fragment_url"] for c in digests} == {None}
    assert {c["fragment_url"] for c in citations_in(answers["default"])} == {None}


def test_a_wrong_quote_is_refused(bridge):
    from footnoted.domain import Span
    from footnoted.errors import QuoteMismatch
    from footnoted.ingest.corpus import Corpus
    from footnoted.service.citations import cite

    with Corpus.open(bridge.folder) as corpus:
        document = next(iter(corpus.documents.values()))
        span = Span(0, 10)
        assert cite(corpus, document, span, 1, quote=document.text[:10]).quote == document.text[:10]
        with pytest.raises(QuoteMismatch, match="is not what document"):
            cite(corpus, document, span, 1, quote="x" * 10)
