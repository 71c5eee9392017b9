"""From the notes of a web page to references: their words, addresses and CSL items."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import urljoin

from selectolax.lexbor import LexborNode

from footnoted import ids
from footnoted.domain import Json, Reference
from footnoted.ingest.cross_references import citing
from footnoted.ingest.csl_coins import read_coins
from footnoted.ingest.markers import note_group
from footnoted.ingest.mediawiki.apparatus import BLOCKS
from footnoted.ingest.mediawiki.labels import places
from footnoted.ingest.mediawiki.links import Links, read_links
from footnoted.ingest.mediawiki.nodes import attribute, hidden, walk
from footnoted.ingest.normalise import normalise_line
from footnoted.ingest.references import parse_reference
from footnoted.ingest.web_article.notes import Notes, with_following
from footnoted.ingest.web_article.signs import bare

_EMPTY_BRACKETS = re.compile(r"^(?:[\[(]\s*[\])]|[\^↑↩⇑])[.:]?\s*")
_ARROWS = re.compile(r"[\s\[(]*[↩↑⇑⤴⏎^\ufe0e\ufe0f]+[\s\])]*$")
_PRINTED_LABEL = re.compile(
    r"(?:[\[(]\s*(?P<boxed>\d{1,4}[a-z]?|[a-z*†‡§]{1,3})\s*[\])][.:]?"
    r"|(?P<plain>\d{1,4}|[a-z]|[*†‡§]{1,3})[.):])\s+(?=\S)"
)


def read_references(notes: Notes, base: str | None) -> dict[int, Reference]:
    """The reference of each note, by its element's ``mem_id``, in the order of the page.

    ``base`` is the page's address, against which the links of notes are resolved.
    """
    printed = [_words_of(item, notes) for item in notes.items]
    signs: dict[int, str] = {}
    for sign in notes.signs.values():
        if sign.item is not None and sign.raised:
            signs.setdefault(sign.item, sign.label)
    numbers = places(notes.items)
    labelled = [
        _labelled(words, signs.get(item.mem_id), numbers.get(item.mem_id, 1))
        for item, words in zip(notes.items, printed, strict=True)
    ]
    reference_ids = ids.reference_ids([text for _, text in labelled])
    by_item = dict(zip((item.mem_id for item in notes.items), reference_ids, strict=True))
    return {
        item.mem_id: citing(
            _reference(reference_id, label, text, item, base),
            (by_item[cited] for cited in notes.cited.get(item.mem_id, ())),
        )
        for item, (label, text), reference_id in zip(
            notes.items, labelled, reference_ids, strict=True
        )
    }


def relabelled(
    references: Mapping[int, Reference], notes: Notes, visible: Mapping[int, str]
) -> dict[int, Reference]:
    """``references`` with the labels that readers see: ``visible`` are those of links.

    What only screen readers say ("Footnote 1") is known once the page's styles are applied.
    """
    labels: dict[int, str] = {}
    for link, label in visible.items():
        sign = notes.signs[link]
        if sign.item is not None and sign.raised and label:
            labels.setdefault(sign.item, label)
    found = dict(references)
    for item, label in labels.items():
        found[item] = replace(found[item], label=label, group=_group(label))
    return found


def _group(label: str) -> str:
    return "" if label[:1].isdecimal() else note_group(label)


def _words_of(item: LexborNode, notes: Notes) -> str:
    """A note as printed, without its ways back and the signs of other notes in it."""

    def unprinted(node: LexborNode) -> bool:
        if hidden(node) or node.mem_id in notes.ways_back:
            return True
        return node.tag == "sup" and any(a.mem_id in notes.ways_back for a in node.css("a"))

    parts = list(with_following(item))
    words = " ".join(_words(part, unprinted) for part in parts[1:] or parts)
    text = _ARROWS.sub("", _EMPTY_BRACKETS.sub("", normalise_line(words)))
    return text or normalise_line(" ".join(_words(part, hidden) for part in parts))


def _words(node: LexborNode, skip: Callable[[LexborNode], bool]) -> str:
    pieces = []
    for event in walk(node, skip):
        if event.kind == "text":
            pieces.append(event.words)
        elif event.node.tag in BLOCKS or event.node.tag == "br":
            pieces.append(" ")
    return "".join(pieces)


def _labelled(words: str, sign: str | None, place: int) -> tuple[str, str]:
    """A note's label, and its words without it."""
    found = _PRINTED_LABEL.match(words)
    if found is None:
        return sign or str(place), words
    label = found["boxed"] or found["plain"]
    if sign is not None and bare(sign.split()[-1]) != label:
        return sign, words
    return sign or label, words[found.end() :]


def _reference(
    reference_id: str, label: str, text: str, item: LexborNode, base: str | None
) -> Reference:
    parts = list(with_following(item))
    links = read_links(parts[1] if len(parts) > 1 else item)
    urls = list(links.cited) or _other_links(parts, base)
    csl = _csl(text, item, links, urls)
    doi = csl.get("DOI")
    urls += [f"https://doi.org/{doi}"] if doi else []
    if not urls and not links.identifiers and "URL" in csl:
        urls.append(str(csl["URL"]))
    return Reference(
        reference_id=reference_id,
        label=label,
        group=_group(label),
        text=text,
        csl=csl,
        urls=tuple(dict.fromkeys([*urls, *links.identifiers, *links.others])),
        archive_url=links.archive,
        url_status=links.status,
        quote=csl.get("custom", {}).get("quote"),
    )


def _other_links(parts: list[LexborNode], base: str | None) -> list[str]:
    """The first address of a note whose links all lead to wikis or to the page's own site."""
    for part in parts:
        for link in part.css("a[href]"):
            href = attribute(link, "href").strip()
            if href.startswith("#") or hidden(link):
                continue
            address = urljoin(base or "", href)
            if address.startswith(("http://", "https://")) and "doi.org/" not in address:
                return [address.partition("#")[0]] if address.partition("#")[0] != base else []
    return []


def _csl(text: str, item: LexborNode, links: Links, urls: list[str]) -> Json:
    """The page's hidden data on the citation, or else its printed words."""
    csl = parse_reference(text)
    coins = item.css_first("span.Z3988")
    if coins is not None and (said := read_coins(attribute(coins, "title"), "")):
        csl = csl | said
    cites = urls or links.doi or links.archive
    if csl["type"] == "document" and cites:
        csl["type"] = "webpage"
        csl.pop("note", None)
    if links.title and cites:
        csl.setdefault("title", links.title)
    if urls:
        csl["URL"] = urls[0]
    if links.doi:
        csl.setdefault("DOI", links.doi)
    return csl
