"""Forgetting through the whole house: corpus, captures, and every generation of the index."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from footnoted import ids
from footnoted.errors import LockedError, NotFound, ReadOnly, UsageError
from footnoted.index import generations
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.locations import PACKAGED
from footnoted.service import forgetting, housekeeping, indexing
from footnoted.service.verify import verify
from footnoted.settings import Settings

TOLLS = "6"  # the bridge's footnote that was supplied as plain text


@pytest.fixture
def settings(bridge, cache_dir: Path, tmp_path: Path) -> Settings:
    """Settings for a copy of the bridge's corpus with its index."""
    folder = shutil.copytree(bridge.folder, tmp_path / "bridge")
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "models").symlink_to(cache_dir / "models")
    return Settings(corpus=str(folder), cache_dir=cache, data_dir=tmp_path / "data", threads=1)


@pytest.fixture
def small(copied: Callable[[], Path], cache_dir: Path, tmp_path: Path) -> Settings:
    """Settings for a copy of the small corpus, which is quick to index and holds no source."""
    return Settings(corpus=str(copied()), cache_dir=cache_dir, data_dir=tmp_path, threads=1)


@pytest.fixture
def quiet() -> Callable[[str], None]:
    return lambda _: None


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def holds(folder: Path, needles: list[bytes]) -> dict[bytes, set[str]]:
    """In which files below the folder each of the needles lies."""
    contents = files(folder)
    return {needle: {n for n, c in contents.items() if needle in c} for needle in needles}


def test_no_generation_knows_its_passages_or_vectors(settings: Settings, quiet) -> None:
    folder = Path(settings.corpus)
    index = folder / "index"
    housekeeping.rebuild(settings, quiet)
    assert len(generations.list_generations(index)) == 2
    with Corpus.open(folder) as corpus:
        cached = settings.cache_dir / "indexes" / corpus.info.corpus_id
        shutil.copytree(index, cached)
        (document,) = (
            d
            for d in corpus.documents.values()
            if [corpus.references[r].label for r in d.reference_ids] == [TOLLS]
        )
        rows = {row.passage_id: row for row in indexing.rows_of(corpus)}
        gone = [
            p.passage_id for p in corpus.passages.values() if document.document_id == p.document_id
        ]
        stay = [p for p in corpus.passages if p not in gone]
    current = generations.current(index)
    assert current is not None
    opened = generations.open_generation(current)
    needles = [
        *(passage_id.encode() for passage_id in gone),
        *(ids.text_sha256(rows[passage_id].indexed_text).encode() for passage_id in gone),
        *(vector_of(opened, passage_id) for passage_id in gone),
        *(tokens_of(opened, passage_id) for passage_id in gone),
    ]
    before = holds(folder, needles)
    assert all(len(found) >= 2 for found in before.values()), "in both generations"

    done = forgetting.forget(TOLLS, settings, quiet)

    assert not any(holds(folder, needles).values())
    assert not any(holds(cached, needles).values())
    assert [path.name for path in generations.list_generations(index)] == [
        done["corpus"]["generation"]
    ]
    with Corpus.open(folder) as corpus:
        assert list(corpus.passages) == stay
        assert verify(corpus, index)["ok"]
        assert corpus.info.revision_id == done["corpus"]["revision"]
    kept = generations.open_generation(index / "generations" / done["corpus"]["generation"])
    assert set(kept.passage_ids) == set(stay)
    assert done["removed"]["passages"] == len(gone)
    assert [row["label"] for row in done["references"]] == [TOLLS]


def vector_of(generation: generations.Generation, passage_id: str) -> bytes:
    import numpy as np

    row = np.array([generation.row_of[passage_id]], np.int64)
    return bytes(generation.dense.vectors(row).tobytes())


def tokens_of(generation: generations.Generation, passage_id: str) -> bytes:
    assert generation.tokens is not None
    return bytes(generation.tokens.packed(generation.row_of[passage_id]).tobytes())


def test_a_corpus_without_index_gets_none(settings: Settings, quiet) -> None:
    folder = Path(settings.corpus)
    shutil.rmtree(folder / "index")
    done = forgetting.forget("1", settings, quiet)
    assert done["corpus"]["generation"] is None
    assert generations.list_generations(folder / "index") == []
    with Corpus.open(folder) as corpus:
        assert verify(corpus, folder / "index")["ok"]


def test_a_killed_build_leaves_an_absent_index(small: Settings, quiet, monkeypatch) -> None:
    folder = Path(small.corpus)

    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    for module, name in ((forgetting.forgetting, "forget"), (forgetting, "build_index")):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, die)
            with pytest.raises(Killed):
                forgetting.forget("1", small, quiet)
        assert generations.list_generations(folder / "index") == []
        with Corpus.open(folder) as corpus:
            assert verify(corpus, folder / "index")["ok"]
        housekeeping.rebuild(small, quiet)
        assert len(generations.list_generations(folder / "index")) == 1


def test_nothing_is_touched_by_a_key_that_names_nothing(settings: Settings, quiet) -> None:
    before = files(Path(settings.corpus))
    with pytest.raises(UsageError, match="names no reference"):
        forgetting.forget("99", settings, quiet)
    with pytest.raises(NotFound, match="was not forgotten"):
        forgetting.lift(TOLLS, settings)
    assert files(Path(settings.corpus)) == before


def test_an_index_that_is_being_built_is_waited_for(settings: Settings, quiet) -> None:
    index = Path(settings.corpus) / "index"
    with (index / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(LockedError, match="building the index"):
            forgetting.forget(TOLLS, settings, quiet)
    assert generations.current(index) is not None
    with Corpus.open(Path(settings.corpus)) as corpus:
        assert verify(corpus, index)["ok"]


def test_nobody_builds_an_index_meanwhile(small: Settings, quiet, monkeypatch) -> None:
    real = forgetting.forgetting.forget

    def meanwhile(*values: object) -> object:
        with pytest.raises(LockedError):
            housekeeping.rebuild(small, quiet)
        return real(*values)  # type: ignore[arg-type]

    monkeypatch.setattr(forgetting.forgetting, "forget", meanwhile)
    assert forgetting.forget("1", small, quiet)["corpus"]["generation"]


def test_packaged_corpora_and_missing_ones(settings: Settings, quiet, tmp_path: Path) -> None:
    before = files(PACKAGED)
    for name in ("default", "example"):
        packaged = Settings(corpus=name, cache_dir=settings.cache_dir, data_dir=settings.data_dir)
        with pytest.raises(ReadOnly):
            forgetting.forget("1", packaged, quiet)
        with pytest.raises(ReadOnly):
            forgetting.lift("1", packaged)
    assert files(PACKAGED) == before
    nowhere = Settings(corpus=str(tmp_path / "none"), cache_dir=settings.cache_dir)
    with pytest.raises(NotFound):
        forgetting.forget("1", nowhere, quiet)
    assert not (tmp_path / "none").exists()
