from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.eval.answer_documents import GivenAnswer, GivenStatement
from footnoted.eval.answers import expected_text, given_text, score_answer, token_f1
from footnoted.eval.questions import Question


def said(*statements: tuple[str, str | None]) -> GivenAnswer:
    given_statements = tuple(GivenStatement(text, span, ()) for text, span in statements)
    reason = None if statements else "not_in_corpus"
    return GivenAnswer(bool(statements), reason, 0.5, given_statements, (), (), None)


def asked(*groups: tuple[str, ...], language: str = "en") -> Question:
    return Question("q", "?", language, True, groups)


def test_the_span_is_compared_when_there_is_one_and_the_statement_when_not():
    sentence = "It carries three lamps."
    assert score_answer(asked(("three", "3")), said((sentence, "three"))) == (1, 1, 1)
    whole = score_answer(asked(("three", "3")), said((sentence, None)))
    assert whole == (0, pytest.approx(2 / 5), 1)  # it carries three lamps: 1 of 4, 1 of 1


def test_the_best_alternative_counts():
    scores = score_answer(
        asked(("Ada", "Ada Holm")), said(("The keeper was Ada Holm.", "Ada Holm"))
    )
    assert scores == (1, 1, 1)


def test_sources_that_agree_do_not_make_an_answer_longer_but_guesses_do():
    same = said(("It has three lamps.", "three"), ("The three lamps.", "Three"))
    assert score_answer(asked(("three",)), same) == (1, 1, 1)
    guesses = said(("It has three lamps.", "three"), ("It has four lamps.", "four"))
    assert score_answer(asked(("three",)), guesses) == (0, pytest.approx(2 / 3), 1)


def test_a_wrong_span_in_a_right_sentence_still_recalls():
    scores = score_answer(
        asked(("1884",)), said(("The Skerry Light was lit in 1884.", "Skerry Light"))
    )
    assert scores == (0, 0, 1)


def test_a_list_gets_the_share_of_its_items():
    question = asked(("Oslo", "Kristiania"), ("Bergen",), ("Narvik",))
    answer = said(("Horns went to Oslo.", "Oslo"), ("And to Bergen, too.", "Bergen"))
    scores = score_answer(question, answer)
    assert scores.exact_match == scores.answer_recall == pytest.approx(2 / 3)
    assert scores.token_f1 == pytest.approx(2 * 2 / (2 + 3))
    one_span = score_answer(
        question, said(("Narvik, Kristiania, Bergen.", "Narvik, Kristiania, Bergen"))
    )
    assert one_span == (0, 1, 1)


def test_a_refusal_scores_nothing():
    assert score_answer(asked(("three",), ("four",)), said()) == (0, 0, 0)
    assert score_answer(asked(("three",)), said()) == (0, 0, 0)


def test_characters_are_compared_where_words_are_not_spaced():
    scores = score_answer(
        asked(("一八八四年",), language="zh"), said(("灯塔建于一八八四年。", "八八四年"))
    )
    assert scores == (0, pytest.approx(2 * 4 / 9), 1)


WORDS = st.lists(st.sampled_from("abcd"), max_size=8)


@given(WORDS, WORDS)
def test_token_f1_is_the_harmonic_mean_of_precision_and_recall(predicted, expected):
    same = sum(min(Counter(predicted)[t], Counter(expected)[t]) for t in "abcd")
    if not predicted or not expected:
        assert token_f1(predicted, expected) == float(predicted == expected)
    elif same == 0:
        assert token_f1(predicted, expected) == 0
    else:
        precision, recall = same / len(predicted), same / len(expected)
        harmonic = 2 * precision * recall / (precision + recall)
        assert token_f1(predicted, expected) == pytest.approx(harmonic)


def test_a_report_shows_what_was_expected_and_given():
    assert expected_text(asked(("Oslo", "Kristiania"), ("Bergen",))) == "Oslo; Bergen"
    assert given_text(said(("A.", "a"), ("B.", None))) == "a / B."
    assert given_text(said()) == "refusal: not_in_corpus"
