"""Names, numbers and dates of a claim, and which texts hold them however they are spelled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.eval.auto.specifics import Background, FoldedText, other_spellings, specifics

MONTHS = ["January", "February", "March", "April", "May", "June", "July"]


def named(claim: str, counts: dict[str, int] | None = None) -> list[str]:
    return [specific.text for specific in specifics(claim, "en", counts or {})]


def held(text: str, claim: str) -> list[bool]:
    folded = FoldedText(text, "en")
    return [folded.holds(specific) for specific in specifics(claim, "en", {})]


def test_what_a_claim_names_in_its_order() -> None:
    claim = "On 3 May 1888 the keeper Ada Holm lit 24 lamps for 1,200 crowns in Varna."
    assert named(claim) == ["3 May 1888", "Ada Holm", "24", "1,200 crowns", "Varna"]


def test_small_numbers_months_and_weekdays_tell_nothing() -> None:
    assert named("By Friday or in May it had three lamps and 5 horns.") == []


@pytest.mark.parametrize(
    ("claim", "text", "holds"),
    [
        ("It was lit on 3 May 1888.", "Of the May 3 lighting", True),
        ("It was lit on 3 May 1888.", "On 4 May 1888 and 3 June", False),
        ("It was lit in May 1888.", "in May, 1888 the", True),
        ("It was lit in May 1888.", "May came; 1888 went", False),
        ("It was lit in 1888.", "1888-05-03", True),
        ("It closed in the mid-2000s.", "since the 2000s", True),
        ("It weighs 1,870 tonnes.", "1870 tonnes", True),
        ("It weighs 1,870 tonnes.", "870 tonnes", False),
        ("It has 12 lamps.", "twelve lamps", True),
        ("It has twelve lamps.", "12 lamps", True),
        ("It rose 6.4 metres.", "64 metres", False),
    ],
)
def test_spellings_of_the_same(claim: str, text: str, holds: bool) -> None:
    assert held(text, claim) == [holds]


def test_a_name_is_held_where_its_rarest_word_stands() -> None:
    (name,) = specifics("We saw Harbour Master Quillow.", "en", {"harbour": 9, "master": 4})
    assert FoldedText("Mrs Quillow's diary", "en").holds(name)
    assert not FoldedText("the harbour master", "en").holds(name)


@given(st.integers(10, 10_000_000))
def test_a_number_is_held_with_and_without_separators(number: int) -> None:
    claim = f"They counted {number:,} nests."
    assert held(f"of {number} nests", claim) == held(f"of {number:,} nests", claim) == [True]
    assert held(f"of {number + 1} nests", claim) == [False]


@given(st.integers(1, 28), st.sampled_from(MONTHS), st.integers(1500, 2099))
def test_a_date_is_held_in_either_order(day: int, month: str, year: int) -> None:
    claim = f"They met on {day} {month} {year}."
    assert held(f"met on {month} {day}, {year}", claim) == [True]
    assert held(f"met on {day} {month}", claim) == [True]
    assert held(f"met on {day + 1} {month} {year}", claim) == [False]


TEXTS = {
    "a": ("The keeper Ada Holm lit it in 1888 over Varna.", "en"),
    "b": ("The horn was sold to Oslo in 1901; Varna wept.", "en"),
    "c": ("A storm in 1901 broke the lens.", "en"),
    "d": ("Varna is a town.", "en"),
}


@pytest.mark.parametrize(
    ("claim", "own", "kept"),
    [
        ("The light was lit in 1888.", {"a"}, True),
        ("The light was lit in 1888.", {"b"}, False),  # its own source does not say it
        ("The horn was sold to Oslo in 1901.", {"b"}, False),  # another text knows the year
        ("The horn was sold to Oslo in 1901.", {"b", "c"}, True),
        ("The light of Varna was lit in 1888.", {"a"}, True),  # Varna is what all is about
        ("The light stands in Grennock.", {"a"}, False),  # nothing but the title
        ("It was lit in 1888.", {"a", "b", "c", "d"}, False),  # no text remains
    ],
)
def test_a_claim_that_only_its_own_sources_know(claim: str, own: set[str], kept: bool) -> None:
    background = Background("Grennock Light", "en", TEXTS)
    assert background.known_only_to(own, claim, "en") is kept


def test_numbers_have_two_spellings() -> None:
    assert other_spellings("three") == ("three", "3")
    assert other_spellings("3") == ("3", "three")
    assert other_spellings("44") == ("44",)
    assert other_spellings("Ada") == ("Ada",)
