"""Rules from sentences and infobox labels to questions; the hidden trap is a wrong question."""

from __future__ import annotations

import pytest

from footnoted.domain import RefusalReason
from footnoted.eval.starter.labels import label_question
from footnoted.eval.starter.questions import gap_question, sentence_question
from footnoted.eval.starter.unanswerable import unanswerable_questions
from footnoted.eval.tokens import contains_answer

COMMON = frozenset({"the", "a", "an", "tolls"})

QUESTIONS = [
    ("A footway was added in 1996.", "When was a footway added?", "1996"),
    ("Tolls were first charged in May 1911, and many fled.",
     "When were tolls first charged?", "May 1911"),
    ("The tower was opened on 3 May 1888 by the queen.",
     "When was the tower opened by the queen?", "3 May 1888"),
    ("The steelwork was made by the Pelloway Ironworks.",
     "By whom or what was the steelwork made?", "Pelloway Ironworks"),
    ("The play was first performed in Port Ennerby.",
     "Where was the play first performed?", "Port Ennerby"),
    ("The tower cost about 184,000 crowns.", "How much did the tower cost?", "184,000 crowns"),
    ("The bridge is 312 metres long and has five spans.", "How long is the bridge?", "312 metres"),
    ("Ten painters were attacked in 1911.", "When were ten painters attacked?", "1911"),
    ("The bridge has five stone arches.", "How many stone arches does the bridge have?", "five"),
    ("Ten local painters were on strike.", "How many local painters were on strike?", "Ten"),
]  # fmt: skip

NONE = [
    "It was opened in 1911.",  # of what, only the sentence before knows
    "Merrowin's plan was accepted in the following spring.",
    "When the dam burst, the tower was flooded in 1931.",
    "The tower was designed and built in 1911.",  # two verbs, one year
    "The tower was a ruin in 1911.",
    "An assessment in 1984 found cracks.",
    "The year 1911 was declared over in 1911.",  # the question would give its answer away
    "The council that was elected in 1904 fell.",
    "The bridge was closed by March.",
]


@pytest.mark.parametrize(("sentence", "question", "answer"), QUESTIONS)
def test_a_sentence_becomes_a_question(sentence: str, question: str, answer: str) -> None:
    draft = sentence_question(sentence, COMMON)
    assert draft is not None
    assert (draft.question, draft.answers[0]) == (question, answer)
    assert contains_answer(sentence, draft.answers[0], "en")


@pytest.mark.parametrize("sentence", NONE)
def test_a_sentence_that_no_rule_fits_gives_no_question(sentence: str) -> None:
    assert sentence_question(sentence, COMMON) is None


def test_it_is_the_subject_where_that_is_known() -> None:
    draft = sentence_question("It was opened in 1911.", COMMON, "the Sallowick Bridge")
    assert draft is not None
    assert draft.question == "When was the Sallowick Bridge opened?"


def test_a_gap_is_left_where_the_answer_stands_once() -> None:
    draft = gap_question("The deck hangs from 44 hangers of Oslo steel.", "en")
    assert draft is not None
    assert draft.question == (
        "What belongs in the gap? The deck hangs from ___ hangers of Oslo steel."
    )
    assert draft.answers == ("44",)
    other = gap_question("Die Brücke trägt 44 Lampen.", "de")
    assert other is not None
    assert other.question == "Die Brücke trägt ___ Lampen."


@pytest.mark.parametrize(
    "sentence",
    [
        "They hung 44 lamps.",
        "In 44 days 44 lamps fell.",
        "From 3 to 4 March the river rose.",
        "The 26-song concert ended.",
        "Neither Ada of Varna nor anybody else came.",
        "Ulrich thought Kill 'Em All was over.",
    ],
)
def test_no_gap_that_cannot_be_filled_for_certain(sentence: str) -> None:
    assert gap_question(sentence, "en") is None


@pytest.mark.parametrize(
    ("label", "count", "question"),
    [
        ("Total length", 1, "What is the total length of the Light?"),
        ("Designer", 1, "Who is the designer of the Light?"),
        ("Leaders", 3, "Who are the leaders of the Light?"),
        ("Group(s)", 2, "What are the groups of the Light?"),
        ("Opened", 1, "When was the Light opened?"),
        ("No. of spans", 1, "How many spans does the Light have?"),
        ("Designed by", 1, "By whom or what was the Light designed?"),
        ("Prime Minister", 1, "What is the Prime Minister of the Light?"),
        ("GDP", 1, "What is the GDP of the Light?"),
        ("Status", 1, "What is the status of the Light?"),
        ("Name", 1, None),
        ("Website", 1, None),
        ("Preceded", 1, None),
        ("Next", 1, None),
        ("Light chronology", 1, None),
        ("Singles from Light", 2, None),
    ],
)
def test_a_label_asks_for_its_row(label: str, count: int, question: str | None) -> None:
    assert label_question(label, "the Light", count) == question


def test_unanswerable_questions_ask_for_what_no_text_holds() -> None:
    texts = [("The mottos of 1918 and its budgets.", "en"), ("Nothing else.", "en")]
    asked = ["When was the Light closed?", "How many lamps were lit in 1911?"]
    found = list(unanswerable_questions("the Light", asked, "en", texts))
    assert not any("motto" in question or "budget" in question for question, _, _ in found)
    absent = [question for question, _, rule in found if rule == "absent"]
    assert absent[0] == "Which song is the anthem of the Light?"
    # 1918, which is the first year tried, stands in a text.
    other = [(question, reason) for question, reason, rule in found if rule == "other-year"]
    assert other == [("How many lamps were lit in 1905?", RefusalReason.FALSE_PREMISE)]


def test_nothing_is_asked_of_no_subject_or_in_another_language() -> None:
    texts = [("Nothing of it.", "en")]
    assert list(unanswerable_questions(None, [], "en", texts)) == []
    assert list(unanswerable_questions("Licht", [], "de", texts)) == []
