"""Questions of several parts, and questions that only earlier ones explain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.errors import QuestionError
from footnoted.service.questions import LONGEST, MOST_EARLIER, checked_history, parts_of


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("Who built the bridge?", ["Who built the bridge?"]),
        ("Who built the bridge and when?", ["Who built the bridge and when?"]),
        (
            "When was the bridge opened, and who paid for the toll house?",
            ["When was the bridge opened", "who paid for the toll house?"],
        ),
        (
            "Who built the bridge? Who painted the town hall?",
            ["Who built the bridge?", "Who painted the town hall?"],
        ),
        ("Which towns and villages burnt down?", ["Which towns and villages burnt down?"]),
        ("Did the mayor and the council agree?", ["Did the mayor and the council agree?"]),
        ("I read of a bridge. Who built it?", ["I read of a bridge. Who built it?"]),
        ("When was it built?", ["When was it built?"]),
        ("من بنى الجسر؟", ["من بنى الجسر؟"]),
        ("من بنى الجسر؟ متى افتتح؟", ["من بنى الجسر؟", "متى افتتح؟"]),
    ],
)
def test_each_thing_that_is_asked_is_a_part(question: str, parts: list[str]) -> None:
    assert parts_of(question) == parts


@pytest.mark.parametrize(
    "question", ["and when?", "Why?", "What about them?", "And how many?", "Who else?", "ومتى؟"]
)
def test_a_question_that_names_nothing_needs_one_before_it(question: str) -> None:
    assert parts_of(question) == []
    (part,) = parts_of(question, ["Who built the bridge?"])
    assert part.endswith("Who built the bridge?")
    assert part != "Who built the bridge?"


def test_the_newest_question_that_names_something_explains() -> None:
    history = ["Who built the bridge?", "And who painted the town hall?", "why?"]
    (part,) = parts_of("when?", history)
    assert part == "when why who painted the town hall?"


def test_a_pronoun_points_back_and_a_name_does_not() -> None:
    history = ["Who built the bridge?"]
    assert parts_of("When did it open?", history) == ["When did it open Who built the bridge?"]
    assert parts_of("Did they meet Ada Mason?", history) == ["Did they meet Ada Mason?"]
    assert parts_of("How high is the tower?", history) == ["How high is the tower?"]


@pytest.mark.timeout(20)  # minutes, where a pattern goes back over every gap
@pytest.mark.parametrize("gap", [" ", " \t", " ,", ", ", "? ", " and", "and when "])
def test_a_question_of_nothing_but_gaps_costs_no_time(gap: str) -> None:
    question = "a" + (gap * LONGEST)[: LONGEST - 2] + "b"
    assert all(part.startswith("a") for part in parts_of(question, [question])[:1])
    assert len(parts_of(question)) <= 4


def test_history_has_its_limits() -> None:
    assert checked_history([" Who? ", "", " "]) == ("Who?",)
    with pytest.raises(QuestionError, match="at most"):
        checked_history(["Who?"] * (MOST_EARLIER + 1))
    with pytest.raises(QuestionError, match="characters"):
        checked_history(["x" * (LONGEST + 1)])


@given(st.text(), st.lists(st.text(), max_size=3))
def test_whatever_is_asked_has_few_parts_and_none_is_blank(
    question: str, history: list[str]
) -> None:
    parts = parts_of(question, history)
    assert len(parts) <= 4
    assert all(part.strip() for part in parts)
