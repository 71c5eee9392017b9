"""What questions take for granted, and the verbs that this turns on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.service.premises import premise_of
from footnoted.service.verb_forms import base, past, third


@pytest.mark.parametrize(
    ("question", "premise"),
    [
        ("Why did Biden blame X for Y?", "Biden blamed X for Y"),
        ("When was the bridge demolished?", "the bridge was demolished"),
        (
            "Which unit did the soldiers killed in Ostervey belong to?",
            "the soldiers killed in Ostervey belonged to some unit",
        ),
        ("Who built the bridge?", "someone built the bridge"),
        ("What caused the flood?", "something caused the flood"),
        ("What was the bridge made of?", "the bridge was made of something"),
        ("Who was the tower built by?", "the tower was built by someone"),
        ("Who was the general killed in the attack?", "there was a general killed in the attack"),
        ("What were the jobs in a gang?", "there were jobs in a gang"),
        ("How has the bridge been repaired?", "the bridge has been repaired"),
        ("When will the coalition end its mission?", "the coalition will end its mission"),
        ("What might Ada Moss build?", "Ada Moss might build something"),
        ("In 1904, why did the council reject it?", "the council rejected it in 1904"),
        ("In which year was the bridge opened?", "the bridge was opened"),
        ("To which party does Ada Moss belong?", "Ada Moss belongs to some party"),
        ("Which tunnel did the cars move to in 1979?", "the cars moved to some tunnel in 1979"),
        ("How many rivets is the arch thought to have?", "the arch is thought to have some rivets"),
        ("How many people use the tunnel?", "some people use the tunnel"),
        ("How badly was the clerk hurt?", "the clerk was hurt"),
        (
            "Which of its members did the union say had left?",
            "the union said that some of its members had left",
        ),
        ("Why did the mayor not attend?", "the mayor did not attend"),
        ("How did TIME magazine characterise the group?", "TIME magazine characterised the group"),
        ("When did the strike on the camp occur?", "the strike on the camp occurred"),
        ("What did 1,345 men carry?", "1,345 men carried something"),
        ("Where did it go?", "it went"),
        ("Why do they carry on?", "they carry on"),
    ],
)
def test_the_statement_that_a_question_takes_for_granted(question, premise):
    assert premise_of(question) == premise


@pytest.mark.parametrize(
    "question",
    [
        "Did the bridge fall?",
        "Is the tower old?",
        "Was it not closed?",
        "how high is the tower?",
        "Why is the bridge famous?",
        "bridge opening date",
        "what about the second?",
        "?",
        "",
        "Pourquoi le pont est-il fermé ?",
        "لماذا سقط الجسر؟",
    ],
)
def test_nothing_is_taken_for_granted_where_no_rule_tells(question):
    assert premise_of(question) is None


def test_other_languages_have_no_rules():
    assert premise_of("Who built the bridge?", "fr") is None
    assert premise_of("Who built the bridge?", "en-GB") == "someone built the bridge"


@given(st.text(max_size=200))
def test_a_premise_is_of_any_text_a_text_or_nothing(text):
    found = premise_of(f"Why did {text}")
    assert found is None or found.strip() == found != ""


def test_the_forms_of_verbs():
    pasts = [past(verb) for verb in ("go", "carry", "stop", "visit", "blame")]
    assert pasts == ["went", "carried", "stopped", "visited", "blamed"]
    thirds = [third(verb) for verb in ("have", "carry", "pass", "go", "play")]
    assert thirds == ["has", "carries", "passes", "goes", "plays"]
    assert [base(word) for word in ("built", "spoken", "bridge")] == ["build", "speak", "bridge"]
