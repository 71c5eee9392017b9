"""The packaged corpora are exactly what their texts give."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from pathlib import Path

import pytest

from footnoted.domain import Access, Coverage, Identity, Origin
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.locations import PACKAGED, packaged_names
from footnoted.ingest.packaging import build

STALE = "{} is stale: its texts or the readers have changed. Run `make corpora` and commit it."


def dump(folder: Path) -> list[str]:
    connection = sqlite3.connect(f"file:{folder / 'corpus.sqlite'}?immutable=1", uri=True)
    try:
        lines = list(connection.iterdump())
        return [*lines, str(connection.execute("PRAGMA user_version").fetchone())]
    finally:
        connection.close()


def records(folder: Path) -> list[tuple[str, bytes]]:
    paths = sorted(folder.glob("captures-*.warc.gz"))
    return [(path.name, gzip.decompress(path.read_bytes())) for path in paths]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folder into which each packaged corpus was just built from its texts."""
    folders = {name: tmp_path_factory.mktemp(name) for name in packaged_names()}
    for name, folder in folders.items():
        build(PACKAGED / name, folder)
    return folders


@pytest.mark.parametrize("name", ["default", "example"])
def test_the_committed_corpus_is_what_its_texts_give(built, name):
    folder = built[name]
    stale = STALE.format(f"ingest/packaged/{name}")
    found, expected = dump(PACKAGED / name), dump(folder)
    different = next((a for a, b in zip(found, expected, strict=False) if a != b), "")
    assert found == expected, f"{stale} The first other line: {different[:200]}"
    assert records(PACKAGED / name) == records(folder), stale


def test_nothing_but_the_corpus_is_built(built):
    for folder in built.values():
        names = sorted(path.name for path in folder.iterdir())
        assert names == ["captures-00001.warc.gz", "corpus.sqlite"]


def test_both_are_packaged_and_a_stale_text_is_noticed(tmp_path):
    assert packaged_names() == ["default", "example"]
    texts = tmp_path / "example"
    shutil.copytree(PACKAGED / "example", texts)
    tolls = texts / "sources" / "tolls-1912.txt"
    tolls.write_text(tolls.read_text("utf-8").replace("elephant", "giraffe"), "utf-8")
    build(texts, texts)
    assert dump(texts) != dump(PACKAGED / "example")
    assert "giraffe" in "".join(dump(texts))


def test_the_default_corpus_says_that_it_is_a_digest(built):
    with Corpus.open(built["default"]) as corpus:
        assert {d.identity for d in corpus.documents.values()} == {Identity.DIGEST}
        assert corpus.article is not None
        assert "digest" in corpus.article.title.lower()
        assert corpus.coverage == Coverage(references=13, readable=0, digests=9)


def test_the_example_has_a_source_in_every_state(built):
    with Corpus.open(built["example"]) as corpus:
        assert Identity.DIGEST not in {d.identity for d in corpus.documents.values()}
        states = {r.label: corpus.states[r.reference_id] for r in corpus.references.values()}
        assert states["10"].access is Access.DEAD
        assert states["5"].access is states["a"].access is Access.NOT_ONLINE
        assert states["11"].access is Access.ARCHIVED_COPY
        assert {states[n].access for n in "1234678"} == {Access.FETCHED}
        assert all(state.reason.endswith(".") for state in states.values())
        origins = {c.final_url: c.origin for c in corpus.captures.values()}
        archived = [url for url, origin in origins.items() if origin is Origin.ARCHIVE]
        assert len(archived) == 1
        assert archived[0].startswith("https://web.archive.example/")
