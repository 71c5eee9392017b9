"""One source never becomes more text than can be embedded, and says what was left out."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.domain import Section
from footnoted.errors import UnreadableFile
from footnoted.ingest.digests import read_digest
from footnoted.ingest.extract import Extraction, extract
from footnoted.ingest.extract_limit import MOST_CHARACTERS, limited, why_partial
from footnoted.ingest.normalise import normalise

URL = "https://example.org/catalogue"


def extraction(text: str, **more: tuple[object, ...]) -> Extraction:
    found = Extraction(text, "Catalogue", (), None, "en", (), (), "test 1")
    return replace(found, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Short enough.", "Short enough."),
        ("a" * 90 + "\n\nb\n\nc. d e", "a" * 90 + "\n\nb"),
        ("a" * 92 + "\nb. c d\n\n" + "e" * 9, "a" * 92 + "\nb. c d"),
        ("a" * 92 + "\nb. c" + "d" * 9, "a" * 92),
        ("a" * 92 + ". b c" + "d" * 9, "a" * 92 + "."),
        ("灯" * 95 + "。" + "塔" * 9, "灯" * 95 + "。"),
        ("a" * 95 + " b" + "c" * 9, "a" * 95),
        ("a" * 200, "a" * 100),
        ("a" * 99 + "x\u0301\u0302\u0303" + "b" * 9, "a" * 99 + "x"),
        ("a" * 98 + "می\u200cشود" * 9, "a" * 98 + "م"),
    ],
    ids=lambda text: f"{len(text)}",
)
def test_a_text_ends_at_the_best_place_that_fits(text: str, kept: str) -> None:
    found = limited(extraction(text), 100)
    if kept.endswith("x"):  # marks stay with their letter, or both go
        assert found.text == "a" * 99
        kept = found.text
    assert found.text == kept
    assert found.left_out == len(text) - len(kept)


@given(st.text(max_size=120), st.integers(10, 100))
def test_what_is_kept_is_a_normalised_beginning(text: str, most: int) -> None:
    text = normalise(text)
    found = limited(extraction(text), most)
    assert len(found.text) <= most
    assert text.startswith(found.text)
    assert normalise(found.text) == found.text
    assert len(found.text) + found.left_out == len(text)


def test_headings_and_pages_behind_the_cut_go_with_their_words() -> None:
    text = "One\n\n" + "a" * 90 + "\n\nTwo\n\nb"
    headings = (Section("One", 1, 0), Section("Two", 1, 97))
    found = limited(extraction(text, headings=headings, pages=(0, 50, 97)), 98)
    assert found.headings == headings[:1]
    assert found.pages == (0, 50)


def test_the_reason_names_both_numbers_and_what_to_do() -> None:
    assert why_partial(extraction("Whole.")) is None
    said = why_partial(limited(extraction(("word " * 19 + "\n\n").rstrip(" ") * 9), 100)) or ""
    assert "first 94 of its" in said
    assert "--source" in said


@pytest.mark.parametrize(
    ("media_type", "page", "megabytes"),
    [
        ("text/plain", "{}", 20),
        ("text/markdown", "# Catalogue\n\n{}", 4),
        ("text/html", "<html><body><pre>{}</pre></body></html>", 3),
    ],
    ids=["plain", "markdown", "html"],
)
def test_a_source_of_many_megabytes_is_cut_the_same_each_time(
    media_type: str, page: str, megabytes: int
) -> None:
    line = "Item {:07}: a brass lamp with its wick, from the keeper's store, in good order.\n\n"
    lines = "".join(line.format(n) for n in range(megabytes * 10**6 // len(line)))
    body = page.format(lines).encode()
    start = time.monotonic()
    found = extract(body, media_type, URL)
    assert MOST_CHARACTERS * 0.9 < len(found.text) <= MOST_CHARACTERS
    assert found.text.endswith("in good order.")
    assert found.left_out > (megabytes - 2.5) * 10**6
    assert time.monotonic() - start < 20
    if media_type != "text/plain":
        assert extract(body, media_type, URL) == found


def test_a_digest_of_a_whole_library_is_none() -> None:
    with pytest.raises(UnreadableFile, match="more than 2,000,000"):
        read_digest(b"Notes on the lamp.\n" * 110_000, "notes.md")
