"""The ledger as a measure of support: with the reader of the assistant that is measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from footnoted.eval.datasets.support import ledger_support
from footnoted.service.assistant import Assistant
from footnoted.service.auditing import ledger_of
from footnoted.settings import load_settings

CLAIM = "The bridge stayed closed for eleven weeks."


def test_the_reader_of_the_assistant_has_its_say(
    bridge: Any, cache_dir: Path, embedder: Any
) -> None:
    scores = {}
    for reader in (True, False):
        settings = load_settings(cache_dir=cache_dir, reader=reader)
        with Assistant.open(bridge.folder, settings=settings, embedder=embedder) as opened:
            document = next(
                d for d in opened.corpus.documents.values() if "closed for eleven weeks" in d.text
            )
            scores[reader] = ledger_support(opened)(CLAIM, document.text)
            found = ledger_of(opened).reader.read(CLAIM, "en", document)
            assert scores[reader] == pytest.approx(found.judgement.score)
            assert (found.opinion is not None) is reader
            assert ledger_support(opened)(CLAIM, " \n") == 0.0
    assert scores[True] != pytest.approx(scores[False], abs=0.01)
