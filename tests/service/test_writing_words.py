"""Sentences with their marks, words with their breaks."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footnoted.service.writing.sentences import cited_sentences
from footnoted.service.writing.words import split_words

PIECES = st.lists(
    st.sampled_from(
        (
            *("The bridge fell in 1931", ".", " ", "[1]", " [2]", "[1, 2]", "[99]", "[x]", "["),
            *("]", "\n", "\n\n", "- ", "1. ", "Dr. Moss", "سقط الجسر", "？", "桥塌了。", "[١]"),
            *("\u202e", "😀"),
        )
    ),
    max_size=30,
).map("".join)


@pytest.mark.parametrize(
    "written",
    [
        "The bridge fell. [1] It was rebuilt. [2]",
        "The bridge fell.[1] It was rebuilt.[2]",
        "The bridge fell [1]. It was rebuilt [2].",
        "The bridge fell.\n[1]\nIt was rebuilt.\n[2]",
        "- The bridge fell. [1]\n- It was rebuilt. [2]",
        "1. The bridge fell. [1]\n2. It was rebuilt. [2]",
        "The [1] bridge fell. It was rebuilt.[2]",
    ],
)
def test_a_mark_belongs_to_its_sentence_wherever_it_stands(written):
    assert cited_sentences(written, "en") == [
        ("The bridge fell.", (1,)),
        ("It was rebuilt.", (2,)),
    ]


def test_marks_together_count_each_once():
    assert cited_sentences("It fell.[2][1] [2, 3]", "en") == [("It fell.", (2, 1, 3))]


@pytest.mark.parametrize(
    "sign", ["[1-3]", "[a]", "[1234]", "[١]", "【1】", "[1", "(1)", "[source 1]"]
)
def test_other_signs_are_no_marks(sign):
    (sentence, *_) = cited_sentences(f"It fell {sign}", "en")
    assert sentence.numbers == ()


def test_a_mark_before_all_words_belongs_to_none():
    assert cited_sentences("[1] It fell.", "en") == [("It fell.", ())]
    assert cited_sentences("[1]", "en") == []


@settings(deadline=None)  # the splitter's model loads with the first
@given(PIECES | st.text(max_size=200), st.sampled_from(["en", "ar", "zh", "und"]))
def test_every_sentence_is_part_of_what_was_written(text, language):
    for sentence, numbers in cited_sentences(text, language):
        assert sentence
        assert sentence == sentence.strip()
        assert len(set(numbers)) == len(numbers)
        assert all(re.search(rf"\[[0-9, ]*0*{number}\b", text) for number in numbers)


def test_words_are_levelled_but_not_stemmed():
    words = split_words("The Attackers’ “base” cost 1,000.50 €, 20% more (50–60 tons)—in 1931.")
    assert [word.text for word in words] == [
        *("the", "attackers", "base", "cost", "1,000.50", "€", "20%", "more", "50–60", "tons"),
        *("in", "1931"),
    ]
    assert [word.text for word in words if word.after_break] == ["20%", "50–60", "in"]
    assert [word.text for word in words if word.has_digit] == ["1,000.50", "20%", "50–60", "1931"]
    assert [word.text for word in words if word.has_capital] == ["the", "attackers"]


def test_scripts_without_blanks_break_at_their_signs():
    words = split_words("桥在1931年倒塌，没有人受伤。")
    assert [(word.text, word.after_break) for word in words] == [
        ("桥在1931年倒塌", False),
        ("没有人受伤", True),
    ]
