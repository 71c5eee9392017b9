"""A served corpus: what is put in use under it answers next, and no request is lost meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from footnoted.errors import IndexBroken
from footnoted.index import generations
from footnoted.ingest.inputs import ArticleInput
from footnoted.ingest.pipeline import ingest
from footnoted.ingest.readings import OfflineReader
from footnoted.ingest.store import writing
from footnoted.ingest.supplied import SuppliedFile
from footnoted.service import forgetting, housekeeping, indexing, served
from footnoted.service.assistant import Assistant
from footnoted.service.served import ServedCorpus
from footnoted.service.shelf import Shelf
from footnoted.settings import Settings

ARTICLE = (Path(__file__).parents[1] / "fixtures/articles/lighthouse.txt").read_text("utf-8")
QUESTION = "How many times brighter is the lamp than its predecessor?"


def quiet(_: str) -> None:
    pass


@pytest.fixture
def options(copied: Callable[[], Path], cache_dir: Path, tmp_path: Path) -> Settings:
    """Settings for a copy of the small corpus with its index."""
    return Settings(corpus=str(copied()), cache_dir=cache_dir, data_dir=tmp_path, threads=1)


@pytest.fixture
def heard() -> list[str]:
    return []


@pytest.fixture
def corpus(options: Settings, embedder, heard: list[str]) -> Iterator[ServedCorpus]:
    opened = ServedCorpus.open(options.corpus, options, embedder, heard.append)
    yield opened
    opened.close()


def index_of(options: Settings) -> Path:
    return Path(options.corpus) / "index"


def publish(options: Settings, number: str) -> None:
    """Publish the article with another number in it; nothing is indexed."""
    text = ARTICLE.replace("12.5 times", f"{number} times").encode()
    with writing(Path(options.corpus)) as writer:
        file = ArticleInput(SuppliedFile("lighthouse.txt", text))
        ingest(file, writer, "light", OfflineReader(), now="2026-03-04T05:06:07Z")


def until(corpus: ServedCorpus, generation: str) -> None:
    """Ask until the answer is of this generation."""
    deadline = time.monotonic() + 20
    while corpus.ask(QUESTION)["corpus"]["generation"] != generation:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_new_generation_is_opened_beside_the_old_one(corpus, options, heard, monkeypatch):
    go_on = threading.Event()
    load = Assistant.load

    def slow(assistant: Assistant) -> None:
        assert go_on.wait(20)
        load(assistant)

    old = corpus.ask(QUESTION)
    publish(options, "13.5")
    assert corpus.ask(QUESTION)["corpus"] == old["corpus"], "it is not indexed yet"
    new = housekeeping.rebuild(options, quiet)
    monkeypatch.setattr(Assistant, "load", slow)
    for _ in range(5):
        answer = corpus.ask(QUESTION)
        assert (answer["answer"], answer["corpus"]) == (old["answer"], old["corpus"])
    assert heard == []
    go_on.set()
    until(corpus, new)
    answer = corpus.ask(QUESTION)
    assert "13.5 times" in answer["answer"]
    assert answer["corpus"]["revision"] != old["corpus"]["revision"]
    assert answer["corpus"]["generation"] == new
    deadline = time.monotonic() + 20
    while not heard and time.monotonic() < deadline:
        time.sleep(0.01)  # it is said after it is done
    assert [new in said for said in heard] == [True]


def test_the_old_one_is_closed_with_its_last_request(corpus, options, monkeypatch):
    closed: list[str] = []
    close = Assistant.close

    def recorded(assistant: Assistant) -> None:
        closed.append(assistant.searcher.generation.path.name)
        close(assistant)

    monkeypatch.setattr(Assistant, "close", recorded)
    first = corpus.ask(QUESTION)["corpus"]["generation"]
    with corpus.reading() as outer, corpus.reading() as inner:
        assert outer is inner
        second = housekeeping.rebuild(options, quiet)
        until(corpus, second)
        third = housekeeping.rebuild(options, quiet)
        until(corpus, third)
        assert closed == [second], "nobody read it any more"
        assert outer.ask(QUESTION)["corpus"]["generation"] == first
        assert outer.sources()["references"]
        fourth = housekeeping.rebuild(options, quiet)
        kept = [path.name for path in generations.list_generations(index_of(options))]
        assert kept == [first, third, fourth], (
            "the first is read, the third would be rolled back to"
        )
    assert closed == [second, first]
    until(corpus, fourth)
    fifth = housekeeping.rebuild(options, quiet)
    kept = [path.name for path in generations.list_generations(index_of(options))]
    assert kept == [fourth, fifth]


def test_a_rollback_brings_its_revision_back(corpus, options):
    first = corpus.ask(QUESTION)["corpus"]
    publish(options, "13.5")
    until(corpus, housekeeping.rebuild(options, quiet))
    assert housekeeping.rollback(options) == first["generation"]
    until(corpus, first["generation"])
    answer = corpus.ask(QUESTION)
    assert answer["corpus"] == first
    assert "12.5 times" in answer["answer"]
    assert "12.5 times" in corpus.article()["text"]


def test_a_newer_text_without_index_is_never_indexed_by_the_server(corpus, options):
    first = corpus.ask(QUESTION)["corpus"]
    second = housekeeping.rebuild(options, quiet)
    publish(options, "13.5")
    until(corpus, second)
    found = [path.name for path in generations.list_generations(index_of(options))]
    assert found == [first["generation"], second]
    assert corpus.ask(QUESTION)["corpus"]["revision"] == first["revision"]


def spoil(options: Settings) -> None:
    path = generations.current(index_of(options))
    assert path is not None
    data = bytearray((path / "dense.faiss").read_bytes())
    data[-1] ^= 1
    (path / "dense.faiss").write_bytes(data)


def settled(corpus: ServedCorpus) -> None:
    """Ask once, and wait until what this began is done."""
    corpus.ask(QUESTION)
    deadline = time.monotonic() + 20
    while any(thread.name == f"open {corpus.name}" for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_broken_one_is_told_once_and_the_old_one_answers(corpus, options, caplog, monkeypatch):
    old = corpus.ask(QUESTION)["corpus"]
    assert corpus.info() == {**old, "problem": None}
    housekeeping.rebuild(options, quiet)
    spoil(options)
    for _ in range(3):
        settled(corpus)
        assert corpus.ask(QUESTION)["corpus"] == old
    assert len(caplog.records) == 1
    assert caplog.records[0].levelname == "ERROR"
    assert "dense.faiss" in caplog.text
    corpus.load()
    (row,) = Shelf({"light": corpus}).listing()["corpora"]
    assert row["generation"] == old["generation"]
    assert "dense.faiss, its SHA-256 is not the recorded" in row["problem"]

    monkeypatch.setattr(served, "RETRY_SECONDS", 0.0)
    settled(corpus)
    assert corpus.ask(QUESTION)["corpus"] == old
    assert len(caplog.records) == 1, "it is tried again, and told once"
    until(corpus, housekeeping.rebuild(options, quiet))
    assert corpus.info()["problem"] is None
    spoil(options)
    until(corpus, corpus.ask(QUESTION)["corpus"]["generation"])
    assert len(caplog.records) == 1, "what is open is not read again"


def test_a_generation_of_another_model_is_a_problem(corpus, options, caplog):
    old = corpus.ask(QUESTION)["corpus"]
    path = generations.current(index_of(options))
    housekeeping.rebuild(options, quiet)
    new = generations.current(index_of(options))
    assert new is not None
    manifest = (new / "manifest.json").read_text()
    weights = generations.open_generation(path).manifest.weights_sha256
    (new / "manifest.json").write_text(manifest.replace(weights, "0" * 64))
    settled(corpus)
    assert corpus.ask(QUESTION)["corpus"] == old
    assert "it was made with the model" in corpus.info()["problem"]


def test_what_was_forgotten_answers_no_more(corpus, options, monkeypatch):
    build = forgetting.build_index
    answered: list[str] = []

    def ask() -> None:
        answered.append(corpus.ask(QUESTION)["corpus"]["revision"])

    asking = threading.Thread(target=ask)

    def meanwhile(*values: object, **named: object) -> str:
        # The index is withdrawn, and nobody builds the new one yet.
        asking.start()
        asking.join(0.2)
        assert asking.is_alive(), "there is nothing to answer from"
        return build(*values, **named)

    monkeypatch.setattr(forgetting, "build_index", meanwhile)
    done = forgetting.forget("1", options, quiet)
    asking.join()
    assert answered == [done["corpus"]["revision"]]
    assert corpus.ask(QUESTION)["corpus"]["revision"] == done["corpus"]["revision"]
    by_label = {row["label"]: row for row in corpus.sources()["references"]}
    assert "Forgotten on" in by_label["1"]["reason"]


def test_no_thread_asks_what_was_forgotten_while_another_waits(corpus, options, monkeypatch):
    load = Assistant.load

    def slow(assistant: Assistant) -> None:
        time.sleep(0.3)
        load(assistant)

    done = forgetting.forget("1", options, quiet)
    monkeypatch.setattr(Assistant, "load", slow)
    answered: list[str] = []

    def ask() -> None:
        answered.append(corpus.ask(QUESTION)["corpus"]["revision"])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
        time.sleep(0.05)
    for thread in threads:
        thread.join()
    assert answered == [done["corpus"]["revision"]] * 4


def test_what_was_forgotten_is_not_answered_though_the_new_index_is_broken(corpus, options):
    forgetting.forget("1", options, quiet)
    spoil(options)
    for _ in range(2):
        with pytest.raises(IndexBroken, match="a source was forgotten, and the new index cannot"):
            corpus.ask(QUESTION)
        with pytest.raises(IndexBroken):
            corpus.load()
    new = housekeeping.rebuild(options, quiet)
    assert corpus.ask(QUESTION)["corpus"]["generation"] == new


def test_opening_what_cannot_be_opened_leaves_nothing_open(options, embedder):
    spoil(options)
    with pytest.raises(IndexBroken):
        ServedCorpus.open(options.corpus, options, embedder, quiet)
    housekeeping.rebuild(options, quiet)
    assert indexing.open_corpus_as_indexed(Path(options.corpus), options).info.number == 1
