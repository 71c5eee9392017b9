"""Damaged corpora and indexes: what is told of them, and that they are left as they are."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

ARTICLE = Path(__file__).parents[1] / "fixtures" / "articles" / "lighthouse.txt"


def files(folder: Path) -> dict[str, bytes]:
    """Everything below ``folder`` but the lock files."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(".lock")
    }


def test_a_corpus_of_a_newer_schema_is_left_alone(commands, copied: Callable[[], Path]):
    folder = copied()
    connection = sqlite3.connect(folder / "corpus.sqlite")
    connection.execute("PRAGMA user_version = 99")
    connection.commit()
    connection.close()
    before = files(folder)
    for arguments in (
        ("ask", "When was it opened?"),
        ("sources",),
        ("verify",),
        ("ingest", ARTICLE),
        ("index", "rebuild"),
        ("corpora", "info"),
    ):
        done = commands(*arguments, "--corpus", folder)
        assert done.code == 5, arguments
        assert "schema version 99" in done.err
        assert "pip install -U footnoted" in done.err
    assert files(folder) == before


def test_a_damaged_database(commands, copied: Callable[[], Path]):
    folder = copied()
    path = folder / "corpus.sqlite"
    path.write_bytes(b"SQLite format 3\0" + b"\xa5" * 4000)
    done = commands("ask", "Who?", "--corpus", folder, "--json")
    assert done.code == 5
    assert done.document["type"] == "urn:footnoted:problem:corpus-error"
    assert done.document["about"] == str(path)
    listed = commands("corpora", "list", "--json", FOOTNOTED_DATA_DIR=str(folder / "data"))
    assert [row["name"] for row in listed.document["corpora"]] == ["default", "example"]


def test_a_damaged_corpus_is_listed_with_its_problem(commands, light, tmp_path):
    corpora = tmp_path / "corpora"
    (corpora / "broken").mkdir(parents=True)
    (corpora / "broken" / "corpus.sqlite").write_bytes(b"not a database, by no means" * 99)
    (corpora / "whole").mkdir()
    shutil.copy(light / "corpus.sqlite", corpora / "whole")
    done = commands("corpora", "list", "--json", FOOTNOTED_DATA_DIR=str(tmp_path))
    rows = {row["name"]: row for row in done.document["corpora"]}
    assert done.code == 0
    assert "cannot be read as a corpus" in rows["broken"]["problem"]
    assert rows["whole"]["problem"] is None
    assert rows["whole"]["title"] == "Grennock Light"


def generation(folder: Path) -> Path:
    name = (folder / "index" / "CURRENT").read_text().strip()
    return folder / "index" / "generations" / name


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(data)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "vectors": lambda folder: flip(generation(folder) / "dense.faiss"),
    "vectors cut short": lambda folder: (generation(folder) / "dense.faiss").write_bytes(b"IxFI"),
    "rows missing": lambda folder: (generation(folder) / "rows.json").unlink(),
    "terms": lambda folder: flip(next((generation(folder)).rglob("*.term"))),
    "manifest cut short": lambda folder: (generation(folder) / "manifest.json").write_text('{"fo'),
    "manifest of another": lambda folder: (generation(folder) / "manifest.json").write_text("[]"),
    "manifest missing": lambda folder: (generation(folder) / "manifest.json").unlink(),
    "generation missing": lambda folder: shutil.rmtree(generation(folder)),
    "name of the generation": lambda folder: (folder / "index" / "CURRENT").write_text("junk"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_index_is_rebuilt_when_asked(commands, copied: Callable[[], Path], what: str):
    folder = copied()
    DAMAGE[what](folder)
    done = commands("ask", "When was it opened?", "--corpus", folder, "--json")
    assert done.code == 5
    assert done.document["type"] == "urn:footnoted:problem:index-broken"
    assert "`footnoted index rebuild" in done.document["hint"]
    checked = commands("verify", "--corpus", folder, "--json")
    assert checked.code == 1
    assert [c["name"] for c in checked.document["checks"] if c["failed"]] == ["index"]
    assert commands("index", "rebuild", "--corpus", folder).code == 0
    assert commands("verify", "--corpus", folder).code == 0
    found = commands("search", "When was it opened?", "--corpus", folder, "--json")
    assert any("1888" in passage["text"] for passage in found.document["passages"])


def test_the_hint_of_a_broken_index_can_be_followed(commands, copied: Callable[[], Path]):
    folder = copied()
    DAMAGE["vectors"](folder)
    hint = commands("ask", "Who?", "--corpus", folder, "--json").document["hint"]
    command = hint.split("`")[1].split()[1:]
    done = commands(*command, *(() if "--corpus" in command else ("--corpus", folder)))
    assert done.code == 0, done.err
    assert commands("verify", "--corpus", folder).code == 0


def test_an_index_of_another_corpus_is_refused(commands, copied: Callable[[], Path], bridge):
    folder = copied()
    shutil.rmtree(folder / "index")
    shutil.copytree(bridge.folder / "index", folder / "index")
    done = commands("ask", "Who?", "--corpus", folder)
    assert done.code == 5
    assert "belongs to the corpus" in done.err
