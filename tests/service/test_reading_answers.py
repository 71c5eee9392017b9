"""The shipped reader in answers: what it marks, what it leaves alone, and going without it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from footnoted.errors import ModelError
from footnoted.index import reader as reading
from footnoted.index.models import file_sha256
from footnoted.index.reader import MANIFEST, READER_FILE, SHIPPED
from footnoted.service.answering import MARKED_FROM
from footnoted.service.assistant import Assistant
from footnoted.service.indexing import OWN_READER
from footnoted.service.retrieving import EVERYTHING
from footnoted.settings import load_settings

LATER_YEARS = "What did Merrowin build in her later years?"
PAY_RISE = "What pay rise did the bridge painters get after their strike?"
ELSEWHERE = "Which band played at the coronation of King Charles?"
ARABIC = "بماذا شبّه المهندس لون طلاء جسر سالوويك؟"


@pytest.fixture(scope="module")
def read() -> Any:
    with Assistant.open("example", settings=replace(load_settings(), reader=True)) as assistant:
        yield assistant


@pytest.fixture(scope="module")
def fast() -> Any:
    with Assistant.open("example", settings=replace(load_settings(), reader=False)) as assistant:
        yield assistant


def test_an_answer_that_no_pattern_knows_is_marked(read: Assistant, fast: Assistant) -> None:
    statement = read.ask(LATER_YEARS)["statements"][0]
    assert "lighthouses" in statement["span"]
    assert statement["span"] in statement["text"]
    assert fast.ask(LATER_YEARS)["statements"][0]["span"] is None


def test_it_ranks_again_where_the_settings_say_so(read: Assistant) -> None:
    """Ten passages are read and no others; by default none is."""
    passages = read.search(LATER_YEARS, k=14)["passages"]
    assert all(passage["signals"]["rerank"] is None for passage in passages)
    settings = replace(load_settings(), reranker=OWN_READER)
    with Assistant.open("example", settings=settings) as assistant:
        found = assistant.search(LATER_YEARS, k=14)["passages"]
        assert sum(one["signals"]["rerank"] is not None for one in found) == 10
        foreign = assistant.search(ARABIC)["passages"]
        assert all(one["signals"]["rerank"] is None for one in foreign)
    with Assistant.open("example", settings=replace(settings, reader=False)) as assistant:
        found = assistant.search(LATER_YEARS, k=14)["passages"]
        assert [one["id"] for one in found] == [one["id"] for one in passages]


def test_confidence_knows_what_was_read(read: Assistant, fast: Assistant) -> None:
    likely, unlikely = read.features(LATER_YEARS), read.features(ELSEWHERE)
    assert likely.span is not None
    assert unlikely.span is not None
    assert likely.span > unlikely.span
    assert (fast.features(LATER_YEARS).relevance, fast.features(LATER_YEARS).span) == (None, None)


def test_an_unlikely_answer_is_not_marked(read: Assistant) -> None:
    engine = read._engine
    found = engine.answerer._judged(PAY_RISE, engine.retriever.retrieve(PAY_RISE, 5, EVERYTHING))
    marks = {one.sentence: engine.answerer._marked(one, PAY_RISE) for one in found}
    scores = {one.sentence: one.answer.score for one in found if one.answer is not None}
    assert min(scores.values()) < MARKED_FROM < max(scores.values())
    for sentence, score in scores.items():
        assert (marks[sentence] is not None) is (score >= MARKED_FROM)


def test_a_question_in_another_script_is_not_read(read: Assistant) -> None:
    assert read.features(ARABIC).relevance is None


def test_the_shipped_file_is_the_one_of_the_manifest() -> None:
    manifest = json.loads((SHIPPED / MANIFEST).read_text("utf-8"))[READER_FILE]
    path = SHIPPED / READER_FILE
    assert file_sha256(path) == manifest["sha256"]
    assert path.stat().st_size == manifest["bytes"] <= 25 * 10**6


def test_a_damaged_reader_is_an_error_that_fast_avoids(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / MANIFEST).write_bytes((SHIPPED / MANIFEST).read_bytes())
    (tmp_path / READER_FILE).write_bytes((SHIPPED / READER_FILE).read_bytes()[:-9])
    monkeypatch.setattr(reading.open_reader, "__defaults__", (0, tmp_path))
    settings = replace(load_settings(), threads=1)  # no reader of this kind is open yet
    with (
        Assistant.open("example", settings=settings) as assistant,
        pytest.raises(ModelError, match="not the one that was shipped") as error,
    ):
        assistant.ask(LATER_YEARS)
    assert "--fast" in str(error.value.hint)
    with Assistant.open("example", settings=replace(settings, reader=False)) as assistant:
        assert assistant.ask(LATER_YEARS)["status"] == "answered"
