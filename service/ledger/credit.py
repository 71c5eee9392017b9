"""Whom a source credits with a deed: ``N claimed it``, ``N took responsibility``.

An article about a group tells its deeds without naming it in every sentence; a source that credits
another group denies such a sentence though no name of it is denied. The group that an article is
about is read from its title, its infobox and its first sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from footnoted.domain import Article, Span
from footnoted.service.facts.names import Name, read_names, same_name
from footnoted.service.facts.spelling import sounds_of
from footnoted.service.facts.wordings import words

_DEED = (
    r"(?:it|them|this|responsibility|credit|"
    r"(?:the|that|this|those|these|both|all)\s+(?:\w+\s+){0,3}?"
    r"(?:attacks?|strikes?|bombings?|operations?|killings?|raids?|shootings?|launch(?:es)?))\b"
)
_HELPERS = (
    r"(?:\s*\([^)]*\))?\s*,?\s*(?:has|have|had|later|then|also|since|initially|first|quickly|\s)*"
)
_CLAIMED = re.compile(
    rf"{_HELPERS}\b(?:(?:claimed|claims)\s+{_DEED}|(?:took|taken|takes|accepted|assumed|admitted)\s+"
    r"(?:full\s+)?(?:responsibility|credit)|said\s+(?:that\s+)?(?:it|they)\s+(?:had\s+)?"
    r"(?:carried\s+out|was\s+behind|were\s+behind|launched|fired|conducted))"
)
_CREDITED = re.compile(
    r"(?:(?:claimed|carried\s+out|conducted|executed|perpetrated|committed)\s+by|"
    r"(?:attributed|credited|ascribed)\s+to|blamed\s+on|blamed|responsibility\s+of)\s+(?:the\s+)?"
    r"(?:[a-z]+\s+){0,3}$"
)
_GROUP = re.compile(
    r"\b(?:group|groups|organi[sz]ation|network|militia|militias|faction|factions|movement|army|"
    r"brigade|brigades|party|alliance|coalition|front|company|club|band|team|gang|cell|banner|"
    r"umbrella|union|force|forces|regiment|corps)\b",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(
    r"\b(?:withdr\w+|retract\w+|dropped|denied|denies|deny|falsely|rejected|disowned|not\s+claim\w*)\b",
    re.IGNORECASE,
)
_NAME_ROW = "Name"
_OPENING = 400  # characters that say what an article is about


class Credit(NamedTuple):
    """A name that a text credits with a deed, at ``span`` of the text."""

    name: Name
    span: Span


def credited(text: str) -> list[Credit]:
    """The names that ``text``, a sentence, credits with a deed."""
    found = []
    for name in read_names(text):
        before = text[max(0, name.span.start - 60) : name.span.start]
        if _CLAIMED.match(text, name.span.end) or _CREDITED.search(before):
            found.append(Credit(name, name.span))
    return found


def subject_of(article: Article) -> tuple[Name, ...]:
    """The names of the group that ``article`` is about; none where it is about no group."""
    opening = next((c.text for c in article.claims if c.label is None), article.text[:_OPENING])
    if not _GROUP.search(opening):
        return ()
    title = re.sub(r"\s*\([^)]*\)$", "", article.title)
    rows = [c.text.partition(": ")[2] for c in article.claims if c.label == _NAME_ROW]
    return tuple(dict.fromkeys(name for text in (title, *rows) for name in _whole(text)))


def other_credit(claim: str, sentence: str, subject: Sequence[Name], article: str) -> Credit | None:
    """Whom ``sentence`` credits other than the claim's own names and ``subject``; else ``None``.

    ``subject`` are the names of the group that the article is about. A name that ``article``, the
    whole text, has anywhere is none that it fails to credit, and a credit that was taken back is
    none.
    """
    if not subject or _TAKEN_BACK.search(sentence):
        return None
    for credit in credited(sentence):
        known = (*subject, *read_names(claim), *_names_of(article))
        if not any(same_name(credit.name, name) for name in known):
            return credit
    return None


@lru_cache(maxsize=4)  # an article's names are wanted for each of its claims
def _names_of(article: str) -> tuple[Name, ...]:
    return tuple(read_names(article))


def _whole(text: str) -> list[Name]:
    """``text`` as one name, links between capitals included: Islamic Resistance in Iraq."""
    parts = sounds_of(text)
    return [Name(Span(0, len(text)), text, parts)] if parts and words(text) else []
