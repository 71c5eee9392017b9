"""A whole eval run on the packaged corpus: every question asked, scored, beside the baselines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from footnoted.errors import InputError, UnreadableFile
from footnoted.eval.baselines import BM25, COSINE
from footnoted.eval.corpus_texts import texts_of_corpus
from footnoted.eval.questions import check_questions, load_questions
from footnoted.eval.running import SETS, run_set, set_path
from footnoted.service.assistant import Assistant


@pytest.fixture(scope="module")
def assistant() -> Iterator[Assistant]:
    with Assistant.open("default") as opened:
        yield opened


def silent(*_: object) -> None:
    """No progress."""


@pytest.mark.parametrize("path", sorted(SETS.glob("*.jsonl")), ids=lambda path: path.stem)
def test_every_packaged_set_fits_the_default_corpus(path: Path, assistant: Assistant) -> None:
    corpus = assistant.corpus
    texts = texts_of_corpus(corpus.article, corpus.documents.values())
    assert check_questions(load_questions(path), texts) == []


def test_the_default_set_is_what_was_commissioned() -> None:
    questions = load_questions(set_path("default"))
    unanswerable = [q for q in questions if not q.answerable]
    assert len(questions) >= 80
    assert len(unanswerable) >= 30
    assert sum("false-premise" in q.tags for q in unanswerable) >= 10
    tags = {tag for q in questions for tag in q.tags}
    kinds = "fact list date-number who-did-what infobox which-source paraphrase arabic near-miss"
    assert tags >= set(kinds.split())


def test_plain_bm25_does_not_solve_the_default_set(assistant: Assistant) -> None:
    found = run_set(set_path("default"), assistant, progress=silent)
    assert found.baselines[BM25]["hit@1"].value <= 0.85
    assert found.baselines[BM25]["refusal_auroc"].value <= 0.80
    ours = found.report
    assert ours.value_of("quote_fidelity") == 1.0
    for baseline in (BM25, COSINE):
        for measure in ("nDCG@10", "hit@1", "hit@5"):
            value = ours.value_of(measure)
            assert value is not None
            assert value > found.baselines[baseline][measure].value
    assert len(found.run) == len(load_questions(set_path("default")))


def test_answers_made_elsewhere_are_scored(assistant: Assistant, tmp_path: Path) -> None:
    lines = set_path("default").read_text("utf-8").splitlines()[:3]
    small = tmp_path / "small.jsonl"
    small.write_text("\n".join(lines), "utf-8")
    questions = load_questions(small)
    asked = {q.question_id: assistant.ask(q.text, k=20) for q in questions}
    made = tmp_path / "answers.jsonl"
    made.write_text(
        "\n".join(json.dumps({"id": key} | document) for key, document in asked.items()), "utf-8"
    )
    here = run_set(small, assistant, progress=silent).report
    there = run_set(small, assistant, answers=made, progress=silent).report
    assert there.values == here.values


def test_a_set_of_another_corpus_is_refused(assistant: Assistant, tmp_path: Path) -> None:
    line = json.loads(set_path("default").read_text("utf-8").splitlines()[0])
    line["evidence"] = [{"document": "article", "quote": "Words that stand nowhere."}]
    line["answers"] = ["nowhere"]
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps(line), "utf-8")
    with pytest.raises(InputError, match="does not fit this corpus"):
        run_set(other, assistant, progress=silent)


def test_an_unknown_set_names_the_known_ones() -> None:
    with pytest.raises(UnreadableFile) as caught:
        set_path("nonsense")
    assert "default" in (caught.value.hint or "")
