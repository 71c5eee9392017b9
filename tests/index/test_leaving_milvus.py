"""What of an index lies in a Milvus out of reach hinders no build, and is forgotten or refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from footnoted.errors import FetchError, FootnotedError, IndexBroken, UsageError
from footnoted.index import backends, building
from footnoted.index.backends import FILES, Backend
from footnoted.index.discarding import discarded
from footnoted.index.generations import (
    build_generation,
    collect,
    current,
    list_generations,
    open_generation,
    rollback,
)
from footnoted.index.milvus.connection import connect
from footnoted.index.milvus.place import PLACE_FILE, in_milvus
from footnoted.index.rows import IndexRow

server_manager = pytest.importorskip(
    "milvus_lite.server_manager", reason="tests of the Milvus backend need pip install milvus-lite"
)

GONE = Backend("http://127.0.0.1:9")  # the port to throw things away at: nobody listens
WordHash = Callable[..., Any]


@pytest.fixture
def milvus(tmp_path: Path) -> Iterator[Backend]:
    backends._connected.cache_clear()
    yield Backend(str(tmp_path / "milvus.db"))
    stop(tmp_path / "milvus.db")
    backends._connected.cache_clear()


def stop(file: Path) -> None:
    server_manager.server_manager_instance.release_server(str(file))


@pytest.fixture
def build(tmp_path: Path, word_hash: WordHash) -> Callable[..., Path]:
    def build(backend: Backend, *texts: str, embedder: Any = None) -> Path:
        rows = [IndexRow(f"p-{text}", text, "", "en") for text in texts]
        return build_generation(
            tmp_path / "index",
            rows,
            embedder or word_hash(),
            corpus_id="c",
            revision_id="r",
            backend=backend,
        )

    return build


def partitions(milvus: Backend) -> int:
    client: Any = connect(milvus.milvus_uri).client
    return sum(len(client.list_partitions(name)) - 1 for name in client.list_collections())


def hidden(index: Path) -> list[str]:
    return sorted(path.name for path in (index / "generations").glob(".*"))


def test_the_way_back_to_files_needs_no_server(
    tmp_path: Path, milvus: Backend, build: Callable[..., Path], word_hash: WordHash
) -> None:
    index = tmp_path / "index"
    first = build(milvus, "one", "two")
    embedder = word_hash()
    second = build(FILES, "one", "two", "three", embedder=embedder)
    assert sorted(embedder.embedded) == ["one", "three", "two"], "its vectors are out of reach"
    assert current(index) == second
    assert not in_milvus(second)
    assert list_generations(index) == [first, second], "it can still be gone back to"
    with pytest.raises(UsageError, match="lies in Milvus"):
        rollback(index)

    third = build(FILES, "one")
    left = [f".removing-{first.name}"]
    assert (list_generations(index), hidden(index)) == ([second, third], left)
    fourth = build(FILES, "one")
    assert (list_generations(index), hidden(index)) == ([third, fourth], left)
    done = collect(index, FILES)
    assert (done.removed, done.read) == ([], [])
    assert [path.name for path in done.unreachable] == left
    assert partitions(milvus) == 1

    assert collect(index, milvus) == ([], [], [])
    assert (partitions(milvus), hidden(index)) == (0, [])


def test_a_generation_that_collecting_cannot_reach_is_not_called_removed(
    tmp_path: Path, milvus: Backend, build: Callable[..., Path]
) -> None:
    index = tmp_path / "index"
    first = build(milvus, "one")
    held = open_generation(first, backend=milvus)
    second = build(FILES, "one")
    third = build(FILES, "one")
    held.close()
    done = collect(index, GONE)
    assert (done.removed, done.read) == ([], [])
    assert [path.name for path in done.unreachable] == [f".removing-{first.name}"]
    assert list_generations(index) == [second, third]


def test_a_server_that_does_not_answer_is_noticed_before_anything_is_embedded(
    tmp_path: Path, milvus: Backend, build: Callable[..., Path], word_hash: WordHash
) -> None:
    index = tmp_path / "index"
    first = build(milvus, "one")
    embedder = word_hash()
    with pytest.raises(FetchError, match="does not answer"):
        build(GONE, "one", "two", embedder=embedder)
    assert embedder.embedded == []
    assert (current(index), hidden(index)) == (first, [])
    second = build(FILES, "one", "two")
    assert open_generation(second).passage_ids == ("p-one", "p-two")


def test_what_a_killed_build_left_in_milvus_waits_for_it(
    tmp_path: Path,
    milvus: Backend,
    build: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = tmp_path / "index"

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(building, "write_manifest", killed)
        patch.setattr(Backend, "remove", killed)
        with pytest.raises(KeyboardInterrupt):
            build(milvus, "one")
    (left,) = hidden(index)
    path = build(FILES, "one")
    assert (current(index), hidden(index), partitions(milvus)) == (path, [left], 1)
    build(milvus, "one")
    assert (hidden(index), partitions(milvus)) == ([], 1)


@pytest.mark.parametrize(("backend", "error"), [(FILES, UsageError), (GONE, FetchError)])
def test_nothing_is_discarded_where_a_part_is_out_of_reach(
    tmp_path: Path,
    milvus: Backend,
    build: Callable[..., Path],
    backend: Backend,
    error: type[FootnotedError],
) -> None:
    index = tmp_path / "index"
    build(milvus, "one")
    second = build(milvus, "one", "two")
    for for_good in (False, True):
        with (
            pytest.raises(error) as caught,
            discarded(index, backend, for_good=for_good),
        ):
            pytest.fail("the block must not run")
        assert "FOOTNOTED_MILVUS_URI" in str(caught.value.hint)
    assert (current(index), partitions(milvus)) == (second, 2)
    with discarded(index, milvus) as had:
        assert had
    assert (current(index), partitions(milvus)) == (None, 0)


def test_an_index_in_files_is_discarded_for_another_only_if_that_can_be_built(
    tmp_path: Path, build: Callable[..., Path]
) -> None:
    index = tmp_path / "index"
    with discarded(index, GONE) as had:
        assert not had, "none will be built in the place of none"
    path = build(FILES, "one")
    with pytest.raises(FetchError), discarded(index, GONE):
        pytest.fail("the block must not run")
    assert current(index) == path
    with discarded(index, GONE, for_good=True) as had:
        assert had
    assert not path.exists()


def test_a_server_that_went_away_since_is_noticed_too(
    tmp_path: Path,
    milvus: Backend,
    build: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = tmp_path / "index"
    path = build(milvus, "one")
    monkeypatch.setattr("footnoted.index.milvus.connection.CONNECT_SECONDS", 0.5)
    stop(Path(milvus.milvus_uri))
    with pytest.raises(FetchError, match="does not answer"), discarded(index, milvus):
        pytest.fail("the block must not run")
    assert current(index) == path


def test_a_place_that_cannot_be_read_is_left_and_never_taken_for_removed(
    tmp_path: Path, milvus: Backend, build: Callable[..., Path]
) -> None:
    index = tmp_path / "index"
    first = build(milvus, "one")
    (first / PLACE_FILE).write_text("{")
    second = build(milvus, "one")
    with pytest.raises(IndexBroken, match="cannot be read"), discarded(index, milvus):
        pytest.fail("the block must not run")
    assert current(index) == second
    third = build(milvus, "one")
    assert (list_generations(index), hidden(index)) == (
        [second, third],
        [f".removing-{first.name}"],
    )
    shutil.rmtree(index / "generations" / f".removing-{first.name}")
    with discarded(index, milvus) as had:
        assert had
