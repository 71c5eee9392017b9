"""Dates as citations print them, to CSL dates.

A CSL date is ``{"date-parts": [[2023, 10, 25]]}``, as precise as the print; a range has two lists
(CSL-JSON schema, ``date-variable``).
"""

from __future__ import annotations

import re

from footnoted.domain import Json

_MONTHS = (
    "january|jan|januar|jänner|janvier|janv|enero|ene|janeiro|gennaio|januari",
    "february|feb|februar|février|févr|febrero|fevereiro|febbraio|februari",
    "march|mar|märz|mars|marzo|março|maart",
    "april|apr|avril|avr|abril|abr|aprile",
    "may|mai|mayo|maio|maggio|mei|maj",
    "june|jun|juni|juin|junio|junho|giugno",
    "july|jul|juli|juillet|juil|julio|julho|luglio",
    "august|aug|août|agosto|ago|augustus|augusti",
    "september|sep|sept|septembre|septiembre|setembro|settembre",
    "october|oct|oktober|okt|octobre|octubre|outubro|ottobre",
    "november|nov|novembre|noviembre|novembro",
    "december|dec|dezember|dez|décembre|déc|diciembre|dic|dezembro|dicembre",
)
_MONTH = {name: n for n, names in enumerate(_MONTHS, 1) for name in names.split("|")}
_SEASON = {"spring": 1, "summer": 2, "autumn": 3, "fall": 3, "winter": 4}
_NAMES = "|".join(sorted(_MONTH, key=len, reverse=True))
_M = rf"(?P<month>{_NAMES})\.?"
_Y = r"(?P<year>1[0-9]{3}|20[0-9]{2})[a-z]?"
_D = r"(?P<day>3[01]|[12][0-9]|0?[1-9])"
_OF = r"(?:de |of )?"
# The most precise first; what a form leaves out is not guessed.
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_Y}-(?P<month>0[1-9]|1[0-2])(?:-{_D})?(?!\d)",
        rf"{_Y}年\s?(?P<month>1[0-2]|[1-9])月(?:\s?{_D}日)?",
        rf"{_D}(?:st|nd|rd|th|er|º|\.)?(?:[–-]\d{{1,2}})? {_OF}{_M},? {_OF}{_Y}",
        rf"{_M} {_D}(?:st|nd|rd|th)?(?:[–-]\d{{1,2}})?,? {_Y}",
        rf"{_D}\.(?P<month>1[0-2]|0?[1-9])\.{_Y}",
        rf"{_M}(?:[–/-](?:{_NAMES})\.?)?,? {_OF}{_Y}",
        rf"(?P<season>{'|'.join(_SEASON)}),? {_Y}",
        rf"{_Y}[–-](?P<until>(?:1[0-9]|20)?[0-9]{{2}})(?!\d)",
        rf"(?:c\. ?|ca\. ?|circa )?{_Y}",
    )
)
DATE = re.compile("|".join(re.sub(r"\(\?P<\w+>", "(?:", f.pattern) for f in _FORMS), re.IGNORECASE)
"""A date anywhere in a text."""


def csl_date(printed: str) -> Json | None:
    """The CSL date of ``printed`` when that is a date and nothing else, otherwise ``None``."""
    printed = printed.strip(" .,;()[]")
    for form in _FORMS:
        match = form.fullmatch(printed)
        if match is not None:
            return _date(match.groupdict())
    return None


def _date(found: dict[str, str | None]) -> Json:
    year = int(found["year"] or 0)
    if until := found.get("until"):
        return {"date-parts": [[year], [int(str(year)[: 4 - len(until)] + until)]]}
    if season := found.get("season"):
        return {"date-parts": [[year]], "season": _SEASON[season.lower()]}
    parts = [year]
    if month := found.get("month"):
        parts.append(int(month) if month.isdecimal() else _MONTH[month.lower()])
        if day := found.get("day"):
            parts.append(int(day))
    return {"date-parts": [parts]}
