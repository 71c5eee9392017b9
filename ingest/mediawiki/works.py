"""The works that a footnote of a MediaWiki page cites, with what the page says of each.

What a template was given (``data-mw``, Parsoid alone) counts most, then the COinS span that it
hides behind its words, then the words.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from footnoted.domain import Json
from footnoted.ingest.csl_coins import read_coins
from footnoted.ingest.mediawiki.links import TAKEN_OVER, Links, is_citation, read_links
from footnoted.ingest.mediawiki.nodes import attribute, classes, walk
from footnoted.ingest.mediawiki.printed import printed_words
from footnoted.ingest.mediawiki.templates import citation_template
from footnoted.ingest.references import parse_reference

_ONLY_PRINTED = ("accessed", "editor", "custom", "page", "edition", "language")
_SHORTENED = re.compile(r"#(CIT[EA]REF.+)")


class Work(NamedTuple):
    """A cited work: its CSL item and its addresses."""

    csl: Json
    links: Links


def read_works(page: LexborHTMLParser, node: LexborNode, text: str) -> list[Work]:
    """The works that the footnote ``node`` cites, at least one; ``text`` is the footnote's print.

    A shortened footnote ("Pillsbury 2006, p. 17") cites the full citations that it links to.
    """
    citations = _citations(node)
    whole = _work(node, citations[0] if citations else None, text)
    full = _full_citations(page, node)
    if len(citations) > 1:
        own = [_work(cite, cite, printed_words(cite)) for cite in citations]
        own[-1] = own[-1]._replace(links=_with_loose(own[-1].links, read_links(node, outside=True)))
    elif full and not whole.links.cited and not _coins(node):
        own = []
    else:
        own = [whole]
    found = [_work(cite, cite, printed_words(cite)) for cite in full]
    if found and not own:
        found[0] = _shortened(found[0], parse_reference(text))
    return own + found


def _shortened(work: Work, printed: Json) -> Work:
    """``work`` with what only the shortened footnote says of it: the page."""
    csl = work.csl | {name: printed[name] for name in ("page",) if name in printed}
    if csl["type"] == "webpage" and "URL" not in csl:
        csl["type"] = printed["type"]
    return work._replace(csl=csl)


def _with_loose(links: Links, loose: Links) -> Links:
    """``links`` of a note's last citation with those that stand outside of every citation."""
    return replace(
        links, cited=(*links.cited, *loose.cited), archive=links.archive or loose.archive
    )


def _citations(node: LexborNode) -> list[LexborNode]:
    """The citations that templates printed in a footnote, those of its details excepted."""
    found: list[LexborNode] = []
    inside: LexborNode | None = None
    for event in walk(node, _details):
        if event.kind == "text":
            continue
        if event.kind == "close":
            inside = None if inside is not None and event.node.mem_id == inside.mem_id else inside
        elif inside is None and is_citation(event.node):
            inside = event.node
            found.append(inside)
    return found


def _details(node: LexborNode) -> bool:
    return "mw-subreference-list" in classes(node)


def _full_citations(page: LexborHTMLParser, node: LexborNode) -> list[LexborNode]:
    """The citations elsewhere in the page that the links of a footnote lead to."""
    found: dict[int, LexborNode] = {}
    for link in node.css("a[href*='#CIT']"):
        wanted = _SHORTENED.search(attribute(link, "href"))
        if wanted is None:
            continue
        full = _by_id(page, wanted[1]) or _by_id(page, unquote(wanted[1]))
        if full is not None and not _within(full, node):
            found.setdefault(full.mem_id, full)
    return list(found.values())


def _by_id(page: LexborHTMLParser, wanted: str) -> LexborNode | None:
    quoted = wanted.replace("\\", "\\\\").replace('"', '\\"')
    return page.css_first(f'[id="{quoted}"]')


def _within(node: LexborNode, outer: LexborNode) -> bool:
    around: LexborNode | None = node
    while around is not None and around.mem_id != outer.mem_id:
        around = around.parent
    return around is not None


def _work(node: LexborNode, cite: LexborNode | None, text: str) -> Work:
    links = read_links(node)
    csl = parse_reference(text)
    if known := _known(node, cite):
        kept = {name: csl[name] for name in _ONLY_PRINTED if name in csl}
        custom = {**kept.get("custom", {}), **known.get("custom", {})}
        csl = kept | known | ({"custom": custom} if custom else {})
    else:
        if csl["type"] == "document" and links.cited:
            csl["type"] = "webpage"
            csl.pop("note", None)
        if links.title:
            csl.setdefault("title", links.title)
    if links.cited:
        csl["URL"] = links.cited[0]
    elif links.identifiers or links.status in TAKEN_OVER:
        csl.pop("URL", None)  # an entry in a catalogue is not the work, nor is a casino
    if links.doi:
        csl.setdefault("DOI", links.doi)
    return Work(csl, links)


def _known(node: LexborNode, cite: LexborNode | None) -> Json:
    """What the page's hidden data say of a work; empty where there are none."""
    coins = _coins(node) or (_next_coins(cite) if cite is not None else None)
    template = attribute(cite, "class") if cite is not None else ""
    known = read_coins(attribute(coins, "title"), template) if coins is not None else {}
    given = citation_template(cite) if cite is not None else None
    if given is None or "title" not in given.csl:
        return known
    csl = known | given.csl
    if given.csl["type"] == "webpage" and "type" in known:
        csl["type"] = known["type"]  # a guess, where the template's name says nothing
    return csl


def _coins(node: LexborNode) -> LexborNode | None:
    """The first COinS span of a footnote or citation, not one of the footnote's details."""
    for event in walk(node, _details):
        if event.kind == "open" and "Z3988" in classes(event.node):
            return event.node
    return None


def _next_coins(node: LexborNode) -> LexborNode | None:
    after = node.next
    while after is not None and after.tag in ("-text", "style", "link"):
        after = after.next
    return after if after is not None and "Z3988" in classes(after) else None
