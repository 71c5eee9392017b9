"""Which facts of a claim an evidence text confirms, which it denies, and which it does not name.

A fact is *found* when the evidence states the same value in whatever spelling, *contradicted* when
it states another for the same thing, and *missing* otherwise. Another value denies a claim only
where the sentence speaks of the same thing: it shares the claim's other words, and the value stands
with the same unit or noun, in the same place between the same words, or in the same role.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from footnoted.domain import Span
from footnoted.index.tokens import fold, query_tokens
from footnoted.service.facts.dates import Date, is_precise, other_date, same_date
from footnoted.service.facts.names import Name, named_in, same_name
from footnoted.service.facts.numbers import Number, same_thing, same_value
from footnoted.service.facts.reading import Fact, Facts
from footnoted.service.facts.roles import roles, same_places
from footnoted.service.facts.wordings import listed, words

# The share of a claim's telling words, its facts aside, that a sentence needs to be about it.
ABOUT_SAME_COUNT = 0.4
ABOUT_SAME_MEASURE = 0.6
ABOUT_SAME_DATE = 0.6
ABOUT_SAME_ROLE = 0.4
ABOUT_SAME_PLACE = 0.6

_NEAR = 48  # characters: how far off a word governs a number
_AUXILIARIES = frozenset(listed("was were is are had has have been being be will would"))


class Outcome(StrEnum):
    """What the evidence says of one fact of a claim."""

    FOUND = "found"
    CONTRADICTED = "contradicted"
    MISSING = "missing"


class Checked(NamedTuple):
    """A fact of the claim, its words, and what became of it.

    ``other`` is the evidence's fact that confirms or denies it, ``said`` its words, and ``part``
    the number of the evidence text that states it; ``None`` for a missing one.
    """

    fact: Fact
    words: str
    outcome: Outcome
    other: Fact | None = None
    said: str | None = None
    part: int | None = None


def compare(claim: Facts, evidence: Sequence[Facts]) -> tuple[Checked, ...]:
    """Each fact of ``claim`` against the texts of ``evidence``, in the order of the claim.

    Facts that may be a manner of speech (``one of``, a capital at the beginning) are listed only
    where they are found.
    """
    checked = []
    for fact in sorted(claim.all(), key=lambda one: one.span.start):
        said = claim.words(fact)
        if found := _found(fact, evidence):
            part, other = found
            words_there = evidence[part].words(other)
            checked.append(Checked(fact, said, Outcome.FOUND, other, words_there, part))
        elif fact.weak:
            continue
        elif denied := _denied(fact, claim, evidence):
            part, other = denied
            words_there = evidence[part].words(other)
            checked.append(Checked(fact, said, Outcome.CONTRADICTED, other, words_there, part))
        else:
            checked.append(Checked(fact, said, Outcome.MISSING))
    return tuple(checked)


def about(claim: Facts, other: Facts) -> float:
    """The share of the claim's telling words, its facts aside, that ``other`` repeats."""
    wanted = telling_words(claim)
    return len(wanted & _all_words(other)) / len(wanted) if wanted else 0.0


@lru_cache(maxsize=1 << 12)
def telling_words(facts: Facts) -> frozenset[str]:
    """The folded words of a text that are no function words and no part of a number or date."""
    rest = list(facts.text)
    dated: tuple[Number | Date, ...] = (*facts.numbers, *facts.dates)
    for fact in dated:
        if not fact.weak:
            rest[fact.span.start : fact.span.end] = " " * (fact.span.end - fact.span.start)
    return frozenset(query_tokens("".join(rest), [facts.language]))


@lru_cache(maxsize=1 << 13)
def _all_words(facts: Facts) -> frozenset[str]:
    return frozenset(fold(facts.text, facts.language))


def _found(fact: Fact, evidence: Sequence[Facts]) -> tuple[int, Fact] | None:
    for part, facts in enumerate(evidence):
        if other := _same_in(fact, facts):
            return part, other
    if isinstance(fact, Name):  # its parts may stand in several sentences
        names = [(part, name) for part, facts in enumerate(evidence) for name in facts.names]
        if found := named_in(fact, [name for _, name in names]):
            return next((part, name) for part, name in names if name == found)
    return None


def _same_in(fact: Fact, facts: Facts) -> Fact | None:
    if isinstance(fact, Number):
        return next((o for o in facts.numbers if same_value(fact, o) and _counts(fact, o)), None)
    if isinstance(fact, Date):
        return next((other for other in facts.dates if same_date(fact, other)), None)
    return named_in(fact, facts.names)


def _counts(fact: Number, other: Number) -> bool:
    """Small numbers are everywhere: they must count the same, or nothing that is known."""
    return fact.low > 12 or not fact.noun or not other.noun or same_thing(fact, other)


def _denied(fact: Fact, claim: Facts, evidence: Sequence[Facts]) -> tuple[int, Fact] | None:
    """The first fact of the evidence that is another value for the same thing, and its text."""
    for part, facts in enumerate(evidence):
        for other in _OTHERS[type(fact)](fact, claim, facts):
            # The value of another fact of the claim is no other value of this one.
            if not other.weak and not _same_in(other, claim):
                return part, other
    return None


def _other_numbers(fact: Fact, claim: Facts, facts: Facts) -> Iterator[Fact]:
    assert isinstance(fact, Number)
    likeness = about(claim, facts)
    for other in facts.numbers:
        if same_value(fact, other) or fact.ordinal != other.ordinal or fact.unit != other.unit:
            continue
        place = likeness >= ABOUT_SAME_PLACE and _in_one_place(fact, other, claim, facts)
        counted = bool(set(fact.noun) & set(other.noun)) and likeness >= ABOUT_SAME_COUNT
        measured = (
            fact.unit
            and same_thing(fact, other)
            and likeness >= ABOUT_SAME_MEASURE
            and len([n for n in facts.numbers if n.unit == fact.unit]) == 1
        )
        if (place or counted or measured) and _one_slot(fact, other, claim, facts):
            yield other


def _other_dates(fact: Fact, claim: Facts, facts: Facts) -> Iterator[Fact]:
    assert isinstance(fact, Date)
    likeness = about(claim, facts)
    alone = len(claim.dates) == 1 and len(facts.dates) == 1
    for other in facts.dates:
        if not other_date(fact, other) or is_precise(fact) != is_precise(other):
            continue
        timed = alone and likeness >= ABOUT_SAME_DATE
        place = likeness >= ABOUT_SAME_PLACE and _in_one_place(fact, other, claim, facts)
        if (place or timed) and _one_slot(fact, other, claim, facts):
            yield other


def _other_names(fact: Fact, claim: Facts, facts: Facts) -> Iterator[Fact]:
    assert isinstance(fact, Name)
    likeness = about(claim, facts)
    ours = {role.what for role in roles(claim) if role.name == fact}
    for other in facts.names:
        if other.weak and len(other.parts) == 1 and not ours:
            continue
        if same_name(fact, other) or named_in(other, claim.names):
            continue
        theirs = {role.what for role in roles(facts) if role.name == other}
        if ours & theirs and likeness >= ABOUT_SAME_ROLE:
            yield _sure(other)
            continue
        place = likeness >= ABOUT_SAME_PLACE and _in_one_place(fact, other, claim, facts)
        if place and _one_slot(fact, other, claim, facts):
            yield other


_OTHERS: dict[type, Callable[[Fact, Facts, Facts], Iterator[Fact]]] = {
    Number: _other_numbers,
    Date: _other_dates,
    Name: _other_names,
}


def _sure(name: Name) -> Name:
    """A name that acts is one, even where it begins the sentence."""
    return Name(name.span, name.text, name.parts, name.others)


def _in_one_place(fact: Fact, other: Fact, claim: Facts, facts: Facts) -> bool:
    """Whether the two stand between the same words, with little else in the same place."""
    for slot in same_places(claim, facts):
        if not (slot.claim.overlaps(fact.span) and slot.other.overlaps(other.span)):
            continue
        if _mostly(slot.claim, fact.span) and _mostly(slot.other, other.span):
            return True
    return False


def _mostly(place: Span, fact: Span) -> bool:
    inside = min(place.end, fact.end) - max(place.start, fact.start)
    return inside >= 0.6 * (place.end - place.start)


def _one_slot(fact: Fact, other: Fact, claim: Facts, facts: Facts) -> bool:
    """Whether the word that governs either value stands in the other sentence too.

    ``killed three soldiers`` and ``wounded five soldiers`` count different things, and what was
    ``founded in 1952`` may have ``moved in 1970``.
    """
    ours, theirs = _governing(fact, claim), _governing(other, facts)
    if not ours or not theirs:
        return True
    return bool(ours & _all_words(facts)) or bool(theirs & _all_words(claim))


@lru_cache(maxsize=1 << 12)
def _governing(fact: Fact, facts: Facts) -> frozenset[str]:
    """The folded word before a number or date, and the verb behind what it counts."""
    text, language = facts.text, facts.language
    telling = telling_words(facts)
    before = [w.letters for w in words(text[max(0, fact.span.start - _NEAR) : fact.span.start])]
    found: set[str] = set()
    for word in reversed(before):
        if terms := set(fold(word, language)) & telling:
            found |= terms
            break
    behind = [w.letters for w in words(text[fact.span.end : fact.span.end + _NEAR])]
    for at, word in enumerate(behind[:-1]):
        if word in _AUXILIARIES:
            found |= set(fold(behind[at + 1], language)) & telling
            break
    return frozenset(found)
