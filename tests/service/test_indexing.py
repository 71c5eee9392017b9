from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from footnoted.errors import IndexBroken
from footnoted.index import generations
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.glosses import gloss
from footnoted.service.indexing import contexts, open_index, rows_of
from footnoted.settings import Settings


def test_what_the_index_reads_before_a_passage(bridge):
    with Corpus.open(bridge.folder) as corpus:
        before = contexts(corpus)
        assert set(before) == set(corpus.passages)
        assert all(words.startswith("Sallowick Bridge") for words in before.values())
        assert corpus.article is not None
        words = corpus.article.text
        designer = next(
            passage
            for passage in corpus.passages.values()
            if passage.span.of(words) == "Designer: Halda Merrowin"
        )
        assert before[designer.passage_id] == f"Sallowick Bridge ({gloss('Designer')})"
        headed = [p for p in corpus.passages.values() if p.heading]
        for passage in headed:
            assert before[passage.passage_id].endswith(" › ".join(("", *passage.heading)))


def test_no_gloss_and_no_heading_is_ever_quoted(bridge):
    with Corpus.open(bridge.folder) as corpus:
        rows = rows_of(corpus)
        assert [row.passage_id for row in rows] == list(corpus.passages)
        for row in rows:
            passage = corpus.passages[row.passage_id]
            document = corpus.documents[passage.document_id]
            assert row.text == passage.span.of(document.text)
            assert row.language == document.language
        assert {row.language for row in rows} >= {"en", "ar"}


def test_who_must_not_build_gets_an_index_or_the_reason(
    copied: Callable[[], Path],
    cache_dir: Path,
    embedder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = copied()
    settings, heard = Settings(corpus=str(folder), cache_dir=cache_dir), list[str]()
    with Corpus.open(folder) as corpus:
        opened = open_index(corpus, settings, embedder, heard.append, build=False)
        assert opened.path == generations.current(folder / "index")
        with monkeypatch.context() as patch:
            patch.setattr(generations, "FOLDING", "another")
            with pytest.raises(IndexBroken, match="no index of its revision") as caught:
                open_index(corpus, settings, embedder, heard.append, build=False)
            assert f"index rebuild --corpus {folder}" in str(caught.value.hint)
        shutil.rmtree(folder / "index")
        with pytest.raises(IndexBroken, match="no index of its revision"):
            open_index(corpus, settings, embedder, heard.append, build=False)
        assert not (folder / "index").exists()
        assert open_index(corpus, settings, embedder, heard.append).path.is_dir()
    assert len(heard) == 1
