"""Ids keep their meaning whatever moves around them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted import ids
from footnoted.domain import Kind, Span

TEXTS = st.lists(st.text(min_size=1, max_size=20), max_size=8)


@given(TEXTS, st.text(min_size=1), st.integers(0, 8))
def test_an_inserted_passage_changes_no_other_id(texts: list[str], new: str, at: int) -> None:
    before = ids.passage_ids("d", texts)
    if new in texts:
        return
    longer = [*texts[:at], new, *texts[at:]]
    after = [i for i, text in zip(ids.passage_ids("d", longer), longer, strict=True) if text != new]
    assert after == before


@given(TEXTS)
def test_ids_are_unique_even_for_equal_texts(texts: list[str]) -> None:
    found = [*ids.passage_ids("d", texts), *ids.claim_ids("d", texts), *ids.reference_ids(texts)]
    assert len(set(found)) == len(found)


@given(st.integers(0, 10**9), st.integers(1, 10**6), st.text())
def test_a_citation_id_says_what_it_cites(start: int, length: int, text: str) -> None:
    document = ids.document_id(Kind.SOURCE, "https://a.example/x")
    sha256 = ids.text_sha256(text)
    span = Span(start, start + length)
    parsed = ids.parse_citation_id(ids.citation_id(document, sha256, span))
    assert parsed == (document, sha256[:16], span)


@pytest.mark.parametrize(
    "value",
    ["", "x", "a.b.1-2", f"{'0' * 16}.{'0' * 16}.5-5", f"{'0' * 16}.{'0' * 16}.1-2 "],
)
def test_what_is_no_citation_id_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        ids.parse_citation_id(value)


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://Example.ORG:443/a?b=C#d", "https://example.org/a?b=C"),
        ("http://example.org", "http://example.org/"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("http://example.org:notaport/", "http://example.org:notaport/"),
        ("Printed text, 2007.", "Printed text, 2007."),
    ],
)
def test_one_address_has_one_form(url: str, canonical: str) -> None:
    assert ids.canonical_url(url) == canonical
    assert ids.canonical_url(canonical) == canonical


def test_the_kind_is_part_of_a_document_id() -> None:
    assert ids.document_id(Kind.SOURCE, "x") != ids.document_id(Kind.ARTICLE, "x")
