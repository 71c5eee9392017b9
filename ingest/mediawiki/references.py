"""The lists of references of a MediaWiki page, and the joining of signs to them.

A sign is joined to its footnote by the fragment of its link, never by its number: numbers repeat
between groups and change with every edit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from footnoted import ids
from footnoted.domain import Json, Reference
from footnoted.ingest.cross_references import citing, detail_of
from footnoted.ingest.markers import note_group
from footnoted.ingest.mediawiki.labels import in_style, list_group, places, sign_shown
from footnoted.ingest.mediawiki.links import Links, joined
from footnoted.ingest.mediawiki.nodes import attribute, classes, footnote_fragment, hidden, walk
from footnoted.ingest.mediawiki.printed import all_words, printed_words
from footnoted.ingest.mediawiki.works import Work, read_works
from footnoted.ingest.normalise import normalise_line

_ENTRIES = (
    "ol.references > li, ol.mw-references > li, ul.references > li, "
    "ol.mw-subreference-list > li, li[id^='cite_note'], li[id^='cite-note']"
)


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
            references[reference_id] = detail_of(main, references[reference_id])
    targets: dict[str, str] = {}
    groups: dict[str, str] = {}
    for entry, reference_id in zip(entries, reference_ids, strict=True):
        if entry.target:  # an id that stands twice in a page means its first element
            targets.setdefault(entry.target, reference_id)
            groups.setdefault(entry.target, entry.group)
    footnotes = Footnotes(tuple(references.values()), targets, groups)
    cited = {
        i: _cited_within(e.node, footnotes) for e, i in zip(entries, reference_ids, strict=True)
    }
    noted = tuple(citing(r, cited[r.reference_id]) for r in footnotes.references)
    return replace(footnotes, references=noted)


def _cited_within(node: LexborNode, footnotes: Footnotes) -> list[str]:
    """The references whose signs stand in the note ``node`` itself."""
    fragments = [f for link in node.css("sup a") if (f := footnote_fragment(link)) is not None]
    return [footnotes.by_target[t] for f in fragments for t in footnotes.resolve(f)]


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
    return _Entry(node, target, label, group, printed_words(node))


def _reference(page: LexborHTMLParser, entry: _Entry, reference_id: str) -> Reference:
    works = read_works(page, entry.node, entry.text)
    first, *others = works
    links = joined([work.links for work in works])
    csl = first.csl
    if others:
        csl["custom"] = {**csl.get("custom", {}), "bundled": [work.csl for work in others]}
    quote = entry.node.css_first("q")
    return Reference(
        reference_id=reference_id,
        label=entry.label,
        group=entry.group,
        text=entry.text,
        csl=csl,
        urls=_urls(works, links),
        archive_url=links.archive,
        url_status=links.status,
        quote=_quote(quote, csl),
    )


def _quote(node: LexborNode | None, csl: Json) -> str | None:
    if node is not None and (words := all_words(node).strip('"“”« »')):
        return words
    quote = csl.get("custom", {}).get("quote")
    return str(quote) if quote else None


def _urls(works: Sequence[Work], links: Links) -> tuple[str, ...]:
    dois = [f"https://doi.org/{work.csl['DOI']}" for work in works if "DOI" in work.csl]
    urls = [*links.cited, *dois, *links.identifiers, *links.others]
    if not urls and "URL" in works[0].csl:
        urls.append(str(works[0].csl["URL"]))
    return tuple(dict.fromkeys(urls))


def _main_entry(node: LexborNode) -> int:
    """The entry of which this one is a detail (Cite's sub-references), or 0."""
    parent = node.parent
    if parent is None or "mw-subreference-list" not in classes(parent) or parent.parent is None:
        return 0
    return parent.parent.mem_id
