"""Keeps markup that is nested without end from stalling a parser, or from losing its words.

An HTML parser takes time with the square of the depth, and copies every unclosed formatting
element into each paragraph that follows (HTML Standard, 13.2.4.3): some kilobytes can cost hours
and gigabytes. Both are estimated from the tags before anything is parsed.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from selectolax.lexbor import LexborHTMLParser, LexborNode

from footnoted.ingest.blocks import BREAKING

# libxml2, under trafilatura, drops in silence what lies below its own limit of 256.
_DEEP = 200
_DEEPEST = 3_000  # browsers stop at 512
# Each about ten seconds of parsing; no real page that we have comes within a tenth of it.
_MOST_COPIES = 300_000
_MOST_STEPS = 50_000_000
_MOST_ATTRIBUTES = 1_000  # of one element: a parser compares each with all others
_SAME_KEPT = 3  # of equal unclosed formatting elements, the parser copies three
_ATTRIBUTE = re.compile(r"[^\s=\"'/>]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]+))?")
_TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*)([^<>]*)", re.IGNORECASE)
# Elements that the next one of their kind closes, or that have no end.
_UNNESTED = frozenset(
    {"p", "li", "dt", "dd", "tr", "td", "th", "option", "area", "base", "br", "col", "embed", "hr"}
    | {"img", "input", "link", "meta", "source", "track", "wbr"}
)
_FORMATTING = frozenset(
    {"b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u"}
)
_OUT_OF_SVG = BREAKING | _FORMATTING | {"span", "img", "br", "sub", "sup", "var"}


def is_overnested(html: str) -> bool:
    """Whether parsing ``html`` would take far more time or memory than any real page does."""
    depth = steps = copies = copied = 0
    in_svg = False
    unclosed: dict[str, list[str]] = defaultdict(list)
    same: Counter[tuple[str, str]] = Counter()
    for match in _TAG.finditer(html):
        closing, name, rest = match[1], match[2].lower(), match[3]
        if len(rest) > _MOST_ATTRIBUTES and len(_ATTRIBUTE.findall(rest)) > _MOST_ATTRIBUTES:
            return True
        in_svg = (not closing) if name in ("svg", "math") else in_svg and name not in _OUT_OF_SVG
        if in_svg and rest.endswith("/"):  # elsewhere, HTML does not heed the slash
            continue
        if name not in _UNNESTED:
            depth = max(0, depth - 1) if closing else depth + 1
        if name not in _FORMATTING:
            copies += copied
        elif not closing:
            unclosed[name].append(rest)
            same[name, rest] += 1
            copied += same[name, rest] <= _SAME_KEPT
        elif unclosed[name]:
            last = unclosed[name].pop()
            same[name, last] -= 1
            copied -= same[name, last] < _SAME_KEPT
        steps += depth
        if depth > _DEEPEST or steps > _MOST_STEPS or copies > _MOST_COPIES:
            return True
    return False


def flatten(tree: LexborHTMLParser) -> None:
    """Unwrap the elements that lie too deep for libxml2, so that their words are not lost."""
    deep: list[LexborNode] = []
    waiting = [] if tree.root is None else [(tree.root, 0)]
    while waiting:
        node, depth = waiting.pop()
        child = node.first_child
        if child is not None and depth > _DEEP:
            deep.append(node)
        while child is not None:
            if child.is_element_node:
                waiting.append((child, depth + 1))
            child = child.next
    for node in reversed(deep):
        if node.tag in BREAKING:  # or the words of neighbours would grow together
            node.insert_before(" ")
            node.insert_after(" ")
        node.unwrap()
