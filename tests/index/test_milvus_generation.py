"""Rows in Milvus are written whole, opened again, compared, cleared away; its errors are ours."""

from __future__ import annotations

import dataclasses
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from footnoted.errors import FetchError, IndexBroken, StorageError, UsageError
from footnoted.index.milvus import schema, searching, vectors
from footnoted.index.milvus.connection import Connection, connect, safe_address
from footnoted.index.milvus.generation import open_indexes, remove_rows, verify_rows, write_rows
from footnoted.index.milvus.place import PLACE_FILE, in_milvus, read_place, write_place

pytest.importorskip("pymilvus", reason="the Milvus backend needs pip install 'footnoted[milvus]'")
server_manager = pytest.importorskip(
    "milvus_lite.server_manager", reason="tests of the Milvus backend need pip install milvus-lite"
)

TOKENS = [["red", "boat"], ["blue", "boat"], [], ["red"]]


def unit(rows: int, dim: int = 4, seed: int = 0) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).standard_normal((rows, dim)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def stop(connection: Connection) -> None:
    connection.client.close()
    server_manager.server_manager_instance.release_server(connection.address)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    made = connect(str(tmp_path / "milvus.db"))
    yield made
    stop(made)


@pytest.fixture
def written(tmp_path: Path, connection: Connection) -> Callable[..., Path]:
    """Writes a generation of the corpus ``c`` and gives its folder."""

    def write(name: str = "g1", vectors: NDArray[np.float32] | None = None) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        rows = unit(4) if vectors is None else vectors
        tokens = TOKENS * (len(rows) // 4)
        write_rows(
            folder, connection, corpus_id="c", generation_id=name, vectors=rows, tokens=tokens
        )
        return folder

    return write


def test_rows_are_there_when_the_server_starts_again(
    written: Callable[..., Path], connection: Connection
) -> None:
    folder = written()
    stop(connection)
    again = connect(connection.address)
    verify_rows(folder, again)
    dense, lexical = open_indexes(folder, again)
    assert dense.search(unit(4)[1], 1)[1].tolist() == [1]
    assert np.array_equal(dense.vectors(np.array([3, 0])), unit(4)[[3, 0]])
    assert lexical.search(["boat"], 9)[1].tolist() == [0, 1]
    assert lexical.document_frequency("red") == 2


def test_missing_and_changed_rows_are_noticed(
    written: Callable[..., Path], connection: Connection
) -> None:
    folder = written()
    place, client = read_place(folder), connection.client
    row = {"id": place.first_id, "dense": unit(1, seed=9)[0], "terms": {1: 1.0}}
    client.upsert(place.collection, [row], partition_name=place.partition)
    open_indexes(folder, connection)
    with pytest.raises(IndexBroken, match="not those that were written"):
        verify_rows(folder, connection)
    client.delete(place.collection, ids=[place.first_id + 2], partition_name=place.partition)
    with pytest.raises(IndexBroken, match="it has 3 rows, expected 4"):
        open_indexes(folder, connection)


def test_removing_one_generation_leaves_the_others(
    written: Callable[..., Path], connection: Connection
) -> None:
    first, second = written("g1"), written("g2", unit(8, seed=2))
    held, _ = open_indexes(first, connection)
    assert read_place(first).collection == read_place(second).collection
    remove_rows(first, connection)
    remove_rows(first, connection)
    dense, _ = open_indexes(second, connection)
    assert dense.search(unit(8, seed=2)[5], 1)[1].tolist() == [5]
    assert len(connection.client.list_partitions(read_place(second).collection)) == 2
    with pytest.raises(IndexBroken, match="g_g1"):
        held.search(unit(4)[0], 2)
    with pytest.raises(IndexBroken, match="it has 0 rows, expected 4"):
        open_indexes(first, connection)


@pytest.mark.parametrize("step", ["create_partition", "insert", "flush"])
def test_a_killed_build_leaves_only_what_its_folder_can_clear_away(
    tmp_path: Path, connection: Connection, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(connection.client, step, killed)
    with pytest.raises(KeyboardInterrupt):
        write_rows(
            tmp_path,
            connection,
            corpus_id="c",
            generation_id="g",
            vectors=unit(4),
            tokens=TOKENS,
        )
    assert in_milvus(tmp_path)
    place = read_place(tmp_path)
    assert place.vectors_sha256 == ""
    remove_rows(tmp_path, connection)
    assert connection.client.list_partitions(place.collection) == ["_default"]


def test_a_build_killed_while_it_writes_its_place_down_still_knows_it(
    written: Callable[..., Path], connection: Connection
) -> None:
    folder = written()
    before = read_place(folder)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("footnoted.index.milvus.place.os.fsync", killed)
        with pytest.raises(KeyboardInterrupt):
            write_place(folder, dataclasses.replace(before, vectors_sha256="other"))
    assert read_place(folder) == before
    remove_rows(folder, connection)
    assert connection.client.list_partitions(before.collection) == ["_default"]


def test_a_collection_whose_making_was_killed_is_finished_by_the_next_build(
    written: Callable[..., Path], connection: Connection
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection.client, "create_index", killed)
        with pytest.raises(KeyboardInterrupt):
            written("g1")
    dense, lexical = open_indexes(written("g2"), connection)
    assert dense.search(unit(4)[2], 1)[1].tolist() == [2]
    assert lexical.search(["blue"], 1)[1].tolist() == [1]


def test_a_full_collection_is_followed_by_another(
    written: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "MAX_PARTITIONS", 2)
    collections = [read_place(written(name)).collection for name in ("g1", "g2")]
    assert collections == ["footnoted_v1_4_1", "footnoted_v1_4_2"]


@pytest.mark.parametrize("most", [1, 7, 32])
def test_ties_and_lists_longer_than_one_search_come_whole(
    written: Callable[..., Path],
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
    most: int,
) -> None:
    monkeypatch.setattr(searching, "MAX_HITS", most)
    monkeypatch.setattr(searching, "_MORE", 1)
    monkeypatch.setattr(vectors, "BATCH", 5)
    rows = np.repeat(unit(2), [4, 28], axis=0)
    dense, lexical = open_indexes(written("ties", rows), connection)
    query = rows[31]
    order = [*range(4, 32), *range(4)]
    for k in (1, 6, 31, 99):
        assert dense.search(query, k)[1].tolist() == order[:k]
    odd = np.arange(1, 32, 2)
    assert dense.search(query, 16, odd)[1].tolist() == [n for n in order if n % 2]
    assert lexical.search(["blue"], 5)[1].tolist() == [1, 5, 9, 13, 17]
    assert np.array_equal(dense.vectors(np.arange(32)[::-1]), rows[::-1])


def test_a_query_of_another_dimension_is_refused_in_words(
    written: Callable[..., Path], connection: Connection
) -> None:
    dense, _ = open_indexes(written(), connection)
    with pytest.raises(StorageError, match=r"refused .*mismatch") as caught:
        dense.search(unit(1, dim=3)[0], 1)
    assert caught.value.about == connection.address


def test_a_damaged_place_is_refused(tmp_path: Path, connection: Connection) -> None:
    for text in ("", "[]", '{"collection": 1}', '{"surplus": 1}'):
        (tmp_path / PLACE_FILE).write_text(text)
        with pytest.raises(IndexBroken):
            open_indexes(tmp_path, connection)


def test_a_server_that_went_away_is_an_error_of_the_network(
    written: Callable[..., Path], connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    dense, _ = open_indexes(written(), connection)
    monkeypatch.setattr(searching, "QUESTION_SECONDS", 0.5)
    server_manager.server_manager_instance.release_server(connection.address)
    with pytest.raises(FetchError, match="does not answer"):
        dense.search(unit(4)[0], 1)


def test_no_message_holds_the_password() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    uri = f"http://reader:secret@127.0.0.1:{port}/base?token=secret"
    with pytest.raises(FetchError) as caught:
        connect(uri)
    assert caught.value.about == f"http://127.0.0.1:{port}/base"
    assert "secret" not in f"{caught.value} {caught.value.hint}"
    assert safe_address("https://u:p@[::1]:443/") == "https://[::1]:443"


@pytest.mark.parametrize(
    ("uri", "kind", "words"),
    [
        ("ftp://u:secret@host", UsageError, "no address of Milvus"),
        ("http://u:secret@[host", UsageError, "cannot be read"),
        ("http://host:port", UsageError, "cannot be read"),
        ("nowhere", UsageError, "no address of Milvus"),
        ("/nowhere/milvus.db", StorageError, "cannot be opened"),
    ],
)
def test_what_is_no_address_is_refused(uri: str, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words) as caught:
        connect(uri)
    assert "secret" not in str(caught.value)


def test_without_pymilvus_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(UsageError) as caught:
        connect("http://localhost:19530")
    assert "footnoted[milvus]" in str(caught.value.hint)
