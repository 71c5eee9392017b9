"""What holds of every answer, however its sentences are chosen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.errors import QuestionError
from footnoted.service.questions import LONGEST, checked_question

QUESTIONS = (
    "Who designed the bridge?",
    "What happened in the flood of 1931?",
    "How did the council vote in 1904?",
    "How many rivets were estimated?",
    "When was the bridge opened?",
)


@given(st.text(max_size=LONGEST))
def test_a_question_needs_a_letter_or_a_digit(text):
    if any(c.isalnum() for c in text):
        assert checked_question(f" {text}\n") == text.strip()
    elif not text.strip():
        with pytest.raises(QuestionError, match="is empty"):
            checked_question(text)


@pytest.mark.parametrize("length", [LONGEST, LONGEST + 1])
def test_the_longest_question(length):
    if length <= LONGEST:
        assert checked_question("é" * length) == "é" * length
        return
    with pytest.raises(QuestionError, match="at most 2,000 are read"):
        checked_question("é" * length)


@pytest.fixture(scope="module")
def answered(commands, bridge):
    asked = [commands("ask", q, "--corpus", bridge.folder, "--json") for q in QUESTIONS]
    found = [done.document for done in asked if done.code == 0]
    assert len(found) >= 3
    return found


def test_what_stands_behind_a_statement_is_counted_from_its_citations(answered):
    """A source supports when its own words are cited, or when it seems to say the article's claim;
    a digest never does.
    """
    for document in answered:
        by_number = {citation["number"]: citation for citation in document["citations"]}
        for statement in document["statements"]:
            cited = [by_number[number] for number in statement["citations"]]
            own_words = {
                c["document_id"]
                for c in cited
                if c["kind"] == "source" and c["identity"] != "digest"
            }
            counts = statement["corroboration"]
            readable = {
                reference["document_id"]
                for reference in cited[0]["references"]
                if reference["document_id"] and reference["identity"] != "digest"
            }
            assert len(own_words) <= counts["supporting"] <= len(own_words | readable)
            assert min(1, counts["supporting"]) <= counts["independent"] <= counts["supporting"]
            states = [reference["identity"] for reference in cited[0]["references"]]
            assert counts["cited"] == len(states)
            assert counts["digests"] == states.count("digest")


def test_caveats_say_whose_words_these_are(answered):
    for document in answered:
        kinds = {(c["kind"], c["identity"] == "digest") for c in document["citations"]}
        assert ("article_only" in document["caveats"]) == ({k for k, _ in kinds} == {"article"})
        assert ("digest_only" in document["caveats"]) == (kinds == {("source", True)})


def test_no_sentence_is_said_twice(answered):
    for document in answered:
        texts = [statement["text"] for statement in document["statements"]]
        assert len(set(texts)) == len(texts) <= 5
        assert 0 <= document["confidence"] <= 1


def test_who_never_wants_a_refusal_gets_one_where_nothing_was_found(commands, light):
    asked = commands(
        "ask", "Who lit it?", "--only", "sources", "--corpus", light, "--json",
        FOOTNOTED_REFUSE_BELOW="0",
    )  # fmt: skip
    assert asked.code == 3, asked.err
    assert asked.document["status"] == "refused"
    assert asked.document["passages"] == []
