"""Choosing the few sentences of a source that together say most of a claim.

The best sentence comes first; another is added as long as it covers what the others leave open: a
word of the claim, or one of its numbers, dates and names. A claim is often said in two places.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from footnoted.protocols import Vectors
from footnoted.service.facts.comparing import Outcome, compare
from footnoted.service.facts.reading import Facts, read_facts
from footnoted.service.ledger.sentences import AskedClaim, Candidate

MOST = 4
LOOKED_AT = 24  # candidates whose facts are read, the best by cover
SHARED = 0.5  # of the cover: the weight of the share of words that are repeated
FACT = 0.06  # a fact that no other chosen sentence states
LEAST_GAIN = 0.11  # what another sentence must add


class Reach(NamedTuple):
    """How far sentences together cover a claim: weighted mean cosine, share of words repeated."""

    cover: float
    shared: float

    @property
    def sum(self) -> float:
        return self.cover + SHARED * self.shared


def reach(asked: AskedClaim, chosen: Sequence[Candidate]) -> Reach:
    """The cover of the claim by ``chosen`` together: the best of them for each word."""
    if not chosen or not len(asked.weights):
        return Reach(0.0, 0.0)
    covers = np.max([one.covers for one in chosen], axis=0)
    return Reach(float(_shares(asked.weights) @ covers), _repeated(asked, chosen))


def choose(
    asked: AskedClaim,
    claim: Facts,
    candidates: Sequence[Candidate],
    published: str | None,
    *,
    least_gain: float = LEAST_GAIN,
    most: int = MOST,
    fact: float = FACT,
) -> list[Candidate]:
    """The best ``candidates`` as a set, the best first; none where nothing is covered."""
    alone = sorted(candidates, key=lambda one: (-reach(asked, [one]).sum, one.span.start))
    near = alone[:LOOKED_AT]
    stated = [_stated(claim, one, published) for one in near]
    chosen: list[int] = []
    while len(chosen) < most:
        have = reach(asked, [near[n] for n in chosen]).sum
        known = frozenset().union(*(stated[n] for n in chosen))
        gains = [
            reach(asked, [near[m] for m in (*chosen, n)]).sum - have + fact * len(stated[n] - known)
            if n not in chosen
            else -1.0
            for n in range(len(near))
        ]
        best = int(np.argmax(gains)) if gains else -1
        if best < 0 or gains[best] < (least_gain if chosen else 1e-9):
            break
        chosen.append(best)
    return [near[n] for n in chosen]


def _stated(claim: Facts, one: Candidate, published: str | None) -> frozenset[int]:
    """The numbers of the claim's facts that the sentence states."""
    checked = compare(claim, [read_facts(one.text, claim.language, published)])
    return frozenset(item.fact.span.start for item in checked if item.outcome is Outcome.FOUND)


def _repeated(asked: AskedClaim, chosen: Sequence[Candidate]) -> float:
    terms = frozenset().union(*(one.repeated for one in chosen))
    total = sum(asked.rarity.values())
    return sum(asked.rarity[term] for term in terms) / total if total else 0.0


def _shares(weights: Vectors) -> Vectors:
    shares: Vectors = weights / max(float(weights.sum()), 1e-9)
    return shares
