"""Tags whose content is no wikitext (``<nowiki>``, ``<math>``), and those of footnotes."""

from __future__ import annotations

import html
import re

_LONGEST = 2_000  # characters of attributes that are read
_ATTRIBUTE = re.compile(
    r"(?P<name>[A-Za-z]+)\s*=\s*(?:\"(?P<double>[^\"]*)(?:\"|$)|'(?P<single>[^']*)(?:'|$)"
    r"|(?P<bare>[^\s\"'][^\s]*))"
)
_REF_ATTRIBUTES = frozenset({"name", "group", "follow", "extends", "details"})
_SPECIAL = str.maketrans({c: f"&#{ord(c)};" for c in "{}[]|<>='\"&*#:;_~\\"})
_UNREAD_LISTED = """
score hiero timeline graph templatedata templatestyles mapframe maplink imagemap inputbox
categorytree
"""
_UNREAD = frozenset(_UNREAD_LISTED.split())
_CODE = frozenset({"pre", "syntaxhighlight", "source"})
_FORMULAS = frozenset({"math", "chem", "ce"})
VERBATIM = _UNREAD | _CODE | _FORMULAS | {"nowiki", "gallery"}


def verbatim(name: str, content: str) -> str:
    """What stands for the tag ``name`` and its ``content``.

    The pictures of a gallery become links to files, whose captions are wikitext.
    """
    if name in _UNREAD:
        return ""
    if name == "gallery":
        pictures = (line.strip() for line in content.split("\n"))
        return "".join(f"\n[[File:{line}]]" for line in pictures if line) + "\n\n"
    shown = html.unescape(content).translate(_SPECIAL)
    if name in _CODE:
        return f"\n\n{shown}\n\n"
    return f" {shown.strip()} " if name in _FORMULAS else shown


def ref_attributes(printed: str) -> str:
    """The attributes of a ``<ref>`` in quotation marks and with entities, ready for a parser."""
    given = {
        m["name"].lower(): m["double"] or m["single"] or (m["bare"] or "").rstrip("/")
        for m in _ATTRIBUTE.finditer(printed[:_LONGEST].rstrip().removesuffix("/"))
    }
    return "".join(
        f' {name}="{html.unescape(value).strip().translate(_SPECIAL)}"'
        for name, value in given.items()
        if name in _REF_ATTRIBUTES and value.strip()
    )
