"""Finds in a parsed page what belongs to the site and not to its text: comments, lists of links.

trafilatura drops both, but knows comment sections by their English names only, and its fallbacks
bring lists of links back. The choice of the main text stays its own: links are taken from its
result, for a page pruned beforehand may look to it as if something else were the article.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from operator import sub
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from footnoted.ingest.blocks import Block, BlockBuilder
from footnoted.ingest.normalise import normalise_line

# Plurals: a German "Kommentar" and a Polish "komentarz" may be the article itself.
_COMMENTS = re.compile(
    r"(?:.*[-_])?(?:komentarze|komentare|kommentare|kommentarer|kommentit|commentaires|comentarios"
    r"|comentários|commenti|reacties|kommentarii|pinglun)(?:[-_].*)?",
    re.IGNORECASE,
)
_COMMENT_SECTIONS = frozenset({"div", "section", "ul", "ol", "dl", "table", "aside"})
_MOST_COMMENTS = 0.7  # of the page: a wrapper that holds more holds the article as well
_LINK_LISTS = frozenset({"ul", "ol", "dl", "div", "section", "aside", "nav", "table"})
_FEWEST_LINKS = 3
_LINKED = 0.8  # of the characters, as in trafilatura's own test
_SHORTEST_TEXT = 250  # characters; with less left, the links were what the page is about
_WHITE = re.compile(r"\s+")


class _Held(NamedTuple):
    """What an element holds, itself included; characters are counted without white space."""

    characters: int
    linked: int
    links: int
    titles: int
    header_cells: int


def remove_comments(tree: LexborHTMLParser) -> None:
    """Change ``tree`` so that its sections of readers' comments are gone."""
    sizes = list(_measured(tree.body))
    if not sizes:
        return
    most = _MOST_COMMENTS * sizes[-1][1].characters
    for node, held in sizes:  # the inner ones first
        if (
            node.tag in _COMMENT_SECTIONS
            and not held.titles
            and held.characters < most
            and _named_comments(node)
        ):
            node.decompose()


def without_links(blocks: list[Block], links: frozenset[str]) -> list[Block]:
    """``blocks`` less those whose text is in ``links``; all of them where too little is left.

    Headings stay: a table of contents holds the same words.
    """
    kept = [block for block in blocks if block.level or normalise_line(block.text) not in links]
    return kept if sum(len(block.text) for block in kept) >= _SHORTEST_TEXT else blocks


def linked_texts(tree: LexborHTMLParser) -> frozenset[str]:
    """The text of each block within the lists of links in ``tree``, on one line each.

    A list of links is an element of at least three links that make up four fifths of its text; a
    table with header cells is data, whatever it links to.
    """
    lists = [
        node
        for node, held in _measured(tree.body)
        if node.tag in _LINK_LISTS
        and held.links >= _FEWEST_LINKS
        and held.linked > _LINKED * held.characters
        and not held.header_cells
    ]
    found: set[str] = set()
    seen: set[int] = set()
    for node in reversed(lists):  # the outer ones first
        if node.mem_id not in seen:
            found.update(normalise_line(block.text) for block in blocks_of(node))
            seen.update(inner.mem_id for inner in node.css("*"))
    return frozenset(found)


def blocks_of(root: LexborNode) -> list[Block]:
    """Everything below ``root`` as blocks, white space kept in ``pre``."""
    builder = BlockBuilder(preformatted=True)
    waiting: list[LexborNode | str] = [root]
    while waiting:  # no recursion: markup may be nested thousands deep
        node = waiting.pop()
        if isinstance(node, str):
            builder.close(node)
        elif node.is_text_node:
            builder.text(node.text_content or "")
        elif node.is_element_node and node.tag is not None:
            builder.open(node.tag)
            waiting.append(node.tag)
            child = node.last_child
            while child is not None:
                waiting.append(child)
                child = child.prev
    return builder.blocks()


def _named_comments(node: LexborNode) -> bool:
    names: Iterable[str] = (node.attributes.get(name) or "" for name in ("id", "class"))
    return any(_COMMENTS.fullmatch(word) for name in names for word in name.split())


def _measured(root: LexborNode | None) -> Iterator[tuple[LexborNode, _Held]]:
    """Each element from ``root`` downwards and what it holds, inner elements before outer ones."""
    characters = linked = links = titles = header_cells = within = 0
    waiting: list[tuple[LexborNode, _Held | None]] = [] if root is None else [(root, None)]
    while waiting:  # no recursion: markup may be nested thousands deep
        node, before = waiting.pop()
        link = node.tag == "a" and "href" in node.attributes
        now = _Held(characters, linked, links, titles, header_cells)
        if before is not None:
            within -= link
            yield node, _Held(*map(sub, now, before))
        elif node.is_text_node:
            size = len(_WHITE.sub("", node.text_content or ""))
            characters += size
            linked += size if within else 0
        elif node.is_element_node and node.tag != "style":
            within += link
            links += link
            titles += node.tag == "h1"
            header_cells += node.tag == "th"
            waiting.append((node, now))
            child = node.last_child
            while child is not None:
                waiting.append((child, None))
                child = child.prev
