"""The benchmark of BM25: its texts, its processes, and both sides' rows for the same query."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from footnoted.errors import InputError, UsageError
from footnoted.eval.bench import lexical
from footnoted.eval.bench.lexical import compare_lexical
from footnoted.eval.bench.lexical_texts import CLAIMS, SETS, bench_claims, bench_passages
from footnoted.eval.bench.lexical_worker import BM25S, OURS, build, opened
from footnoted.settings import load_settings

WORDS = ("granite", "lantern", "harbour", "keeper", "storm", "ferry", "oats", "village", "tower")
NAMES = ("Holm", "Reeve", "Skerry", "Sandrey", "Brook", "Crown")


def words(start: int, count: int) -> str:
    return " ".join(WORDS[(start * 7 + n * n) % len(WORDS)] for n in range(count))


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every set, each with six documents of 130 words; in each one name that no other has."""
    bench = tmp_path_factory.mktemp("bench")
    for number, name in enumerate(SETS):
        folder = bench / name
        folder.mkdir(parents=True)
        rows = [
            {"_id": f"d{n}", "title": "", "text": f"{NAMES[n]} {words(number + n, 129)}"}
            for n in range(6)
        ]
        asked = [
            {"_id": f"q{n}", "text": f"{NAMES[n]} {words(n, 24 + 3 * (n % 2))}"} for n in range(6)
        ] + [{"_id": "short", "text": "Who is Holm?"}]
        for file, lines in (("corpus", rows), ("queries", asked)):
            text = "".join(json.dumps(line) + "\n" for line in lines)
            (folder / f"{file}.jsonl").write_text(text, "utf-8")
        judged = "".join(f"q{n}\td{n}\t1\n" for n in range(6))
        (folder / "qrels.tsv").write_text(f"query-id\tcorpus-id\tscore\n{judged}", "utf-8")
    return bench


def test_passages_are_windows_and_then_altered_copies_of_the_same_words(sets: Path) -> None:
    windows = len(SETS) * 6 * 2  # 130 words: one window of 100, one of 30
    texts, altered = bench_passages(sets, windows + 50, seed=1)
    assert (len(texts), altered) == (windows + 50, 50)
    assert [len(text.split()) for text in texts[:4]] == [100, 30, 100, 30]
    original, copy = texts[0].split(), texts[windows].split()
    assert len(copy) == len(original)
    kept = sum(a == b for a, b in zip(original, copy, strict=True)) / len(original)
    assert 0.6 < kept < 0.9
    assert set(Counter(copy)) <= {word for text in texts[:windows] for word in text.split()}
    assert bench_passages(sets, windows + 50, seed=1)[0] == texts
    assert bench_passages(sets, 5, seed=1) == (texts[:5], 0)


def test_claims_are_the_first_25_words_of_those_that_have_so_many(sets: Path) -> None:
    claims = bench_claims(sets)
    assert len(claims) == 6
    assert all(len(claim.split()) == 25 for claim in claims)


def test_a_missing_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=CLAIMS):
        bench_passages(tmp_path, 5, seed=1)


@pytest.mark.parametrize("side", [OURS, BM25S])
def test_a_side_finds_the_passage_that_holds_the_word(side: str, tmp_path: Path) -> None:
    texts = [f"{name} kept the lantern" for name in NAMES]
    build(side, texts, tmp_path)
    ask = opened(side, tmp_path)
    assert ask("Who was Reeve?", 3) == [1]
    assert sorted(ask("lanterns", 6)) == [0, 1, 2, 3, 4, 5]
    assert ask("nothing of this", 3) == []


def test_our_process_imports_neither_bm25s_nor_the_model(tmp_path: Path) -> None:
    build(OURS, ["the lantern of Reeve"], tmp_path)
    script = (
        "import sys; from footnoted.eval.bench.lexical_worker import OURS, opened; "
        "from pathlib import Path; print(opened(OURS, Path(sys.argv[1]))('lanterns', 3)); "
        "print(sorted({'bm25s', 'scipy', 'onnxruntime', 'faiss'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["[0]", "[]"]


def test_both_sides_are_measured_in_processes_of_their_own(sets: Path, tmp_path: Path) -> None:
    told: list[str] = []
    found = compare_lexical(
        sets, load_settings(cache_dir=tmp_path), passages=200, runs=1, notify=told.append
    )
    rows = {row.name: row for row in found.rows}
    assert list(rows)[:4] == ["claim, median", "claim, p95", "claim, p99", "memory, RSS"]
    assert 0 < rows["claim, median"].footnoted[0] <= rows["claim, p95"].footnoted[0]
    # Neither side fits into less than a Python with numpy; both were asked in their own process.
    assert 15 < rows["memory, RSS"].footnoted[0] < rows["memory, RSS"].plain[0]
    assert found.found[OURS].value == found.found[BM25S].value == 1.0
    assert (found.setting["claims"], found.setting["passages"]) == (6, 200)
    assert found.setting["altered_copies"] == 200 - len(SETS) * 6 * 2
    assert json.loads(json.dumps(found.to_json()))["nDCG@10"]["set"] == CLAIMS
    assert any("run 1 of 1" in line for line in told)


def test_without_bm25s_it_says_what_to_install(
    sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(lexical, "version", missing)
    with pytest.raises(UsageError) as caught:
        compare_lexical(sets, load_settings(cache_dir=tmp_path), passages=10, runs=1)
    assert "pip install bm25s" in str(caught.value.hint)
