"""A whole eval run on the packaged corpus: every question asked, scored, beside the baselines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from footnoted.errors import InputError, UnreadableFile, UsageError
from footnoted.eval.baselines import BM25, COSINE
from footnoted.eval.corpus_texts import texts_of_corpus
from footnoted.eval.datasets.qrels import read_qrels
from footnoted.eval.measures import score_runs
from footnoted.eval.questions import check_questions, load_questions
from footnoted.eval.records import read_facts, read_record
from footnoted.eval.running import SETS, run_set, set_path
from footnoted.service.assistant import Assistant
from footnoted.settings import load_settings


@pytest.fixture(scope="module")
def assistant() -> Iterator[Assistant]:
    with Assistant.open("default") as opened:
        yield opened


def silent(*_: object) -> None:
    """No progress."""


@pytest.mark.parametrize("path", sorted(SETS.glob("*.jsonl")), ids=lambda path: path.stem)
def test_every_packaged_set_fits_its_corpus(path: Path) -> None:
    with Assistant.open("example" if path.stem == "example" else "default") as opened:
        corpus = opened.corpus
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


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Nine questions of the default set, of both kinds."""
    lines = set_path("default").read_text("utf-8").splitlines()[4::10][:9]
    path = tmp_path / "small.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_a_record_reads_back_as_the_report_and_says_what_it_was_made_with(
    assistant: Assistant, small: Path, tmp_path: Path
) -> None:
    settings = load_settings()
    folder = tmp_path / "run"
    found = run_set(small, assistant, folder=folder, settings=settings, progress=silent)
    record = read_record(folder)
    assert record.report == found.report
    assert (record.run, record.baselines) == (found.run, found.baselines)
    # Other tools can score the run from its two TREC files.
    judged = read_qrels(folder / "qrels.txt")
    assert score_runs(judged, record.run)["nDCG@10"] == found.report.values["nDCG@10"]
    assert record.documents == found.documents
    facts = record.facts
    assert facts["set"]["name"] == "small"
    assert facts["corpus"]["revision"] == assistant.corpus.info.revision_id
    assert facts["generation"] == found.report.generation
    assert facts["settings"]["refuse_below"] == settings.refuse_below
    assert "onnxruntime" in facts["versions"]
    milliseconds = found.report.milliseconds
    assert milliseconds.keys() == found.documents.keys()
    assert all(value > 0 for value in milliseconds.values())
    costs = found.report.costs
    assert min(milliseconds.values()) <= costs["latency_p50_ms"].value
    assert costs["latency_p50_ms"].value <= costs["latency_p99_ms"].value
    assert costs["memory_peak_mb"].value > 50


def test_a_killed_run_goes_on_and_ends_as_if_it_had_not_been_killed(
    assistant: Assistant, small: Path, tmp_path: Path
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    run_set(small, assistant, folder=whole, progress=silent)

    def interrupted(_: str, done: int, __: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_set(small, assistant, folder=killed, progress=interrupted)
    assert "finished_at" not in read_facts(killed)
    first = (killed / "answers.jsonl").read_text("utf-8").splitlines()
    assert len(first) == 4
    asked = (killed / "timings.jsonl").read_text("utf-8")
    run_set(small, assistant, folder=killed, progress=silent)
    assert (killed / "timings.jsonl").read_text("utf-8").startswith(asked)
    for name in ("answers.jsonl", "results.jsonl", "measures.json", "run.trec"):
        assert (killed / name).read_bytes() == (whole / name).read_bytes()


def test_a_finished_run_is_read_again_where_that_is_asked_for(
    assistant: Assistant, small: Path, tmp_path: Path
) -> None:
    def unasked(*_: object) -> None:
        raise AssertionError("a question was asked")

    folder = tmp_path / "run"
    first = run_set(small, assistant, folder=folder, progress=silent)
    again = run_set(small, assistant, folder=folder, reuse=True, progress=unasked)
    assert again == first
    with pytest.raises(UsageError, match="finished run already"):
        run_set(small, assistant, folder=folder, progress=unasked)
    small.write_text("\n".join(small.read_text("utf-8").splitlines()[:3]), "utf-8")
    with pytest.raises(UsageError, match=r"its set\.sha256 was"):
        run_set(small, assistant, folder=folder, reuse=True, progress=unasked)


def test_a_killed_run_of_another_set_is_not_mixed_in(
    assistant: Assistant, small: Path, tmp_path: Path
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_set(small, assistant, folder=tmp_path / "run", progress=interrupted)
    small.write_text("\n".join(small.read_text("utf-8").splitlines()[:3]), "utf-8")
    with pytest.raises(UsageError, match=r"its set\.sha256 was"):
        run_set(small, assistant, folder=tmp_path / "run", progress=silent)


def test_a_set_without_an_answerable_question_is_scored(assistant: Assistant, small: Path) -> None:
    lines = [
        line for line in small.read_text("utf-8").splitlines() if '"answerable": false' in line
    ]
    small.write_text("\n".join(lines), "utf-8")
    found = run_set(small, assistant, progress=silent)
    assert len(lines) == len(found.report.rows) > 0
    assert found.baselines[BM25] == {}
    assert "nDCG@10" not in found.report.measures
