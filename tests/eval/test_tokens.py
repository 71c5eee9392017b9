from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.eval.tokens import answer_tokens, contains_answer


@pytest.mark.parametrize(
    ("text", "language", "tokens"),
    [
        ("The  Skerry, a Light!", "en", ("skerry", "light")),
        ("1,000 km", "en", ("1000", "km")),
        ("A", "en", ("a",)),
        ("the", "de", ("the",)),
        ("Die Lampen", "de-AT", ("lampen",)),
        ("los faros", "es", ("faros",)),
        ("“Holm”", "en", ("holm",)),
        ("灯塔有３盏灯。", "zh", ("灯", "塔", "有", "3", "盏", "灯")),
        ("المنارة القديمة", "ar", ("منارة", "قديمة")),
        ("…?!", "en", ()),
    ],
)
def test_tokens_are_squads(text, language, tokens):
    assert answer_tokens(text, language) == tokens


@pytest.mark.parametrize(
    ("text", "answer", "found"),
    [
        ("It was lit in 1983.", "3", False),
        ("It was lit in 1983.", "1983", True),
        ("From 1914–1918 it was dark.", "1914", True),
        ("A three-mile walk", "three", True),
        ("Ada Holm's log", "Ada Holm", True),
        ("Ada and Holm", "Ada Holm", False),
        ("It rose to 3.5 metres", "3", False),
        ("the keeper of the light", "keeper of light", True),
        ("anything", "!", False),
    ],
)
def test_an_answer_is_found_by_whole_tokens_in_order(text, answer, found):
    assert contains_answer(text, answer, "en") is found


def test_an_answer_in_a_script_without_spaces_is_found_inside_a_sentence():
    assert contains_answer("这座灯塔建于一八八四年", "灯塔", "zh")
    assert not contains_answer("这座灯塔建于一八八四年", "塔灯", "zh")


@given(st.text(max_size=30), st.text(max_size=30), st.sampled_from(["en", "de", "ar", "zh"]))
def test_normalising_twice_changes_nothing_and_every_text_holds_itself(text, other, language):
    tokens = answer_tokens(text, "und")
    assert answer_tokens(" ".join(tokens), "und") == tokens
    if answer_tokens(text.replace("-", " "), language):
        assert contains_answer(text, text, language)
