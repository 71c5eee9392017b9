from __future__ import annotations

import json
from dataclasses import replace

import pytest

from footnoted.errors import InputError, UnreadableFile
from footnoted.eval.answer_documents import generation_of, load_answers, read_answer


def test_a_document_is_read_with_its_statements_joined_to_their_citations(world):
    document = world.answer(1, 0.8)
    document["passages"].reverse()
    read = read_answer("a1", document)
    assert (read.answered, read.confidence, read.generation) == (True, 0.8, "g1")
    (statement,) = read.statements
    assert (statement.text, statement.span) == ("It carries three lamps.", "three")
    (citation,) = statement.citations
    assert citation.quote == "It carries three lamps."
    assert citation.references[0].label == "2"
    assert [p.rank for p in read.passages] == list(range(1, 9))
    assert read.passages[0].passage_id == "p1"


def change(path, value):
    def apply(document):
        *parents, last = path
        for key in parents:
            document = document[key]
        document[last] = value

    return apply


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda d: d.pop("status"), "lacks 'status'"),
        (change(["status"], "maybe"), "'answered' or 'refused'"),
        (change(["status"], "refused"), "a refusal has none"),
        (change(["statements"], []), "an answer has statements"),
        (change(["confidence"], 1.5), "from 0 to 1"),
        (change(["confidence"], float("nan")), "not a finite number"),
        (change(["confidence"], True), "not a finite number"),
        (change(["statements", 0, "citations"], [2]), "cites 2"),
        (change(["statements", 0, "text"], None), "None is not a str"),
        (change(["citations", 0, "start"], "0"), "'0' is not a int"),
        (change(["citations"], ["words"]), "is wrong"),
        (lambda d: d["citations"].append(d["citations"][0]), "have the same 'number'"),
        (change(["passages", 0, "score"], None), "not a finite number"),
        (change(["corpus"], "words"), "is wrong"),
    ],
)
def test_a_document_that_breaks_the_contract_is_named(world, spoil, said):
    document = world.answer(1, 0.8)
    spoil(document)
    with pytest.raises(InputError, match="question 'a1'") as caught:
        read_answer("a1", document)
    assert said in str(caught.value)


def test_answers_are_found_by_id_or_by_question(world, tmp_path):
    lines = [
        {**world.documents["a0"], "id": "a0"},
        world.documents["a1"],
        {**world.documents["a2"], "question": "of another set"},
    ]
    path = tmp_path / "answers.jsonl"
    path.write_text("\n\n".join(map(json.dumps, lines)), "utf-8")
    assert load_answers(path, world.questions) == {"a0": lines[0], "a1": lines[1]}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["{"], ":1 is not JSON"),
        (["", "{}"], ":2 is no object"),
        (['{"id": 3}'], ":1 is no object"),
        (['{"id": "a0"}', '{"id": "a0"}'], ":2 answers the question 'a0' a second time"),
    ],
)
def test_a_wrong_line_is_named(world, tmp_path, lines, said):
    path = tmp_path / "answers.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    with pytest.raises(InputError) as caught:
        load_answers(path, world.questions)
    assert said in str(caught.value)


def test_questions_of_the_same_words_are_told_apart_by_their_ids(world, tmp_path):
    first = world.questions[0]
    twin = replace(first, question_id="twin")
    given = {**world.documents["a0"], "question": first.text}
    lines = [given | {"id": "a0"}, given | {"id": "twin"}]
    path = tmp_path / "answers.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    assert list(load_answers(path, [first, twin])) == ["a0", "twin"]
    path.write_text(json.dumps(given), "utf-8")
    assert list(load_answers(path, [first, twin])) == ["a0"]


def test_a_trec_run_is_no_answer(world, tmp_path):
    path = tmp_path / "run.trec"
    path.write_text("a0 Q0 p1 1 0.5 other\n", "utf-8")
    with pytest.raises(InputError, match="is a TREC run: it ranks, and these questions need"):
        load_answers(path, world.questions)


def test_absent_answers_are_unreadable(world, tmp_path):
    with pytest.raises(UnreadableFile, match="absent"):
        load_answers(tmp_path / "absent", world.questions)


def test_answers_of_two_generations_are_refused(world):
    one = read_answer("a0", world.documents["a0"])
    other = read_answer("a1", {**world.documents["a1"], "corpus": {"generation": "g2"}})
    unnamed = read_answer("a2", {**world.documents["a2"], "corpus": {}})
    assert generation_of([one, unnamed]) == "g1"
    assert generation_of([unnamed]) is None
    with pytest.raises(InputError, match="2 index generations"):
        generation_of([one, other])
