"""What a trained reader's opinion changes in the ledger, and where there is none."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from footnoted.index.reader import Reading
from footnoted.service.assistant import Assistant
from footnoted.service.auditing import audit, ledger_of
from footnoted.service.indexing import contexts
from footnoted.service.ledger.accuracy import accuracy
from footnoted.service.ledger.building import Ledger, open_ledger
from footnoted.service.ledger.findings import ClaimFinding
from footnoted.service.ledger.judging import (
    Opinion,
    Verdict,
    most,
    opinion_of,
    verdict_of,
)
from footnoted.service.ledger.reading_claims import PassageReader
from footnoted.service.ledger.weights import WITH_READER, WITHOUT_READER, Signals
from footnoted.settings import load_settings

COVERED = Signals(0.9, 0.85, 0.9, 0.8, 1, 1, 1, 1, 0, 0.3)
CLOSED = "The bridge stayed closed for eleven weeks"
IRONWORKS = "The steelwork was made by the Pelloway Ironworks"


class Believing:
    """A reader that gives every passage the same three probabilities, and remembers them."""

    def __init__(self, support: Callable[[str], tuple[float, float, float]]) -> None:
        self.shown: list[tuple[str, list[str]]] = []
        self._support = support

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        self.shown.append((question, list(passages)))
        none = np.zeros((0, 2))
        return [
            Reading(0.0, self._support(text), 0.0, none.astype(np.float32), none.astype(np.int32))
            for text in passages
        ]


def sceptic() -> Believing:
    return Believing(lambda _: (0.98, 0.01, 0.01))


def believer() -> Believing:
    return Believing(lambda _: (0.01, 0.01, 0.98))


@pytest.fixture(scope="module")
def opened(bridge: Any, cache_dir: Path, embedder: Any) -> Iterator[Assistant]:
    settings = load_settings(cache_dir=cache_dir, threads=1)
    with Assistant.open(bridge.folder, settings=settings, embedder=embedder) as assistant:
        yield assistant


def ledger_with(opened: Assistant, reader: PassageReader | None) -> Ledger:
    ledger = open_ledger(opened.corpus, opened.searcher, contexts(opened.corpus), reader)
    assert ledger is not None
    return ledger


def of(ledger: Ledger, beginning: str) -> ClaimFinding:
    (claim,) = [c for c in ledger.article.claims if c.text.startswith(beginning)]
    return ledger.finding(claim)


def score_of(ledger: Ledger, beginning: str) -> float:
    score = of(ledger, beginning).score
    assert score is not None
    return score


def test_a_reader_changes_a_score_and_a_verdict(opened: Assistant) -> None:
    alone = score_of(ledger_with(opened, None), IRONWORKS)
    doubting, trusting = ledger_with(opened, sceptic()), ledger_with(opened, believer())
    assert score_of(doubting, IRONWORKS) < alone - 0.02
    assert score_of(trusting, IRONWORKS) > score_of(doubting, IRONWORKS) + 0.15
    assert of(trusting, IRONWORKS).verdict is Verdict.SUPPORTED
    assert of(doubting, IRONWORKS).verdict is not Verdict.SUPPORTED


def test_it_reads_the_indexed_passages_of_the_chosen_sentences_once(opened: Assistant) -> None:
    reader = believer()
    found = of(ledger_with(opened, reader), CLOSED)
    ((question, passages),) = reader.shown
    assert question == found.claim.text
    assert 1 <= len(passages) <= 4
    (source,) = found.sources
    assert source.document is not None
    for span in source.spans:
        assert any(span.of(source.document.text) in text for text in passages)
    title = ledger_with(opened, None).article.title
    assert all(text.startswith(title) for text in passages)  # as indexed, with its context


def test_of_several_sources_the_strongest_opinion_counts(opened: Assistant) -> None:
    first = Believing(lambda text: (0.0, 0.0, 1.0) if "Pelloway" in text else (1.0, 0.0, 0.0))
    found = of(ledger_with(opened, first), IRONWORKS)
    apart = [source.score for source in found.sources if source.score is not None]
    assert len(apart) == 2
    assert len(first.shown) == 2  # the sources, each once: together nothing is read again
    assert found.score is not None
    assert found.score > max(apart)
    certain = ledger_with(opened, Believing(lambda _: (0.0, 0.0, 1.0)))
    assert found.score == pytest.approx(score_of(certain, IRONWORKS))


def test_the_readers_settings_reach_the_ledger(
    opened: Assistant, bridge: Any, cache_dir: Path, embedder: Any
) -> None:
    fast = load_settings(cache_dir=cache_dir, reader=False)
    with Assistant.open(bridge.folder, settings=fast, embedder=embedder) as without:
        assert without.reader is None
        (claim,) = [c for c in ledger_of(without).article.claims if c.text.startswith(CLOSED)]
        assert without.finding(claim) == ledger_with(opened, None).finding(claim)
        plain = without.finding(claim)
        assert audit(without)["accuracy"] == accuracy(with_reader=False)
    assert opened.reader is not None
    read = ledger_with(opened, opened.reader).finding(claim)
    assert opened.finding(claim) == ledger_of(opened).finding(claim) == read
    assert read.score != plain.score
    assert audit(opened)["accuracy"] == accuracy(with_reader=True)


def test_what_the_reader_cannot_read_is_judged_without_it(opened: Assistant) -> None:
    reader = sceptic()
    ledger, plain = ledger_with(opened, reader).reader, ledger_with(opened, None).reader
    documents = opened.corpus.documents.values()
    arabic = next(d for d in documents if d.language == "ar")
    english = next(d for d in documents if d.language == "en" and "Pelloway" in d.text)
    claim = "The steelwork was made by the Pelloway Ironworks."
    for language, document in (("en", arabic), ("de", english), ("ar", english)):
        found = ledger.read(claim, language, document)
        assert found.opinion is None
        assert found.judgement == plain.read(claim, language, document).judgement
    unreadable = ledger.read("صنعت الهياكل الفولاذية في مصنع بيلواي.", "en", english)
    assert (unreadable.asked.legible, unreadable.opinion) == (False, None)
    assert reader.shown == []
    read = ledger.read(claim, "en-GB", english)
    assert read.opinion is not None
    assert read.opinion.whole < 0
    assert read.judgement.score < plain.read(claim, "en-GB", english).judgement.score


def test_our_own_reader_tells_a_repeated_claim_from_another(opened: Assistant) -> None:
    document = next(
        d for d in opened.corpus.documents.values() if "closed for eleven weeks" in d.text
    )
    ledger = ledger_with(opened, opened.reader).reader
    said = ledger.read("The bridge was closed for eleven weeks.", "en", document).opinion
    other = ledger.read("The bridge was painted green by prisoners.", "en", document).opinion
    assert said is not None
    assert other is not None
    assert said.whole > 0 > other.whole
    assert said.some > other.some


def test_opinions_are_log_odds_between_minus_one_and_one() -> None:
    sure = opinion_of([(0.0, 0.0, 1.0)])
    assert sure == pytest.approx((1.0, 1.0))
    assert opinion_of([(1.0, 0.0, 0.0)]) == pytest.approx((-1.0, -1.0))
    even = opinion_of([(0.5, 0.0, 0.5)])
    assert even == pytest.approx((0.0, 0.0))
    of_two = opinion_of([(0.9, 0.05, 0.05), (0.2, 0.7, 0.1)])
    assert of_two == pytest.approx(
        (math.log(0.1001 / 0.9001) / math.log(10001), math.log(0.8001 / 0.2001) / math.log(10001))
    )
    assert opinion_of([]) is None
    assert most([]) is None
    assert most([Opinion(0.1, 0.9), Opinion(0.3, 0.2)]) == Opinion(0.3, 0.9)


def test_both_sets_of_weights_believe_what_is_covered() -> None:
    bare = Signals(0.3, 0.3, 0.1, 0.1, 0.2, 0, 0, 0, 0, 0.3)
    for weighing, opinions in (
        (WITHOUT_READER, (Opinion(0, 0), Opinion(0, 0))),
        (WITH_READER, (Opinion(0.4, 0.6), Opinion(-0.6, -0.3))),
    ):
        yes, no = (
            one._replace(read_whole=o.whole, read_some=o.some)
            for one, o in zip((COVERED, bare), opinions, strict=True)
        )
        verdict, score = verdict_of(yes, weighing)
        assert (verdict, score > 0.6) == (Verdict.SUPPORTED, True)
        verdict, score = verdict_of(no, weighing)
        assert (verdict, score < 0.1) == (Verdict.NOT_FOUND, True)
        assert weighing.whole.probability(yes._replace(denied=1.0)) < verdict_of(yes, weighing)[1]
    assert WITHOUT_READER.whole.signals[-2:] == WITHOUT_READER.any_part.signals[-2:] == (0.0, 0.0)
    assert min(WITH_READER.whole.signals[-2:] + WITH_READER.any_part.signals[-2:]) > 0


def test_the_accuracy_that_is_told_adds_up() -> None:
    for with_reader in (True, False):
        told = accuracy(with_reader=with_reader)
        assert told["supported_right"] + told["supported_in_part"] <= told["supported_said"]
        assert f"{told['verdict_accuracy']:.0%}".replace("%", " %") in told["in_words"]
        assert f"all of {told['supported_right']}" in told["in_words"]
        assert sum(row["claims"] for row in told["scores"]) == told["claims"]
        shares = [row["supported"] / row["claims"] for row in told["scores"]]
        assert shares == sorted(shares)  # a higher score is more often right
        for share in shares:
            assert f" {100 * share:.0f} % " in told["in_words"]
    assert accuracy(with_reader=True) != accuracy(with_reader=False)
