"""What a list of references is called, and how its entries are counted."""

from __future__ import annotations

import re
from collections.abc import Iterable

from selectolax.lexbor import LexborNode

from footnoted.ingest.mediawiki.nodes import attribute, data_mw

_GROUP_CLASS = re.compile(r"reflist-((?:lower|upper)-(?:alpha|roman|greek))")
_GROUP_STYLE = re.compile(
    r"list-style(?:-type)?\s*:\s*((?:lower|upper)-(?:alpha|roman|greek|latin))"
)
_STYLED = re.compile(r"((?:lower|upper)-(?:alpha|roman|greek)) (\d{1,3})")
_GREEK = "αβγδεζηθικλμνξοπρστυφχψω"


def list_group(node: LexborNode) -> str:
    """The group of a list, from what Parsoid, the template's class or its style say."""
    backlink = node.css_first("a[data-mw-group]")
    if backlink is not None:
        return attribute(backlink, "data-mw-group")
    around = node.parent
    for _ in range(4):
        if around is None or around.tag in ("body", "section"):
            break
        if named := attribute(around, "data-mw-group"):
            return named
        attrs = data_mw(around).get("attrs")
        if isinstance(attrs, dict) and attrs.get("group"):
            return str(attrs["group"])
        found = _GROUP_CLASS.search(attribute(around, "class")) or _GROUP_STYLE.search(
            attribute(around, "style")
        )
        if found:
            return found[1].replace("latin", "alpha")
        around = around.parent
    return ""


def sign_shown(words: str) -> str:
    """A sign without its brackets; Parsoid's ``lower-alpha 1`` is the ``a`` that browsers show."""
    bare = words.strip("[]［］【】〔〕() ") or words
    styled = _STYLED.fullmatch(bare)
    return in_style(int(styled[2]), styled[1]) if styled else bare


def places(entries: Iterable[LexborNode]) -> dict[int, int]:
    """For each entry's ``mem_id`` its number in its list; ``entries`` are in the page's order."""
    counts: dict[int, int] = {}
    found: dict[int, int] = {}
    for entry in entries:
        around = entry.parent
        if around is None:
            continue
        start = attribute(around, "start")
        first = int(start) if re.fullmatch(r"[0-9]{1,6}", start) else 1
        counts[around.mem_id] = counts.get(around.mem_id, first - 1) + 1
        found[entry.mem_id] = counts[around.mem_id]
    return found


def in_style(place: int, group: str) -> str:
    """The number ``place`` in the numerals of a list style, or behind the group's name."""
    style = group.partition("-")[2]
    if style == "alpha":
        letters = _letters(place)
    elif style == "roman":
        letters = _roman(place)
    elif style == "greek":
        letters = _GREEK[(place - 1) % len(_GREEK)]
    else:
        return f"{group} {place}".strip()
    return letters.upper() if group.startswith("upper") else letters


def _letters(place: int) -> str:
    letters = ""
    while place > 0:
        place, digit = divmod(place - 1, 26)
        letters = chr(97 + digit) + letters
    return letters


def _roman(place: int) -> str:
    numerals = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"),
                (4, "iv"), (1, "i"))  # fmt: skip
    roman = ""
    for value, numeral in numerals:
        count, place = divmod(place, value)
        roman += numeral * count
    return roman
