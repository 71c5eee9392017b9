"""Markers: what is a footnote sign, what is not, and where the words stand afterwards."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.ingest.markers import Flag, Line, LineBuilder, Sign, note_group, take_out
from footnoted.ingest.normalise import normalise_line

LABELS = {"1", "2", "7"}


def signs(line: Line) -> list[tuple[int, str]]:
    return [(position, mark.label) for position, mark in line.marks if isinstance(mark, Sign)]


@pytest.mark.parametrize(
    ("raw", "words", "found"),
    [
        (
            "It was lit.[1] It shone.[2][7]",
            "It was lit. It shone.",
            [(11, "1"), (21, "2"), (21, "7")],
        ),
        ("The lamp,[1] it seems", "The lamp, it seems", [(9, "1")]),
        ("Spaced [1] sign [2].", "Spaced sign.", [(6, "1"), (11, "2")]),
        ("Glued.[1]Next one", "Glued. Next one", [(6, "1")]),
        ("Syria (until 2024)[a]", "Syria (until 2024)", [(18, "a")]),
        ("A note.[note 1] [nb 2]", "A note.", [(7, "note 1"), (7, "nb 2")]),
        ("猫。[1]狗。", "猫。狗。", [(2, "1")]),
        ("caret^[1] sign", "caret sign", [(5, "1")]),
    ],
)
def test_takes_signs_out(raw: str, words: str, found: list[tuple[int, str]]) -> None:
    line = take_out(raw, LABELS)
    assert line.words == words
    assert signs(line) == found


@pytest.mark.parametrize(
    "raw",
    [
        "The call array[1] = 5 writes",
        "it reads array[1](x)",
        "a[1]b is one word",
        "the name my_list[1] here",
        "no footnote has the number [9] here",
        "see [the list] and [sic]",
        "he wrote [a] here",  # a note sign stands behind a word, not behind a space
    ],
)
def test_leaves_other_brackets(raw: str) -> None:
    assert take_out(raw, LABELS) == Line(raw)


def test_a_sign_knows_its_footnote_its_group_and_its_page() -> None:
    (first,) = take_out("It shone.[2]: 14 ", LABELS).marks
    assert first.mark == Sign("2", "", ("2",), "14")
    (orphan,) = take_out("It shone.[a]", LABELS).marks
    assert orphan.mark == Sign("a", "lower-alpha", ())
    assert take_out("As follows[2]: 14 lamps", LABELS).words == "As follows: 14 lamps"


def test_remarks_become_flags() -> None:
    line = take_out("It shone.[citation needed] It burned.[failed verification]", LABELS)
    assert line.words == "It shone. It burned."
    assert [mark for _, mark in line.marks] == [
        Flag("citation_needed"),
        Flag("failed_verification"),
    ]


@pytest.mark.parametrize(
    ("label", "group"),
    [("a", "lower-alpha"), ("B", "upper-alpha"), ("iv", "lower-roman"), ("note 1", "note"),
     ("n 2", "n"), ("β", "lower-greek"), ("†", "")],
)  # fmt: skip
def test_note_groups(label: str, group: str) -> None:
    assert note_group(label) == group


PIECES = st.lists(
    st.one_of(
        st.text(max_size=6), st.sampled_from([" ", "e", "\u0301", "end.", "Next", ".", "\n"])
    ),
    max_size=8,
)


@given(PIECES)
def test_words_are_normalised_and_every_mark_is_kept_in_order(pieces: list[str]) -> None:
    builder = LineBuilder()
    for number, piece in enumerate(pieces):
        builder.write(piece)
        builder.mark(Sign(str(number)))
    line = builder.finish()
    assert line.words == normalise_line(line.words)
    assert [label for _, label in signs(line)] == [str(n) for n in range(len(pieces))]
    positions = [position for position, _ in line.marks]
    assert positions == sorted(positions)
    assert all(0 <= position <= len(line.words) for position in positions)


def test_a_locator_needs_a_sign_directly_before_it() -> None:
    builder = LineBuilder()
    assert not builder.locate("5")
    builder.mark(Sign("1"))
    builder.write(" words")
    assert not builder.locate("5")
    builder.mark(Sign("2"))
    assert builder.locate("5")
    assert [m.mark for m in builder.finish().marks] == [Sign("1"), Sign("2", locator="5")]
