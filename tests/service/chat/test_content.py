"""The text of a message: its marks where the annotations say, and nothing of a source's active."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from footnoted.service.chat.content import content_of
from footnoted.service.connectors.addresses import Addresses

ADDRESSES = Addresses("https://answers.example", "town")
HOSTILE = [
    "![pixel](https://evil.example/p.png)",
    "[click](https://evil.example/)",
    r"\[click\](https://evil.example/)",
    r"[x\\](https://evil.example/) \![p](https://evil.example/p.png)",
    "[1]: https://evil.example/ \n[1]",
    "<img src=https://evil.example/p.png onerror=alert(1)>",
    "<https://evil.example/>",
    "`` ` ``` [a](https://evil.example/) `",
    "a\u202eb\x1b[2J\u2028c",
    "[^1]: note\n\n    code\n# Head\n- list",
]


@pytest.fixture
def document(standin):
    """An answer about the bridge with two citations, whose texts a test replaces."""
    return standin().ask("bridge")


def with_texts(document, text):
    statements = [{**row, "text": text} for row in document["statements"]]
    citations = [
        {**row, "title": text, "publisher": text, "label": text} for row in document["citations"]
    ]
    return {**document, "statements": statements, "citations": citations, "notes": [text]}


def test_an_answer_reads_as_statements_notes_and_sources(document):
    content = content_of(document, ADDRESSES)
    statements, note, sources = content.text.split("\n\n", 2)
    assert statements == (
        r"The bridge fell in 1931 \<b>& nobody\</b> was hurt.[1] "
        "بنى المهندس الجسر الجديد سنة 1934.[2]"
    )
    assert note == "Note: this rests on a digest, somebody's own-words notes on a source."
    head, _, first, second = sources.splitlines()
    assert head == "Sources:"
    assert first.startswith("- [1] ")
    assert first.endswith("(article; footnotes 7, 8, a, 9) <https://example.org/article>")
    assert second.startswith("- [2] الجسر (digest – not the source’s words; footnote 8) <")


def test_each_mark_has_its_annotation_with_an_address_that_can_be_opened(document):
    content = content_of(document, ADDRESSES)
    cited = [row["url_citation"] for row in content.annotations]
    assert [row["type"] for row in content.annotations] == ["url_citation"] * 2
    assert [content.text[c["start_index"] : c["end_index"]] for c in cited] == ["[1]", "[2]"]
    assert cited[0]["url"] == "https://example.org/article"
    # The second one's own address is javascript:, so ours stands for it.
    identity = document["citations"][1]["citation_id"]
    assert cited[1]["url"] == f"https://answers.example/shared?c={identity}&corpus=town"
    assert "\u202e" not in cited[0]["title"]


def test_a_statement_with_several_citations_has_a_mark_for_each(document):
    document["statements"][0]["citations"] = [2, 1]
    content = content_of(document, ADDRESSES)
    assert "was hurt.[2][1] " in content.text
    urls = [row["url_citation"]["url"] for row in content.annotations]
    assert len(urls) == 3
    assert urls[0] == urls[2] != urls[1]


def test_a_refusal_says_so_why_and_what_is_nearest(standin):
    document = {**standin().ask("Who rules Brazil?"), "notes": ["A filter left out 3 sources."]}
    content = content_of(document, ADDRESSES)
    reason, note, head, nearest = content.text.split("\n\n")
    assert reason == "No answer: neither the article nor the sources that were read say this."
    assert note == "Note: A filter left out 3 sources."
    assert head == "The closest passages, which do not answer the question:"
    assert "“A town on a river. " in nearest
    assert nearest.endswith("<https://example.org/article>")
    assert content.annotations == ()
    alone = content_of({**document, "passages": [], "notes": []}, ADDRESSES)
    assert alone.text == reason


def test_long_passages_are_cut_between_words(standin):
    document = standin().ask("Who rules Brazil?")
    document["passages"][0]["text"] = "river " * 100
    excerpt = content_of(document, ADDRESSES).text.split("“")[1].split("”")[0]
    assert excerpt == " ".join(["river"] * 40) + " …"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_sources_words_are_shown_and_never_active(document, standin, text):
    refusal = standin().ask("Who rules Brazil?")
    refusal["passages"][0]["text"] = text
    refusal["passages"][0]["citation"]["title"] = text
    for told in (with_texts(document, text), refusal):
        content = content_of(told, ADDRESSES)
        html = MarkdownIt("commonmark").render(content.text)
        tags = set(re.findall(r"<(\w+)", html))
        assert tags <= {"p", "ul", "li", "a", "em", "strong"}, html
        hosts = set(re.findall(r'href="https?://([^/"]+)', html))
        assert hosts <= {"example.org", "answers.example"}, html
        assert not re.search(r"[\u202e\x1b\u2028]", content.text)


@settings(max_examples=40)
@given(st.text(min_size=1, max_size=60))
@example("\\")
@example("🌉 [1] \u0301")
def test_marks_are_where_the_annotations_say_whatever_is_quoted(text):
    citation = {
        "number": 1,
        "citation_id": "c",
        "kind": "source",
        "label": "7",
        "title": text,
        "publisher": None,
        "published": None,
        "url": None,
        "archive_url": None,
        "fragment_url": None,
        "access": "fetched",
        "identity": "exact",
        "references": [],
    }
    statements = [{"text": text, "citations": [1]}, {"text": text, "citations": [1, 1]}]
    document = {
        "status": "answered",
        "statements": statements,
        "citations": [citation],
        "caveats": [],
        "notes": [],
    }
    content = content_of(document, ADDRESSES)
    spans = [row["url_citation"] for row in content.annotations]
    assert [content.text[s["start_index"] : s["end_index"]] for s in spans] == ["[1]"] * 3
    assert content.text == "".join(content.pieces)
    # Without the marks and the escapes, the statement's own words are there.
    first = content.text[: spans[0]["start_index"]]
    shown = re.sub(r"\\([\\\[\]<`])", r"\1", first)
    assert len(shown) == len(" ".join(text.split())) or "\N{REPLACEMENT CHARACTER}" in shown
