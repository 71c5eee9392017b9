"""A served corpus whose next generation cannot be opened, and the memory of one replaced."""

from __future__ import annotations

import gc
import sqlite3
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from footnoted.errors import UsageError
from footnoted.service import housekeeping, served
from footnoted.service.assistant import Assistant
from footnoted.service.served import ServedCorpus
from footnoted.settings import Settings

QUESTION = "How many times brighter is the lamp than its predecessor?"


class Panic(BaseException):
    """As the one that a library in Rust raises: it is no ``Exception``."""


def quiet(_: str) -> None:
    pass


@pytest.fixture
def options(copied: Callable[[], Path], cache_dir: Path, tmp_path: Path) -> Settings:
    """Settings for a copy of the small corpus with its index."""
    return Settings(corpus=str(copied()), cache_dir=cache_dir, data_dir=tmp_path, threads=1)


@pytest.fixture
def corpus(options: Settings, embedder) -> Iterator[ServedCorpus]:
    opened = ServedCorpus.open(options.corpus, options, embedder, quiet)
    yield opened
    opened.close()


def until(corpus: ServedCorpus, generation: str) -> None:
    """Ask until the answer is of this generation, and nothing more is being opened."""
    deadline = time.monotonic() + 20
    while corpus.ask(QUESTION)["corpus"]["generation"] != generation:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    settle(corpus)


def settle(corpus: ServedCorpus) -> None:
    for thread in threading.enumerate():
        if thread.name == f"open {corpus.name}":
            thread.join(20)


@pytest.mark.parametrize(
    "error",
    [sqlite3.OperationalError("disk I/O error"), RuntimeError("no"), Panic("index out of range")],
    ids=lambda error: type(error).__name__,
)
def test_no_error_ends_the_opening_unheard(corpus, options, caplog, monkeypatch, error):
    old = corpus.ask(QUESTION)["corpus"]
    load = Assistant.load

    def failing(_: Assistant) -> None:
        raise error

    monkeypatch.setattr(Assistant, "load", failing)
    new = housekeeping.rebuild(options, quiet)
    for _ in range(2):
        assert corpus.ask(QUESTION)["corpus"] == old
        settle(corpus)
    problem = corpus.info()["problem"]
    assert f"({type(error).__name__}: {error})" in problem
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "Traceback" in caplog.text
    monkeypatch.setattr(Assistant, "load", load)
    monkeypatch.setattr(served, "RETRY_SECONDS", 0.0)
    until(corpus, new)
    monkeypatch.undo()
    assert corpus.info()["problem"] is None
    assert len(caplog.records) == 1


def test_a_thread_that_cannot_be_started_is_tried_again(corpus, options, caplog, monkeypatch):
    old = corpus.ask(QUESTION)["corpus"]
    settle(corpus)
    new = housekeeping.rebuild(options, quiet)

    def failing(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", failing)
        for _ in range(2):
            assert corpus.ask(QUESTION)["corpus"] == old
        assert "can't start new thread" in corpus.info()["problem"]
    assert len(caplog.records) == 1
    monkeypatch.setattr(served, "RETRY_SECONDS", 0.0)
    until(corpus, new)


def test_closing_does_not_wait_for_a_thread_that_was_never_started(options, embedder, monkeypatch):
    opened = ServedCorpus.open(options.corpus, options, embedder, quiet)

    def failing(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", failing)
    opened.ask(QUESTION)
    opened.close()


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Python collects no garbage of its own accord meanwhile."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def parts(assistant: Assistant) -> dict[str, weakref.ref[object]]:
    """What is large in an assistant, or keeps it."""
    assert assistant.search("lamp")["passages"], "its caches are filled"
    searcher = assistant.searcher
    generation = searcher.generation
    return {
        "searcher": weakref.ref(searcher),
        "lease": weakref.ref(generation.lease),
        "terms": weakref.ref(generation.lexical),
        "vectors": weakref.ref(generation.dense),
        "tokens": weakref.ref(generation.tokens),
    }


def alive(found: dict[str, weakref.ref[object]]) -> list[str]:
    return [name for name, reference in found.items() if reference() is not None]


def mapped(generation: str) -> list[str]:
    """The files of a generation that this process has mapped."""
    if sys.platform != "linux":
        return []
    lines = Path("/proc/self/maps").read_text("utf-8").splitlines()
    return [line.split("/", 1)[1] for line in lines if generation in line]


@pytest.mark.usefixtures("uncollected")
def test_nothing_stays_of_a_replaced_edition_that_nobody_reads(corpus, options):
    old = corpus.ask(QUESTION)["corpus"]["generation"]
    with corpus.reading() as assistant:
        found = parts(assistant)
        kept = weakref.ref(assistant)
    del assistant
    assert len(alive(found)) == len(found)
    until(corpus, housekeeping.rebuild(options, quiet))
    assert alive(found) == []
    assert kept() is None
    assert mapped(old) == []


@pytest.mark.usefixtures("uncollected")
def test_its_last_reader_takes_a_replaced_edition_along(corpus, options):
    old = corpus.ask(QUESTION)["corpus"]["generation"]
    with corpus.reading() as assistant:
        found = parts(assistant)
        new = housekeeping.rebuild(options, quiet)
        until(corpus, new)
        assert len(alive(found)) == len(found)
        assert assistant.ask(QUESTION)["corpus"]["generation"] == old
    assert alive(found) == []
    assert mapped(old) == []
    with pytest.raises(UsageError, match="light was closed"):
        assistant.ask(QUESTION)
