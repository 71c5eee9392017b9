"""Where a sentence denies what a question takes for granted, and where it does not."""

from __future__ import annotations

import pytest

from footnoted.service.denials import Denial, Heard, denial
from footnoted.service.premises import premise_of


def denied(question, *sentences, others=()):
    premise = premise_of(question)
    assert premise is not None
    return denial(question, premise, [Heard(s) for s in sentences], [Heard(s) for s in others])


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (
            "Which of its members did the union say had spoken to the Gazette?",
            "The union denied that any of its members had spoken to the Gazette.",
        ),
        (
            "When did the union admit that its clerk had spoken to the Gazette?",
            "The union denied that anyone of it had spoken to the Gazette.",
        ),
        (
            "What proof did the board give of an order for the raid?",
            "The board had no proof of an order for the raid, although it held the mayor guilty.",
        ),
        (
            "Which tower of that height did Ada Moss build later?",
            "Moss never built another tower of that height.",
        ),
        ("Why did the board refuse to sell the mill?", "The board was ready to sell the mill."),
        ("Why did the board sell the mill?", "The board refused to sell the mill."),
        (
            "Why did the arch cost more than the estimate?",
            "The arch cost 6,000 crowns less than the estimate.",
        ),
    ],
)
def test_a_sentence_denies_in_words(question, sentence):
    assert denied(question, "Something else stands here.", sentence) == Denial(1)


@pytest.mark.parametrize(
    ("question", "sentence", "words", "said"),
    [
        (
            "What did the union publish in 1931?",
            "In 1913 the union published a report.",
            "1931",
            "1913",
        ),
        (
            "Why did the network attack Larkmoor Base with drones?",
            "The network attacked Duncraig Base with drones.",
            "Larkmoor Base",
            "Duncraig Base",
        ),
    ],
)
def test_a_sentence_says_another_number_date_or_name(question, sentence, words, said):
    assert denied(question, sentence) == Denial(0, words, said)
    confirming = sentence.replace(said, words)
    assert denied(question, sentence, confirming) is None
    assert denied(question, sentence, others=[confirming]) is None


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        # a denial of something else, or in part
        ("Why did the board sell the mill?", "The board refused to sell the weir."),
        ("When did the mill last burn?", "The mill did not burn again until 1950."),
        ("When did the club win the cup?", "The club did not win the cup in 1950 and left."),
        ("Which tower did Moss build?", "Moss never built another tower."),
        # an answer, though in the negative
        ("Who was it that refused to sell the mill?", "The board refused to sell the mill."),
        ("Why was the mill not sold?", "The mill was not sold because nobody paid for it."),
        ("How many people died in the mill?", "Nobody died in the mill."),
        ("When did the board warn against the raid?", "In 1904 it advised against the raid."),
        # what holds in one case alone
        ("Which way does the wheel turn to work?", "If it turns left, the wheel will not work."),
        (
            "What tax is there on mills?",
            "The county does not tax mills, but the realm taxes mills.",
        ),
        # misspelt names are the same ones
        ("Who built the biggest Portestant church?", "Moss built the biggest Protestant church."),
    ],
)
def test_what_is_no_denial(question, sentence):
    assert denied(question, sentence) is None


def test_a_sentence_in_another_language_denies_nothing():
    question, premise = "What did the union publish in 1931?", "the union published it in 1931"
    text = "In 1913 the union published a report."
    assert denial(question, premise, [Heard(text, "fr")]) is None
    assert denial(question, premise, [Heard(text, "fr"), Heard(text)]) == Denial(1, "1931", "1913")
