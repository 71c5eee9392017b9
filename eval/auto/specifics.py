"""What makes a claim specific, its names, numbers and dates, and which texts hold them.

Deciding that a text does *not* hold something must not hang on its spelling, so all comparisons
lean to "it does": a name is held where its rarest word stands, a date where its day and month
stand together in either order, a small number as a word or in digits, a number also as a part of
a longer one. Words are folded as the index folds them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from footnoted.index.tokens import fold
from footnoted.service.answer_types import AnswerType, candidates

_UP_TO_TWENTY = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
)
_NUMBER_WORDS = _UP_TO_TWENTY.split()
_LEAST_TELLING = 10  # smaller numbers stand everywhere and tell nothing
_FEWEST_LETTERS = 3
_NOT_MONTHS = re.compile(r"\b(?:early|late|mid|present)\b", re.IGNORECASE)

Pattern = tuple[str, ...]
"""One folded word, or two that stand next to each other."""


class Specific(NamedTuple):
    """A name, number or date as a claim prints it, and the ways in which a text may say it."""

    text: str
    kind: AnswerType
    patterns: frozenset[Pattern]


def other_spellings(words: str) -> tuple[str, ...]:
    """``words`` first, then a number up to twenty in digits for a word, or the other way round."""
    folded = words.casefold()
    if folded in _NUMBER_WORDS:
        return words, str(_NUMBER_WORDS.index(folded))
    if words.isascii() and words.isdecimal() and int(words) < len(_NUMBER_WORDS):
        return words, _NUMBER_WORDS[int(words)]
    return (words,)


class FoldedText:
    """A text's folded words and its pairs of neighbours."""

    def __init__(self, text: str, language: str) -> None:
        self._folded = fold(text, language)

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(self._folded)

    @cached_property
    def _pairs(self) -> frozenset[tuple[str, str]]:
        return frozenset(pairwise(self._folded))

    def holds(self, specific: Specific) -> bool:
        """Whether the text says ``specific`` in any of its ways."""
        return any(
            pattern[0] in self.words if len(pattern) == 1 else pattern in self._pairs
            for pattern in specific.patterns
        )


class Background:
    """The texts that a claim's specifics are looked for in, by their ids, and the title of all.

    ``counts`` tell in how many of the texts each folded word stands.
    """

    def __init__(self, title: str, language: str, texts: Mapping[str, tuple[str, str]]) -> None:
        """``language`` is the title's; ``texts`` are pairs of a text and its language."""
        self._title = FoldedText(title, language)
        self._texts = {key: FoldedText(text, code) for key, (text, code) in texts.items()}
        self.counts = Counter(word for text in self._texts.values() for word in text.words)

    def holders(self, specific: Specific) -> frozenset[str]:
        """The ids of the texts that hold ``specific``."""
        return frozenset(key for key, text in self._texts.items() if text.holds(specific))

    def telling(self, claim: str, language: str) -> list[Specific]:
        """The specifics of ``claim`` but those of the subject itself.

        These stand in its title, or are names in over a third of the texts, and in three at least.
        """
        return [
            specific
            for specific in specifics(claim, language, self.counts)
            if not self._title.holds(specific) and not self._is_common(specific)
        ]

    def _is_common(self, specific: Specific) -> bool:
        most = max(len(self._texts) / 3, 2)
        return specific.kind is AnswerType.NAME and len(self.holders(specific)) > most

    def known_only_to(self, own: Collection[str], claim: str, language: str) -> bool:
        """Whether a text of ``own`` holds something telling of ``claim``, and no other text does.

        ``False`` where there is no other text: then nothing is left to be asked.
        """
        held = [self.holders(specific) for specific in self.telling(claim, language)]
        others = self._texts.keys() - own
        return bool(others) and any(held) and all(keys.isdisjoint(others) for keys in held)


def specifics(claim: str, language: str, counts: Mapping[str, int]) -> list[Specific]:
    """What the claim names, in the order of its words; ``counts`` tell which words are rare."""
    found: dict[int, Specific] = {}
    for kind in (AnswerType.DATE, AnswerType.MONEY, AnswerType.NUMBER, AnswerType.NAME):
        for span in candidates(kind, claim, ""):
            words = span.of(claim)
            if patterns := _PATTERNS[kind](words, language, counts):
                found.setdefault(span.start, Specific(words, kind, patterns))
    return [found[start] for start in sorted(found)]


def _date_patterns(date: str, language: str, _: Mapping[str, int]) -> frozenset[Pattern]:
    """Day and month, else month and year, else the year; nothing for a month or weekday alone."""
    parts = fold(_NOT_MONTHS.sub(" ", date), language)
    months = [part for part in parts if part.isalpha()]
    days = [day for part in parts if (day := part.rstrip("sthndr")).isdigit() and len(day) <= 2]
    years = [part for part in parts if part[:4].isdigit()]
    if months and (days or years):
        number = (days or years)[0]
        return frozenset({(number, months[0]), (months[0], number)})
    return frozenset({(year,) for part in years[:1] for year in (part, part[:4])})


def _number_patterns(number: str, language: str, _: Mapping[str, int]) -> frozenset[Pattern]:
    parts = fold(number, language)
    digits = [part for part in parts if part[0].isdigit()]
    if digits:
        value = digits[0]
        if not value.isdigit():
            return frozenset({(value,)})
        if int(value) < _LEAST_TELLING:
            return frozenset()
        spelled = _NUMBER_WORDS[int(value)] if int(value) < len(_NUMBER_WORDS) else value
        return frozenset({(value,), *((word,) for word in fold(spelled, language)[:1])})
    named = number.casefold()
    if named in _NUMBER_WORDS[_LEAST_TELLING:]:
        return frozenset({(parts[0],), (str(_NUMBER_WORDS.index(named)),)})
    return frozenset()


def _name_patterns(name: str, language: str, counts: Mapping[str, int]) -> frozenset[Pattern]:
    words = [word for word in fold(name, language) if len(word) >= _FEWEST_LETTERS]
    if not words:
        return frozenset()
    return frozenset({(min(words, key=lambda word: (counts.get(word, 0), -len(word), word)),)})


_PATTERNS = {
    AnswerType.DATE: _date_patterns,
    AnswerType.MONEY: _number_patterns,
    AnswerType.NUMBER: _number_patterns,
    AnswerType.NAME: _name_patterns,
}
