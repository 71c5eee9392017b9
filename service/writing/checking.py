"""Whether a written sentence says what its quotes say.

``SupportCheck`` is the seam: a reader's support score, with numbers, dates and names compared by
type, can take the place of the default here. The default knows no meaning, so it is strict: a
sentence is supported when it is a *shortening* of a quote.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from footnoted.service.writing.words import Word, split_words

FEWEST_WORDS = 3  # in a sentence that leaves something out; fewer say nothing
MOST_WORDS = 300
# Left out, these turn what somebody says, doubts or makes depend on something into a fact.
_QUALIFYING_WORDS = (
    "accord according accuse accused accuses accusing admit admitted alleged allegedly allege "
    "alleges allegation allegations announced apparently appear appeared appears argue argued "
    "argues assert asserted asserts attributed believe believed believes claim claimed claiming "
    "claims contrary could denied denies deny denying doubt doubtful disputed fake false falsely "
    "hoax hypothetical if incorrect incorrectly insisted insists likely maintained maintains may "
    "maybe might misleading myth perhaps possible possibly presumably probably purported "
    "purportedly quoted reported reportedly reports rumor rumored rumors rumour rumoured rumours "
    "said say saying says should so-called stated states suggest suggested suggests supposed "
    "supposedly suspect suspected suspects tell tells think thinks thought told unconfirmed "
    "unless unlikely untrue whether would wrong wrongly"
)
_QUALIFYING = frozenset(_QUALIFYING_WORDS.split())
_FREE = frozenset({"a", "an", "the"})
_JOINING = frozenset({"and", "&", "but", "while", "whereas", "although", "though"})
_COUNTING = frozenset({"hundred", "thousand", "million", "billion"})
_PLACING = frozenset({"after", "at", "before", "during", "in", "on", "since", "until"})
_QUOTATIONS = re.compile(
    r'"([^"]*)"|“([^“”]*)”|„([^„“”]*)[“”]|«([^«»]*)»|»([^«»]*)«|‘([^‘’]*)’|「([^「」]*)」'
    r"|『([^『』]*)』|(?<!\w)'([^']*)'(?!\w)"
)
_QUOTATION_SIGNS = frozenset('"“”„«»‘「」『』')
_ONLY_IF_QUOTED = frozenset("[]{}@#*_\\/")


class Quote(NamedTuple):
    """The words of a citation and their language, a code like ``en``."""

    text: str
    language: str


class SupportCheck(Protocol):
    """Judges a sentence, its citation marks taken out, by the quotes of its citations."""

    def supported(self, sentence: str, quotes: Sequence[Quote]) -> bool:
        """Whether the quotes (at least one) say what ``sentence`` says; any text may come."""
        ...


class Shortening:
    """The default check: the sentence shortens one quote, and no other quote differs on a fact.

    English words must be the quote's own, in its order (case and articles aside). What is left out
    lies between commas, dashes, colons or brackets, or after an "and" or the like, and is no word
    that attributes, doubts or sets a condition; a part that begins with "in", "after" or another
    such word may change places with the rest. In other languages, where we have no such words, the
    sentence must be the whole quote. Stems will not do: "attackers" are not "attacked".
    """

    def supported(self, sentence: str, quotes: Sequence[Quote]) -> bool:
        """As ``SupportCheck``: numbers and names must be in every quote, the rest in one."""
        facts = _facts(sentence)
        if not all(facts <= {word.text for word in split_words(quote.text)} for quote in quotes):
            return False
        return any(_shortens(sentence, quote) for quote in quotes)


def quotations_are_verbatim(sentence: str, quotes: Sequence[Quote]) -> bool:
    """Whether all that ``sentence`` puts in quotation marks stands in a quote, to the letter.

    A comma or full stop before the closing mark may be the sentence's own. An opened quotation
    must be closed.
    """
    for match in _QUOTATIONS.finditer(sentence):
        words = next((group for group in match.groups() if group is not None), "")
        said = words.rstrip(".,;")
        if not said or not any(said in quote.text for quote in quotes):
            return False
    return _QUOTATION_SIGNS.isdisjoint(_QUOTATIONS.sub("", sentence))


def signs_are_plain(sentence: str, quotes: Sequence[Quote]) -> bool:
    """Whether ``sentence`` is plain text: no markup, links or hidden characters of its own.

    Letters, digits, blanks and punctuation are plain; symbols and brackets only where a quote has
    them. Controls and characters that override a direction never are.
    """
    quoted = {character for quote in quotes for character in quote.text}
    for character in set(sentence):
        category = unicodedata.category(character)
        if category in ("Cc", "Co", "Cs", "Cn", "Zl", "Zp"):
            return False
        if category == "Cf" and (character not in "\u200c\u200d" or character not in quoted):
            return False
        special = category[0] == "S" or character in _ONLY_IF_QUOTED
        if special and character not in quoted:
            return False
    return True


def _facts(sentence: str) -> set[str]:
    """The words of ``sentence`` with a digit or, but for the first, a capital letter."""
    return {
        word.text
        for place, word in enumerate(split_words(sentence))
        if word.has_digit or (place and word.has_capital)
    }


def _shortens(sentence: str, quote: Quote) -> bool:
    said: Sequence[Word] = split_words(sentence)
    source: Sequence[Word] = split_words(quote.text)
    if [word.text for word in said] == [word.text for word in source]:
        return bool(said)
    if not quote.language.lower().startswith("en"):
        return False
    said, source = _without_articles(said), _without_articles(source)
    if not FEWEST_WORDS <= len(said) <= MOST_WORDS:
        return False
    known, used = (Counter(word.text for word in words) for words in (source, said))
    if used - known or (known - used).keys() & _QUALIFYING:
        return False
    stretches = _Stretches.of(source)
    return any(stretches.spell(order) for order in _orders(said))


def _without_articles(words: Sequence[Word]) -> list[Word]:
    """``words`` without articles; a break before an article stands before the next word."""
    kept: list[Word] = []
    broken = False
    for word in words:
        broken = broken or word.after_break
        if word.text not in _FREE:
            kept.append(word._replace(after_break=broken))
            broken = False
    return kept


def _orders(said: Sequence[Word]) -> Iterator[list[str]]:
    """The words as they stand, and with a part that begins with a placing word put elsewhere."""
    words = [word.text for word in said]
    yield words
    fronted = words[0] in _PLACING
    for cut in range(1, len(words)):
        if words[cut] in _PLACING or (fronted and said[cut].after_break):
            yield words[cut:] + words[:cut]


class _Stretches(NamedTuple):
    """The words of a quote, and where a stretch of them may begin (before a word) and end."""

    words: list[str]
    begins: list[bool]
    ends: list[bool]

    @classmethod
    def of(cls, source: Sequence[Word]) -> _Stretches:
        words = [word.text for word in source]
        begins: list[bool] = []
        ends: list[bool] = []
        for place, word in enumerate(source):
            breaks = place == 0 or word.after_break
            joins = place > 0 and word.text in _JOINING and not _counts(source[place - 1])
            after_joining = place > 0 and begins[-1] and words[place - 1] in _JOINING
            begins.append(breaks or after_joining)
            ends.append(breaks or joins)
        return cls(words, begins, [*ends, True])

    def spell(self, said: Sequence[str]) -> bool:
        """Whether stretches, one after the other, give just these words."""
        places = {p for p in self._beginnings(0) if self.words[p] == said[0]}
        for word in said[1:]:
            free = min((p + 1 for p in places if self.ends[p + 1]), default=len(self.words))
            following = {p + 1 for p in places if p + 1 < len(self.words)}
            following.update(self._beginnings(free))
            places = {p for p in following if self.words[p] == word}
        return any(self.ends[p + 1] for p in places)

    def _beginnings(self, first: int) -> Iterator[int]:
        return (p for p in range(first, len(self.words)) if self.begins[p])


def _counts(word: Word) -> bool:
    """Whether an "and" after this word may be part of a number or a range."""
    return word.has_digit or word.text in _COUNTING
