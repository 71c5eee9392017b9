"""From a claim and the best sentences of a source to a calibrated score and a verdict.

Two logistic regressions over a few signals: how likely the sentences support the whole claim, and
how likely they support any of it. Their weights were fitted by ``python -m
footnoted.eval.calibrate_ledger`` on a development set of claims that people judged, never on the
eval sets of the default corpus; docs/decisions/0016-claim-ledger.md has the figures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

import numpy as np

from footnoted.service.facts.comparing import Checked, Outcome, compare
from footnoted.service.facts.reading import Facts, read_facts
from footnoted.service.ledger.selection import reach
from footnoted.service.ledger.sentences import AskedClaim, Candidate


class Verdict(StrEnum):
    """What the cited sources say of a claim, as far as we can tell."""

    SUPPORTED = "supported"
    PARTLY_SUPPORTED = "partly_supported"
    NOT_FOUND = "not_found"
    CONTRADICTED = "contradicted"
    SOURCE_UNREADABLE = "source_unreadable"
    UNCITED = "uncited"


class SupportReader(Protocol):
    """The seam for a trained reader of claims."""

    def support(self, claim: str, sentences: Sequence[str]) -> float | None:
        """How likely ``sentences`` support all of ``claim``, in [0, 1]; ``None`` if unreadable."""
        ...


class Signals(NamedTuple):
    """What a verdict is made of, each 0 to 1.

    ``cover`` and ``shared``: of the claim's words, by the chosen sentences together; ``best``: the
    cover by the best of them alone; ``weakest``: the mean cover of the telling third that is
    covered least; ``anywhere``: the words repeated by any sentence of the source; ``numbers``,
    ``dates``, ``names``: the share of the claim's that are found, 1 where it has none; ``denied``:
    whether one is contradicted; ``length``: the claim's telling words, 1 for forty.
    """

    cover: float
    best: float
    shared: float
    weakest: float
    anywhere: float
    numbers: float
    dates: float
    names: float
    denied: float
    length: float


class Weights(NamedTuple):
    """A logistic regression: a weight for each signal, the bias."""

    signals: Signals
    bias: float

    def probability(self, signals: Signals) -> float:
        """The probability that these weights give to ``signals``."""
        logit = self.bias + sum(w * x for w, x in zip(self.signals, signals, strict=True))
        return 1 / (1 + math.exp(-logit))


class Judgement(NamedTuple):
    """A verdict, the probability of full support, and each fact of the claim with its outcome."""

    verdict: Verdict
    score: float
    signals: Signals
    facts: tuple[Checked, ...]


LONG = 40
WHOLE = Weights(
    Signals(
        cover=1.43,
        best=2.00,
        shared=0.72,
        weakest=1.35,
        anywhere=0.88,
        numbers=0.41,
        dates=0.16,
        names=0.59,
        denied=-0.40,
        length=-0.69,
    ),
    bias=-5.59,
)
ANY = Weights(
    Signals(
        cover=2.17,
        best=1.63,
        shared=0.86,
        weakest=1.63,
        anywhere=1.08,
        numbers=0.25,
        dates=0.04,
        names=0.42,
        denied=-0.59,
        length=0.25,
    ),
    bias=-3.02,
)
SUPPORTED_FROM = 0.40
PARTLY_FROM = 0.80
READER_SHARE = 0.6
"""Of the logit of a score, where a reader gives one. A guess: no reader has been measured yet."""


def judge(
    asked: AskedClaim,
    claim: Facts,
    candidates: Sequence[Candidate],
    chosen: Sequence[Candidate],
    *,
    published: str | None = None,
    reader: SupportReader | None = None,
) -> Judgement:
    """What ``chosen`` say of the claim; ``candidates`` are all sentences of the source.

    ``published`` is the source's ISO date. A reader's score is mixed in, logit by logit.
    """
    evidence = [read_facts(one.text, claim.language, published) for one in chosen]
    facts = compare(claim, evidence)
    found = signals_of(asked, candidates, chosen, facts)
    score = WHOLE.probability(found)
    read = reader.support(claim.text, [one.text for one in chosen]) if reader else None
    if read is not None:
        score = _mixed(score, read)
    return Judgement(verdict_of(score, ANY.probability(found)), score, found, facts)


def verdict_of(whole: float, any_part: float) -> Verdict:
    """The verdict for the probabilities of full and of any support."""
    if whole >= SUPPORTED_FROM:
        return Verdict.SUPPORTED
    return Verdict.PARTLY_SUPPORTED if any_part >= PARTLY_FROM else Verdict.NOT_FOUND


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


def _share(facts: Sequence[Checked], kind: str) -> float:
    of_kind = [item.outcome is Outcome.FOUND for item in facts if item.fact.kind == kind]
    return sum(of_kind) / len(of_kind) if of_kind else 1.0


def _weakest(asked: AskedClaim, chosen: Sequence[Candidate]) -> float:
    telling = np.array([bool(terms) for terms in asked.tokens], bool)
    if not chosen or not telling.any():
        return 0.0
    covers = np.sort(np.max([one.covers for one in chosen], axis=0)[telling])
    return float(covers[: max(1, len(covers) // 3)].mean())


def _mixed(score: float, read: float) -> float:
    inside = min(max(read, 1e-4), 1 - 1e-4)
    ours, theirs = math.log(score / (1 - score)), math.log(inside / (1 - inside))
    logit = (1 - READER_SHARE) * ours + READER_SHARE * theirs
    return 1 / (1 + math.exp(-logit))
