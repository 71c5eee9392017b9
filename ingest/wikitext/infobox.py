"""Infobox templates: each parameter a label, its value the values of the row."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from footnoted.ingest.claims import Block, Heading, Prose, Row
from footnoted.ingest.infobox import NAME
from footnoted.ingest.markers import Line
from footnoted.ingest.wikitext.words import name_of, parameters, plain

if TYPE_CHECKING:
    from mwparserfromhell.nodes import Template
    from mwparserfromhell.wikicode import Wikicode

_BOXES = re.compile(
    r"(?:infobox|infoboks|infocaja|infoboxen|ficha|taxobox|speciesbox|automatic taxobox|geobox"
    r"|chembox|drugbox|картка|карточка|صندوق معلومات|תבנית|информация|tietolaatikko|кутия"
    r"|info/).*|.* infobox|.*基本資料|.*信息框"
)
_NAMES_LISTED = """
name names title official_name native_name company_name conventional_long_name common_name nom
nombre nome above subject_name other_name other_names fullname full_name navn namn band_name
musician_name group_name show_name settlement_name
"""
_NAMES = frozenset(_NAMES_LISTED.split())
_UNSHOWN = re.compile(
    r"(?:image|img|bild|imagen|imagem|logo|map|pushpin|caption|alt|cover|photo|picture|flag|coa"
    r"|seal|shield|crest|signature|icon|colou?r|background|foreground|bgcolor|embed|module_?type"
    r"|width|height_px|border|headers?tyle|label|style|css|lat|lon|coord|mapframe|zoom|blank_emblem"
    r"|pic|skyline|landscape|child|nocat|demo|kit|pattern|leftarm|body|rightarm|shorts|socks"
    r"|unterschrift|foto|karte|hide|show_|dot_|latd|latm|longd|longm|audio|sound|range_map)"
    r"\w*|.*_(?:image|img|size|alt|caption|map|colou?r|style|type_label|logo|width|link|px|flag"
    r"|icon|lat|long|coordinates|ref|refs|footnotes)\d*|static_image\w*|embed.*|module\d*"
)
_DATA = re.compile(r"data(\d+)")


def is_infobox(template: Template) -> bool:
    """Whether ``template`` is a box of facts about the article's subject."""
    return _BOXES.fullmatch(name_of(template)) is not None


def read_infobox(template: Template, read_value: Callable[[Wikicode], list[Block]]) -> list[Block]:
    """The rows of an infobox; pictures and layout are left out, but no footnote of theirs.

    Rows of boxes within its values come behind its own; ``{{Infobox|label1=…|data1=…}}`` names
    its labels itself.
    """
    names: list[Line] = []
    rows: list[Row] = []
    inner: list[Row] = []
    given = parameters(template)
    for key, value in given.items():
        if not str(value).strip() or key.isdecimal():
            continue
        blocks = read_value(value)
        inner += [block for block in blocks if isinstance(block, Row)]
        lines = [b.line for b in blocks if isinstance(b, Prose | Heading) and not b.line.empty]
        numbered = _DATA.fullmatch(key)
        if numbered is None and _UNSHOWN.fullmatch(key):
            lines = [Line("", line.marks) for line in lines if line.marks]
        if not lines:
            continue
        if key in _NAMES:
            names += [line for line in lines if line.marks or line not in names]
            continue
        label = plain(given.get(f"label{numbered[1]}")) if numbered else _label(key)
        rows.append(Row(Line(label or NAME), tuple(_goes_on(lines))))
    head = [Row(Line(NAME), tuple(names))] if names else []
    return [*head, *rows, *inner]


def _label(key: str) -> str:
    words = re.sub(r"[\s_]+", " ", key).strip()
    return words[:1].upper() + words[1:]


def _goes_on(lines: list[Line]) -> list[Line]:
    """What stands in brackets goes with the value before it."""
    joined: list[Line] = []
    for line in lines:
        if joined:  # values that a comma and a line end part
            last = joined[-1]
            joined[-1] = _without_comma(last)
        if joined and line.words[:1] in tuple("([,;–"):
            last = joined[-1]
            start = len(last.words) + 1
            marks = tuple(m._replace(position=m.position + start) for m in line.marks)
            joined[-1] = Line(f"{last.words} {line.words}", last.marks + marks)
        else:
            joined.append(line)
    return joined


def _without_comma(line: Line) -> Line:
    words = line.words.rstrip(", ") or line.words
    return Line(words, tuple(m._replace(position=min(m.position, len(words))) for m in line.marks))
