"""`footnoted index rollback`: what is answered afterwards, and until when."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from footnoted.ingest.corpus import Corpus

ARTICLE = Path(__file__).parents[1] / "fixtures" / "articles" / "lighthouse.txt"
QUESTION = "How many times brighter is the lamp than its predecessor?"


@pytest.fixture
def reworded(tmp_path: Path) -> Callable[[str], Path]:
    """Makes the article with another number in it."""

    def make(number: str) -> Path:
        path = tmp_path / "lighthouse.txt"
        path.write_text(ARTICLE.read_text("utf-8").replace("12.5 times", f"{number} times"))
        return path

    return make


@pytest.fixture
def ask(commands) -> Callable[[Path], Any]:
    def asked(folder: Path) -> Any:
        done = commands("ask", QUESTION, "--corpus", folder, "--json")
        assert done.code == 0, done.err
        assert "Building" not in done.err
        return done.document

    return asked


def check(answer: Any, folder: Path, number: str) -> tuple[str, str]:
    """That the answer is of this wording, and its quotes of its own revision; which that is."""
    assert f"{number} times" in answer["answer"]
    revision = answer["corpus"]["revision"]
    with Corpus.open(folder, revision) as corpus:
        for citation in answer["citations"]:
            text = corpus.documents[citation["document_id"]].text
            assert text[citation["start"] : citation["end"]] == citation["quote"]
    return revision, answer["corpus"]["generation"]


def test_the_earlier_words_answer_again(commands, copied, reworded, ask) -> None:
    folder = copied()
    first = check(ask(folder), folder, "12.5")
    assert commands("ingest", reworded("13.5"), "--corpus", folder).code == 0
    second = check(ask(folder), folder, "13.5")
    assert first[0] != second[0]

    done = commands("index", "rollback", "--corpus", folder)
    assert (done.code, first[1] in done.err) == (0, True)
    for _ in range(2):
        assert check(ask(folder), folder, "12.5") == first
    shown = commands("corpora", "info", "--corpus", folder, "--json").document
    assert (shown["revision"], shown["generation"]) == first
    assert [row["revision"] for row in shown["revisions"]] == [second[0], first[0]]
    article = commands("article", "--corpus", folder, "--json").document
    assert "12.5 times" in article["text"]
    assert commands("verify", "--corpus", folder).code == 0

    again = commands("index", "rollback", "--corpus", folder)
    assert again.code == 2
    assert "no earlier index generation" in again.err

    assert commands("index", "rebuild", "--corpus", folder).code == 0
    assert check(ask(folder), folder, "13.5")[0] == second[0]
    assert commands("index", "rollback", "--corpus", folder).code == 0
    assert check(ask(folder), folder, "12.5") == first, "rebuilding kept what was in use"


def test_what_is_ingested_later_answers_again(commands, copied, reworded, ask) -> None:
    folder = copied()
    assert commands("ingest", reworded("13.5"), "--corpus", folder).code == 0
    assert commands("index", "rollback", "--corpus", folder).code == 0
    check(ask(folder), folder, "12.5")
    assert commands("ingest", reworded("13.5"), "--corpus", folder).code == 0
    check(ask(folder), folder, "13.5")
    assert commands("index", "rollback", "--corpus", folder).code == 0
    check(ask(folder), folder, "12.5")
    assert commands("ingest", reworded("14.5"), "--corpus", folder, "--no-index").code == 0
    done = commands("ask", QUESTION, "--corpus", folder, "--json")
    assert "Building the index" in done.err, "nobody has rolled back from this one"
    check(done.document, folder, "14.5")


def test_a_damaged_generation_stays_out_of_use(commands, copied, reworded, ask) -> None:
    folder = copied()
    first = ask(folder)["corpus"]["generation"]
    assert commands("ingest", reworded("13.5"), "--corpus", folder).code == 0
    vectors = folder / "index" / "generations" / first / "dense.faiss"
    vectors.write_bytes(vectors.read_bytes()[:-1])
    done = commands("index", "rollback", "--corpus", folder)
    assert done.code == 5
    assert str(vectors) in done.err
    check(ask(folder), folder, "13.5")


def test_a_generation_of_a_revision_that_is_gone(commands, copied, reworded, ask) -> None:
    folder = copied()
    first = ask(folder)["corpus"]["generation"]
    assert commands("ingest", reworded("13.5"), "--corpus", folder).code == 0
    manifest = folder / "index" / "generations" / first / "manifest.json"
    changed = json.loads(manifest.read_text()) | {"revision_id": "1-0123456789abcdef"}
    manifest.write_text(json.dumps(changed))
    done = commands("index", "rollback", "--corpus", folder)
    assert done.code == 5
    assert "1-0123456789abcdef, which the corpus no longer has" in done.err
    check(ask(folder), folder, "13.5")


def test_collecting_removes_what_no_rollback_needs(commands, copied) -> None:
    folder = copied()
    kept = folder / "index" / "generations"
    first = {path.name for path in kept.iterdir()}
    commands("index", "rebuild", "--corpus", folder)
    before = {path.name for path in kept.iterdir()}
    (kept / ".building-killed").mkdir()
    done = commands("gc", "--corpus", folder)
    assert (done.code, done.err.strip()) == (0, "Removed 0 generations.")
    assert {path.name for path in kept.iterdir()} == before > first
    assert commands("gc", "--corpus", folder, "--json").document == {
        "removed": [],
        "read": [],
        "unreachable": [],
    }
