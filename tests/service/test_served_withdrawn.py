"""A withdrawn index: a server answers nothing from it, whatever became of the forgetting."""

from __future__ import annotations

import fcntl
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from footnoted.errors import IndexBroken
from footnoted.service import forgetting, housekeeping, served
from footnoted.service.served import ServedCorpus
from footnoted.service.shelf import Shelf
from footnoted.settings import Settings

QUESTION = "How many times brighter is the lamp than its predecessor?"


def quiet(_: str) -> None:
    pass


@pytest.fixture
def options(copied: Callable[[], Path], cache_dir: Path, tmp_path: Path) -> Settings:
    """Settings for a copy of the small corpus with its index."""
    return Settings(corpus=str(copied()), cache_dir=cache_dir, data_dir=tmp_path, threads=1)


@pytest.fixture
def corpus(options: Settings, embedder, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServedCorpus]:
    monkeypatch.setattr(served, "GRACE_SECONDS", 0.1)
    monkeypatch.setattr(served, "PATIENCE_SECONDS", 0.2)
    opened = ServedCorpus.open(options.corpus, options, embedder, quiet)
    yield opened
    opened.close()


def refused(corpus: ServedCorpus, passage_id: str, words: str) -> None:
    """Whatever is asked, ``words`` say why nothing is answered."""
    asking: list[Callable[[], object]] = [
        lambda: corpus.ask(QUESTION),
        lambda: corpus.search("lamp"),
        lambda: corpus.passage(passage_id),
        corpus.article,
        corpus.sources,
        corpus.verify,
        corpus.load,
    ]
    for ask in asking:
        with pytest.raises(IndexBroken, match=words) as caught:
            ask()
        assert caught.value.about == "light"


def test_nothing_is_answered_after_a_forgetting_that_failed(corpus, options, caplog, monkeypatch):
    passage_id = corpus.search("lamp", k=1)["passages"][0]["id"]

    def full(*_: object, **__: object) -> str:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(forgetting, "build_index", full)
        with pytest.raises(OSError, match="No space left"):
            forgetting.forget("1", options, quiet)
    refused(corpus, passage_id, "its index was withdrawn to forget a source, and no new one")
    (row,) = Shelf({"light": corpus}).listing()["corpora"]
    assert "its index was withdrawn" in row["problem"]
    assert len(caplog.records) == 1, "it is told once"
    new = housekeeping.rebuild(options, quiet)
    assert corpus.ask(QUESTION)["corpus"]["generation"] == new
    assert corpus.info()["problem"] is None


def test_nothing_is_answered_after_one_that_was_killed_early(corpus, options):
    """The name of the generation in use goes first, its folder later."""
    old = corpus.ask(QUESTION)["corpus"]
    passage_id = corpus.search("lamp", k=1)["passages"][0]["id"]
    named = Path(options.corpus) / "index" / "CURRENT"
    named.rename(named.with_name("taken"))
    refused(corpus, passage_id, "its index was withdrawn")
    named.with_name("taken").rename(named)
    assert corpus.ask(QUESTION)["corpus"] == old
    deadline = time.monotonic() + 20
    while corpus.info()["problem"] is not None:
        assert time.monotonic() < deadline


def test_a_long_building_is_not_waited_for_by_every_request(corpus, options, monkeypatch):
    passage_id = corpus.search("lamp", k=1)["passages"][0]["id"]
    index = Path(options.corpus) / "index"
    slept: list[float] = []

    def counted(seconds: float) -> None:
        slept.append(seconds)
        real(seconds)

    real = time.sleep
    with (index / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (index / "CURRENT").unlink()
        shutil.rmtree(index / "generations")
        monkeypatch.setattr(time, "sleep", counted)
        with pytest.raises(IndexBroken, match="the new index is still being built") as caught:
            corpus.ask(QUESTION)
        assert caught.value.hint == "Ask again in a moment."
        assert sum(slept) >= 0.15, "the first waited, as it may soon be done"
        slept.clear()
        refused(corpus, passage_id, "is still being built")
        assert slept == []
    new = housekeeping.rebuild(options, quiet)
    assert corpus.ask(QUESTION)["corpus"]["generation"] == new


@pytest.mark.parametrize("gone", ["", "corpus.sqlite"])
def test_nothing_is_answered_from_a_corpus_that_was_removed(corpus, options, gone, tmp_path):
    old = corpus.ask(QUESTION)["corpus"]
    passage_id = corpus.search("lamp", k=1)["passages"][0]["id"]
    path = Path(options.corpus) / gone
    path.rename(tmp_path / "away")
    refused(corpus, passage_id, r"corpus\.sqlite is gone")
    assert "corpus.sqlite is gone" in corpus.info()["problem"]
    (tmp_path / "away").rename(path)
    assert corpus.ask(QUESTION)["corpus"] == old, "it is there again"


def test_a_generation_that_others_removed_is_not_answered_from(corpus, options):
    passage_id = corpus.search("lamp", k=1)["passages"][0]["id"]
    corpus.ask(QUESTION)
    shutil.rmtree(Path(options.corpus) / "index" / "generations")
    refused(corpus, passage_id, "the new index cannot be opened")
