"""Numbers as values: digits and words, units, ranges, bounds; spans that hold in the text."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footnoted.service.facts.numbers import Number, read_numbers, same_thing, same_value
from footnoted.service.facts.wordings import plain

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
ARABIC_INDIC = str.maketrans("0123456789,.", "٠١٢٣٤٥٦٧٨٩٬٫")


def read(text: str, language: str = "en") -> list[Number]:
    return read_numbers(plain(text), language)


def only(text: str, language: str = "en") -> Number:
    (number,) = read(text, language)
    return number


def spelled(value: int) -> str:
    """``value`` in English words."""
    for scale, name in ((10**9, "billion"), (10**6, "million"), (1000, "thousand")):
        if value >= scale:
            rest = value % scale
            return f"{spelled(value // scale)} {name}" + (f" {spelled(rest)}" if rest else "")
    if value >= 100:
        rest = value % 100
        return f"{spelled(value // 100)} hundred" + (f" and {spelled(rest)}" if rest else "")
    if value < 20:
        return ONES.split()[value]
    tens = TENS.split()[value // 10 - 2]
    return f"{tens}-{ONES.split()[value % 10]}" if value % 10 else tens


@settings(max_examples=150)
@given(st.integers(0, 10**12 - 1))
def test_words_and_digits_are_one_value(value: int) -> None:
    for text in (spelled(value), f"{value:,}", str(value), f"{value:,}".translate(ARABIC_INDIC)):
        number = only(f"They counted {text} birds.")
        assert number.low == number.high == value
        assert number.noun == ("bird",)


@settings(max_examples=100)
@given(st.integers(1, 10**6), st.integers(0, 99))
def test_decimals_by_the_language(whole: int, part: int) -> None:
    value = Decimal(f"{whole}.{part:02d}")
    assert only(f"It is {whole:,}.{part:02d} long.").low == value
    german = f"{whole:,}".replace(",", ".") + f",{part:02d}"
    assert only(f"Es ist {german} lang.", "de").low == value


@given(st.text(max_size=60))
def test_any_text_is_read_and_spans_fit(text: str) -> None:
    for number in read(text):
        assert number.span.of(text).strip()
        assert number.low <= number.high


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("It cost $3.5m.", 3_500_000, 3_500_000, "money dollar"),
        ("It cost 3.5 million dollars.", 3_500_000, 3_500_000, "money dollar"),
        ("Twelve per cent voted.", 12, 12, "percent"),
        ("12% voted.", 12, 12, "percent"),
        ("They walked 5–7 km.", 5_000, 7_000, "length"),
        ("They walked between five and seven kilometres.", 5_000, 7_000, "length"),
        ("It weighs 5kg.", 5, 5, "mass"),
        ("Half a million came.", 500_000, 500_000, ""),
        ("Two and a half million came.", 2_500_000, 2_500_000, ""),
        ("A dozen eggs broke.", 12, 12, ""),
        ("ثلاثة آلاف جندي", 3_000, 3_000, ""),
        ("خمسة وعشرون رجلا", 25, 25, ""),
        ("مئة وخمسون ألف كتاب", 150_000, 150_000, ""),
    ],
)
def test_units_ranges_and_scales(text: str, low: int, high: int, unit: str) -> None:
    number = only(text)
    assert (int(number.low), int(number.high), number.unit) == (low, high, unit)


@pytest.mark.parametrize(
    "text", ["a Qasef-2K drone", "at 10:30", "version 1.2.3 of it", "COVID-19"]
)
def test_what_is_no_number(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("It is 16 feet long.", "It is 4.9 metres long.", True),
        ("It is 16 feet long.", "It is 16 metres long.", False),
        ("more than 40 missiles", "46 missiles", True),
        ("more than 40 missiles", "39 missiles", False),
        ("about 2,500 troops", "2,487 troops", True),
        ("2,500 troops", "2,487 troops", False),
        ("the fifth attack", "5th attack", True),
        ("the third pier", "pier 3", True),
        ("the third pier", "3 boats", False),
        ("within seven days", "in a week: 1 week", True),
    ],
)
def test_same_value(one: str, other: str, same: bool) -> None:
    assert any(same_value(only(one), there) for there in read(other)) is same


def test_the_noun_tells_what_is_counted() -> None:
    killed, hurt = read("It killed three soldiers and hurt five guards.")
    assert not same_thing(killed, hurt)
    assert same_thing(killed, only("Two soldiers died."))
    assert only("Its size is put at 70,000.").noun == ("size", "put")
