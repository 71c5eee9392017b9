"""Text directives: proven on the capture, written as the specification says, and checked again."""

from __future__ import annotations

import logging
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footnoted import ids
from footnoted.domain import Document, Identity, Kind, Origin, Span
from footnoted.ingest import passages
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.folding import Folded
from footnoted.ingest.store import Entry, writing
from footnoted.ingest.visible_text import VisibleText
from footnoted.service.directive_search import SearchedText, found_by
from footnoted.service.fragments import fragment_url, with_directive
from footnoted.service.quoted_places import Page, stretches
from footnoted.service.text_directives import text_directive
from footnoted.service.word_edges import is_word_edge

NOW = "2026-01-02T03:04:05Z"


def directive(text: str, quote: str, nth: int = 0) -> str | None:
    """The directive, decoded, for the ``nth`` ``quote`` of a page with this text."""
    at = -1
    for _ in range(nth + 1):
        at = text.index(quote, at + 1)
    found = text_directive(Page(VisibleText(text)), Span(at, at + len(quote)))
    return None if found is None else unquote(found)


@pytest.mark.parametrize(
    ("text", "quote", "nth", "expected"),
    [
        ("One two three.", "One two three.", 0, "text=One two three."),
        ("Go home. Now go home. Then stay.", "Now go home.", 0, "text=Now go home."),
        ("It is. It was. It is. It was not.", "It is.", 1, "text=was.-,It is."),
        ("a\nfive\nb\nfive", "five", 1, "text=b-,five"),
        ("five\na\nfive\nb", "five", 0, "text=five,-a"),
        ("no no no", "no", 1, "text=no-,no,-no"),
        ("\n".join(["no no"] * 20), "no no", 9, None),
        ("partly art", "art", 1, "text=partly-,art"),
        ("one two\nthree four", "one two\nthree four", 0, "text=one two,three four"),
        ("一二三四。五六七八", "六七", 0, "text=五-,六七,-八"),
        ("resume. Résumé", "Résumé", 0, "text=resume.-,Résumé"),
        ("x\ufffcone", "one", 0, None),
    ],
)
def test_a_directive_is_as_short_as_it_may_be(
    text: str, quote: str, nth: int, expected: str | None
) -> None:
    assert directive(text, quote, nth) == expected


def test_a_long_quote_is_named_by_its_ends() -> None:
    quote = " ".join(f"word{n}" for n in range(60)) + "."
    assert directive(f"Before. {quote} After.", quote) == "text=word0 word1 word2,word58 word59."


def test_signs_of_the_syntax_and_other_scripts_are_encoded() -> None:
    text = "A well-known, if\u00a0odd, A&B: 50% – é"
    found = text_directive(Page(VisibleText(text)), Span(0, len(text)))
    assert found == (
        "text=A%20well%2Dknown%2C%20if%C2%A0odd%2C%20A%26B%3A%2050%25%20%E2%80%93%20%C3%A9"
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/p?q=1", "https://a.example/p?q=1#:~:text=x"),
        ("https://a.example/p#part", "https://a.example/p#part:~:text=x"),
        ("https://a.example/p#", "https://a.example/p#:~:text=x"),
        ("https://a.example/p#part:~:text=y", "https://a.example/p#part:~:text=x"),
        ("https://a.example/#!/route", "https://a.example/#!/route:~:text=x"),
    ],
)
def test_an_address_keeps_its_own_fragment(url: str, expected: str) -> None:
    assert with_directive(url, "text=x") == expected


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("one two", 3, True),
        ("one two", 2, False),
        ("(one)", 1, True),
        ("don't", 3, False),
        ("'tis", 1, True),
        ("3,000", 1, False),
        ("3, 000", 1, True),
        ("well-known", 4, True),
        ("a_b", 1, False),
        ("cafe\u0301!", 4, False),
        ("cafe\u0301!", 5, True),
        ("漢字", 1, False),
        ("漢。字", 2, True),
        ("תרצ״ד", 3, False),
        ("👩🏽", 1, False),
        ("x👩", 1, False),
    ],
)
def test_only_certain_edges_of_words_are_edges(text: str, at: int, expected: bool) -> None:
    assert is_word_edge(text, at) is expected


WORDS = st.sampled_from(["the", "toll", "Toll", "tòll", "keeper", "rose.", "a", "an", "1912", "橋"])
PAGES = st.lists(st.tuples(WORDS, st.sampled_from([" ", " ", " ", "\n", "\ufffc"])), min_size=2)


@settings(max_examples=300)
@given(PAGES, st.data())
def test_what_a_directive_finds_is_what_was_meant(
    words: list[tuple[str, str]], data: st.DataObject
) -> None:
    text = "".join(word + gap for word, gap in words).strip()
    starts = [n for n in range(len(text)) if is_word_edge(text, n) and text[n].isalnum()]
    start = data.draw(st.sampled_from(starts or [0]))
    ends = [n for n in range(start + 1, len(text) + 1) if text[n - 1].isalnum()]
    target = Span(start, data.draw(st.sampled_from(ends)))
    found = text_directive(Page(VisibleText(text)), target)
    if found is None:
        return
    (seen,) = found_by(SearchedText(text), found)
    assert seen == target
    for part in unquote(found).removeprefix("text=").split(","):
        assert any(
            part.strip("-") in block for line in text.split("\n") for block in line.split("\ufffc")
        )


@pytest.mark.parametrize(
    ("text", "page", "expected"),
    [
        ("“One,” she said.", "Menu\n«One,» she said. Two.", ["«One,» she said."]),
        ("A | B", "x\nA\nB\ny", ["A\nB"]),
        ("One.\n\nTwo.", "One.\nShare this\nTwo.", ["One.", "Two."]),
        ("One.\n\nTwo.", "Two.\nOne.", None),
        ("One three.", "One two three.", None),
        ("🌧️ Rain!", "🌧️ Rain! 🌧️", ["🌧️ Rain!"]),
    ],
)
def test_a_quote_is_found_on_its_page(text: str, page: str, expected: list[str] | None) -> None:
    found = stretches(Page(VisibleText(page)), Folded(text), text, Span(0, len(text)))
    assert expected == (found and [span.of(page) for span in found])


def test_signs_that_the_text_leaves_out_do_not_hide_a_quote() -> None:
    # The words stand in a row elsewhere, which is not where the text has them.
    page = VisibleText("One,[1] two.[2] One two three.", (Span(4, 7), Span(12, 15)))
    text = "One, two. One two three."
    (found,) = stretches(Page(page), Folded(text), text, Span(0, 9)) or []
    assert found.of(page.text) == "One,[1] two."


def test_equal_words_are_told_apart_by_what_surrounds_them() -> None:
    text = "It rose. In May it fell. It rose. In June it froze."
    page = "It rose.\nMenu\n" + text
    (found,) = stretches(Page(VisibleText(page)), Folded(text), text, Span(25, 33)) or []
    assert found.start == page.rindex("It rose.")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("text=two", "two"),
        ("text=wo", None),
        ("text=two%20two", None),
        ("text=two,four", "two\nthree four"),
        ("text=three-,four", "four"),
        ("text=two,-three", "two"),
        ("text=two,-four", None),
        ("text=four,two", None),
        ("text=TW%C3%93", "two"),
        ("text=one,one,-end", "one two\nthree four one"),
    ],
)
def test_the_check_follows_the_specification(wanted: str, expected: str | None) -> None:
    text = "one two\nthree four one end"
    (found,) = found_by(SearchedText(text), wanted)
    assert expected == (found and found.of(text))


def corpus_of(folder: Path, html: str, final_url: str, identity: Identity) -> Corpus:
    text = "The bridge opened in 1912. It fell."
    with writing(folder) as writer:
        capture = writer.captures.store(
            html.encode(),
            url="https://a.example/cited",
            final_url=final_url,
            status=200,
            media_type="text/html",
            fetched_at=NOW,
            origin=Origin.ARCHIVE,
        )
        writer.add_capture(capture)
        document = Document(
            document_id=ids.document_id(Kind.SOURCE, final_url),
            kind=Kind.SOURCE,
            title="Bridge",
            language="en",
            text=text,
            text_sha256=ids.text_sha256(text),
            identity=identity,
            capture_sha256=capture.sha256,
        )
        entry = Entry(document, passages.cut(document), capture)
        writer.publish("t", [entry], {}, article=None, cutter=passages.CUTTER, now=NOW)
    return Corpus.open(folder)


ARCHIVED = "https://archive.example/web/2016id_/https://a.example/cited#top"
BRIDGE = "<html><p>The bridge opened in 1912. It fell.</p>"


@pytest.mark.parametrize(
    ("html", "final_url", "identity", "expected"),
    [
        (BRIDGE, ARCHIVED, Identity.EXACT, f"{ARCHIVED}:~:text=It%20fell."),
        (BRIDGE, ARCHIVED, Identity.DIGEST, None),
        (BRIDGE, "urn:footnoted:supplied:1", Identity.EXACT, None),
        ("<html><p>It stands.</p>", ARCHIVED, Identity.EXACT, None),
    ],
)
def test_the_fragment_goes_with_the_address_that_was_captured(
    tmp_path: Path, html: str, final_url: str, identity: Identity, expected: str | None
) -> None:
    with corpus_of(tmp_path, html, final_url, identity) as corpus:
        (document,) = corpus.documents.values()
        assert fragment_url(corpus, document, Span(27, 35)) == expected


def test_a_capture_that_cannot_be_read_costs_the_fragment_and_not_the_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with corpus_of(tmp_path, BRIDGE, ARCHIVED, Identity.EXACT) as corpus:
        (document,) = corpus.documents.values()
        (tmp_path / "captures-00001.warc.gz").unlink()
        with caplog.at_level(logging.WARNING):
            assert fragment_url(corpus, document, Span(27, 35)) is None
            assert fragment_url(corpus, document, Span(0, 26)) is None
    (said,) = caplog.messages
    assert "is missing" in said, "once for each page"
