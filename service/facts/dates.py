"""The dates of a text as values, at any precision, relative ones resolved against a date.

A date is an interval of days when its year is known (a day, a month, a year, a decade, a century);
else its month and day. ``yesterday``, ``on Tuesday`` and ``last month`` are read as the source
meant them: seen from the day on which it was published.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from footnoted.domain import Span
from footnoted.service.facts.months import MONTH, WEEKDAY, month_of
from footnoted.service.facts.number_words import ORDINAL
from footnoted.service.facts.relative_dates import nearest_year, relative_days

_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>1\d{3}|20\d\d)(?!\d|[.,]\d)"
_BEFORE = rf"(?:(?:{WEEKDAY}),?\s+(?:the\s+)?)?"
_IN = (
    r"\b(?:in|since|by|until|till|from|of|for|to|and|before|after|during|early|late|mid|circa|c\.|"
    r"around|about|between|spring|summer|autumn|fall|winter|year|في|عام|سنة|منذ|العام|حتى|بين|قبل|بعد)"
)
_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        (
            "day",
            rf"{_BEFORE}{_DAY}\s?-\s?(?P<until>[0-3]?\d)\s+(?:of\s+)?(?P<month>{MONTH}),?\s+{_YEAR}",
        ),
        ("day", rf"{_BEFORE}{_DAY}\s+(?:of\s+)?(?P<month>{MONTH}),?\s+{_YEAR}"),
        (
            "day",
            rf"{_BEFORE}(?P<month>{MONTH})\s+{_DAY}(?:\s?-\s?(?P<until>[0-3]?\d))?,?\s+{_YEAR}",
        ),
        ("day", r"(?<![\d/-])(?P<year>\d{4})-(?P<month>[01]\d)-(?P<day>[0-3]\d)(?!\d)"),
        ("month", rf"(?<!\d )(?P<month>{MONTH}),?\s+(?:of\s+)?{_YEAR}"),
        ("part", rf"{_BEFORE}{_DAY}\s+(?:of\s+)?(?P<month>{MONTH})(?!\s+\d)"),
        ("part", rf"{_BEFORE}(?P<month>{MONTH})\s+{_DAY}(?!\d|[.,:]\d)"),
        (
            "part",
            rf"(?i:\b(?:in|since|by|until|last|this|early|late|mid)[\s-]+|في\s+)(?P<month>{MONTH})(?!\s+\d)",
        ),
        ("decade", r"(?P<year>1\d|20)(?P<ten>\d)0'?s\b"),
        ("century", r"(?i)\b(?P<century>\d{1,2})(?:st|nd|rd|th)[\s-]centur(?:y|ies)"),
        (
            "century",
            rf"(?i)\b(?P<word>{'|'.join(w for w in ORDINAL if w.isascii())})[\s-]centur(?:y|ies)",
        ),
        (
            "years",
            r"(?<![\w.,/:-])(?P<year>1\d{3}|20\d\d)\s?(?:-|to|until)\s?(?P<end>1\d{3}|20\d\d|\d\d)(?![\w]|[.,:/-]\d)",
        ),
    )
)
_BARE_YEAR = re.compile(r"(?<![\w.,/:$€£-])(?<!-)" + _YEAR + r"(?![\w%]|-\d)")
_LEADS_IN = re.compile(
    rf"(?:(?i:{_IN}\s*(?:the\s+)?|\b(?:the|a|an|his|her|its|their|our))|[(\[/.;:]|[a-z]-)$"
)
_ENDS_AFTER = re.compile(
    r"\s*(?:$|[.,;:)\]\"'-]|(?:and|when|after|before|but|by|until|to|in|at|with|as|for|he|she|it|"
    r"they|was|is)\b)"
)


@dataclass(frozen=True, slots=True)
class Date:
    """A date at ``span``: ``first`` to ``last`` where the year is known, else ``month``, ``day``.

    ``relative`` is one that was resolved, or given its year, from the day of publication.
    """

    span: Span
    first: date | None
    last: date | None
    month: int | None = None
    day: int | None = None
    relative: bool = False
    weak: bool = False

    @property
    def kind(self) -> str:
        return "date"


def read_dates(text: str, published: str | None = None) -> list[Date]:
    """The dates of ``text`` (as ``plain`` gives it) in order.

    ``published`` is the ISO date, of any precision, that relative ones are seen from; without it
    (or with a year alone) these are left out, and a date without a year stays without one.
    """
    seen_from = _day_of(published)
    found: list[Date] = []
    for name, pattern in _FORMS:
        for match in pattern.finditer(text):
            if (read := _READERS[name](match, seen_from)) and _apart(read, found):
                found.append(read)
    for match in _BARE_YEAR.finditer(text):
        read = _years(match, None)
        if read and _apart(read, found) and _is_year(text, match):
            found.append(read)
    if seen_from is not None:
        for span, first, last in relative_days(text, seen_from):
            read = Date(span, first, last, relative=True)
            if _apart(read, found):
                found.append(read)
    return sorted(found, key=lambda one: one.span.start)


def same_date(claim: Date, other: Date) -> bool:
    """Whether ``other`` is the claim's date, or a finer one within it."""
    if claim.first and claim.last and other.first and other.last:
        return claim.first <= other.first and other.last <= claim.last
    months, days = _month_and_day(claim), _month_and_day(other)
    if months is None or days is None or months[0] != days[0]:
        return False
    return months[1] is None or months[1] == days[1]


def other_date(claim: Date, other: Date) -> bool:
    """Whether the two cannot be one date."""
    if claim.first and claim.last and other.first and other.last:
        return claim.last < other.first or other.last < claim.first
    one, two = _month_and_day(claim), _month_and_day(other)
    if one is None or two is None:
        return False
    return one[0] != two[0] or (None not in (one[1], two[1]) and one[1] != two[1])


def is_precise(one: Date) -> bool:
    """Whether a date is a month or finer."""
    if one.first and one.last:
        return (one.last - one.first).days < 32
    return True


def _month_and_day(one: Date) -> tuple[int, int | None] | None:
    if one.month is not None:
        return one.month, one.day
    if one.first is None or one.last is None or one.first.month != one.last.month:
        return None
    if one.first.year != one.last.year:
        return None
    return one.first.month, one.first.day if one.first == one.last else None


def _apart(read: Date, found: list[Date]) -> bool:
    return not any(read.span.overlaps(other.span) for other in found)


def _span(match: re.Match[str]) -> Span:
    lead = len(match[0]) - len(match[0].lstrip())
    return Span(match.start() + lead, match.end())


def _day(match: re.Match[str], _: date | None) -> Date | None:
    groups = match.groupdict()
    month = groups["month"]
    number = int(month) if month.isdecimal() else month_of(month)
    try:
        first = date(int(groups["year"]), number, int(groups["day"]))
        last = first.replace(day=int(groups["until"])) if groups.get("until") else first
    except ValueError:
        return None  # the 31st of February is no date
    return Date(_span(match), first, max(first, last))


def _month(match: re.Match[str], _: date | None) -> Date:
    year, month = int(match["year"]), month_of(match["month"])
    return Date(_span(match), date(year, month, 1), _month_end(year, month))


def _part(match: re.Match[str], seen_from: date | None) -> Date | None:
    month = month_of(match["month"])
    given = match.groupdict().get("day")
    day = int(given) if given else None
    if day is not None and not 1 <= day <= calendar.monthrange(2000, month)[1]:
        return None
    if seen_from is None:
        return Date(_span(match), None, None, month, day)
    year = nearest_year(seen_from, month, day)
    if day is None:
        first, last = date(year, month, 1), _month_end(year, month)
    else:
        first = last = date(year, month, min(day, calendar.monthrange(year, month)[1]))
    return Date(_span(match), first, last, relative=True)


def _decade(match: re.Match[str], _: date | None) -> Date:
    year = int(f"{match['year']}{match['ten']}0")
    return Date(_span(match), date(year, 1, 1), date(year + 9, 12, 31))


def _century(match: re.Match[str], _: date | None) -> Date | None:
    groups = match.groupdict()
    number = ORDINAL[groups["word"].lower()] if groups.get("word") else int(groups["century"])
    if not 1 <= number <= 21:
        return None
    first = max(1, (number - 1) * 100)
    return Date(_span(match), date(first, 1, 1), date(number * 100, 12, 31))


def _years(match: re.Match[str], _: date | None) -> Date | None:
    year = int(match["year"])
    end = match.groupdict().get("end")
    last = int(f"{match['year'][:2]}{end}") if end and len(end) == 2 else int(end or year)
    return Date(_span(match), date(year, 1, 1), date(last, 12, 31)) if last >= year else None


_READERS: dict[str, Callable[[re.Match[str], date | None], Date | None]] = {
    "day": _day,
    "month": _month,
    "part": _part,
    "decade": _decade,
    "century": _century,
    "years": _years,
}


def _is_year(text: str, match: re.Match[str]) -> bool:
    """Whether four digits are a year: the words around it say so."""
    before = text[: match.start()].rstrip(" ")
    return (
        not before
        or _LEADS_IN.search(before) is not None
        or _ENDS_AFTER.match(text, match.end()) is not None
    )


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _day_of(published: str | None) -> date | None:
    """The day of an ISO date or instant; ``None`` where it names no day."""
    try:
        return date.fromisoformat((published or "")[:10])
    except ValueError:
        return None
