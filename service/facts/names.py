"""The names of a text: capitalised words in Latin script, runs of Arabic script beside them.

In a sentence of Arabic script no capital tells a name: there the words in quotation marks are
names, and those behind a title. An Arabic gloss in brackets (``Ayn al-Asad (قاعدة عين الأسد)``) and
an acronym belong to the name before them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from footnoted.domain import Span
from footnoted.scripts import ARABIC, script_of
from footnoted.service.facts.spelling import Sounds, acronym_of, parts_alike, sounds_of
from footnoted.service.facts.wordings import listed

_CAPITAL = r"[^\W\d_a-z\u0600-\u08ff]"
_LETTER = r"[^\W_\u0600-\u08ff]"
_ARTICLE = r"(?:(?:[Aa]l|[Ee]l|[Aa][nrsd])[-\s]|[DdOo]['’])?"
_WORD = rf"{_CAPITAL}{_LETTER}*(?:['’]{_LETTER}+|[.\-]{_CAPITAL}{_LETTER}*)*"
_PART = rf"{_ARTICLE}(?:(?:{_CAPITAL}\.)+|{_WORD})(?:['’]s\b)?"
_LINK = (
    r"(?:\s+(?:of|for|de|da|di|du|del|della|van|von|der|den|bin|ibn|abu|al|el|la|le|y)"
    r"(?:\s+(?:the|la|las|los|der|den))?\s+|\s+|\s?&\s?)"
)
_NAME = re.compile(rf"(?<![\w@#]){_PART}(?:{_LINK}{_PART})*")
_FIRST = re.compile(r"\S+\s*")
_BEGINS = re.compile(_PART)
_POSSESSIVE = re.compile(r"['’]s$")
_ARABIC = r"[\u0621-\u064a\u064b-\u0655\u0670-\u06d3]+"
_ARABIC_RUN = re.compile(rf"{_ARABIC}(?:\s{_ARABIC})*")
_QUOTED_ARABIC = re.compile(r"[«\"“„]([^«»\"“”„]{2,80})[»\"”“]")
_ARABIC_TITLES = re.compile(
    r"(?:الرئيس|الوزير|الشيخ|السيد|اللواء|الجنرال|الدكتور|المهندس|الأمير|الملك|القائد)\s+"
    rf"(?P<name>{_ARABIC}\s+{_ARABIC})"
)
_BRACKET = re.compile(r"\s*\(([^()]{2,80})\)")
_ACRONYM = re.compile(r"\b[A-Z][A-Z0-9]{1,7}\b")
_LEAST_TOGETHER = 7
_SENTENCE_START = re.compile(r"(?:^|[.!?:;\n•]|[\"“«'‘])\s*$")
_WEAK_ALONE = frozenset(
    listed(
        "the a an this that these those he she it they we you i his her its their our my your in "
        "on at by for from with to of and or but nor so yet if when while where who what which "
        "why how as after before during since until because although though however also then "
        "there here now not no yes all each every both few many most some any such other another "
        "several one two three four five six seven eight nine ten first second third last next "
        "later early late once only just even still more less much very despite according today "
        "yesterday tomorrow ms mr mrs dr sir under over between among against about into upon "
        "within without through per out up down off is was are were has have had do does did will "
        "would can could may might must shall should its them him us me being been be having said "
        "says say further meanwhile instead through thus january february march april may june "
        "july august september october november december monday tuesday wednesday thursday friday "
        "saturday sunday jan feb mar apr jun jul aug sep sept oct nov dec am pm et al"
    )
)
_HONORIFICS = frozenset(
    listed(
        "mr mrs ms dr sir president prime minister general gen lt col maj capt sgt king queen "
        "prince princess professor prof senator governor mayor chief judge justice captain "
        "colonel major secretary chancellor pope sheikh sheik sayyid imam ayatollah saint st"
    )
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name at ``span``, its ``parts`` by sound, and the acronyms and glosses that stand with it.

    ``weak`` is one that may be no name: a capital that begins a sentence.
    """

    span: Span
    text: str
    parts: tuple[Sounds, ...]
    others: tuple[str, ...] = ()
    weak: bool = False

    @property
    def kind(self) -> str:
        return "name"


def read_names(text: str, taken: Sequence[Span] = ()) -> list[Name]:
    """The names of ``text`` in order, none of them inside ``taken`` (dates, numbers)."""
    found = []
    for match in _NAME.finditer(text):
        name = _name_at(text, match)
        if name is not None and not any(name.span.overlaps(other) for other in taken):
            found.append(name)
    found = _with_brackets(text, found)
    if script_of(next((c for c in text if c.isalpha()), "a")) == ARABIC:
        found += _arabic_names(text)
    return sorted(found, key=lambda name: name.span.start)


def same_name(claim: Name, other: Name) -> bool:
    """Whether the two are one name: the parts of the shorter stand together in the longer.

    Spellings may differ (``spelling``), and an acronym stands for the words that it is made of.
    """
    if _together(claim.parts, other.parts):
        return True
    ours = {claim.text, *claim.others}
    theirs = {other.text, *other.others}
    return any(_is_acronym(a, b) or _is_acronym(b, a) or a == b for a in ours for b in theirs)


def named_in(claim: Name, others: Sequence[Name]) -> Name | None:
    """The name of ``others`` that is the claim's, or the one that holds its last part.

    A name of several parts is also there when each part is somewhere among ``others``.
    """
    for other in others:
        if same_name(claim, other):
            return other
    told = _telling(claim.parts)
    holders = [
        next((o for o in others if any(parts_alike(part, p) for p in o.parts)), None)
        for part in told
    ]
    return holders[-1] if told and all(holders) else None


def _together(one: tuple[Sounds, ...], other: tuple[Sounds, ...]) -> bool:
    short, long = sorted((_telling(one), _telling(other)), key=len)
    if not short:
        return False
    width = len(short)
    for at in range(len(long) - width + 1):
        pairs = list(zip(short, long[at : at + width], strict=True))
        sure = any(parts_alike(a, b) for a, b in pairs) or _long_enough(pairs)
        if sure and all(parts_alike(a, b, loosely=width > 1) for a, b in pairs):
            # One word of a long name is that name where it begins or ends it.
            return width > 1 or at in (0, len(long) - 1)
    return len(long) == width and all(any(parts_alike(a, b) for b in long) for a in short)


def _long_enough(pairs: Sequence[tuple[Sounds, Sounds]]) -> bool:
    """Whether short words that only sound alike are a name together: Ayn Asad, Ain Assad."""
    return len(pairs) > 1 and sum(len(one.letters) for one, _ in pairs) >= _LEAST_TOGETHER


@lru_cache(maxsize=1 << 12)
def _telling(parts: tuple[Sounds, ...]) -> tuple[Sounds, ...]:
    return tuple(part for part in parts if part.letters not in _HONORIFICS) or parts


def _is_acronym(short: str, long: str) -> bool:
    return short.isupper() and short in acronym_of(long)


def _name_at(text: str, match: re.Match[str]) -> Name | None:
    """The name that a run of capitals is, less the function words that it begins with."""
    start, end = match.span()
    while first := _FIRST.match(text, start, end):
        word = first[0].strip()
        acronym = word.isupper() and len(word) > 1
        if acronym or _POSSESSIVE.sub("", word).lower().rstrip(".") not in _WEAK_ALONE:
            break
        following = _BEGINS.search(text, first.end(), end)
        if following is None:
            return None
        start = following.start()
    words = _POSSESSIVE.sub("", text[start:end])
    parts = sounds_of(words)
    if not parts:
        return None
    begins = _SENTENCE_START.search(text[:start]) is not None
    weak = begins and len(parts) == 1 and not words.isupper()
    return Name(Span(start, start + len(words)), words, parts, weak=weak)


def _with_brackets(text: str, found: Sequence[Name]) -> list[Name]:
    """``found`` with what stands in brackets behind a name as another form of it."""
    kept: list[Name] = []
    inside = 0  # where the last bracket that was read ends
    for name in found:
        if name.span.start < inside:
            continue
        match = _BRACKET.match(text, name.span.end)
        acronyms = tuple(_ACRONYM.findall(match[1])) if match else ()
        arabic = _ARABIC_RUN.search(match[1]) if match else None
        forms = (*acronyms, *((arabic[0],) if arabic else ()))
        if match and forms:
            inside = match.end()
        kept.append(replace(name, others=forms, weak=name.weak and not forms))
    return kept


def _arabic_names(text: str) -> list[Name]:
    spans = [Span(*m.span(1)) for m in _QUOTED_ARABIC.finditer(text) if _ARABIC_RUN.match(m[1])]
    for match in _ARABIC_TITLES.finditer(text):
        span = Span(*match.span("name"))
        if not any(span.overlaps(other) for other in spans):
            spans.append(span)
    return [Name(span, span.of(text), sounds_of(span.of(text))) for span in spans]
