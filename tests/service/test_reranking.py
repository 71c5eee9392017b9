"""A cross-encoder by name, from the setting to the order of the passages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from footnoted.service.assistant import Assistant
from footnoted.settings import Settings

QUESTION = "Who built the lighthouse?"


def test_the_named_cross_encoder_reads_the_best_passages_again(
    light: Path, cache_dir: Path, tmp_path: Path, pair_model: Callable[..., Path]
) -> None:
    plain = Settings(corpus=str(light), cache_dir=cache_dir, data_dir=tmp_path, reader=False)
    reranked = replace(plain, reranker=str(pair_model()))
    said: list[str] = []

    def passages(settings: Settings) -> list[Any]:
        with Assistant.open(settings=settings, notify=said.append) as assistant:
            return list(assistant.search(QUESTION, k=8)["passages"])

    before, after = passages(plain), passages(reranked)
    assert all(passage["signals"]["rerank"] is None for passage in before)
    scores = [passage["signals"]["rerank"] for passage in after]
    assert None not in scores
    assert len(set(scores)) > 1
    assert [p["id"] for p in after] != [p["id"] for p in before]
    assert [reranked.reranker in line for line in said] == [True], "exported once, and said so"
    passages(reranked)
    assert len(said) == 1
