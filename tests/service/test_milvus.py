"""A corpus whose index lies in Milvus, from building to forgetting (milvus-lite, one process)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from footnoted.errors import FetchError, UsageError
from footnoted.service import forgetting, housekeeping
from footnoted.service.assistant import Assistant
from footnoted.settings import Settings

pytest.importorskip("milvus_lite", reason="milvus-lite is not installed: no Milvus to ask")

QUESTION = "What was the toll for a cart on the bridge?"


def quiet(_: str) -> None:
    pass


def ask(settings: Settings) -> Any:
    with Assistant.open(settings=settings) as assistant:
        return assistant.ask(QUESTION)


def without_the_index(document: Any) -> Any:
    """What an answer says, whichever index it came from; scores may differ in the last digit."""
    passages = [(p["id"], p["citation"]) for p in document["passages"]]
    return document["statements"], document["citations"], passages


def partitions(index: Path, settings: Settings) -> int:
    from footnoted.index.milvus.connection import connect

    client = connect(settings.milvus_uri).client
    (place, *_) = [json.loads(p.read_text()) for p in index.glob("generations/*/milvus.json")]
    return len(client.list_partitions(place["collection"])) - 1  # Milvus's own default one


def test_an_index_in_milvus_lives_as_one_in_files_does(
    copied: Any, cache_dir: Path, tmp_path: Path
) -> None:
    corpus = copied()
    in_files = Settings(corpus=str(corpus), cache_dir=cache_dir, data_dir=tmp_path / "data")
    in_milvus = replace(in_files, milvus_uri=str(tmp_path / "index.db"))
    expected = ask(in_files)

    assert ask(in_milvus)["corpus"]["generation"] == expected["corpus"]["generation"], (
        "an index in files is used wherever new ones would go"
    )
    first = housekeeping.rebuild(in_milvus, quiet)
    answered = ask(in_milvus)
    assert answered["corpus"]["generation"] == first
    assert without_the_index(answered) == without_the_index(expected)
    with Assistant.open(settings=in_milvus) as assistant:
        assert assistant.verify()["ok"]
    with pytest.raises(UsageError, match="lies in Milvus") as caught:
        ask(in_files)
    assert "FOOTNOTED_MILVUS_URI" in str(caught.value.hint)
    with Assistant.open(settings=in_files) as assistant:
        (check,) = [c for c in assistant.verify()["checks"] if c["name"] == "index"]
        assert "lies in Milvus" in check["failed"][0]["problem"]

    index = corpus / "index"
    assert partitions(index, in_milvus) == 1
    second = housekeeping.rebuild(in_milvus, quiet)
    assert housekeeping.rollback(in_milvus) == first
    assert ask(in_milvus)["corpus"]["generation"] == first
    third = housekeeping.rebuild(in_milvus, quiet)
    assert ask(in_milvus)["corpus"]["generation"] == third
    assert partitions(index, in_milvus) == 2, "the one in use, and the one before it"
    assert not (index / "generations" / second).exists()

    with Assistant.open(settings=in_milvus) as assistant:
        label = assistant.sources()["references"][0]["label"]
    forgetting.forget(label, in_milvus, quiet)
    assert partitions(index, in_milvus) == 1
    found = [passage["id"] for passage in ask(in_milvus)["passages"]]
    assert found == [passage["id"] for passage in expected["passages"]]

    housekeeping.remove(corpus, in_milvus)
    assert not corpus.exists()


def test_without_its_milvus_a_corpus_goes_back_to_files_but_forgets_nothing(
    copied: Any, cache_dir: Path, tmp_path: Path
) -> None:
    corpus = copied()
    in_files = Settings(corpus=str(corpus), cache_dir=cache_dir, data_dir=tmp_path / "data")
    in_milvus = replace(in_files, milvus_uri=str(tmp_path / "index.db"))
    gone = replace(in_files, milvus_uri="http://127.0.0.1:9")
    expected = ask(in_files)
    first = housekeeping.rebuild(in_milvus, quiet)
    label = first_label(in_files)

    before = contents(corpus)
    for unreachable, error in ((in_files, UsageError), (gone, FetchError)):
        with pytest.raises(error, match="Milvus"):
            forgetting.forget(label, unreachable, quiet)
        with pytest.raises(error, match="Milvus"):
            housekeeping.remove(corpus, unreachable)
        assert contents(corpus) == before
    with pytest.raises(FetchError, match="does not answer"):
        housekeeping.rebuild(gone, quiet)
    assert contents(corpus) == before

    _, _, back = (housekeeping.rebuild(in_files, quiet) for _ in range(3))
    answered = ask(in_files)
    assert answered["corpus"]["generation"] == back
    assert without_the_index(answered) == without_the_index(expected)
    with Assistant.open(settings=in_files) as assistant:
        assert assistant.verify()["ok"]
    left = [f".removing-{first}"]
    assert housekeeping.collect(in_files) == {"removed": [], "read": [], "unreachable": left}

    before = contents(corpus)
    with pytest.raises(UsageError, match="lies in Milvus"):
        forgetting.forget(label, in_files, quiet)
    assert contents(corpus) == before
    assert partitions(corpus / "index", in_milvus) == 1
    assert housekeeping.collect(in_milvus)["unreachable"] == []
    assert forgetting.forget(label, in_files, quiet)["corpus"]["generation"]


def first_label(settings: Settings) -> str:
    with Assistant.open(settings=settings) as assistant:
        return str(assistant.sources()["references"][0]["label"])


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a corpus, those left out that only keep others off."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    }
