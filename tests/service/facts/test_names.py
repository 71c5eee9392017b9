"""Names: where they stand, and which spellings are one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.service.facts.names import Name, read_names, same_name


def only(text: str) -> Name:
    (name,) = read_names(f"by {text}")
    return name


def shown(text: str) -> list[str]:
    return [name.text for name in read_names(text)]


def test_names_of_a_sentence() -> None:
    assert shown("The Ostervey Institute's study of Abu Mahdi al-Saleh and J. R. Moore") == [
        "Ostervey Institute",
        "Abu Mahdi al-Saleh",
        "J. R. Moore",
    ]
    assert shown("It hit the Front for the Orme Valley in the U.S. and iran-backed cells") == [
        "Front for the Orme Valley",
        "U.S.",
    ]
    assert shown("Another lamp burned.") == []


def test_what_stands_in_brackets_belongs_to_the_name() -> None:
    name, other = read_names("The Popular Defence Forces (PDF) left Ain Tarn (عين تارن).")
    assert name.others == ("PDF",)
    assert other.others == ("عين تارن",)
    assert same_name(name, only("PDF"))


def test_arabic_sentences_name_in_quotes_and_behind_titles() -> None:
    found = shown("أعلنت «كتائب الفجر» ذلك وقال الرئيس أحمد الحميداوي إنه بخير")
    assert found == ["كتائب الفجر", "أحمد الحميداوي"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mohamed Saleh", "Muhammad Salih"),
        ("Kata'ib Hezbollah", "Kataeb Hizbullah"),
        ("al-Hamidawi", "El Hamidawi"),
        ("Ayn al-Asad", "Ain Al-Assad"),
        ("José Muñoz", "Jose Munoz"),
        ("President Joan Arbel", "Arbel"),
        ("United States", "U.S."),
        ("Syria", "Syrian"),
        ("Popular Defence Forces", "PDF"),
        ("Orme Valley Resistance", "Resistance of Orme Valley"),
    ],
)
def test_one_name_in_two_spellings(one: str, other: str) -> None:
    assert same_name(only(one), only(other))
    assert same_name(only(other), only(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Peterson", "Petersen"),
        ("Kent", "Kant"),
        ("Halda Merrowin", "Halda Merrow"),
        ("London", "Paris"),
        ("Islamic Front for the Ormian Resistance", "Islamic Resistance of Orme"),
    ],
)
def test_two_names(one: str, other: str) -> None:
    assert not same_name(only(one), only(other))


@given(st.text(max_size=60))
def test_any_text_is_read_and_spans_fit(text: str) -> None:
    for name in read_names(text):
        assert name.span.of(text) == name.text
        assert same_name(name, name)
