"""Indexing while other processes change the corpus, or index it themselves."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from pathlib import Path

import pytest

from footnoted.errors import IndexBroken, LockedError
from footnoted.index import generations
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.inputs import ArticleInput
from footnoted.ingest.pipeline import ingest
from footnoted.ingest.readings import OfflineReader
from footnoted.ingest.store import writing
from footnoted.ingest.supplied import SuppliedFile
from footnoted.service import forgetting, housekeeping, indexing
from footnoted.service.assistant import Assistant
from footnoted.settings import Settings

ARTICLE = (Path(__file__).parents[1] / "fixtures/articles/lighthouse.txt").read_text("utf-8")
QUESTION = "How many times brighter is the lamp than its predecessor?"


def quiet(_: str) -> None:
    pass


@pytest.fixture
def options(copied: Callable[[], Path], cache_dir: Path, tmp_path: Path) -> Settings:
    return Settings(corpus=str(copied()), cache_dir=cache_dir, data_dir=tmp_path, threads=1)


def publish(options: Settings, number: str) -> None:
    text = ARTICLE.replace("12.5 times", f"{number} times").encode()
    with writing(Path(options.corpus)) as writer:
        file = ArticleInput(SuppliedFile("lighthouse.txt", text))
        ingest(file, writer, "light", OfflineReader(), now="2026-03-04T05:06:07Z")


def test_rows_from_before_a_forgetting_are_never_indexed(options, embedder, monkeypatch):
    folder = Path(options.corpus)
    rows_of = indexing.rows_of

    def meanwhile(corpus: Corpus):
        rows = rows_of(corpus)
        monkeypatch.setattr(indexing, "rows_of", rows_of)
        forgetting.forget("1", options, quiet)
        return rows

    monkeypatch.setattr(indexing, "rows_of", meanwhile)
    with Corpus.open(folder) as corpus, pytest.raises(LockedError, match="another process") as told:
        indexing.build_index(corpus, options, notify=quiet, embedder=embedder)
    assert told.value.about == str(folder)
    with Corpus.open(folder) as corpus:
        (path,) = generations.list_generations(folder / "index")
        with_ids = generations.open_generation(path)
        assert with_ids.manifest.revision_id == corpus.info.revision_id


def test_an_assistant_from_before_answers_from_its_own_revision(options, embedder):
    with Assistant.open(options.corpus, settings=options, embedder=embedder) as before:
        publish(options, "13.5")
        housekeeping.rebuild(options, quiet)
        answer = before.ask(QUESTION)
        assert "12.5 times" in answer["answer"]
        assert answer["corpus"]["revision"] == before.corpus.info.revision_id
    with Assistant.open(options.corpus, settings=options, embedder=embedder) as after:
        assert "13.5 times" in after.ask(QUESTION)["answer"]


def test_an_assistant_whose_generation_is_gone_builds_no_old_one(options, embedder):
    with Assistant.open(options.corpus, settings=options, embedder=embedder) as before:
        for number in ("13.5", "14.5"):
            publish(options, number)
            newest = housekeeping.rebuild(options, quiet)
        with pytest.raises(LockedError, match="changed by another process"):
            before.ask(QUESTION)
    path = generations.current(Path(options.corpus) / "index")
    assert path is not None
    assert path.name == newest


def test_while_another_process_indexes_the_last_generation_answers(options, embedder):
    publish(options, "13.5")
    index = Path(options.corpus) / "index"
    with (index / ".lock").open("w") as builder:
        fcntl.flock(builder, fcntl.LOCK_EX)
        with Assistant.open(options.corpus, settings=options, embedder=embedder) as opened:
            answer = opened.ask(QUESTION)
            assert "12.5 times" in answer["answer"]
            assert answer["corpus"]["revision"] == opened.corpus.info.revision_id
    heard: list[str] = []
    with Assistant.open(
        options.corpus, settings=options, embedder=embedder, notify=heard.append
    ) as opened:
        assert "13.5 times" in opened.ask(QUESTION)["answer"]
    assert len(heard) == 1


def test_an_index_with_other_passages_than_its_revision_is_refused(options, embedder):
    folder = Path(options.corpus)
    with Corpus.open(folder) as corpus:
        generations.build_generation(
            folder / "index",
            indexing.rows_of(corpus)[1:],
            embedder,
            corpus_id=corpus.info.corpus_id,
            revision_id=corpus.info.revision_id,
        )
    with (
        Assistant.open(options.corpus, settings=options, embedder=embedder) as opened,
        pytest.raises(IndexBroken, match="changed by others"),
    ):
        opened.ask(QUESTION)


def test_an_assistant_keeps_its_generation_until_it_is_closed(options, embedder):
    index = Path(options.corpus) / "index"
    with Assistant.open(options.corpus, settings=options, embedder=embedder) as opened:
        first = opened.ask(QUESTION)["corpus"]["generation"]
        for _ in range(2):
            newest = housekeeping.rebuild(options, quiet)
        assert first in [path.name for path in generations.list_generations(index)]
        assert opened.ask(QUESTION)["corpus"]["generation"] == first
    housekeeping.rebuild(options, quiet)
    kept = [path.name for path in generations.list_generations(index)]
    assert first not in kept
    assert newest in kept
