"""The words of a footnote or a citation as a MediaWiki page prints them."""

from __future__ import annotations

import re
from collections.abc import Callable

from selectolax.lexbor import LexborNode

from footnoted.ingest.mediawiki.nodes import attribute, classes, footnote_fragment, hidden, walk
from footnoted.ingest.normalise import normalise_line

_UNPRINTED = """
mw-cite-backlink renvois_vers_le_texte pcs-ref-backlink-container mw-linkback-text
cite-accessibility-label mw-subreference-list Inline-Template Z3988 cs1-maint cs1-hidden-error
cs1-visible-error mw-ext-cite-error mw-empty-elt
"""
_UNPRINTED_CLASSES = frozenset(_UNPRINTED.split())
_LEFT_OVER = re.compile(r"^(?:Jump up(?: to:?)?\s*)?[\^↑](?:\s*(?:[a-z]{1,2}|\d\.\d)(?=\s))*\s*")
_BLOCKS = frozenset({"p", "div", "li", "dd", "dt", "br", "ul", "ol", "dl", "tr", "blockquote"})


def printed_words(node: LexborNode) -> str:
    """``node`` as printed, without its way back and without what readers do not see."""
    return _words(node, _unprinted) or all_words(node)  # an error message is better than nothing


def all_words(node: LexborNode) -> str:
    """``node`` as printed, editors' messages and signs included."""
    return _words(node, hidden)


def _words(node: LexborNode, skip: Callable[[LexborNode], bool]) -> str:
    pieces = []
    for event in walk(node, skip):
        if event.kind == "text":
            pieces.append(event.words)
        elif event.node.tag in _BLOCKS:
            pieces.append(" ")
    return normalise_line(_LEFT_OVER.sub("", normalise_line("".join(pieces))))


def _unprinted(node: LexborNode) -> bool:
    if hidden(node) or _UNPRINTED_CLASSES.intersection(classes(node)):
        return True
    if node.tag == "a":
        href = attribute(node, "href")
        return "#cite_ref" in href or "mw:referencedBy" in attribute(node, "rel")
    return node.tag == "sup" and any(footnote_fragment(a) is not None for a in node.css("a"))
