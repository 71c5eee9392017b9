"""The ledger of whole corpora: verdicts, evidence, digests and conflicts."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from footnoted.domain import Identity
from footnoted.ingest.locations import PACKAGED
from footnoted.service.assistant import Assistant
from footnoted.service.auditing import audit, ledger_of
from footnoted.service.facts.comparing import Outcome
from footnoted.service.ledger.findings import ClaimFinding
from footnoted.service.ledger.judging import Verdict
from footnoted.settings import load_settings

Finding: TypeAlias = Callable[[str], ClaimFinding]


@pytest.fixture(scope="module")
def opened(bridge: Any, cache_dir: Path, embedder: Any) -> Iterator[Assistant]:
    settings = load_settings(cache_dir=cache_dir)
    with Assistant.open(bridge.folder, settings=settings, embedder=embedder) as assistant:
        yield assistant


@pytest.fixture(scope="module")
def finding(opened: Assistant) -> Finding:
    """The finding of the claim that begins so."""
    ledger = ledger_of(opened)

    def of(beginning: str) -> ClaimFinding:
        (claim,) = [c for c in ledger.article.claims if c.text.startswith(beginning)]
        return ledger.finding(claim)

    return of


def quotes(finding: ClaimFinding) -> list[str]:
    return [
        span.of(source.document.text)
        for source in finding.sources
        if source.document is not None
        for span in source.spans
    ]


def test_a_claim_that_its_source_repeats_is_supported(finding: Finding) -> None:
    found = finding("The bridge stayed closed for eleven weeks")
    assert found.verdict is Verdict.SUPPORTED
    assert found.score is not None
    assert found.score > 0.5
    assert not found.missing
    assert "closed for eleven weeks and was reopened on 20 May 1931" in quotes(found)[0]


def test_what_is_missing_is_named(finding: Finding) -> None:
    (first, second) = finding("The steelwork was made by the Pelloway Ironworks").sources
    assert first.missing.numbers == ("140",)
    assert second.missing.names == ("Pelloway Ironworks",)
    assert first.missing.in_words == "not in the sentences found: number 140"
    assert not second.missing.numbers


def test_sentences_of_two_sources_count_together(finding: Finding) -> None:
    found = finding("The steelwork was made by the Pelloway Ironworks")
    apart = [source.score for source in found.sources if source.score is not None]
    assert len(apart) == 2
    assert found.score is not None
    assert found.score > max(apart)
    assert found.verdict is Verdict.SUPPORTED


def test_unread_and_uncited_are_told_apart(finding: Finding, opened: Assistant) -> None:
    found = finding("In 1962 the painters of the bridge were on strike")
    assert (found.verdict, found.score) == (Verdict.SOURCE_UNREADABLE, None)
    uncited = [c for c in opened.corpus.article.claims if not c.reference_ids]  # type: ignore[union-attr]
    assert ledger_of(opened).finding(uncited[0]).verdict is Verdict.UNCITED


def test_a_digest_never_supports(finding: Finding) -> None:
    found = finding("In 1904 the town council rejected an earlier plan")
    (source,) = found.sources
    assert source.digest
    assert source.score is None
    assert found.verdict in (Verdict.SOURCE_UNREADABLE, Verdict.CONTRADICTED)


@pytest.fixture(scope="module")
def default_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default corpus in a folder that may be written."""
    folder = tmp_path_factory.mktemp("default") / "corpus"
    return Path(shutil.copytree(PACKAGED / "default", folder))


def test_another_groups_credit_is_found_and_goes_with_its_digest(
    default_copy: Path, commands: Any, cache_dir: Path, embedder: Any
) -> None:
    settings = load_settings(cache_dir=cache_dir)
    with Assistant.open(default_copy, settings=settings, embedder=embedder) as assistant:
        document = audit(assistant)
        rows = [(c, row) for c in document["claims"] for row in c["evidence"] if row["conflicts"]]
        assert rows
        assert {row["label"] for _, row in rows} == {"9"}
        claim, row = next((c, r) for c, r in rows if c["markers"] == ["9"])
        assert claim["verdict"] == row["verdict"] == "contradicted"
        assert row["digest"] is True
        assert row["citation"]["identity"] == Identity.DIGEST
        (told,) = row["conflicts"]
        assert told["in_words"].startswith(
            "a digest of source 9 credits Islamic Front for the Iraqi"
        )
        assert document["counts"]["supported"] == 0
    assert commands("forget", "9", "--corpus", default_copy).code == 0
    with Assistant.open(default_copy, settings=settings, embedder=embedder) as assistant:
        after = audit(assistant)
    assert not any(row["conflicts"] for claim in after["claims"] for row in claim["evidence"])
    assert after["counts"]["contradicted"] == 0


def test_what_the_title_of_a_source_names_is_not_missing(opened: Assistant) -> None:
    reader = ledger_of(opened).reader
    document = next(
        d for d in opened.corpus.documents.values() if "closed for eleven weeks" in d.text
    )
    claim = "The Grennock Lamp Office says that the bridge stayed closed for eleven weeks."
    entitled = replace(document, title="Grennock Lamp Office: a report")
    there, bare = reader.read(claim, "en", entitled), reader.read(claim, "en", document)
    lost = [item.words for item in bare.judgement.facts if item.outcome is Outcome.MISSING]
    assert lost == ["Grennock Lamp Office"]
    assert all(item.outcome is Outcome.FOUND for item in there.judgement.facts)
    assert there.judgement.score == bare.judgement.score
