"""What well-known inline templates print, from their parameters to words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from footnoted.ingest.wikitext.words import Parameters, Words, listed, plain

if TYPE_CHECKING:
    from mwparserfromhell.wikicode import Wikicode

_LONGEST_NUMBER = 9  # digits of a year, month or day
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def rendering(name: str) -> Callable[[Parameters], Words] | None:
    """How the template ``name`` is printed, from its parameters; ``None`` for an unknown one."""
    if name.startswith(("lang-", "script/")):
        return _first
    return _renderings().get(name)


def _first(given: Parameters) -> Words:
    return [given[key] for key in ("1", "text", "content") if key in given][:1]


def _last(given: Parameters) -> Words:
    return [*listed(given)[-1:]] or [given[key] for key in ("text",) if key in given]


def _second(given: Parameters) -> Words:
    return [*listed(given)[:2][-1:]]


def _joined(separator: str) -> Callable[[Parameters], Words]:
    def join(given: Parameters) -> Words:
        words: list[str | Wikicode] = []
        for value in listed(given):
            if str(value).strip():
                words += [separator, value] if words else [value]
        return words

    return join


def _around(before: str, after: str = "") -> Callable[[Parameters], Words]:
    return lambda given: [before, *_first(given), after]


def _convert(given: Parameters) -> Words:
    """``{{convert|5|km}}`` is ``5 km``; ``{{convert|5|to|6|km}}`` is ``5 to 6 km``."""
    values = listed(given)
    words: list[str | Wikicode] = []
    for place, value in enumerate(values):
        words += [" ", value] if words else [value]
        is_unit = place % 2 == 1 and str(value).strip() not in ("to", "-", "–", "and", "by", "x",
                                                               "or", "+/-", "±", "(-)")  # fmt: skip
        if is_unit:
            break
    return words


def _fraction(given: Parameters) -> Words:
    match listed(given):
        case [bottom]:
            return ["1/", bottom]
        case [top, bottom]:
            return [top, "/", bottom]
        case [whole, top, bottom]:
            return [whole, " ", top, "/", bottom]
        case _:
            return []


def _date(given: Parameters) -> Words:
    """``{{start date|1890|5|3}}`` is ``3 May 1890``; other forms stay as they are."""
    values = [plain(value) for value in listed(given)]
    values = [value for value in values if value]
    if not values or not values[0].isdecimal():
        return [" ".join(values[:3])]
    parts = [int(v) for v in values[:3] if v.isdecimal() and len(v) <= _LONGEST_NUMBER]
    if len(parts) >= 2 and 1 <= parts[1] <= 12:
        month = _MONTHS[parts[1] - 1]
        day = f"{parts[2]} " if len(parts) > 2 else ""
        if str(given.get("mf", "")).strip().lower() in ("y", "yes"):
            return [f"{month} {day.strip()}, {parts[0]}" if day else f"{month} {parts[0]}"]
        return [f"{day}{month} {parts[0]}"]
    return [" ".join(values[:2]) if len(values) == 2 and not values[1].isdecimal() else values[0]]


def _person(given: Parameters) -> Words:
    first, last = (plain(given.get(key)) for key in ("1", "2"))
    return [f"{first} {last}".strip()]


def _ship(given: Parameters) -> Words:
    return [" ".join(filter(None, map(plain, listed(given)[:2])))]


def _nihongo(given: Parameters) -> Words:
    inside = [value for value in listed(given)[1:3] if str(value).strip()]
    words: list[str | Wikicode] = [*_first(given)]
    for n, value in enumerate(inside):
        words += [", " if n else " (", value]
    return [*words, ")"] if inside else words


def _currency(sign: str) -> Callable[[Parameters], Words]:
    return lambda given: [sign, *_first(given)]


_FIRST = """
nowrap|nobr|no wrap|small|smaller|big|large|larger|abbr|abbrv|ipa|ipa-en|quote|blockquote|bquote
cquote|quotation|quote box|pull quote|centered pull quote|zitat|citation bloc|cita|block indent
columns-list|plainlist|plain list|flatlist|endflatlist|div col|sic|not a typo|visible anchor
vanchor|tooltip|math|mvar|var|sub|sup|su|bdi|longitem|center|centre|midsize|nobold|nobr|noitalic
italics correction|em|strong|samp|code|mono|key press|kbd|flag|flagu|flagcountry|flaglist
fb|ill|interlanguage link|interlanguage link multi|marriage|nihongo foot|lsj|nts|number|formatnum
dts2|val|keypress|native name|nq|tq|not typo|typo|as written|proper name|huge|resize|u|underline
s|strikethrough|no italic|hebrew|rtl-lang|text|font|awrap|linktext|illm|noflag|flagteam
"""
_LAST = "lang|transl|transliteration|xlit|translit|color|colour|font color|colored text"
_DATES = """
start date|start date and age|end date|end date and age|birth date|birth date and age|bda|dob
death date|death date and age|dda|birth year and age|death year and age
start-date|end-date|dts|film date|release date|released|dtsh text|start and end dates|launch date
birth date and age2|b-da|d-da|date de naissance|date de décès|date-|fecha|data
"""


def _names(listing: str) -> list[str]:
    return [name.strip() for name in re.split(r"[|\n]", listing) if name.strip()]


@lru_cache(maxsize=1)
def _renderings() -> Mapping[str, Callable[[Parameters], Words]]:
    """For each known template's name, what it prints."""
    table: dict[str, Callable[[Parameters], Words]] = dict.fromkeys(_names(_FIRST), _first)
    table |= dict.fromkeys(_names(_LAST), _last)
    table |= dict.fromkeys(_names(_DATES), _date)
    for name in ("convert", "cvt", "conv"):
        table[name] = _convert
    for name in ("frac", "sfrac", "fraction", "fract"):
        table[name] = _fraction
    for name in ("ubl", "ublist", "unbulleted list", "bulleted list", "br separated entries",
                 "ubil", "unbulleted", "ul"):  # fmt: skip
        table[name] = _joined("\n")
    for name in ("hlist", "cslist", "comma separated entries", "flat list"):
        table[name] = _joined(", ")
    for name in ("chem", "ce", "chem2", "gaps", "zh-char", "lang join"):
        table[name] = _joined("")
    table |= {
        "#argument": _second,
        "!": lambda _: ["|"],
        "=": lambda _: ["="],
        "'": lambda _: ["'"],
        "nbsp": lambda _: [" "],
        "-": lambda _: ["\n\n"],
        "clear": lambda _: ["\n\n"],
        "sortname": _person,
        "sort": _second,
        "ship": _ship,
        "nihongo": _nihongo,
        "url": _second,
        "birth-date": _second,
        "death-date": _second,
        "as of": lambda given: ["As of ", *_date(given)],
        "circa": _around("c. "),
        "c.": _around("c. "),
        "ca.": _around("c. "),
        "floruit": _around("fl. "),
        "fl.": _around("fl. "),
        "reign": lambda given: ["r. ", *_joined("–")(given)],
        "angbr": _around("⟨", "⟩"),
        "isbn": lambda given: ["ISBN ", *_joined(", ")(given)],
        "issn": _around("ISSN "),
        "oclc": _around("OCLC "),
        "doi": _around("doi:"),
        "arxiv": _around("arXiv:"),
        "post-nominals": _joined(", "),
    }
    table |= dict.fromkeys(("ndash", "en dash", "–"), lambda _: ["–"])
    table |= dict.fromkeys(("snd", "spaced ndash", "spnd", "dash"), lambda _: [" – "])
    table |= dict.fromkeys(("mdash", "em dash", "—"), lambda _: ["—"])
    table |= dict.fromkeys(("·", "•", "dot", "bullet", "middot"), lambda _: [" · "])
    for name, sign in {"us$": "US$", "usd": "US$", "£": "£", "gbp": "£", "€": "€", "euro": "€",
                       "eur": "€", "¥": "¥", "jpy": "¥", "inr": "₹", "₹": "₹", "a$": "A$",
                       "aud": "A$", "c$": "C$", "cad": "C$"}.items():  # fmt: skip
        table[name] = _currency(sign)
    for name in ("hms", "uss", "ss", "mv", "rms", "hmas", "hmcs", "sms", "ms", "mt", "rv"):
        table[name] = _around(f"{name.upper()} ")
    return table
