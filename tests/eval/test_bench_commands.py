from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from footnoted.cli.main import run
from footnoted.errors import EXIT_DONE, EXIT_FAILED, EXIT_USAGE
from footnoted.eval.bench import lexical
from footnoted.eval.bench.measures import Row
from footnoted.eval.comparisons import Difference
from footnoted.eval.statistics import Interval

FACTS = {
    "light": "The Skerry Light was lit in 1884 and carries three lamps.",
    "keeper": "Its first keeper was Ada Holm, who kept bees on the rock.",
    "tower": "The tower stands 41 metres tall and is built of Bohus granite.",
}
ASKED = {"light": "When was the light lit?", "keeper": "Who kept bees?", "tower": "How tall is it?"}


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    """A folder that holds one BEIR folder, each of whose queries has one relevant document."""
    folder = tmp_path / "skerry"
    folder.mkdir()
    for name, texts in (("corpus", FACTS), ("queries", ASKED)):
        rows = (json.dumps({"_id": key, "text": text}) + "\n" for key, text in texts.items())
        (folder / f"{name}.jsonl").write_text("".join(rows), "utf-8")
    judged = "".join(f"{name}\t{name}\t1\n" for name in FACTS)
    (folder / "qrels.tsv").write_text(f"query-id\tcorpus-id\tscore\n{judged}", "utf-8")
    return tmp_path


def test_stages_are_measured_on_a_folder(bench: Path, commands: Any) -> None:
    out = bench / "stages.json"
    done = commands("bench", "stages", bench / "skerry", "--out", out)
    document = json.loads(out.read_text("utf-8"))
    assert done.code == (EXIT_DONE if document["ok"] else EXIT_FAILED), done.err
    (found,) = document["sets"]
    assert found["name"] == "skerry"
    assert {"BM25", "dense", "convex"} <= found["measures"].keys()
    assert found["measures"]["BM25"]["hit@1"]["n"] == len(ASKED)
    assert "macro-average" in done.out
    assert "skerry" in done.out


def test_one_folder_stands_for_the_development_sets_in_it(bench: Path, commands: Any) -> None:
    done = commands("bench", "stages", bench)
    assert done.code not in (EXIT_DONE, EXIT_FAILED)
    assert "wice-dev-passages" in done.err


@pytest.mark.parametrize(("bound", "code"), [(2.0, EXIT_DONE), (1.0, EXIT_FAILED)])
def test_lexical_shows_both_sides_and_what_they_find(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    bound: float,
    code: int,
) -> None:
    row = Row("claim, p95", "ms", (3.0, 3.0), (2.0, 2.0), at_most=bound)
    found = {"footnoted": Interval(0.8, 0.7, 0.9, 5), "bm25s": Interval(0.7, 0.6, 0.8, 5)}
    difference = Difference(Interval(0.1, 0.05, 0.15, 5), 0.01, 0.01)
    asked: dict[str, Any] = {}

    def compare(folder: Path, _: object, **options: Any) -> lexical.LexicalComparison:
        asked.update(options, folder=folder)
        return lexical.LexicalComparison((row,), found, difference, {"passages": 7})

    monkeypatch.setattr(lexical, "compare_lexical", compare)
    out = tmp_path / "lexical.json"
    arguments = ["bench", "lexical", str(tmp_path), "--passages", "7", "--runs", "2"]
    assert run([*arguments, "--out", str(out)]) == code
    printed = capsys.readouterr().out
    assert "1.500" in printed
    assert "0.800 [0.700, 0.900]" in printed
    assert "+0.100" in printed
    assert (asked["folder"], asked["passages"], asked["runs"]) == (tmp_path, 7, 2)
    assert json.loads(out.read_text("utf-8"))["rows"][0]["at_most"] == bound


@pytest.mark.parametrize("command", ["run", "lexical", "stages"])
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_measured(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [] if command == "run" else [str(tmp_path)]
    assert run(["bench", command, *given, "--out", "no/such/folder/x.json"]) == EXIT_USAGE
    assert "no such folder" in capsys.readouterr().err
