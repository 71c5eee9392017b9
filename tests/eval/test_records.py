"""Run folders: written whole, read back as the same report, continued, and compared."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from footnoted.errors import FootnotedError, InputError, NotFound, UsageError
from footnoted.eval.records import (
    begin,
    compare_records,
    continued,
    read_facts,
    read_record,
    write_record,
    write_summary,
)
from footnoted.eval.runs import EvalReport, Gate, evaluate
from footnoted.eval.statistics import Interval

FACTS = {"set": {"name": "dev", "sha256": "a" * 64}, "seed": 3, "generation": "g1", "machine": "m"}
FILES = {"answers.jsonl", "measures.json", "results.jsonl", "run.json", "run.trec", "summary.md"}
RUN = {"a0": [("p0", 0.5), ("p1", 0.25)]}


def report_of(world, **changed):
    documents = world.documents | changed
    report = evaluate(
        world.questions, documents, world.qrels, world.texts, seed=7, name="dev",
        gates=[Gate("RR", at_least=0.5), Gate("ece", at_most=0.3)],
    )  # fmt: skip
    return replace(
        report,
        milliseconds={"a0": 3.25, "u1": 7.0},
        costs={"latency_p50_ms": Interval(5.0, 3.25, 7.0, 2)},
    )


def written(folder, world, facts=FACTS, **changed):
    write_record(
        folder, facts, report_of(world, **changed), summary="# Found\n", run=RUN,
        baselines={"BM25 only": {"RR": Interval(0.5, 0.25, 0.75, 8)}},
        documents=world.documents | changed,
    )  # fmt: skip
    return folder


def test_what_was_written_is_read_back(world, tmp_path):
    folder = written(tmp_path / "deep" / "run", world, a2=world.refusal("not_in_corpus", 0.3))
    record = read_record(folder)
    assert record.report == report_of(world, a2=world.refusal("not_in_corpus", 0.3))
    assert record.run == RUN
    assert record.baselines == {"BM25 only": {"RR": Interval(0.5, 0.25, 0.75, 8)}}
    assert record.documents["a1"] == {"id": "a1"} | world.documents["a1"]
    assert record.facts["generation"] == "g1"
    assert record.facts["started_at"] <= record.facts["finished_at"]
    assert {path.name for path in folder.iterdir()} == FILES | {"timings.jsonl"}
    assert (folder / "summary.md").read_text("utf-8") == "# Found\n"
    write_summary(folder, "# Other\n")
    assert (folder / "summary.md").read_text("utf-8") == "# Other\n"


def test_a_line_of_results_says_what_was_expected_what_came_and_every_value(world, tmp_path):
    folder = written(tmp_path / "run", world)
    lines = (folder / "results.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == 12
    line = json.loads(lines[3])
    assert (line["id"], line["answered"], line["expected"], line["got"], line["failure"]) == (
        "a3", True, "41 metres", "41 metres", None,
    )  # fmt: skip
    assert line["values"]["answer_recall"] == 1
    assert "😀" in lines[5]


def test_two_runs_differ_in_times_alone(world, tmp_path):
    first, second = written(tmp_path / "a", world), tmp_path / "b"
    slower = {name: {**d, "timings_ms": {"total": 9.0}} for name, d in world.documents.items()}
    report = replace(report_of(world), milliseconds={"a0": 9.0}, costs={})
    write_record(second, FACTS, report, summary="# Found\n", run=RUN,
                 baselines=read_record(first).baselines, documents=slower)  # fmt: skip
    same = {n for n in FILES if (first / n).read_bytes() == (second / n).read_bytes()}
    assert same == FILES - {"run.json"}


def test_a_run_goes_on_where_it_was_killed(world, tmp_path):
    folder = tmp_path / "run"
    with continued(folder, FACTS) as log:
        log.add("a0", world.documents["a0"], 2.5)
        log.add("a1", world.documents["a1"], 3.5)
    with pytest.raises(InputError, match="is not finished"):
        read_record(folder)
    started = read_facts(folder)["started_at"]
    with (folder / "answers.jsonl").open("ab") as file:
        file.write(b'{"id": "a2", "status": "answ')
    with continued(folder, FACTS | {"machine": "another"}) as log:
        assert list(log.documents) == ["a0", "a1"]
        assert log.milliseconds == {"a0": 2.5, "a1": 3.5}
        log.add("a2", world.documents["a2"], 4.5)
    lines = (folder / "answers.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["a0", "a1", "a2"]
    written(folder, world)
    assert read_record(folder).facts["started_at"] == started


def test_a_run_made_with_something_else_does_not_go_on(world, tmp_path):
    begin(tmp_path / "run", FACTS)
    with pytest.raises(UsageError, match=r"its set.sha256 was 'a+', and is now 'b'"):
        begin(tmp_path / "run", FACTS | {"set": {"name": "dev", "sha256": "b"}})
    with pytest.raises(UsageError, match="its generation was 'g1', and is now 'g2'"):
        written(tmp_path / "run", world, FACTS | {"generation": "g2"})
    with pytest.raises(UsageError, match="its passages was None, and is now 8"):
        begin(tmp_path / "run", FACTS | {"passages": 8})


def test_a_finished_run_and_other_files_are_left_alone(world, tmp_path):
    folder = written(tmp_path / "run", world)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(UsageError, match="holds a finished run already"):
        written(folder, world)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine", "utf-8")
    with pytest.raises(UsageError, match="not empty, and holds no eval run"):
        begin(tmp_path / "mine", FACTS)
    with pytest.raises(UsageError, match="cannot be written"):
        begin(tmp_path / "mine" / "notes.txt" / "run", FACTS)


def test_a_folder_without_a_run_is_not_found(tmp_path):
    with pytest.raises(NotFound, match=r"has no run\.json"):
        read_record(tmp_path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("results.jsonl", '{"id": "a0", "question": "x"}\n'),
        ("results.jsonl", "no JSON\n"),
        ("results.jsonl", "[1]\n"),
        ("measures.json", "{}"),
        ("measures.json", "["),
        ("timings.jsonl", '{"id": "a0", "ms": "fast"}\n'),
        ("answers.jsonl", '{"id": "a0"}\n{"id": "a0"}\n'),
        ("answers.jsonl", "\udcff"),
        ("run.json", '{"format": 2}'),
        ("run.trec", "a b c\n"),
    ],
)
def test_a_damaged_file_is_named(world, tmp_path, name, text):
    folder = written(tmp_path / "run", world)
    (folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(FootnotedError) as caught:
        read_record(folder)
    assert str(folder) in str(caught.value)


def test_pages_and_claims_are_kept_by_their_id(tmp_path):
    values = {"token_f1": {"p1": 0.5, "p2": 1.0}, "segments_left": {"p2": 0.25}}
    measures = {"token_f1": Interval(0.75, 0.5, 1.0, 2)}
    report = EvalReport("pages", None, measures, (), item_values=values)
    write_record(tmp_path / "run", FACTS, report, summary="")
    assert read_record(tmp_path / "run").report == report


def test_records_are_compared_with_what_they_were_made_with(world, tmp_path):
    old = written(tmp_path / "old", world)
    refusal = world.refusal("not_in_corpus", 0.0)
    new = written(tmp_path / "new", world, FACTS | {"generation": "g2", "machine": "n"}, a4=refusal)
    found = compare_records(old, new)
    assert found.settings == {"generation": ("g1", "g2")}
    assert [one.question_id for one in found.questions] == ["a4"]
    assert found.differences["answer_recall"].interval.value == pytest.approx(-1 / 8)
    assert found.left_out == ()
