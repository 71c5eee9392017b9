from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.errors import EXIT_DONE, EXIT_FAILED, InputError
from footnoted.eval.bench import footnoted_worker, subjects
from footnoted.eval.bench.processes import environment, line_process, seconds_of
from footnoted.eval.questions import load_questions
from footnoted.eval.running import set_path
from footnoted.index.generations import IndexRow, current, open_generation
from footnoted.index.rows import read_rows
from footnoted.service.assistant import Assistant
from footnoted.settings import Settings, load_settings

FACTS = {
    "light": "The Skerry Light was lit in 1884 and carries three lamps.",
    "keeper": "Its first keeper was Ada Holm, who kept bees on the rock.",
    "tower": "The tower stands 41 metres tall and is built of Bohus granite.",
}
ASKED = ["When was the light lit?", "Who kept bees?", "Who kept bees?", "What is this about?"]


@pytest.fixture
def beir(tmp_path: Path) -> Path:
    """A BEIR folder of three documents; one of its queries comes twice, one warms us up."""
    folder = tmp_path / "skerry"
    folder.mkdir()
    lines(folder / "corpus.jsonl", ({"_id": n, "title": n, "text": t} for n, t in FACTS.items()))
    queries = ({"_id": f"q{n}", "text": text} for n, text in enumerate(ASKED))
    lines(folder / "queries.jsonl", queries)
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq0\tlight\t1\n", "utf-8")
    return folder


def lines(path: Path, objects: Any) -> None:
    path.write_text("".join(json.dumps(each) + "\n" for each in objects), "utf-8")


def settings(cache_dir: Path, corpus: str | Path = "default") -> Settings:
    return load_settings(corpus=str(corpus), cache_dir=cache_dir, threads=1)


def quiet(_: str) -> None:
    pass


# --- questions and passages ---


@pytest.mark.parametrize("name", subjects.SETS)
def test_no_timed_question_was_asked_to_warm_up(name: str) -> None:
    assert not {q.text for q in load_questions(set_path(name))} & set(subjects.WARM_UP)


def test_no_question_is_asked_twice() -> None:
    assert subjects.fresh_questions(["b", "a", "b", subjects.WARM_UP[0]]) == ("b", "a")


@given(st.integers(1, 40), st.integers(1, 40))
def test_a_part_of_the_questions_is_spread_over_all(size: int, most: int) -> None:
    asked = [str(n) for n in range(size)]
    found = [int(text) for text in subjects.spread(asked, most)]
    assert len(found) == min(size, most)
    assert found == sorted(set(found))
    gaps = [after - before for before, after in zip(found, [*found[1:], size], strict=True)]
    assert max(gaps) - min(gaps) <= 1


def test_few_passages_are_varied_and_keep_their_words() -> None:
    rows = [IndexRow("a", "one two three", "", "en"), IndexRow("b", "four", "", "en")]
    found = subjects.varied(rows, 5)
    assert [row.text for row in found] == [
        *("one two three", "four", "two three one", "four", "three one two")
    ]
    assert len({row.passage_id for row in found}) == 5
    assert [row.text for row in subjects.varied(rows, 1)] == ["one two three"]


def test_a_dataset_is_asked_its_own_queries_of_its_own_passages(
    beir: Path, cache_dir: Path
) -> None:
    found = subjects.dataset_subject(beir, settings(cache_dir), 7, quiet)
    assert sorted(row.text for row in found.rows) == sorted(FACTS.values())
    assert found.questions == ("When was the light lit?", "Who kept bees?")
    assert len(found.built) == 7
    with Assistant.open(settings=settings(cache_dir, found.corpus)) as assistant:
        assert assistant.search("Who kept bees?", 1)["passages"][0]["text"] == FACTS["keeper"]


def test_a_dataset_without_queries_is_refused(tmp_path: Path, cache_dir: Path) -> None:
    lines(tmp_path / "pairs.jsonl", [{"id": "1", "claim": "x", "evidence": "y"}])
    with pytest.raises(InputError, match="nothing to ask"):
        subjects.dataset_subject(tmp_path, settings(cache_dir), 7, quiet)


def test_the_packaged_passages_are_many_enough_to_time_a_build(
    light: Path, cache_dir: Path
) -> None:
    found = subjects.corpus_subject(settings(cache_dir, light), 200, quiet)
    assert len(found.built) == len({row.text for row in found.built}) == 200
    assert [row.text for row in found.built[: len(found.rows)]] == [r.text for r in found.rows]
    assert len(found.questions) == len(set(found.questions)) > 300


# --- our side's process ---


def test_retrieval_is_timed_to_the_texts_of_the_passages_that_search_shows(
    light: Path, cache_dir: Path
) -> None:
    with Assistant.open(settings=settings(cache_dir, light)) as assistant:
        texts = footnoted_worker.retrieval(assistant)("Who was the first keeper?")
        shown = assistant.search("Who was the first keeper?", footnoted_worker.SHOWN)["passages"]
    assert texts == [passage["text"] for passage in shown]
    assert texts


def test_a_build_writes_a_whole_index_of_the_passages(
    tmp_path: Path, light: Path, cache_dir: Path
) -> None:
    rows = [IndexRow(name, text, "Skerry", "en") for name, text in FACTS.items()]
    footnoted_worker.write_rows(tmp_path / "rows.jsonl", rows)
    env = os.environ | environment(settings(cache_dir), str(light), 1)
    worker = (sys.executable, "-m", "footnoted.eval.bench.footnoted_worker")
    command = (*worker, "build", str(tmp_path / "rows.jsonl"), str(tmp_path))
    assert 0 < seconds_of(command, env) < 60
    path = current(tmp_path)
    assert path is not None
    assert len(open_generation(path).dense) == 3
    assert read_rows(path)["passage_ids"] == list(FACTS)


@pytest.mark.parametrize("what", ["search", "ask"])
def test_the_worker_answers_one_by_one_and_several_at_once(
    what: str, light: Path, cache_dir: Path
) -> None:
    env = os.environ | environment(settings(cache_dir), str(light), 1)
    worker = (sys.executable, "-m", "footnoted.eval.bench.footnoted_worker")
    with line_process((*worker, "serve", what, "2"), env) as process:
        assert 0 < process.ask("Who kept the light?") < 60_000
        assert 0 < process.ask_at_once(["When was it lit?", "What is it built of?"]) < 60
        assert process.ask("How tall is it?") > 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from Linux's /proc")
def test_a_real_run_measures_both_pipelines(beir: Path, commands: Any) -> None:
    done = commands(
        *("bench", "--dataset", beir, "--runs", "1", "--passages", "16", "--json"),
        FOOTNOTED_THREADS="2",
    )
    assert done.code in (EXIT_DONE, EXIT_FAILED), done.err
    document = done.document
    assert document["passages"] == 3
    assert document["passages_built"] == 16
    assert document["questions"] == 2
    rows = {row["name"]: row for row in document["rows"]}
    assert rows["torch libraries while serving"]["footnoted"] == 0
    assert rows["torch libraries while serving"]["plain"] >= 1
    assert rows["serving memory, RSS"]["ok"] is True
    # Not the bounds: another program on this machine may hold them up. Half is beyond doubt.
    assert rows["cold start to the answer"]["ratio"] < 0.5
    assert all(row["footnoted"] > 0 for name, row in rows.items() if "torch" not in name)
    assert "run 1 of 1" in done.err
