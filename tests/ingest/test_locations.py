from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.errors import ReadOnly
from footnoted.ingest.locations import (
    PACKAGED,
    building_folder,
    corpus_folder,
    folder_for_new,
    index_folder,
    is_packaged,
    named_corpora,
    refuse_packaged,
    slug,
)
from footnoted.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    return Settings(data_dir=tmp_path / "data", cache_dir=tmp_path / "cache")


def corpus(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "corpus.sqlite").touch()
    return folder


def test_names_are_packaged_then_named(settings, tmp_path):
    assert corpus_folder(settings) == PACKAGED / "default"
    assert corpus_folder(settings, "example") == PACKAGED / "example"
    mine = corpus(tmp_path / "data" / "corpora" / "mine")
    assert corpus_folder(settings, "mine") == mine
    assert corpus_folder(settings, "new") == tmp_path / "data" / "corpora" / "new"
    assert list(named_corpora(settings)) == ["default", "example", "mine"]


def test_a_corpus_in_the_working_folder_wins_over_a_name(settings, tmp_path):
    corpus(tmp_path / "data" / "corpora" / "mine")
    corpus(tmp_path / "mine")
    assert corpus_folder(settings, "mine") == Path("mine")


def test_paths_are_folders(settings, tmp_path):
    for value in ("./default", "a/b", str(tmp_path / "x"), "../default"):
        assert corpus_folder(settings, value) == Path(value)
    assert corpus_folder(settings, "~/x") == Path.home() / "x"


@pytest.mark.parametrize("value", ["..", ".", "default/../../packaged", "a/../.."])
def test_no_name_leads_out_of_the_data_folder(settings, value):
    found = corpus_folder(settings, value)
    assert not found.is_relative_to(PACKAGED)
    assert not found.is_relative_to(settings.data_dir)


def test_packaged_corpora_are_recognised_by_any_path(tmp_path):
    link = tmp_path / "link"
    link.symlink_to(PACKAGED / "default")
    assert is_packaged(link)
    assert is_packaged(PACKAGED / "example" / ".." / "default")
    assert not is_packaged(tmp_path / "default")
    with pytest.raises(ReadOnly, match="never written"):
        refuse_packaged(link)


def test_an_index_lies_beside_its_corpus_or_in_the_cache(settings, tmp_path):
    mine = corpus(tmp_path / "mine")
    assert index_folder(settings, mine, "id") == mine / "index"
    cached = tmp_path / "cache" / "indexes" / "id"
    assert index_folder(settings, PACKAGED / "default", "id") == cached
    # Nothing can be written into a folder that does not exist.
    assert index_folder(settings, tmp_path / "nowhere", "id") == cached


def test_of_the_indexes_of_a_read_only_corpus_the_last_one_put_in_use_counts(
    settings, tmp_path, monkeypatch
):
    mine = corpus(tmp_path / "mine")
    beside, cached = mine / "index", tmp_path / "cache" / "indexes" / "id"

    def put_in_use(index: Path, seconds: int) -> None:
        index.mkdir(parents=True, exist_ok=True)
        (index / "CURRENT").touch()
        os.utime(index / "CURRENT", (seconds, seconds))

    put_in_use(cached, 9)
    assert index_folder(settings, mine, "id") == beside, "it can be built there"
    monkeypatch.setattr("footnoted.ingest.locations.os.access", lambda *_: False)
    assert building_folder(settings, mine, "id") == cached
    assert index_folder(settings, mine, "id") == cached
    for index, seconds in ((beside, 10), (cached, 11), (beside, 12)):
        put_in_use(index, seconds)
        assert index_folder(settings, mine, "id") == index
        assert building_folder(settings, mine, "id") == cached
    (cached / "CURRENT").unlink()
    assert index_folder(settings, mine, "id") == beside


def test_new_corpora_are_named_after_their_article(settings, tmp_path):
    found = folder_for_new(settings, "Grennock Light: Die Höhe (41 m)")
    assert found == tmp_path / "data" / "corpora" / "grennock-light-die-höhe-41-m"
    assert slug("المقاومة الإسلامية") == "المقاومة-الإسلامية"
    assert slug("../..//\x00") == slug("") == "article"


@given(st.text())
def test_a_slug_is_one_plain_folder_name(title):
    name = slug(title)
    assert re.fullmatch(r"[\w-]{1,60}", name)
    assert Path(name).name == name
