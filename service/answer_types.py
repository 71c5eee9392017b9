"""What kind of thing a question asks for, and where a sentence says such a thing.

A coarse answer taxonomy in the manner of Li and Roth ("Learning Question Classifiers", COLING
2002), by rule: question words name the kind, patterns find its candidates. It serves two ends: a
sentence without any candidate of the right kind is poor evidence, and a candidate next to the
question's own words is the shortest part that answers. Questions of other kinds ("why", "did")
expect ``None`` and are neither helped nor hurt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

from footnoted.domain import Span


class AnswerType(StrEnum):
    """The kinds of answers that a pattern can recognise."""

    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    MONEY = "money"
    NAME = "name"


_MONEY_ASKED = (
    r"how much (?:money|did .* (?:cost|pay)|does .* cost)|(?:cost|price|budget|salary) of"
    r"|what .* (?:cost|price|budget)\b"
)
_TIME_ASKED = r"(?:what|which) (?:hour|time)\b|at what time|time of day|o'clock|في أي ساعة"
_NUMBER_ASKED = (
    r"how (?:many|large|big|strong|old|long|far|high|tall|deep|wide|heavy|fast|often)\b"
    r"|(?:what|which) (?:number|percentage|share|proportion|distance|length|height)\b"
    r"|(?:total|exact) number|number of|^\W*كم\b|كم عدد|ما عدد"
)
_DATE_ASKED = (
    r"^\W*when\b|(?:since|until|by|from) when\b|,? and when\b"
    r"|(?:what|which) (?:year|date|day|month|weekday|century|decade)\b|how long ago"
    r"|متى|في أي (?:عام|سنة|يوم|تاريخ|شهر)"
)
_NAME_ASKED = (
    r"^\W*(?:who|whom|whose)\b|(?:by|to|of|from|with) (?:whom|whose)\b|^\W*where\b"
    r"|(?:what|which) (?:person|man|woman|author|journalist|politician|minister|spokes\w+"
    r"|president|leader|commander|city|town|country|province|region|place|base|airbase"
    r"|group|militia|organi[sz]ation|party|outlet|newspaper|agency|institute|network)\b"
    r"|^\W*من (?!أجل)|أين"
)
_ASKED = {
    AnswerType.MONEY: _MONEY_ASKED,
    AnswerType.TIME: _TIME_ASKED,
    AnswerType.NUMBER: _NUMBER_ASKED,
    AnswerType.DATE: _DATE_ASKED,
    AnswerType.NAME: _NAME_ASKED,
}
# Patterns stay text until `re` compiles them with their first use and keeps them: compiling all of
# them at import would take a twentieth of a cold question.

_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?"
    r"|Aug(?:ust|\.)?|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?"
    r"|كانون الثاني|شباط|آذار|نيسان|أيار|حزيران|تموز|آب|أيلول|تشرين الأول|تشرين الثاني"
    r"|كانون الأول|يناير|فبراير|مارس|أبريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر)"
)
_DATE = (
    rf"\b\d{{1,2}} {_MONTH}(?:,? \d{{4}})?\b|\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?\b"
    rf"|\b{_MONTH},? \d{{4}}\b|\b\d{{4}}-\d{{2}}-\d{{2}}\b"
    r"|\b(?:1[0-9]|20)\d{2}(?:s|[-–](?:\d{2,4}|present))?\b|\bmid-\d{4}s\b"
    r"|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"
    rf"|\b(?:early |late |mid-)?{_MONTH}\b"
)
_TIME = (
    r"\b\d{1,2}[:.]\d{2}\b|\b\d{1,2} ?(?:a\.?m\.?|p\.?m\.?|o'clock)\b"
    r"|\b(?:at )?(?:dawn|noon|midnight|midday|sunrise|sunset|dusk)\b"
)
_MONEY = (
    r"[$€£¥]\s?\d[\d.,]*|\b\d[\d.,]*(?: (?:million|billion|thousand))?"
    r" ?(?:dollars?|euros?|pounds?|dinars?|crowns?|francs?|marks?|USD|EUR|GBP)\b"
)
_NUMBER_WORD = (
    r"(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen"
    r"|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty"
    r"|ninety|hundreds?|thousands?|dozens?|half|single|no|none|couple|million|billion)"
)
_NUMBER = (
    rf"(?<![\w.,])\d+(?:[.,]\d+)*(?: (?:million|billion|thousand|percent|per cent))?%?(?![\w])"
    rf"|\b{_NUMBER_WORD}(?:[- ](?:and )?{_NUMBER_WORD})*\b"
)
_CAPITALISED = r"(?:\b(?:al|el|an|at|ash|as|ad|ar|az)-)?\b[A-ZÀ-ÖØ-Þ](?:[\w’'-]*\w)?"
_NAME = (
    rf"{_CAPITALISED}(?: (?:(?:of the|for the|of|the|and the|de|der|von|van|bin|ibn) )?"
    rf"(?:{_CAPITALISED}|\d+\b))*"
)
_ARABIC_NAME = r"[\u0621-\u064a]{3,}(?: [\u0621-\u064a]{2,})*"
_WORD = r"\w+"
_COUNTED = r"\bhow many (?:\w+ )??(\w{4,})"


def expected_type(question: str) -> AnswerType | None:
    """What the question asks for; ``None`` when no pattern can recognise its answer."""
    for kind, words in _ASKED.items():
        if re.search(words, question, re.IGNORECASE):
            return kind
    return None


def candidates(kind: AnswerType, sentence: str, question: str) -> list[Span]:
    """Where ``sentence`` names something of this kind that the question does not name itself."""
    asked = set(_words(question))
    return [span for span, words in _named(kind, sentence) if not asked.issuperset(words)]


def shortest_answer(kind: AnswerType, sentence: str, question: str) -> str | None:
    """The candidate that stands nearest to the question's own words; ``None`` without any.

    Nearness counts the question's content words within four words on either side; what the
    question counts ("how many *drones*") counts three times when it follows.
    """
    found = candidates(kind, sentence, question)
    if not found:
        return None
    asked = {word for word in _words(question) if len(word) > 3}
    counted = {
        match.group(1).casefold() for match in re.finditer(_COUNTED, question, re.IGNORECASE)
    }
    places = [(m.start(), m.group().casefold()) for m in re.finditer(_WORD, sentence)]

    def nearness(span: Span) -> int:
        before = [word for start, word in places if start < span.start][-4:]
        after = [word for start, word in places if start >= span.end][:4]
        near = sum(_matches(word, asked) for word in (*before, *after))
        return near + 3 * any(_matches(word, counted) for word in after)

    return max(found, key=nearness).of(sentence)


@lru_cache(maxsize=1 << 13)  # the same sentences come back for many questions
def _named(kind: AnswerType, sentence: str) -> tuple[tuple[Span, tuple[str, ...]], ...]:
    """What ``sentence`` names of this kind, with its words."""
    return tuple((span, tuple(_words(span.of(sentence)))) for span in _FINDERS[kind](sentence))


def _matches(word: str, asked: set[str]) -> bool:
    return len(word) > 3 and any(word[:5] == other[:5] for other in asked)


def _words(text: str) -> list[str]:
    return [word.casefold() for word in re.findall(_WORD, text)]


def _dates(sentence: str) -> Iterator[Span]:
    return (Span(*match.span()) for match in re.finditer(_DATE, sentence))


def _numbers(sentence: str) -> Iterator[Span]:
    dates = list(_dates(sentence))
    for match in re.finditer(_NUMBER, sentence, re.IGNORECASE):
        span = Span(*match.span())
        if not any(span.overlaps(date) for date in dates):
            yield span


def _names(sentence: str) -> Iterator[Span]:
    dates = list(_dates(sentence))
    for match in re.finditer(_NAME, sentence):
        name = match.group().rstrip()
        # The first word of a sentence is capitalised whatever it is.
        if match.start() == 0 and " " not in name:
            continue
        span = Span(match.start(), match.start() + len(name))
        if not any(span.overlaps(date) for date in dates):
            yield span
    for match in re.finditer(_ARABIC_NAME, sentence):
        yield Span(*match.span())


def _times(sentence: str) -> Iterator[Span]:
    return (Span(*match.span()) for match in re.finditer(_TIME, sentence, re.IGNORECASE))


def _money(sentence: str) -> Iterator[Span]:
    return (Span(*match.span()) for match in re.finditer(_MONEY, sentence, re.IGNORECASE))


_FINDERS = {
    AnswerType.NUMBER: _numbers,
    AnswerType.DATE: _dates,
    AnswerType.TIME: _times,
    AnswerType.MONEY: _money,
    AnswerType.NAME: _names,
}
