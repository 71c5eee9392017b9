from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from footnoted.errors import CorpusError, IndexBroken, NotFound, ReadOnly
from footnoted.index import generations
from footnoted.service import housekeeping
from footnoted.settings import Settings


@pytest.fixture
def settings_for(cache_dir: Path, tmp_path: Path) -> Callable[[Path], Settings]:
    def make(corpus: Path) -> Settings:
        return Settings(corpus=str(corpus), cache_dir=cache_dir, data_dir=tmp_path / "data")

    return make


def quiet(_: str) -> None:
    pass


def test_a_corpus_is_described(light, settings_for):
    found = housekeeping.describe(settings_for(light))
    assert found["article"] == "Grennock Light"
    assert found["folder"] == str(light)
    assert (found["documents"], found["references"]) == (1, 5)
    assert found["passages"] > 5
    assert found["claims"] > found["passages"] / 2
    assert found["generation"] == generations.current(light / "index").name
    assert [row["number"] for row in found["revisions"]] == [1]
    assert found["revision"] == found["revisions"][0]["revision"]


def test_rebuilding_and_rolling_back(copied: Callable[[], Path], settings_for):
    options = settings_for(copied())
    first = housekeeping.describe(options)["generation"]
    with pytest.raises(NotFound, match="no earlier index generation"):
        housekeeping.rollback(options)
    second = housekeeping.rebuild(options, quiet)
    assert second != first
    assert housekeeping.describe(options)["generation"] == second
    assert housekeeping.rollback(options) == first
    assert housekeeping.describe(options)["generation"] == first


def test_collecting_leaves_what_is_needed_or_read(copied: Callable[[], Path], settings_for):
    options = settings_for(copied())
    index = Path(options.corpus) / "index"
    names = [housekeeping.describe(options)["generation"]]
    held = generations.open_generation(index / "generations" / names[0])
    names += [housekeeping.rebuild(options, quiet) for _ in range(2)]
    (index / "generations" / ".building-killed").mkdir()
    assert housekeeping.collect(options) == {"removed": [], "read": names[:1], "unreachable": []}
    held.close()
    assert housekeeping.collect(options) == {"removed": names[:1], "read": [], "unreachable": []}
    assert sorted(path.name for path in (index / "generations").iterdir()) == names[1:]
    (index / "CURRENT").write_text("junk")
    with pytest.raises(IndexBroken):
        housekeeping.collect(options)
    shutil.rmtree(index)
    assert housekeeping.collect(options) == {"removed": [], "read": [], "unreachable": []}
    assert not index.exists()


def test_removing_leaves_what_is_not_ours(copied: Callable[[], Path], settings_for):
    folder = copied()
    (folder / "my-notes.txt").write_text("keep")
    options = settings_for(folder)
    assert housekeeping.removable(options) == folder
    housekeeping.remove(folder, options)
    assert [path.name for path in folder.iterdir()] == ["my-notes.txt"]
    with pytest.raises(NotFound):
        housekeeping.removable(options)


def test_removing_an_empty_rest(copied: Callable[[], Path], settings_for):
    folder = copied()
    housekeeping.remove(folder, settings_for(folder))
    assert not folder.exists()


def test_a_damaged_index_does_not_stop_the_removal(copied: Callable[[], Path], settings_for):
    folder = copied()
    (folder / "index" / "CURRENT").write_text("junk")
    housekeeping.remove(folder, settings_for(folder))
    assert not folder.exists()


def test_packaged_corpora_stay(settings_for):
    for name in ("default", "example"):
        with pytest.raises(ReadOnly):
            housekeeping.removable(settings_for(Path(name)))


def test_a_damaged_corpus_cannot_be_described(copied: Callable[[], Path], settings_for):
    folder = copied()
    (folder / "corpus.sqlite").write_bytes(b"x" * 5000)
    with pytest.raises(CorpusError):
        housekeeping.describe(settings_for(folder))
