"""The names of months and weekdays, English and Arabic, with a pattern that finds them."""

from __future__ import annotations

import re

from footnoted.service.facts.wordings import listed

_ENGLISH = listed(
    "january|jan february|feb march|mar april|apr may june|jun july|jul august|aug "
    "september|sept|sep october|oct november|nov december|dec"
)
# The names of the Levant and Iraq, of Egypt and the Gulf, and of the Maghreb.
_ARABIC = (
    "كانون الثاني|يناير|جانفي", "شباط|فبراير|فيفري", "آذار|اذار|مارس", "نيسان|أبريل|ابريل|أفريل",
    "أيار|ايار|مايو|ماي", "حزيران|يونيو|جوان", "تموز|يوليو|جويلية", "آب|أغسطس|اغسطس|أوت",
    "أيلول|ايلول|سبتمبر", "تشرين الأول|تشرين الاول|أكتوبر|اكتوبر",
    "تشرين الثاني|نوفمبر", "كانون الأول|كانون الاول|ديسمبر",
)  # fmt: skip
_DAYS = listed("monday tuesday wednesday thursday friday saturday sunday")
_ARABIC_DAYS = (
    "الاثنين|الإثنين", "الثلاثاء", "الأربعاء|الاربعاء", "الخميس", "الجمعة", "السبت", "الأحد|الاحد",
)  # fmt: skip

MONTHS: dict[str, int] = {
    name: number
    for names in (_ENGLISH, _ARABIC)
    for number, spellings in enumerate(names, 1)
    for name in spellings.split("|")
}
"""A month's name, English ones in lower case, to its number."""

WEEKDAYS: dict[str, int] = {name: n for n, name in enumerate(_DAYS)} | {
    name: n for n, spellings in enumerate(_ARABIC_DAYS) for name in spellings.split("|")
}
"""A weekday's name, English ones in lower case, to its number; Monday is 0."""

# `may` and `march` are words; months have a capital, and every letter may be one.
_NAMES = [name for name in MONTHS if not name.isascii()]
_LATIN = [form for name in MONTHS if name.isascii() for form in (name.title(), name.upper())]
MONTH = "|".join(sorted(map(re.escape, (*_NAMES, *_LATIN)), key=len, reverse=True))
MONTH = rf"(?:{MONTH})\b\.?(?:\s?/\s?(?:{MONTH})\b)?"
"""A pattern of a month's name, or of two names of one month: ``تشرين الأول/أكتوبر``."""

WEEKDAY = "|".join(
    sorted((d.title() if d.isascii() else d for d in WEEKDAYS), key=len, reverse=True)
)


def month_of(name: str) -> int:
    """The number of a month by what ``MONTH`` has matched."""
    first = name.split("/", maxsplit=1)[0].strip().rstrip(".")
    return MONTHS[first.lower() if first.isascii() else first]
