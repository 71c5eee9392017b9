"""Footnotes of any web page: which links are signs, and which elements are the notes they mean.

A sign is a link to a fragment of its own page; the fragment's element lies in a list item, a
paragraph or a similar block behind it, which is a note if it links back to the sign, or stands
under a heading or in a container that says so. Neighbours in a list of notes are notes, too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import unquote, urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from footnoted.ids import canonical_url
from footnoted.ingest.mediawiki.nodes import attribute, walk
from footnoted.ingest.web_article.signs import (
    BACK,
    BACK_WORDS,
    PLACE,
    ancestors,
    announces_notes,
    bare,
    like_sign,
    shown,
)

_SHORT = 12  # characters of a link that is a way back rather than words of the note
_ROWS = frozenset({"li", "dd", "dt", "tr"})
_BLOCKS = frozenset({"p", "div", "aside", "section", "blockquote", "footer"})
_LISTS = frozenset({"ul", "ol", "dl", "table", "article", "main", "body", "html"})
_INLINE = frozenset({"sup", "span", "a", "cite", "small", "b", "i", "em", "strong", "sub", "font"})
_LONGEST = 20_000  # characters; what is longer is a part of the page, not a note


class Sign(NamedTuple):
    """A link that means a note (``item``, the ``mem_id`` of its element) or, without one, none.

    The words of a sign that is not ``raised`` ("Smith 2004") belong to the sentence.
    """

    link: LexborNode
    item: int | None
    label: str
    raised: bool


@dataclass(frozen=True, slots=True)
class Notes:
    """The signs of a page by their links' ``mem_id``, and its notes in the order of the page."""

    signs: Mapping[int, Sign]
    items: tuple[LexborNode, ...]
    ways_back: frozenset[int]
    cited: Mapping[int, tuple[int, ...]]
    """For each note, the notes that links in it lead to."""

    def raises(self, link: LexborNode) -> bool:
        """Whether ``link`` is a sign that readers see as one."""
        sign = self.signs.get(link.mem_id)
        return sign is not None and sign.raised


@dataclass(slots=True)
class _Page:
    """What a page's links can lead to."""

    addresses: frozenset[str]
    base: str
    order: dict[int, int] = field(default_factory=dict)
    under: dict[int, bool] = field(default_factory=dict)
    anchors: dict[str, LexborNode] = field(default_factory=dict)
    links: list[tuple[LexborNode, str]] = field(default_factory=list)

    def target(self, fragment: str) -> LexborNode | None:
        """The element that a fragment means: as it stands, else with its %-signs decoded."""
        return self.anchors.get(fragment) or self.anchors.get(unquote(fragment))

    def fragment(self, link: LexborNode) -> str:
        """The fragment of this page that ``link`` leads to; empty for a link elsewhere."""
        before, _, fragment = attribute(link, "href").strip().partition("#")
        if not before or not fragment:
            return fragment
        return fragment if _same(urljoin(self.base, before)) in self.addresses else ""


def find_notes(page: LexborHTMLParser, addresses: list[str]) -> Notes:
    """The footnotes of ``page``, which is known under ``addresses``."""
    seen = _survey(page, addresses)
    signs: dict[int, Sign] = {}
    items: dict[int, LexborNode] = {}
    missing: list[Sign] = []
    for link, fragment in seen.links:
        words = shown(link)
        target = seen.target(fragment)
        if not words or (target is None and not like_sign(link, words, noted=False)):
            continue
        if target is None:
            missing.append(Sign(link, None, bare(words), True))
        elif (item := _note(seen, link, target)) is not None:
            items[item.mem_id] = item
            noted = _links_back(seen, item, link)
            raised = like_sign(link, words, noted=noted)
            signs[link.mem_id] = Sign(link, item.mem_id, bare(words), raised)
    items |= _neighbours(items.values())
    # A link within a note is the note's own matter, and so is the way back.
    within = {a.mem_id for item in items.values() for a in item.css("a")}
    signs = {key: sign for key, sign in signs.items() if key not in within}
    if signs:
        signs |= {s.link.mem_id: s for s in missing if s.link.mem_id not in within}
    ways_back = {
        link.mem_id
        for link, fragment in seen.links
        if link.mem_id in within and _is_way_back(seen, link, fragment, items)
    }
    ordered = sorted(items.values(), key=lambda node: seen.order[node.mem_id])
    cited = _cited(seen, items, ways_back)
    return Notes(signs, tuple(ordered) if signs else (), frozenset(ways_back), cited)


def _cited(
    seen: _Page, items: Mapping[int, LexborNode], ways_back: Collection[int]
) -> dict[int, tuple[int, ...]]:
    cited: dict[int, tuple[int, ...]] = {}
    for link, fragment in seen.links:
        target = seen.target(fragment)
        if target is None or link.mem_id in ways_back:
            continue
        within = next((n.mem_id for n in ancestors(link) if n.mem_id in items), None)
        meant = next((n.mem_id for n in (target, *ancestors(target)) if n.mem_id in items), None)
        if within is not None and meant is not None and within != meant:
            cited[within] = (*cited.get(within, ()), meant)
    return cited


def with_following(item: LexborNode) -> Iterator[LexborNode]:
    """The elements of a note: itself, or a term with its descriptions."""
    yield item
    after = item.next if item.tag == "dt" else None
    while after is not None and after.tag != "dt":
        if after.tag == "dd":
            yield after
        after = after.next


def _survey(page: LexborHTMLParser, addresses: list[str]) -> _Page:
    known = frozenset(map(_same, addresses))
    seen = _Page(known, addresses[0] if addresses else "")
    under = False
    root = page.root
    assert root is not None  # the parser makes a root for any input
    for number, event in enumerate(walk(root, _never)):
        if event.kind != "open":
            continue
        node = event.node
        seen.order[node.mem_id] = number
        under = _heads_notes(node, under)
        seen.under[node.mem_id] = under
        for name in ("id", "name") if node.tag == "a" else ("id",):
            if value := attribute(node, name):
                seen.anchors.setdefault(value, node)
        if node.tag == "a" and (fragment := seen.fragment(node)):
            seen.links.append((node, fragment))
    return seen


def _same(address: str) -> str:
    """One name for the addresses of a page: with and without a slash at their end."""
    return canonical_url(address).rstrip("/")


def _never(_: LexborNode) -> bool:
    return False


def _heads_notes(node: LexborNode, before: bool) -> bool:
    """Whether what follows ``node`` stands under a heading that announces notes."""
    tag = node.tag or ""
    if re.fullmatch("h[1-6]|summary|legend", tag) or attribute(node, "role") == "heading":
        return announces_notes(shown(node))
    if tag in ("p", "div", "dt") and node.css_first("b, strong") is not None:
        return before or announces_notes(shown(node)[:100])
    return before


def _note(seen: _Page, link: LexborNode, target: LexborNode) -> LexborNode | None:
    """The note that ``target`` is or stands in."""
    if seen.order[target.mem_id] <= seen.order[link.mem_id]:
        return None
    around = {node.mem_id for node in ancestors(link)}
    for item in _blocks_around(target):
        if item.mem_id in around or not _is_one_block(item):
            continue
        if _in_place(seen, item) or _links_back(seen, item, link):
            return item
    return None


def _blocks_around(target: LexborNode) -> Iterator[LexborNode]:
    """The list item around ``target``, then the nearest paragraph."""
    block = None
    for node in (target, *ancestors(target)):
        if node.tag in _ROWS:
            yield node
            break
        if node.tag in _LISTS:
            break
        if block is None and node.tag in _BLOCKS:
            block = node
    if block is not None:
        yield block


def _is_one_block(item: LexborNode) -> bool:
    if item.css_first("h1, h2, h3, h4, h5, h6") is not None:
        return False
    if item.tag in _BLOCKS and len(item.css("li, dd, tr")) > 1:
        return False
    return len(item.text()) <= _LONGEST


def _in_place(seen: _Page, item: LexborNode) -> bool:
    """Whether ``item`` stands where notes do, by the heading before it or the boxes around it."""
    if seen.under[item.mem_id]:
        return True
    for depth, node in enumerate((item, *ancestors(item))):
        if depth > 4 or node.tag in ("body", "article", "main"):
            break
        for name in ("class", "id", "role", "epub:type"):
            if PLACE.search(attribute(node, name)):
                return True
    return False


def _links_back(seen: _Page, item: LexborNode, link: LexborNode) -> bool:
    near = {link.mem_id, *(node.mem_id for node in link.css("[id], a[name]"))}
    node: LexborNode | None = link
    while node is not None and (node is link or node.tag in _INLINE):
        near.add(node.mem_id)
        if (before := node.prev) is not None and before.tag in _INLINE:
            near.add(before.mem_id)
        node = node.parent
    for part in with_following(item):
        for back in part.css("a[href]"):
            target = seen.target(seen.fragment(back))
            if target is not None and target.mem_id in near:
                return True
    return False


def _neighbours(items: Iterable[LexborNode]) -> dict[int, LexborNode]:
    """The notes that no sign means: the items of the same lists, or those with ids of one shape."""
    kinds: dict[tuple[int, str, str], LexborNode] = {}
    for item in items:
        listed = item.tag in ("li", "dt")
        shape = "" if listed else _shape(item)
        if item.parent is not None and (listed or shape):
            kinds[item.parent.mem_id, item.tag or "", shape] = item.parent
    return {
        node.mem_id: node
        for (_, tag, shape), parent in kinds.items()
        for node in parent.iter()
        if node.tag == tag and (not shape or _shape(node) == shape) and shown(node)
    }


def _shape(item: LexborNode) -> str:
    """The item's id with its digits made alike; empty where it has none."""
    own = attribute(item, "id")
    inner = item.css_first("[id], a[name]") if not own else None
    name = own or (attribute(inner, "id") or attribute(inner, "name") if inner is not None else "")
    return re.sub(r"\d+", "0", name) if re.search(r"\d", name) else ""


def _is_way_back(
    seen: _Page, link: LexborNode, fragment: str, items: Mapping[int, LexborNode]
) -> bool:
    target = seen.target(fragment)
    if target is None:
        return BACK.search(attribute(link, "class")) is not None
    if any(node.mem_id in items for node in (target, *ancestors(target))):
        return target.mem_id == link.mem_id  # otherwise a note that names another one
    words = shown(link)
    said = f"{attribute(link, 'class')} {attribute(link, 'role')}"
    return len(words) <= _SHORT or bool(BACK.search(said) or BACK_WORDS.search(words))
