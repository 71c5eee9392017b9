from __future__ import annotations

import json
from dataclasses import replace

import pytest

from footnoted.domain import RefusalReason, Span
from footnoted.errors import InputError, UnreadableFile
from footnoted.eval.questions import Evidence, check_questions, evidence_spans, load_questions

FACT = {
    "id": "d1",
    "question": "How many lamps?",
    "language": "en",
    "answerable": True,
    "answers": ["three", "3"],
    "evidence": [{"document": "article", "quote": "It carries three lamps."}],
    "references": ["2"],
    "tags": ["fact"],
}
GAP = {
    "id": "d2",
    "question": "Who sang?",
    "language": "en",
    "answerable": False,
    "reason": "not_in_corpus",
}


def write(path, *lines):
    path.write_text("\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines), "utf-8")
    return path


def test_questions_are_read_in_the_order_of_the_file(tmp_path):
    listed = {k: v for k, v in FACT.items() if k != "answers"} | {
        "id": "d3", "question": "Which two?", "answers_all": [["a1", "A-1"], ["b1"]],
    }  # fmt: skip
    first, second, third = load_questions(write(tmp_path / "s.jsonl", FACT, "", GAP, listed))
    assert first.question_id == "d1"
    assert first.answers == (("three", "3"),)
    assert first.evidence == (Evidence("article", "It carries three lamps."),)
    assert (first.references, first.tags, first.reason) == (("2",), ("fact",), None)
    assert not second.answerable
    assert second.reason is RefusalReason.NOT_IN_CORPUS
    assert third.answers == (("a1", "A-1"), ("b1",))


def without(record, *keys, **changed):
    return {k: v for k, v in record.items() if k not in keys} | changed


OTHER = without(FACT, id="d9", question="Another?")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "Expecting property name"),
        ("[]", "a question is a JSON object"),
        ('{"id": "x", "id": "y"}', "the key 'id' stands twice"),
        ("[" * 100_000, "recursion"),
        (without(OTHER, colour="red"), "unknown key 'colour'"),
        (without(OTHER, "language"), "the key 'language' is missing"),
        (without(OTHER, answerable=1), "'answerable' is true or false"),
        (without(OTHER, id=" "), "'id' is text"),
        (without(OTHER, question=3), "'question' is text"),
        (without(OTHER, reason="not_in_corpus"), "has no 'reason'"),
        (without(OTHER, answers_all=[["x"]]), "either 'answers' or 'answers_all'"),
        (without(OTHER, "answers"), "either 'answers' or 'answers_all'"),
        (without(OTHER, answers=[]), "'answers' is empty"),
        (without(OTHER, "answers", answers_all=[["x"], []]), "'answers_all' is empty"),
        (without(OTHER, answers="three"), "'answers' is a list"),
        (without(OTHER, answers=["?!"]), "no letter or digit"),
        (without(OTHER, answers=["x", "x"]), "holds the same twice"),
        (without(OTHER, "evidence"), "needs 'evidence'"),
        (without(OTHER, evidence=[]), "needs 'evidence'"),
        (without(OTHER, evidence=[{"document": "article"}]), "'document' and 'quote'"),
        (without(OTHER, evidence=[{"document": "article", "quote": ""}]), "'quote' is text"),
        (without(GAP, "reason"), "is not_in_corpus, sources_unreadable"),
        (without(GAP, reason="bored"), "is not_in_corpus, sources_unreadable"),
        (without(GAP, evidence=FACT["evidence"]), "an unanswerable question has no 'evidence'"),
        (without(GAP, references=["2"]), "an unanswerable question has no 'references'"),
        (without(GAP, question=FACT["question"]), "already stands on line 1"),
        (without(GAP, id="d1"), "the id 'd1' already stands on line 1"),
    ],
)
def test_a_fault_is_named_with_its_file_and_line(tmp_path, line, said):
    path = write(tmp_path / "set.jsonl", FACT, "", line)
    with pytest.raises(InputError) as caught:
        load_questions(path)
    assert f"{path}, line 3: " in str(caught.value)
    assert said in str(caught.value)
    assert caught.value.about == f"{path}:3"


def test_a_missing_binary_or_empty_set_is_refused(tmp_path):
    with pytest.raises(UnreadableFile, match="absent"):
        load_questions(tmp_path / "absent.jsonl")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UnreadableFile, match="binary"):
        load_questions(tmp_path / "binary")
    with pytest.raises(InputError, match="holds no question"):
        load_questions(write(tmp_path / "empty", "", ""))


def test_a_set_that_agrees_with_its_corpus_has_no_problem(world):
    assert check_questions(world.questions, world.texts) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"evidence": (Evidence("article", "It carries four lamps."),)}, "is not in 'article'"),
        (
            {"evidence": (Evidence("article", "It carries  three lamps."),)},
            "only after normalisation",
        ),
        ({"evidence": (Evidence("99", "It"),)}, "the corpus has no document '99'"),
        ({"answers": (("three",), ("seven", "7"))}, "no evidence quote holds 'seven' or '7'"),
        ({"references": ("2", "zz")}, "the article has no reference 'zz'"),
        ({"references": ("1",)}, "reference '1' neither stands at a quoted sentence"),
    ],
)
def test_a_set_that_disagrees_with_its_corpus_is_told(world, change, problem):
    wrong = replace(world.questions[1], **change)
    found = check_questions([world.questions[0], wrong], world.texts)
    assert any(p.startswith("a1: ") and problem in p for p in found), found
    assert not any(p.startswith("a0: ") for p in found)


def test_a_quoted_source_supports_its_own_reference_only(world):
    quoted = replace(
        world.questions[2],
        evidence=(Evidence("3", "The keeper Ada Holm came in spring."),),
    )
    assert check_questions([quoted], world.texts) == []
    problems = check_questions([replace(quoted, references=("ref-4",))], world.texts)
    assert problems == [
        "a2: reference 'ref-4' neither stands at a quoted sentence nor is a quoted source"
    ]


def test_evidence_is_found_at_every_place_in_code_points(world):
    text = world.article_text
    (span,) = evidence_spans(Evidence("article", "The horn was sold"), world.texts)
    assert text[span.start : span.end] == "The horn was sold"
    spans = evidence_spans(Evidence("article", "The "), world.texts)
    assert [s.start for s in spans] == [i for i in range(len(text)) if text.startswith("The ", i)]
    assert len(spans) == 3
    assert all(isinstance(s, Span) for s in spans)
    with pytest.raises(InputError, match="does not hold the words"):
        evidence_spans(Evidence("article", "absent words"), world.texts)
