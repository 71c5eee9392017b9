from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.domain import Section
from footnoted.errors import UnreadableFile
from footnoted.ingest.digests import Digest, read_digest
from footnoted.ingest.normalise import normalise

PACKAGED = Path(__file__).parents[2] / "ingest/packaged/default/digests"

WHOLE = """\
Digest-Of: The Lamp of Orrin Head
Found-At: https://example.org/lamp: an essay
relation: same work, other container
Confidence: high
Written: 2026-02-03

# What it says

The author tells how the lamp was built: slowly, and by hand.

Note: the year is given twice.
"""


def test_the_first_lines_say_what_the_notes_are() -> None:
    text = (
        "What it says\n\nThe author tells how the lamp was built: slowly, and by hand."
        "\n\nNote: the year is given twice."
    )
    assert read_digest(WHOLE.encode(), "7.md") == Digest(
        text=text,
        title="The Lamp of Orrin Head",
        found_at="https://example.org/lamp: an essay",
        relation="same work, other container",
        confidence="high",
        written="2026-02-03",
        language="en",
        headings=(Section("What it says", 1, 0),),
    )


@pytest.mark.parametrize("start", ["", "\n\n", "\ufeff"])
def test_notes_may_stand_alone(start: str) -> None:
    digest = read_digest(f"{start}Note: the lamp was lit in 1868.".encode(), "7.txt")
    assert digest.text == "Note: the lamp was lit in 1868."
    assert (digest.title, digest.found_at, digest.written) == (None, None, None)


def test_an_empty_value_says_nothing() -> None:
    assert read_digest(b"Found-At:\nRelation: same\n\nNotes.", "7.md").found_at is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"Digest-Of: A lamp\nWritten: 2026\n\n", "no notes"),
        (bytes(range(256)) * 40, "is not text"),
    ],
)
def test_what_is_no_digest_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason) as caught:
        read_digest(body, "7.md")
    assert caught.value.about == "7.md"
    assert caught.value.hint is not None


@given(st.text(max_size=200))
def test_any_digest_is_normalised_or_refused(text: str) -> None:
    try:
        digest = read_digest(text.encode("utf-8", "replace"), "7.md")
    except UnreadableFile:
        return
    assert normalise(digest.text) == digest.text != ""


@pytest.mark.parametrize("path", sorted(PACKAGED.glob("*.md")), ids=lambda path: path.name)
def test_the_packaged_digests_say_where_they_are_from(path: Path) -> None:
    digest = read_digest(path.read_bytes(), path.name)
    assert digest.title
    assert digest.found_at is not None
    assert digest.found_at.startswith("http")
    assert digest.language == "en"
    assert "Found-At" not in digest.text
