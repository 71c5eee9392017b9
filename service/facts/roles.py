"""Who does what in a sentence, and what stands in the same place of two sentences.

No parser: an agent is the name before a verb, or behind ``by``; a place is the same when the words
around it are. That finds few roles, and those it finds are seldom wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from footnoted.domain import Span
from footnoted.index.tokens import fold
from footnoted.service.facts.names import Name
from footnoted.service.facts.reading import Facts
from footnoted.service.facts.wordings import listed, words

_SKIPPED = frozenset(
    listed(
        "has had have also then later first initially soon once again previously subsequently "
        "already would will had did who which that and he she it they reportedly allegedly "
        "formally officially jointly successfully"
    )
)
_SAYING = frozenset(
    listed(
        "said say says told tell reported report reports wrote announced added according noted "
        "stated quoted explained confirmed described is was are were be been being of in on at to "
        "by for from with as or but the a an"
    )
)
_VERB = re.compile(r"[^\W\d_]+(?:ed|[^s]s|ing)$")
_IRREGULAR = frozenset(
    listed(
        "won led wrote built shot made gave took beat lost sold bought found held began sang drew "
        "struck hit sent set put met left paid ran swam threw taught brought caught fought sought "
        "chose broke spoke stole drove rode flew grew knew saw came went became overthrew"
    )
)
_BY = re.compile(r"\bby\s+(?:the\s+|its\s+|his\s+|her\s+|their\s+)?(?:[a-z]+\s+){0,2}$")
_TITLES = (
    "president chairman chairwoman chair director leader head chief commander minister secretary "
    "author winner captain coach spokesman spokesperson spokeswoman founder owner editor architect "
    "engineer designer composer manager mayor governor ambassador ceo king queen successor"
)
_IS_TITLE = re.compile(
    rf"\b({'|'.join(_TITLES.split())})s?\b(?:\s+of\s+[^,.;]{{1,60}}?)?"
    r"(?:,|\s+(?:is|was|named|being))?\s+(?:the\s+)?$"
)
_HAS_TITLE = re.compile(
    rf",?\s+(?:is|was|became|as|the|then)?\s*(?:the\s+)?({'|'.join(_TITLES.split())})\b"
)
_RATIO = 0.5
_WINDOW = 40


class Role(NamedTuple):
    """A name and what it does or is, a folded word: ``won``, ``director``."""

    name: Name
    what: str


class Slot(NamedTuple):
    """Two spans, one of either text, that stand in the same place."""

    claim: Span
    other: Span


@lru_cache(maxsize=1 << 12)
def roles(facts: Facts) -> tuple[Role, ...]:
    """What the names of ``facts`` do, as far as the words beside them tell."""
    found = []
    for name in facts.names:
        for what in (*_doing(facts, name), *_being(facts, name)):
            terms = fold(what, facts.language)
            if terms:
                found.append(Role(name, terms[0]))
    return tuple(found)


@lru_cache(maxsize=1 << 12)
def same_places(claim: Facts, other: Facts) -> tuple[Slot, ...]:
    """Where ``other`` has other words than ``claim`` between words that both have."""
    ours, theirs = _terms(claim), _terms(other)
    matcher = SequenceMatcher(None, [t for t, _ in ours], [t for t, _ in theirs], autojunk=False)
    blocks = matcher.get_opcodes()
    same = sum(end - start for tag, start, end, _, _ in blocks if tag == "equal")
    if not ours or not theirs or same < _RATIO * min(len(ours), len(theirs)):
        return ()
    return tuple(
        Slot(_covering(ours[a:b]), _covering(theirs[c:d]))
        for tag, a, b, c, d in blocks
        if tag == "replace"
    )


def _terms(facts: Facts) -> list[tuple[str, Span]]:
    found = []
    for match in re.finditer(r"\w+(?:[.,:'’-]\w+)*|%", facts.text):
        terms = fold(match[0], facts.language)
        found.append((" ".join(terms) or match[0].casefold(), Span(*match.span())))
    return found


def _covering(terms: list[tuple[str, Span]]) -> Span:
    return Span(terms[0][1].start, terms[-1][1].end)


def _doing(facts: Facts, name: Name) -> Iterator[str]:
    """The verb that follows a name, or the participle of which it is the agent."""
    text = facts.text
    before = text[max(0, name.span.start - _WINDOW) : name.span.start]
    if agent := _BY.search(before):
        participles = words(before[: agent.start()])
        if participles and _is_verb(participles[-1].letters):
            yield participles[-1].letters
        return
    if before.rstrip().lower().endswith((" of", " in", " at", " to", " from", " with", " against")):
        return  # the name is part of what another one does
    behind = text[name.span.end : name.span.end + _WINDOW]
    # Brackets and a title between commas stand between a name and its verb.
    behind = re.sub(r"^\s*\([^)]*\)", "", behind)
    behind = re.sub(r"^,[^,.;]{2,40},", "", behind)
    if not re.match(r"\s", behind):
        return
    for word in words(behind):
        if word.letters in _SKIPPED:
            continue
        if _is_verb(word.letters) and behind[word.start].islower():
            yield word.letters
        return


def _being(facts: Facts, name: Name) -> Iterator[str]:
    """The office that stands before a name or behind it."""
    before = facts.text[max(0, name.span.start - 2 * _WINDOW) : name.span.start]
    if (title := _IS_TITLE.search(before)) or (
        title := _HAS_TITLE.match(facts.text, name.span.end)
    ):
        yield title[1]


def _is_verb(word: str) -> bool:
    if word in _SAYING:
        return False
    return word in _IRREGULAR or _VERB.fullmatch(word) is not None
