"""What the page makes of other people's words, links and states."""

from __future__ import annotations

import unicodedata
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from footnoted.domain import Access, Identity
from footnoted.service.display import (
    around_span,
    cited_by,
    confidence_in_words,
    corroboration_in_words,
    coverage_in_words,
    instant_in_words,
    kind_in_words,
    language_of,
    licence_in_words,
    neutral,
    reference_words,
    segments,
    state_in_words,
    web_link,
)

TEXT = "One two three four five."


def passage(start=100, text=TEXT):
    return {
        "text": text,
        "document_id": "d",
        "citation": {"start": start, "text_sha256": "t"},
    }


def citation(start, end, document_id="d", text_sha256="t"):
    return {"start": start, "end": end, "document_id": document_id, "text_sha256": text_sha256}


@given(st.lists(st.tuples(st.integers(60, 160), st.integers(1, 60))))
def test_segments_lose_nothing_and_mark_exactly_what_is_quoted(spans):
    citations = [citation(start, start + length) for start, length in spans]
    pieces = segments(passage(), citations)
    assert "".join(piece.text for piece in pieces) == TEXT
    marked = [piece.quoted for piece in pieces for _ in piece.text]
    assert marked == [
        any(c["start"] <= 100 + i < c["end"] for c in citations) for i in range(len(TEXT))
    ]


def test_segments_mark_no_other_text():
    others = [citation(104, 107, document_id="x"), citation(104, 107, text_sha256="x")]
    assert segments(passage(), others) == [(TEXT, False)]
    assert segments(passage(), [citation(104, 107)])[1] == ("two", True)


@given(st.text())
def test_neutral_text_holds_no_control_and_steers_no_direction(text):
    shown = neutral(text)
    assert len(shown) == len(text)
    for character in shown:
        assert unicodedata.category(character) not in ("Cc", "Cs") or character in "\t\n"
        assert unicodedata.bidirectional(character) not in (
            *("LRE", "RLE", "LRO", "RLO", "PDF"),
            *("LRI", "RLI", "FSI", "PDI"),
        )


def test_neutral_keeps_words_joiners_and_markup():
    assert neutral("می‌خواهم 👩‍🚀 a\nb") == "می‌خواهم 👩‍🚀 a\nb"
    assert neutral("a\u202eb\x1b[2J\u2066") == "a\ufffdb\ufffd[2J\ufffd"
    assert isinstance(neutral(Markup("<b>")), Markup)
    assert neutral(7) == 7


@pytest.mark.parametrize(
    "url", ["https://example.org/a?b=c#:~:text=x", "http://[::1]:8/", "https://مثال.example/ع"]
)
def test_web_addresses_are_linked(url):
    assert web_link(url) == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "//example.org/",
        "/relative",
        "https:///nohost",
        "https://trusted.example@evil.example/",
        "https://example.org/\u202egpj.exe",
        'https://example.org/"onmouseover=x',
        "https://exa mple.org/",
        "http://[::1",
    ],
)
def test_nothing_else_is_linked(url):
    assert web_link(url) is None


def test_languages_have_the_form_of_a_tag():
    assert language_of({"language": "ar"}) == "ar"
    assert language_of({"language": "zh-Hant-TW"}) == "zh-Hant-TW"
    for wrong in ({}, {"language": None}, {"language": 'x" onload='}, {"language": "English!"}):
        assert language_of(wrong) is None


def test_licences_by_their_short_names():
    assert licence_in_words("https://creativecommons.org/licenses/by-sa/4.0/") == "CC BY-SA 4.0"
    assert licence_in_words("https://creativecommons.org/publicdomain/zero/1.0/") == "CC0 1.0"
    assert licence_in_words("All rights reserved") == "All rights reserved"


def test_a_reference_reads_as_one_line():
    csl = {
        "title": "Flood",
        "author": [{"given": "Ada", "family": "Moss"}, {"literal": "River Board"}],
        "container-title": "Gazette",
        "publisher": "Press",
        "issued": {"date-parts": [[1931, 4]]},
    }
    assert reference_words(csl) == "Ada Moss; River Board. “Flood”. Gazette. 1931-04."
    assert reference_words({"title": "Flood"}, "printed") == "“Flood”."
    assert reference_words({}, "As printed.") == "As printed."
    assert "nothing" in reference_words({}, "")


def test_every_state_has_words_and_a_digest_has_its_own():
    for access, identity in product(Access, Identity):
        words = state_in_words({"access": access.value, "identity": identity.value})
        assert words
        assert (words == "known by a digest, not read") == (identity is Identity.DIGEST)


def test_kinds_in_words_tell_a_digest_from_the_real_thing():
    words = {
        (kind, identity): kind_in_words({"kind": kind, "identity": identity})
        for kind in ("article", "source", "document")
        for identity in ("exact", "digest")
    }
    assert words["article", "exact"] == "Article"
    assert words["source", "exact"] == "Cited source"
    assert words["document", "exact"] == "Document"
    assert words["source", "digest"] == "Digest – not the source’s words"
    assert words["article", "digest"] == "Article – a digest, not the original’s words"


def test_a_digest_never_counts_as_read():
    rows = [
        {"access": "supplied", "identity": "digest"},
        {"access": "fetched", "identity": "exact"},
        {"access": "dead", "identity": "unverified"},
    ]
    assert coverage_in_words(rows) == "3 references: 1 read, 1 known by a digest, 1 not read."
    assert coverage_in_words(rows[:1]).startswith("1 reference: 0 read")


def test_corroboration_in_words():
    counts = {"cited": 5, "readable": 0, "supporting": 0, "independent": 0, "digests": 4}
    assert corroboration_in_words(counts) == (
        "The article cites 5 sources for this: none read, 4 known by a digest."
    )
    assert corroboration_in_words(counts | {"cited": 1, "readable": 1, "digests": 0}) == (
        "The article cites 1 source for this: 1 read, none found to support it."
    )
    copied = counts | {"readable": 3, "supporting": 3, "independent": 2, "digests": 0}
    assert corroboration_in_words(copied) == (
        "The article cites 5 sources for this: 3 read, 3 found to support it "
        "(2 in words of their own)."
    )
    assert "(" not in corroboration_in_words(copied | {"independent": 3})
    assert "no source" in corroboration_in_words(counts | {"cited": 0})


@given(st.floats(0, 1))
def test_confidence_has_a_word_and_its_number(confidence):
    words = confidence_in_words(confidence)
    assert f"({confidence:.2f})" in words
    assert words.split(" ")[0] in ("high", "fair", "moderate", "low")


def test_spans_numbers_and_instants():
    assert around_span({"text": "It was 1931 then.", "span": "1931"}) == (
        "It was ",
        "1931",
        " then.",
    )
    assert around_span({"text": "It was.", "span": None}) == ("It was.", "", "")
    assert cited_by([{"citations": [1, 2]}, {"citations": [2]}]) == {1: [1], 2: [1, 2]}
    assert instant_in_words("2024-02-03T04:05:06Z") == "2024-02-03 04:05 UTC"
    assert instant_in_words("2024-02") == "2024-02"
