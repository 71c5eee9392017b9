"""Infobox rows of plain text: labels told from values, by vocabulary and by how a label ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.ingest.infobox import LABELS, read_rows, split_label
from footnoted.ingest.markers import take_out


@pytest.mark.parametrize(
    ("line", "label", "value"),
    [
        ("Size70,000", "Size", "70,000"),
        ("LeadersAda Holm", "Leaders", "Ada Holm"),
        ("LeaderAda Holm", "Leader", "Ada Holm"),
        ("Allegiance Varna (GL)", "Allegiance", "Varna (GL)"),
        ("Dates of operation2020–present", "Dates of operation", "2020–present"),
        ("Part ofNorthern Lights", "Part of", "Northern Lights"),
        ("Group(s)See groups", "Group(s)", "See groups"),
        ("GroupThe Keepers", "Group", "The Keepers"),
        ("Battles and wars", "Battles and wars", ""),
        ("Height: 41 m", "Height", "41 m"),
        ("Motto\"Shine\"", "Motto", "\"Shine\""),
        ("Native nameمنارة", "Native name", "منارة"),
        ("Capital and largest cityVarna", "Capital and largest city", "Varna"),
    ],
)  # fmt: skip
def test_a_label_and_its_value(line: str, label: str, value: str) -> None:
    assert split_label(line) == (label, value)


@pytest.mark.parametrize(
    "line",
    ["Hamas", "Partition plan", "Sizeable", "Leader's house", "Type-45 lamp", "Part of the bay",
     "Agent", "Datestamp 5", "40 m", "Rank and file", "size70"],
)  # fmt: skip
def test_a_value_that_only_looks_like_a_label(line: str) -> None:
    split = split_label(line)
    assert split is None or split[1] == ""


def test_rows_names_and_continued_values() -> None:
    lines = ["Grennock Light", "GL", "LeadersAda Holm", "Jonas Reck", "Size4[1]", "Leaders of men",
             "Size", "Battles and wars"]  # fmt: skip
    rows = read_rows(lines, lambda raw: take_out(raw, {"1"}))
    assert [(row.label.words, [value.words for value in row.values]) for row in rows] == [
        ("Name", ["Grennock Light", "GL"]),
        ("Leaders", ["Ada Holm", "Jonas Reck"]),
        ("Size", ["4", "Leaders of men", "Size"]),  # a label comes once: these are values
        ("Battles and wars", []),
    ]
    assert rows[2].values[0].marks[0].position == 1


@given(st.sampled_from(sorted(LABELS)), st.sampled_from(["70,000", "Ada", "منارة", "(x)", "“Q”"]))
def test_every_label_of_the_vocabulary_is_found_glued_or_spaced(label: str, value: str) -> None:
    glued, spaced = split_label(label + value), split_label(f"{label} {value}")
    assert glued is not None
    assert glued[0] + glued[1] == label + value
    assert spaced == (label, value)
