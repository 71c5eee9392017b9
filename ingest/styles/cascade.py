"""What a page's own styles say of each of its elements: the cascade (CSS Cascade 5).

Seen are ``<style>`` blocks, style sheets within ``data:`` addresses, ``style`` and the older
attributes for colours; not seen are external style sheets.
"""

from __future__ import annotations

import base64
import binascii
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from footnoted.ingest.styles.declarations import (
    Declared,
    Values,
    apply,
    declarations,
    is_understood,
    without_comments,
)
from footnoted.ingest.styles.media import VIEWPORTS, Viewport, seen_by
from footnoted.ingest.styles.stylesheets import Rule, Specificity, names_in, parse, specificity

# Matching one selector costs time in proportion to the page: a bound for pages made to be slow.
_SELECTOR_CHARACTERS = 1_000_000_000
_FEWEST_SELECTORS, _MOST_SELECTORS = 200, 5_000
_INLINE = Specificity(1_000_000, 0, 0)


class _Weighed(NamedTuple):
    """A declaration and what decides whether it wins; ``layer`` is 1 for the stronger side."""

    important: bool
    layer: int
    specificity: Specificity
    order: int
    place: int
    readers: frozenset[Viewport]
    declared: Declared


class Cascade:
    """The styles of one page; ``conditional`` when they differ between readers."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        """Reads the page's style sheets and finds the elements that each rule is about."""
        self._declared: dict[int, list[_Weighed]] = defaultdict(list)
        self._shown_by: set[str] = set()
        self.conditional = False
        rules: list[Rule] = []
        for css, readers in _sheets(tree):
            sheet = parse(css, readers, rules[-1].order + 1 if rules else 0)
            rules += sheet.rules
            self._shown_by |= sheet.appearing
        if rules:
            self._find(tree, rules)

    def style_of(self, node: LexborNode, reader: Viewport) -> Values:
        """The declarations that win for one element, before anything is inherited."""
        attributes = node.attributes
        style: Values = dict(_presented(node))
        weighed = [one for one in self._declared.get(node.mem_id, ()) if reader in one.readers]
        if inline := attributes.get("style"):
            weighed += _weighed(
                tuple(declarations(without_comments(inline))), _INLINE, 0, VIEWPORTS, layered=False
            )
        for one in sorted(weighed, key=lambda one: one[:5]):
            apply(one.declared, style)
        names = style.get("animation-name", style.get("animation", "")).replace(",", " ").split()
        if not self._shown_by.isdisjoint(names):  # it fades in
            style.pop("opacity", None)
        return style

    def _find(self, tree: LexborHTMLParser, rules: list[Rule]) -> None:
        limit = _SELECTOR_CHARACTERS // (len(tree.html or "") + 1)
        left = min(_MOST_SELECTORS, max(_FEWEST_SELECTORS, limit))
        page_names = _names(tree)
        matching: dict[str, list[int]] = {}
        for rule in rules:
            self.conditional |= rule.readers != VIEWPORTS
            for selector in rule.selectors:
                needed = names_in(selector)
                if needed is not None and not needed <= page_names:
                    continue
                if selector not in matching:
                    left -= 1
                    matching[selector] = _matching(tree, selector) if left >= 0 else []
                weighed = _weighed(
                    rule.declared,
                    specificity(selector),
                    rule.order,
                    rule.readers,
                    layered=rule.layered,
                )
                for key in matching[selector]:
                    self._declared[key] += weighed


def _sheets(tree: LexborHTMLParser) -> Iterator[tuple[str, frozenset[Viewport]]]:
    for node in tree.css("style, link[rel~=stylesheet i][href^='data:' i]"):
        attributes = node.attributes
        if (attributes.get("type") or "text/css").strip().lower() != "text/css":
            continue
        readers = seen_by(attributes.get("media") or "")
        if node.tag == "style":
            yield node.text_lexbor(), readers
        elif "alternate" not in (attributes.get("rel") or "").lower():
            yield _data(attributes.get("href") or ""), readers


def _data(url: str) -> str:
    """The text of a ``data:`` address (RFC 2397); none where it is broken."""
    head, _, data = url.partition(",")
    body = unquote_to_bytes(data)
    if head.rstrip().lower().endswith(";base64"):
        try:
            body = base64.b64decode(body)
        except binascii.Error:
            return ""
    return body.decode("utf-8", "replace")


def _presented(node: LexborNode) -> Iterator[tuple[str, str]]:
    """What the attributes of an element say, as declarations that all others win over."""
    attributes = node.attributes
    if "hidden" in attributes and (attributes["hidden"] or "").lower() != "until-found":
        yield "display", "none"
    if attributes.get("background"):
        yield "background-image", "url()"
    ink = {"font": "color", "body": "text"}.get(node.tag or "")
    for name, attribute in (("background-color", "bgcolor"), ("color", ink)):
        value = (attributes.get(attribute) or "").strip().lower() if attribute else ""
        if value and is_understood(name, value):
            yield name, value
        elif value and is_understood(name, f"#{value}"):
            yield name, f"#{value}"


def _weighed(
    declared: tuple[Declared, ...],
    specific: Specificity,
    order: int,
    readers: frozenset[Viewport],
    *,
    layered: bool,
) -> list[_Weighed]:
    return [
        # Among important declarations, layers are the stronger ones.
        _Weighed(one.important, int(layered is one.important), specific, order, place, readers, one)
        for place, one in enumerate(declared)
    ]


def _names(tree: LexborHTMLParser) -> frozenset[str]:
    found: set[str] = set()
    for node in tree.css("[class], [id]"):
        attributes = node.attributes
        found.update((attributes.get("class") or "").split())
        found.add((attributes.get("id") or "").strip())
    return frozenset(found)


def _matching(tree: LexborHTMLParser, selector: str) -> list[int]:
    try:
        return [node.mem_id for node in tree.css(selector)]
    except SelectolaxError:  # a pseudo-element, or a selector newer than the engine: hides nothing
        return []
