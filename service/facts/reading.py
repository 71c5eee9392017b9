"""From a sentence to its facts: numbers, dates and names, none of them inside another."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, TypeAlias

from footnoted.service.facts.dates import Date, read_dates
from footnoted.service.facts.names import Name, read_names
from footnoted.service.facts.numbers import Number, read_numbers
from footnoted.service.facts.wordings import plain

Fact: TypeAlias = Number | Date | Name


class Facts(NamedTuple):
    """What a text states in numbers, dates and names, each list in the order of the text."""

    text: str
    language: str
    numbers: tuple[Number, ...]
    dates: tuple[Date, ...]
    names: tuple[Name, ...]

    def all(self) -> tuple[Fact, ...]:
        """Numbers, dates and names."""
        return (*self.numbers, *self.dates, *self.names)

    def words(self, fact: Fact) -> str:
        """The characters of the text that state ``fact``."""
        return fact.span.of(self.text)


@lru_cache(maxsize=1 << 13)
def read_facts(text: str, language: str = "en", published: str | None = None) -> Facts:
    """The facts of ``text``, with spans in its code points.

    ``published`` is the ISO date from which it speaks, which settles ``yesterday`` and
    ``on Tuesday``; without it these are left out.
    """
    shown = plain(text)
    dates = read_dates(shown, published)
    taken = [one.span for one in dates]
    numbers = read_numbers(shown, language, taken)
    names = read_names(text, taken + [n.span for n in numbers if not n.weak])
    return Facts(text, language, tuple(numbers), tuple(dates), tuple(names))
