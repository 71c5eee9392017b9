"""Dates that are told from another one: ``yesterday``, ``on Tuesday``, ``three weeks ago``."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date, timedelta

from footnoted.domain import Span
from footnoted.service.facts.months import WEEKDAY, WEEKDAYS
from footnoted.service.facts.number_words import SMALL

_AHEAD = 60  # days: a date without a year may lie a little ahead of the day of publication
_DAYS = {
    "today": 0, "tonight": 0, "this morning": 0, "this afternoon": 0, "this evening": 0,
    "yesterday": -1, "last night": -1, "tomorrow": 1, "the day before yesterday": -2,
    "اليوم": 0, "أمس": -1, "امس": -1, "البارحة": -1, "غدا": 1, "غدًا": 1, "أول أمس": -2,
}  # fmt: skip
_DAY = re.compile(r"(?i)(?<!\w)(" + "|".join(sorted(_DAYS, key=len, reverse=True)) + r")(?!\w)")
_WEEKDAY = re.compile(
    rf"(?<!\w)(?:(?P<which>[Ll]ast|[Nn]ext|[Tt]his|[Oo]n)\s+|يوم\s+)?(?P<name>{WEEKDAY})(?!\w)"
    r"(?P<arabic>\s+(?:الماضي|المقبل|القادم))?"
)
_PERIOD = re.compile(
    r"(?i)\b(?P<which>last|past|previous|this|next|coming)\s+(?P<unit>week|month|year)\b"
)
_ARABIC_PERIOD = re.compile(
    r"(?<!\w)(?P<unit>الأسبوع|الشهر|العام|السنة)\s+(?P<which>الماضي|الماضية|الجاري|الحالي|المقبل|القادم)"
)
_ARABIC_UNITS = {"الأسبوع": "week", "الشهر": "month", "العام": "year", "السنة": "year"}
_SHIFTS: dict[str, int] = {
    word: shift
    for shift, words in (
        (-1, "last past previous الماضي الماضية"),
        (0, "this الجاري الحالي"),
        (1, "next coming المقبل القادم"),
    )
    for word in words.split()
}
_AGO = re.compile(
    r"(?i)\b(?P<count>\d{1,3}|a|an|" + "|".join(w for w in SMALL if w.isascii()) + r")\s+"
    r"(?P<unit>day|week|month|year)s?\s+(?P<side>ago|earlier)\b"
)


def relative_days(text: str, seen_from: date) -> Iterator[tuple[Span, date, date]]:
    """Where each relative date of ``text`` stands, and its first and last day."""
    for match in _DAY.finditer(text):
        day = seen_from + timedelta(days=_DAYS[match[1].lower()])
        yield Span(*match.span()), day, day
    for match in _AGO.finditer(text):
        first, last = _ago(match, seen_from)
        yield Span(*match.span()), first, last
    for match in _PERIOD.finditer(text):
        first, last = _period(match["unit"].lower(), _SHIFTS[match["which"].lower()], seen_from)
        yield Span(*match.span()), first, last
    for match in _ARABIC_PERIOD.finditer(text):
        first, last = _period(_ARABIC_UNITS[match["unit"]], _SHIFTS[match["which"]], seen_from)
        yield Span(*match.span()), first, last
    for match in _WEEKDAY.finditer(text):
        day = _weekday(match, seen_from)
        yield Span(*match.span()), day, day


def nearest_year(seen_from: date, month: int, day: int | None) -> int:
    """The year of a month and day that a text of that date means: the last one, or soon."""
    this_year = date(seen_from.year, month, min(day or 1, calendar.monthrange(2001, month)[1]))
    return seen_from.year - ((this_year - seen_from).days > _AHEAD)


def _weekday(match: re.Match[str], seen_from: date) -> date:
    """The last such day up to the date; the one ahead for ``next`` and ``this``."""
    name = match["name"]
    wanted = WEEKDAYS[name.lower() if name.isascii() else name]
    which, arabic = (match["which"] or "").lower(), (match["arabic"] or "").strip()
    if which in ("next", "this") or arabic in ("المقبل", "القادم"):
        return seen_from + timedelta(days=(wanted - seen_from.weekday()) % 7 or 7)
    back = (seen_from.weekday() - wanted) % 7
    return seen_from - timedelta(days=back or (7 if which == "last" else 0))


def _ago(match: re.Match[str], seen_from: date) -> tuple[date, date]:
    given, unit = match["count"].lower(), match["unit"].lower()
    count = int(given) if given.isdecimal() else SMALL.get(given, 1)
    if unit in ("day", "week"):
        day = seen_from - timedelta(days=count * (7 if unit == "week" else 1))
        return day, day
    return _period(unit, -count, seen_from)


def _period(unit: str, shift: int, seen_from: date) -> tuple[date, date]:
    if unit == "week":
        monday = seen_from - timedelta(days=seen_from.weekday()) + timedelta(days=7 * shift)
        return monday, monday + timedelta(days=6)
    if unit == "year":
        year = max(1, seen_from.year + shift)
        return date(year, 1, 1), date(year, 12, 31)
    months = max(12, seen_from.year * 12 + seen_from.month - 1 + shift)
    year, month = divmod(months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, 1), date(year, month + 1, last)
