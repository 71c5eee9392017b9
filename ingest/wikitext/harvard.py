"""Harvard citations: short ones in the text, and the anchors by which they find the full one.

The anchor is ``CITEREF``, up to four family names and the year, letter included (Template:Sfn).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from footnoted.ingest.wikitext.words import Parameters, listed, name_of, parameters, plain

if TYPE_CHECKING:
    from mwparserfromhell.nodes import Template

FOOTNOTES = frozenset(
    {"sfn", "sfnp", "sfnm", "sfnmp", "harvsp", "sfn inline", "shortened footnote"}
)
"""Short citations that make a footnote of their own."""
IN_BRACKETS = frozenset({"harv", "harvs", "harvard citation", "harvcol"})
BARE = frozenset(
    {"harvnb", "harvcolnb", "harvard citation no brackets", "harvnp", "harvp", "harvard", "hvnb"}
)
IN_TEXT = frozenset({"harvtxt", "harvcoltxt", "harvard citation text"})
SHORT = FOOTNOTES | IN_BRACKETS | BARE | IN_TEXT
_YEAR = re.compile(r"\b(1[0-9]{3}|20[0-9]{2})([a-z]?)\b|\bn\.d\.[a-z]?", re.IGNORECASE)
_ANCHORS = frozenset({"harvid", "sfnref", "harvard citation anchor"})
_PAGES = ("p", "page", "pp", "pages", "loc", "at")


@dataclass(frozen=True, slots=True)
class Short:
    """One short citation; ``anchor`` names the full one, ``page`` is its locator alone."""

    anchor: str
    names: tuple[str, ...]
    year: str
    page: str
    where: str

    @property
    def who(self) -> str:
        if len(self.names) > 3:
            return f"{self.names[0]} et al."
        *others, last = self.names or ("",)
        return f"{', '.join(others)} & {last}" if others else last


def read_short(template: Template) -> list[Short]:
    """The short citations that ``template`` makes: one, or for ``{{sfnm}}`` several."""
    name, given = name_of(template), parameters(template)
    if name in ("sfnm", "sfnmp"):
        return list(_several(given))
    if name == "harvs":
        names = [plain(given.get(key)) for key in ("last", "last1", "last2", "last3", "last4")]
        return [_short([n for n in names if n], plain(given.get("year")), given)]
    values = [value for value in map(plain, listed(given)) if value]
    year = values.pop() if len(values) > 1 and _YEAR.search(values[-1]) else ""
    return [_short(values[:4], year, given)]


def _several(given: Parameters) -> Iterator[Short]:
    for n in range(1, 20):
        names = [plain(given.get(f"{n}a{k}")) for k in range(1, 5)]
        names = [name for name in names if name] or list(filter(None, [plain(given.get(f"{n}a"))]))
        if not names:
            return
        mine = {key.removeprefix(str(n)): v for key, v in given.items() if key.startswith(str(n))}
        yield _short(names, plain(given.get(f"{n}y") or given.get(f"{n}y1")), mine)


def _short(names: list[str], year: str, given: Parameters) -> Short:
    anchor = plain(given.get("ref")) or "CITEREF" + "".join(names) + year
    page, where = "", ""
    for key in _PAGES:
        if value := plain(given.get(key)):
            page = page or value
            sign = {"p": "p. ", "page": "p. ", "pp": "pp. ", "pages": "pp. "}.get(key, "")
            where += f", {sign}{value}"
    return Short(normal_anchor(anchor), tuple(names), year, page, where)


def print_short(template: Template) -> str:
    """What ``template`` prints in a footnote or in the text."""
    name, shorts = name_of(template), read_short(template)
    if name in IN_BRACKETS:
        return "(" + "; ".join(f"{s.who} {s.year}{s.where}" for s in shorts) + ")"
    if name in IN_TEXT:
        return "; ".join(f"{s.who} ({s.year}{s.where})" for s in shorts)
    year = "({})" if name in ("sfnp", "sfnmp", "harvp") else "{}"
    text = "; ".join(f"{s.who} {year.format(s.year)}".strip() + s.where for s in shorts)
    postscript = plain(parameters(template).get("ps"))
    return f"{text}{postscript or '.'}" if name in FOOTNOTES else text


def anchors_of(template: Template) -> list[str]:
    """The anchors of a full citation: what it says itself, else its names and year."""
    given = parameters(template)
    said = given.get("ref")
    explicit = plain(said)
    if explicit.lower() == "none":
        return []
    if said is not None:
        inner = [t for t in said.filter_templates(recursive=False) if name_of(t) in _ANCHORS]
        if inner:
            return [normal_anchor("CITEREF" + "".join(map(plain, listed(parameters(inner[0])))))]
        if explicit and explicit.lower() != "harv":
            return [normal_anchor(explicit)]
    names = list(_family_names(given))[:4]
    date = plain(given.get("year")) or plain(given.get("date")) or plain(given.get("datum"))
    year = _YEAR.search(date)
    printed = "".join(names)
    years = [year[0]] if year else [""]
    if "origyear" in given or "orig-year" in given:
        years.append(plain(given.get("origyear") or given.get("orig-year")))
    return [normal_anchor(f"CITEREF{printed}{y}") for y in years] if names or year else []


def _family_names(given: Parameters) -> Iterator[str]:
    for stem in (("last", "surname", "author", "author-last", "nom", "apellidos", "último"),
                 ("editor-last", "editor", "editor-surname")):  # fmt: skip
        found = False
        for n in range(1, 6):
            keys = [f"{s}{n}" for s in stem] + ([*stem] if n == 1 else [])
            keys += [f"{s.replace('-', f'{n}-')}" for s in stem if "-" in s]
            value = next((v for key in keys if (v := plain(given.get(key)))), "")
            if value:
                found = True
                yield value.partition(",")[0]
        if not found and stem[0] == "last" and (listing := plain(given.get("vauthors"))):
            for name in listing.split(","):
                found = True
                yield re.sub(r"\s+[A-Z]{1,3}$", "", name.strip("() "))
        if found:
            return


def normal_anchor(anchor: str) -> str:
    """Anchors are compared without white space and underscores."""
    return re.sub(r"[\s_]+", "", anchor)


def first_of(anchors: Iterable[tuple[str, Template]]) -> dict[str, Template]:
    """An anchor that stands twice in a page means its first element."""
    found: dict[str, Template] = {}
    for anchor, template in anchors:
        found.setdefault(anchor, template)
    return found
