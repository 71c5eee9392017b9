"""The numbers of a text as values: digits or words, with unit and noun, ranges and bounds.

``70,000``, ``seventy thousand`` and ``٧٠٬٠٠٠`` are one value. What a number counts is told by its
unit (``%``, money, measures, which are compared in a base unit) or by the words behind it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from footnoted.domain import Span
from footnoted.index.tokens import fold
from footnoted.service.facts.number_words import SCALES, SMALL, WrittenNumber, written_numbers
from footnoted.service.facts.units import CURRENCIES, UNIT_NAMES, UNITS
from footnoted.service.facts.wordings import letters, listed, words

NOUN_WORDS = 3  # behind a number: what it counts

_SIGN = r"US\$|[$€£¥₹]"
_DIGITS = re.compile(
    rf"(?<![\w.])(?<![^\W\d]-)(?<!\w[,/:])(?P<sign>{_SIGN})?\s?"
    r"(?:(?P<short>\d+(?:\.\d+)?)(?P<scale>k|m|bn|b)(?!\w)"
    r"|(?P<digits>\d{1,3}(?:[, ]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:[.,]\d+)*)"
    r"(?P<ordinal>st|nd|rd|th)?(?:(?!\w)|(?=(?:[kcm]?m|k?g|ft|lbs?|[mk]ph|k[mw])\b))(?![.,:/]\d))"
)
_THOUSANDS = re.compile(r"\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?")
_DOTTED = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?")
_COMMA_LANGUAGES = frozenset(listed("da de el es fi fr hu id it nl no pl pt ro ru sv tr uk"))
_SHORT = {"k": 10**3, "m": 10**6, "bn": 10**9, "b": 10**9}
_SCALE_WORD = re.compile(r"\s?-?(?P<word>[^\W\d_]+)")
_UNIT = re.compile(
    r"\s?-?\s?(?P<unit>%|" + "|".join(map(re.escape, UNIT_NAMES)) + r")(?![\w])", re.IGNORECASE
)
_RANGE = re.compile(r"\s?(?:-|to|and|or|الى|إلى)\s?", re.IGNORECASE)
_BOUNDS = {
    "more": re.compile(
        r"(?:more than|over|at least|above|upwards of|no fewer than|exceeding|اكثر من|أكثر من)\s?$",
        re.IGNORECASE,
    ),
    "less": re.compile(
        r"(?:less than|fewer than|under|below|at most|up to|as many as|اقل من|أقل من)\s?$",
        re.IGNORECASE,
    ),
    "about": re.compile(
        r"(?:about|around|nearly|almost|roughly|some|approximately|an estimated|circa|c\.|~|"
        r"close to|نحو|حوالي|قرابة)\s?$",
        re.IGNORECASE,
    ),
}
_ROUGHLY = Decimal("0.06")
_CONVERTED = Decimal("0.03")
_AT_MOST_MORE = Decimal("1.5")
_SINCE_STOP = re.compile(r"[;,.(]")
_EMPTY_NOUNS = frozenset(
    listed(
        "other more new different own main large small major big local total whole people many "
        "few such same first last least most several further additional another separate then "
        "also only were was are is be been had has have"
    )
)
_STOP = frozenset(
    listed(
        "of in on at to by for from with and or but the a an that which who whom whose when where "
        "as than while if is was were are be been being had has have will would could may might "
        "can into during after before since until within between among per over under against "
        "about around it its he she they their his her this these those said says في من على الى "
        "عن مع ان التي الذي و"
    )
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number at ``span``: ``low`` to ``high`` (equal for a single one) of ``unit``.

    ``unit`` is what it measures (``percent``, ``length`` in base units, ``money dollar``), or empty
    for a count; ``noun`` are the folded words that say what is counted. ``bound`` is ``more``,
    ``less``, ``about`` or empty. ``weak`` is a number that may be a manner of speech.
    """

    span: Span
    low: Decimal
    high: Decimal
    unit: str = ""
    noun: tuple[str, ...] = ()
    bound: str = ""
    ordinal: bool = False
    weak: bool = False
    converted: bool = False

    @property
    def kind(self) -> str:
        return "number"


def read_numbers(text: str, language: str, taken: Collection[Span] = ()) -> list[Number]:
    """The numbers of ``text`` (as ``plain`` gives it) in order, none of them inside ``taken``.

    ``language`` says how decimals are written.
    """
    bare = [n for n in (*_in_digits(text, language), *_in_words(text)) if _free(n.span, taken)]
    bare = _joined(text, sorted(bare, key=lambda n: n.span.start))
    return [_described(text, number, language) for number in bare]


def same_value(claim: Number, other: Number) -> bool:
    """Whether ``other`` says the number of ``claim``, exactly or as roughly as either is said."""
    if claim.unit != other.unit:
        return False
    if claim.ordinal != other.ordinal and not _shared(claim, other):
        return False  # the third pier is pier 3
    if (claim.low, claim.high) == (other.low, other.high):
        return True
    if claim.low != claim.high or other.low != other.high:
        within = claim.low <= other.low and other.high <= claim.high
        return within or (other.low <= claim.low and claim.high <= other.high)
    return _nearly(claim, other)


def _nearly(claim: Number, other: Number) -> bool:
    """Whether two single values differ by no more than what is said of them allows."""
    apart = abs(claim.low - other.low) / max(abs(claim.low), abs(other.low), Decimal(1))
    if claim.converted or other.converted:
        return apart <= _CONVERTED
    bounds = {claim.bound, other.bound}
    told, exact = (claim.low, other.low) if claim.bound else (other.low, claim.low)
    if bounds == {"more", ""}:
        return told <= exact <= told * _AT_MOST_MORE
    if bounds == {"less", ""}:
        return told / _AT_MOST_MORE <= exact <= told
    return bounds != {""} and apart <= _ROUGHLY


def same_thing(claim: Number, other: Number) -> bool:
    """Whether two numbers measure or count the same: one unit, or a noun in common."""
    if claim.ordinal != other.ordinal:
        return False
    if claim.unit or other.unit:
        if claim.unit != other.unit:
            return False
        return claim.unit == "percent" or not claim.noun or not other.noun or _shared(claim, other)
    return _shared(claim, other)


def _shared(claim: Number, other: Number) -> bool:
    return not set(claim.noun).isdisjoint(other.noun)


def _free(span: Span, taken: Collection[Span]) -> bool:
    return not any(span.overlaps(other) for other in taken)


def _in_digits(text: str, language: str) -> Iterator[Number]:
    for match in _DIGITS.finditer(text):
        if short := match["short"]:
            scale = match["scale"]
            sign, ordinal, end = match["sign"], False, match.end()
            start = match.start("sign" if sign else "short")
            value = Decimal(short) * _SHORT[scale]
            if scale == "m" and not sign:  # metres, as likely as millions
                value, end = Decimal(short), match.end("short")
        else:
            parsed = _value(match["digits"], language)
            if parsed is None:
                continue
            value, sign, ordinal = parsed, match["sign"], bool(match["ordinal"])
            start, end = match.start("sign" if sign else "digits"), match.end()
            following = _SCALE_WORD.match(text, end)
            if following and (scale_of := SCALES.get(letters(following["word"]))):
                value, end = value * scale_of, following.end()
        unit = f"money {CURRENCIES[sign.lower()]}" if sign else ""
        yield Number(Span(start, end), value, value, unit=unit, ordinal=ordinal)


def _value(digits: str, language: str) -> Decimal | None:
    """The value of digits with separators; ``None`` for a version, a time or an address."""
    if language.split("-", maxsplit=1)[0] in _COMMA_LANGUAGES:
        if _DOTTED.fullmatch(digits):
            return Decimal(digits.replace(".", "").replace(",", "."))
        digits = digits.replace(",", ".") if digits.count(",") == 1 else digits
    if _THOUSANDS.fullmatch(digits):
        digits = digits.replace(",", "").replace(" ", "")
    return Decimal(digits) if digits.replace(".", "", 1).isdigit() else None


def _in_words(text: str) -> Iterator[Number]:
    previous: WrittenNumber | None = None
    for found in written_numbers(text):
        # `5 million` was read with its digits.
        if previous is None or found.start >= previous.end:
            span = Span(found.start, found.end)
            yield Number(span, found.value, found.value, ordinal=found.ordinal, weak=found.weak)
        previous = found


def _joined(text: str, found: Sequence[Number]) -> list[Number]:
    """``found`` without those inside another, and with the two ends of a range as one."""
    apart: list[Number] = []
    for number in found:
        if not apart or number.span.start >= apart[-1].span.end:
            apart.append(number)
    joined: list[Number] = []
    skip = False
    for one, other in pairwise([*apart, None]):
        if skip or one is None:
            skip = False
            continue
        if other is not None and _is_range(text, one, other):
            span = Span(one.span.start, other.span.end)
            joined.append(replace(one, span=span, high=other.high, unit=one.unit or other.unit))
            skip = True
        else:
            joined.append(one)
    return joined


def _is_range(text: str, one: Number, other: Number) -> bool:
    between = text[one.span.end : other.span.start]
    if one.ordinal or other.ordinal or one.low >= other.low or not _RANGE.fullmatch(between):
        return False
    return between.strip().lower() != "and" or text[: one.span.start].rstrip().endswith("between")


def _described(text: str, number: Number, language: str) -> Number:
    """``number`` with its unit in base units, its noun and its bound."""
    before, end = text[max(0, number.span.start - 24) : number.span.start], number.span.end
    bound = next((name for name, pattern in _BOUNDS.items() if pattern.search(before)), "")
    unit, low, high, converted = number.unit, number.low, number.high, False
    match = _UNIT.match(text, end)
    if match and not number.ordinal and not unit:
        name = match["unit"].lower()
        name = name if name in UNITS or name in CURRENCIES else letters(name)
        if name in CURRENCIES:
            unit = f"money {CURRENCIES[name]}"
        elif name != "in":
            of = UNITS[name]
            unit, low, high = of.measures, low * of.size, high * of.size
            converted = of.size != 1
        end = match.end() if unit else end
    return replace(
        number,
        low=low,
        high=high,
        unit=unit,
        noun=_noun(text, number.span.start, end, language, _is_measure(unit)),
        bound=bound,
        converted=converted,
        weak=number.weak and not (number.ordinal and unit),
    )


def _is_measure(unit: str) -> bool:
    return bool(unit) and unit != "percent" and not unit.startswith("money")


@lru_cache(maxsize=1 << 12)
def _noun(text: str, start: int, end: int, language: str, measured: bool) -> tuple[str, ...]:
    """What is counted: the words behind, up to the next stop; else those before."""
    chosen = _behind(text, end)
    if not chosen and not measured:
        near = words(_SINCE_STOP.split(text[max(0, start - 40) : start])[-1])
        chosen = [w.letters for w in near if w.letters not in _STOP][-2:]
    telling = [word for word in chosen if word not in _EMPTY_NOUNS]
    return tuple(dict.fromkeys(term for word in telling for term in fold(word, language)))


def _behind(text: str, end: int) -> list[str]:
    """The words that follow at once, at most ``NOUN_WORDS``, up to a function word or a stop."""
    found: list[str] = []
    for word in words(text[end : end + 80]):
        gap = text[end:][: word.start].strip() if not found else ""
        if gap and gap not in ("-", "'"):
            break
        if word.letters == "of" and len(found) == 1:
            continue
        if word.letters in SMALL or word.letters in _SHORT or word.letters in _STOP:
            break
        found.append(word.letters)
        stop = text[end + word.end : end + word.end + 1] in (",", ".", ";")
        if stop or len(found) == NOUN_WORDS:
            break
    return found
