"""What stands behind an answer, and who says something else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from footnoted.ingest.locations import PACKAGED
from footnoted.service import forgetting
from footnoted.service.assistant import Assistant
from footnoted.settings import Settings

KILLED = "How many US soldiers were killed in Jordan on 28 January 2024?"
CREDIT = (
    "A digest of source 9 credits Islamic Front for the Iraqi Resistance,"
    " not Islamic Resistance in Iraq."
)


@pytest.fixture(scope="module")
def options(cache_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(cache_dir=cache_dir, data_dir=tmp_path_factory.mktemp("data"), threads=1)


@pytest.fixture(scope="module")
def example(options: Settings) -> Iterator[Assistant]:
    with Assistant.open("example", settings=options) as opened:
        yield opened


def test_a_digest_that_credits_another_group_is_told_until_it_is_forgotten(
    options: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(PACKAGED / "default", folder)
    with Assistant.open(folder, settings=options) as opened:
        told = opened.ask(KILLED)
    assert CREDIT in told["notes"]
    assert "sources_conflict" in told["caveats"]
    (first, *_) = told["statements"]
    assert first["corroboration"] == {
        "cited": 5,
        "readable": 0,
        "supporting": 0,
        "independent": 0,
        "digests": 4,
    }
    forgetting.forget("9", replace(options, corpus=str(folder)), lambda _: None)
    with Assistant.open(folder, settings=options) as opened:
        quiet = opened.ask(KILLED)
    assert quiet["answer"] == told["answer"]
    assert quiet["notes"] == []
    assert "sources_conflict" not in quiet["caveats"]


def test_a_source_that_gives_another_year_is_told(example: Assistant) -> None:
    told = example.ask("Who designed the bridge and when was it opened?")
    assert "sources_conflict" in told["caveats"]
    assert any("1913" in note and "1911" in note for note in told["notes"])


def test_sources_that_seem_to_say_it_are_counted(example: Assistant) -> None:
    told = example.ask("When was Merrowin's design accepted?", only="article")
    (counts,) = (s["corroboration"] for s in told["statements"] if s["corroboration"]["cited"])
    assert counts == {
        "cited": 1,
        "readable": 1,
        "supporting": 1,
        "independent": 1,
        "digests": 0,
    }
