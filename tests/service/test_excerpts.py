"""What is shown of a sentence without an end."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footnoted.domain import Document, Kind, Span
from footnoted.service.excerpts import LONGEST, excerpt

WORDS = st.lists(
    st.sampled_from(
        ["the", "mill", "wheel,", "1889", "paper", "Roke;", "straw", "مطحنة", "紙紙紙"]
    ),
    min_size=1,
    max_size=600,
)


def document(text, language="en"):
    return Document("d", Kind.SOURCE, "A page", language, text, "0" * 64)


@given(WORDS, st.integers(0, 50), st.sampled_from(["Who built the wheel?", "When?", "紙?"]))
@settings(max_examples=60, deadline=None)
def test_an_excerpt_is_part_of_its_sentence_and_no_longer_than_allowed(words, before, question):
    text = "x" * before + " " + " ".join(words)
    sentence = Span(before + 1, len(text))
    shown = excerpt(document(text), sentence, question)
    assert sentence.start <= shown.start < shown.end <= sentence.end
    assert shown.end - shown.start <= LONGEST
    if len(text) - before - 1 <= LONGEST:
        assert shown == sentence


@given(st.integers(0, 3_000), st.integers(1, 900))
@settings(max_examples=60, deadline=None)
def test_an_excerpt_holds_the_answer_that_a_reader_found(start, length):
    text = "and the paper was packed in straw " * 120
    answer = Span(start, start + length)
    shown = excerpt(document(text), Span(0, len(text)), "What was packed?", answer)
    assert shown.start <= answer.start
    assert shown.end >= min(answer.end, answer.start + LONGEST)
    assert shown.end - shown.start <= LONGEST


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Who forged the boiler?", "the boiler was forged by Anselm Roke at Duncraig"),
        ("When was the boiler painted?", "the boiler was painted green in May 1907"),
        ("What was lit in the yard?", "a lamp was lit in the yard"),
    ],
)
def test_an_excerpt_is_of_the_clause_with_the_rarest_of_the_asked_words(question, words):
    filler = "paper was carried over the yard and boiler plates were counted, " * 30
    clauses = [
        "the boiler was forged by Anselm Roke at Duncraig",
        "the boiler was painted green in May 1907",
        "a lamp was lit in the yard",
    ]
    text = f"{filler}{clauses[0]}, {filler}{clauses[1]}, {filler}{clauses[2]}, {filler}"
    shown = excerpt(document(text), Span(0, len(text)), question).of(text)
    assert words in shown
    assert [clause in shown for clause in clauses].count(True) == 1
    assert shown[0].isalpha()
    assert shown[-1].isalnum()


def test_a_sentence_that_says_nothing_of_the_question_shows_its_beginning():
    text = "straw and rags and paper and twine " * 60
    shown = excerpt(document(text), Span(0, len(text)), "Who sang?")
    assert shown.start == 0
    assert text[shown.end : shown.end + 1].isspace()
