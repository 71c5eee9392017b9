"""The lists of references of a MediaWiki page, and the joining of signs to them.

A sign is joined to its footnote by the fragment of its link, never by its number: numbers repeat
between groups and change with every edit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from footnoted import ids
from footnoted.domain import Json, Reference
from footnoted.ingest.csl_coins import read_coins
from footnoted.ingest.markers import note_group
from footnoted.ingest.mediawiki.labels import in_style, list_group, places, sign_shown
from footnoted.ingest.mediawiki.links import Links, read_links
from footnoted.ingest.mediawiki.nodes import (
    attribute,
    classes,
    footnote_fragment,
    hidden,
    walk,
)
from footnoted.ingest.normalise import normalise_line
from footnoted.ingest.references import parse_reference

_ENTRIES = (
    "ol.references > li, ol.mw-references > li, ul.references > li, "
    "ol.mw-subreference-list > li, li[id^='cite_note'], li[id^='cite-note']"
)
_UNPRINTED = (
    "mw-cite-backlink renvois_vers_le_texte pcs-ref-backlink-container mw-linkback-text "
    "cite-accessibility-label mw-subreference-list Inline-Template Z3988 cs1-maint "
    "cs1-hidden-error cs1-visible-error mw-ext-cite-error mw-empty-elt"
)
_UNPRINTED_CLASSES = frozenset(_UNPRINTED.split())
_LEFT_OVER = re.compile(r"^(?:Jump up(?: to:?)?\s*)?[\^↑](?:\s*(?:[a-z]{1,2}|\d\.\d)(?=\s))*\s*")
_BLOCKS = frozenset({"p", "div", "li", "dd", "dt", "br", "ul", "ol", "dl", "tr", "blockquote"})
_ONLY_PRINTED = ("accessed", "editor", "custom", "page", "edition", "language")
_SHORTENED = re.compile(r"#CIT[EA]REF")


@dataclass(frozen=True, slots=True)
class Footnotes:
    """The references of a page, and for each footnote's id in the page which one it is."""

    references: tuple[Reference, ...]
    by_target: Mapping[str, str]
    groups: Mapping[str, str]

    def resolve(self, fragment: str) -> tuple[str, ...]:
        """The ids that a link's fragment means: as it stands, else with its %-signs decoded."""
        for candidate in (fragment, unquote(fragment), unquote(fragment).replace(" ", "_")):
            if candidate in self.by_target:
                return (candidate,)
        return ()

    def group_of(self, target: str) -> str:
        return self.groups.get(target, "")


@dataclass(frozen=True, slots=True)
class _Entry:
    node: LexborNode
    target: str
    label: str
    group: str
    text: str


def read_references(page: LexborHTMLParser) -> Footnotes:
    """Every entry of every list of references in ``page``, in the page's order."""
    signs = _signs(page)
    nodes = _entries(page)
    numbers = places(nodes)
    entries = [_entry(node, signs, numbers.get(node.mem_id, 1)) for node in nodes]
    reference_ids = ids.reference_ids([entry.text for entry in entries])
    references: dict[str, Reference] = {}
    for entry, reference_id in zip(entries, reference_ids, strict=True):
        references[reference_id] = _reference(page, entry, reference_id)
    by_node = {e.node.mem_id: i for e, i in zip(entries, reference_ids, strict=True)}
    for entry, reference_id in zip(entries, reference_ids, strict=True):
        main = references.get(by_node.get(_main_entry(entry.node), ""))
        if main is not None:
            references[reference_id] = _inherited(references[reference_id], main)
    targets: dict[str, str] = {}
    groups: dict[str, str] = {}
    for entry, reference_id in zip(entries, reference_ids, strict=True):
        if entry.target:  # an id that stands twice in a page means its first element
            targets.setdefault(entry.target, reference_id)
            groups.setdefault(entry.target, entry.group)
    return Footnotes(tuple(references.values()), targets, groups)


def _entries(page: LexborHTMLParser) -> list[LexborNode]:
    seen: dict[int, LexborNode] = {}
    for node in page.css(_ENTRIES):
        seen.setdefault(node.mem_id, node)
    # Two lists side by side come back list by list from the selector; the page's order counts.
    order = {node.mem_id: n for n, node in enumerate(page.css("li"))}
    return sorted(seen.values(), key=lambda node: order.get(node.mem_id, 0))


def _signs(page: LexborHTMLParser) -> dict[str, str]:
    """For each footnote's fragment, the sign that the page shows for it."""
    shown: dict[str, str] = {}
    for link in page.css("sup a[href*='cite_note'], sup a[href*='cite-note']"):
        fragment = footnote_fragment(link)
        label = normalise_line("".join(e.words for e in walk(link, hidden) if e.kind == "text"))
        if fragment and label.strip("[] "):
            shown.setdefault(unquote(fragment), sign_shown(label))
    return shown


def _entry(node: LexborNode, signs: Mapping[str, str], place: int) -> _Entry:
    target = attribute(node, "id")
    shown = signs.get(target) or signs.get(unquote(target))
    group = list_group(node)
    if group == "" and shown and not shown[:1].isdecimal():
        group = note_group(shown)
    label = shown or attribute(node, "data-mw-footnote-number") or in_style(place, group)
    return _Entry(node, target, label, group, _text(node))


def _text(node: LexborNode) -> str:
    """The entry as printed, without its way back and without what readers do not see."""
    text = _words(node, _unprinted)
    return text or _words(node, hidden)  # an error message is still better than nothing


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


def _reference(page: LexborHTMLParser, entry: _Entry, reference_id: str) -> Reference:
    node = entry.node
    links = read_links(node)
    coins = node.css_first("span.Z3988")
    if coins is None and not links.cited and (full := _full_citation(page, node)) is not None:
        # A shortened footnote ("Pillsbury 2006, p. 17"): its source is in the bibliography.
        links = read_links(full)
        coins = full.css_first("span.Z3988") or _next_coins(full)
        node = full
    csl = _csl(node, coins, entry.text, links)
    quote = node.css_first("q")
    return Reference(
        reference_id=reference_id,
        label=entry.label,
        group=entry.group,
        text=entry.text,
        csl=csl,
        urls=_urls(links, csl),
        archive_url=links.archive,
        url_status=links.status,
        quote=_quote(quote, csl),
    )


def _quote(node: LexborNode | None, csl: Json) -> str | None:
    if node is not None and (words := _words(node, hidden).strip('"“”« »')):
        return words
    quote = csl.get("custom", {}).get("quote")
    return str(quote) if quote else None


def _full_citation(page: LexborHTMLParser, node: LexborNode) -> LexborNode | None:
    for link in node.css("a[href*='#CIT']"):
        href = attribute(link, "href")
        if _SHORTENED.search(href):
            wanted = href.partition("#")[2]
            found = _by_id(page, wanted) or _by_id(page, unquote(wanted))
            if found is not None:
                return found
    return None


def _by_id(page: LexborHTMLParser, wanted: str) -> LexborNode | None:
    quoted = wanted.replace("\\", "\\\\").replace('"', '\\"')
    return page.css_first(f'[id="{quoted}"]')


def _next_coins(node: LexborNode) -> LexborNode | None:
    after = node.next
    while after is not None and after.tag in ("-text", "style", "link"):
        after = after.next
    return after if after is not None and "Z3988" in classes(after) else None


def _csl(node: LexborNode, coins: LexborNode | None, text: str, links: Links) -> Json:
    """What the page's hidden data say, completed by what only the print says."""
    printed = parse_reference(text)
    cite = node if node.tag == "cite" else node.css_first("cite, span.citation")
    template = attribute(cite, "class") if cite is not None else ""
    csl = read_coins(attribute(coins, "title"), template) if coins is not None else {}
    if csl:
        csl = {name: printed[name] for name in _ONLY_PRINTED if name in printed} | csl
    else:
        csl = printed
        if csl["type"] == "document" and links.cited:
            csl["type"] = "webpage"
            csl.pop("note", None)
        if links.title:
            csl.setdefault("title", links.title)
    if links.cited:
        csl["URL"] = links.cited[0]
    elif links.identifiers:
        csl.pop("URL", None)  # an entry in a catalogue is not the work
    if links.doi:
        csl.setdefault("DOI", links.doi)
    return csl


def _urls(links: Links, csl: Json) -> tuple[str, ...]:
    doi = csl.get("DOI")
    urls = [*links.cited, *([f"https://doi.org/{doi}"] if doi else []), *links.identifiers]
    if not urls and "URL" in csl:
        urls.append(str(csl["URL"]))
    return tuple(dict.fromkeys(urls))


def _main_entry(node: LexborNode) -> int:
    """The entry of which this one is a detail (Cite's sub-references), or 0."""
    parent = node.parent
    if parent is None or "mw-subreference-list" not in classes(parent) or parent.parent is None:
        return 0
    return parent.parent.mem_id


def _inherited(detail: Reference, main: Reference) -> Reference:
    """A detail ("p. 123") cites what its main reference cites."""
    page = {"page": detail.csl["page"]} if "page" in detail.csl else {}
    return replace(
        detail,
        csl={**main.csl, **page},
        urls=detail.urls or main.urls,
        archive_url=detail.archive_url or main.archive_url,
        url_status=main.url_status,
    )
