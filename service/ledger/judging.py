"""From a claim and the best sentences of a source to a calibrated score and a verdict.

Two logistic regressions over a few signals (``weights``): how likely the sentences support the
whole claim, and how likely they support any of it, with what a trained reader says or without it.
docs/decisions/0016-claim-ledger.md has the figures.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from footnoted.service.facts.comparing import Checked, Outcome, compare
from footnoted.service.facts.reading import Facts, read_facts
from footnoted.service.ledger.selection import reach
from footnoted.service.ledger.sentences import AskedClaim, Candidate
from footnoted.service.ledger.weights import WITH_READER, WITHOUT_READER, Signals, Weighing


class Verdict(StrEnum):
    """What the cited sources say of a claim, as far as we can tell."""

    SUPPORTED = "supported"
    PARTLY_SUPPORTED = "partly_supported"
    NOT_FOUND = "not_found"
    CONTRADICTED = "contradicted"
    SOURCE_UNREADABLE = "source_unreadable"
    UNCITED = "uncited"


class Opinion(NamedTuple):
    """What a trained reader says of a claim: the log-odds that all or some of it is said.

    Each is -1 to 1, in units of the log-odds of 10,000 to 1, where they are cut: 0 is even odds.
    """

    whole: float
    some: float


class Judgement(NamedTuple):
    """A verdict, the probability of full support, and each fact of the claim with its outcome."""

    verdict: Verdict
    score: float
    signals: Signals
    facts: tuple[Checked, ...]


LONG = 40
_LEAST = 1e-4  # of a probability, before its log-odds are taken


def judge(
    asked: AskedClaim,
    claim: Facts,
    candidates: Sequence[Candidate],
    chosen: Sequence[Candidate],
    *,
    titles: Sequence[str] = (),
    published: str | None = None,
    opinion: Opinion | None = None,
) -> Judgement:
    """What ``chosen`` say of the claim; ``candidates`` are all sentences of the source.

    ``titles`` are those of the documents that ``chosen`` stand in, ``published`` is the source's
    ISO date. ``opinion`` is a reader's, ``None`` where nothing was read: then the weights without
    a reader judge.
    """
    evidence = [read_facts(one.text, claim.language, published) for one in chosen]
    facts = compare(claim, evidence)
    found = signals_of(asked, candidates, chosen, facts)
    weighing = WITHOUT_READER
    if opinion is not None:
        found = found._replace(read_whole=opinion.whole, read_some=opinion.some)
        weighing = WITH_READER
    verdict, score = verdict_of(found, weighing)
    # As signals they would say no more: AUROC the same, macro F1 .577 instead of .595 on wice-dev.
    return Judgement(verdict, score, found, _with_titles(facts, claim, titles if chosen else ()))


def verdict_of(signals: Signals, weighing: Weighing) -> tuple[Verdict, float]:
    """The verdict for ``signals``, and the probability of full support."""
    whole = weighing.whole.probability(signals)
    if whole >= weighing.supported_from:
        return Verdict.SUPPORTED, whole
    some = weighing.any_part.probability(signals) >= weighing.partly_from
    return (Verdict.PARTLY_SUPPORTED if some else Verdict.NOT_FOUND), whole


def opinion_of(supports: Iterable[tuple[float, float, float]]) -> Opinion | None:
    """The opinion of the passage that says most, each time; ``None`` without passages.

    ``supports`` are the probabilities that a passage says nothing, a part, and all of the claim.
    """
    given = [Opinion(_log_odds(whole), _log_odds(1 - nothing)) for nothing, _, whole in supports]
    return most(given)


def most(opinions: Sequence[Opinion]) -> Opinion | None:
    """The strongest of several opinions on one claim; ``None`` where there is none."""
    if not opinions:
        return None
    return Opinion(max(one.whole for one in opinions), max(one.some for one in opinions))


def signals_of(
    asked: AskedClaim,
    candidates: Sequence[Candidate],
    chosen: Sequence[Candidate],
    facts: Sequence[Checked],
) -> Signals:
    """The signals of a claim and the sentences that were chosen for it."""
    together = reach(asked, chosen)
    return Signals(
        cover=together.cover,
        best=max((reach(asked, [one]).cover for one in chosen), default=0.0),
        shared=together.shared,
        weakest=_weakest(asked, chosen),
        anywhere=reach(asked, candidates).shared,
        numbers=_share(facts, "number"),
        dates=_share(facts, "date"),
        names=_share(facts, "name"),
        denied=float(any(item.outcome is Outcome.CONTRADICTED for item in facts)),
        length=min(len(asked.rarity) / LONG, 1.0),
    )


def _with_titles(
    facts: tuple[Checked, ...], claim: Facts, titles: Sequence[str]
) -> tuple[Checked, ...]:
    """``facts``, and what no sentence says is found where a title says it; a title denies nothing.

    The page on a play names it in its title, and then says "the play".
    """
    if not titles or not any(item.outcome is Outcome.MISSING for item in facts):
        return facts
    entitled = compare(claim, [read_facts(title, claim.language) for title in titles])
    said = {item.fact: item for item in entitled if item.outcome is Outcome.FOUND}
    return tuple(
        said[item.fact]._replace(part=None)
        if item.outcome is Outcome.MISSING and item.fact in said
        else item
        for item in facts
    )


def _share(facts: Sequence[Checked], kind: str) -> float:
    of_kind = [item.outcome is Outcome.FOUND for item in facts if item.fact.kind == kind]
    return sum(of_kind) / len(of_kind) if of_kind else 1.0


def _weakest(asked: AskedClaim, chosen: Sequence[Candidate]) -> float:
    telling = np.array([bool(terms) for terms in asked.tokens], bool)
    if not chosen or not telling.any():
        return 0.0
    covers = np.sort(np.max([one.covers for one in chosen], axis=0)[telling])
    return float(covers[: max(1, len(covers) // 3)].mean())


def _log_odds(probability: float) -> float:
    return math.log((probability + _LEAST) / (1 - probability + _LEAST)) / math.log(1 + 1 / _LEAST)
