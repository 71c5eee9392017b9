"""The addresses in a reference: which is cited, which is an archived copy, which a catalogue's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborNode

from footnoted.domain import UrlStatus
from footnoted.ingest.fetching.archives import is_archive, original_of
from footnoted.ingest.mediawiki.nodes import attribute, classes, data_mw, hidden, walk
from footnoted.ingest.normalise import normalise_line

_WIKIS = re.compile(
    r"(?:^|\.)(?:wikipedia|wikimedia|wikidata|wikisource|wiktionary|wikibooks|wikiquote|wikinews"
    r"|wikivoyage|wikiversity|mediawiki)\.org$"
)
_DOI = re.compile(r"^https?://(?:dx\.)?doi\.org/(?P<doi>10\.\S+)$", re.IGNORECASE)
# Catalogue entries that templates add behind a citation; none of them is what was read.
_CATALOGUES = re.compile(
    r"(?:^|\.)(?:worldcat\.org|ui\.adsabs\.harvard\.edu|api\.semanticscholar\.org|zbmath\.org"
    r"|lccn\.loc\.gov|hdl\.handle\.net|openlibrary\.org|pubmed\.ncbi\.nlm\.nih\.gov)$"
    r"|^(?:www\.)?(?:jstor\.org|ncbi\.nlm\.nih\.gov|ams\.org)$"
)
_DEAD = re.compile(
    r"dead[ _]link|lien mort|enlace roto|toter link|ссылка недоступна", re.IGNORECASE
)
# What Citation Style 1 hides behind a citation whose original it no longer links to.
_UNFIT = re.compile(r"CS1 maint: unfit URL", re.IGNORECASE)
TAKEN_OVER = frozenset({UrlStatus.UNFIT, UrlStatus.USURPED})
_OPENS_TITLE = re.compile(r"[\"“„«‹「『《]$")
_VIA = re.compile(r"\b(?:via|über|through)\s*:?\s*$", re.IGNORECASE)
_NO_TITLE = re.compile(r"https?://\S*|\[?\d{1,3}\]?")
_NEAR = 20  # characters before a link that tell what it is


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses of one reference, in order of preference; ``title`` is the first one's text.

    ``cited`` are those of the work itself, ``identifiers`` those of catalogues, ``others`` the
    author's page and the database through which (``via``) the work was read.
    """

    cited: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    doi: str | None = None
    archive: str | None = None
    status: UrlStatus = UrlStatus.UNKNOWN
    title: str | None = None


class _Link(NamedTuple):
    """A link to another site; ``before`` are the words that it follows."""

    url: str
    node: LexborNode
    before: str
    entitled: bool
    citation: int


def read_links(node: LexborNode, *, outside: bool = False) -> Links:
    """The links of the reference ``node``, or only those ``outside`` of its citations.

    The templates link the title to the archived copy once the page is dead, and "the original"
    behind it; while it lives, they link the title to the page and "Archived" to the copy. An
    original of which the article says that others took it over is not among the addresses.
    """
    cited: list[_Link] = []
    identifiers: list[str] = []
    others: list[_Link] = []
    named: list[_Link] = []
    doi: str | None = None
    archive: _Link | None = None
    archived_first = False
    links = [link for link in _links(node) if not (outside and link.citation)]
    for place, link in enumerate(links):
        found = _DOI.match(link.url)
        if found is not None:
            doi = doi or unquote(found["doi"])
        elif is_archive(link.url):
            archived_first = archived_first or (archive is None and not cited)
            if archive is None:
                archive = link
                named.append(link)
        elif _CATALOGUES.search(urlsplit(link.url).hostname or ""):
            identifiers.append(link.url)
        elif _VIA.search(link.before) or _title_follows(link, links[place + 1 :]):
            others.append(link)
        else:
            cited.append(link)
            named.append(link)
    if not (cited or archive or doi or identifiers):  # nothing better than what is left
        cited, named, others = others, others, []
    status = _status(node, archived=archive is not None, archived_first=archived_first)
    if status in TAKEN_OVER and named and not outside:
        cited = [link for link in cited if link.citation != named[0].citation]
    addresses = [link.url for link in cited]
    if not cited and archive and status not in TAKEN_OVER:
        addresses += filter(None, [original_of(archive.url)])
    return Links(
        _once(addresses),
        _once(identifiers),
        _once(link.url for link in others),
        doi,
        archive.url if archive is not None else None,
        status,
        next(filter(None, map(_title, named)), None),
    )


def joined(parts: Sequence[Links]) -> Links:
    """The addresses of all works that one reference cites, the first work's before the others'."""
    online = (part for part in parts if part.cited or part.archive)
    return replace(
        parts[0],
        cited=_once(url for part in parts for url in part.cited),
        identifiers=_once(url for part in parts for url in part.identifiers),
        others=_once(url for part in parts for url in part.others),
        archive=next((part.archive for part in parts if part.archive), None),
        status=next(online, parts[0]).status,
    )


def _once(urls: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(urls))


def _links(node: LexborNode) -> Iterator[_Link]:
    """The links of ``node`` to other sites, in the order of the page."""
    before = ""
    around: list[LexborNode] = [node]
    for event in walk(node, _elsewhere):
        if event.kind == "text":
            before = f"{before}{event.words}"[-_NEAR:]
        elif event.kind == "close":
            around.pop()
        else:
            if event.node.tag == "a" and (url := _external(event.node)) is not None:
                citation = next((n.mem_id for n in reversed(around) if is_citation(n)), 0)
                italic = any(n.tag in ("i", "em") for n in around[-2:])
                entitled = italic or _entitled(event.node, before)
                yield _Link(url, event.node, before, entitled, citation)
            around.append(event.node)


def is_citation(node: LexborNode) -> bool:
    """Whether a citation template printed ``node``."""
    return node.tag == "cite" or (node.tag == "span" and "citation" in classes(node))


def _elsewhere(node: LexborNode) -> bool:
    """What is unseen, and the details of a reference, which are references of their own."""
    return hidden(node) or "mw-subreference-list" in classes(node)


def _entitled(link: LexborNode, before: str) -> bool:
    """Whether the words of ``link`` are printed as a title: quoted or in italics."""
    words = "".join(event.words for event in walk(link, hidden) if event.kind == "text").strip()
    return bool(
        _OPENS_TITLE.search(before)
        or _OPENS_TITLE.match(words[:1])
        or link.css_first("i, em") is not None
    )


def _title_follows(link: _Link, later: Sequence[_Link]) -> bool:
    """Whether ``link``, before the title of its citation, can only be its author's page."""
    return not link.entitled and any(
        after.entitled and after.citation == link.citation and not _VIA.search(after.before)
        for after in later
    )


def _external(link: LexborNode) -> str | None:
    href = attribute(link, "href").strip()
    href = f"https:{href}" if href.startswith("//") else href
    if not href.lower().startswith(("http://", "https://")):
        return None
    try:
        host = urlsplit(href).hostname or ""
    except ValueError:  # an address with a broken IPv6 host or port
        return None
    rel = attribute(link, "rel")
    if not host or "mw:WikiLink" in rel or "extiw" in classes(link) or _WIKIS.search(host):
        return None
    return href


def _title(link: _Link) -> str | None:
    words = "".join(event.words for event in walk(link.node, hidden) if event.kind == "text")
    title = normalise_line(words).strip(' "“”«».')
    return None if not title or _NO_TITLE.fullmatch(title) else title


def _status(node: LexborNode, *, archived: bool, archived_first: bool) -> UrlStatus:
    if (said := _said(node)) is not None:
        return said
    if archived_first and any(_UNFIT.search(n.text()) for n in node.css(".cs1-maint")):
        return UrlStatus.UNFIT
    if archived:
        return UrlStatus.DEAD if archived_first else UrlStatus.LIVE
    for remark in node.css("sup, span.Inline-Template, .dead-link"):
        if _DEAD.search(remark.text()):
            return UrlStatus.DEAD
    return UrlStatus.UNKNOWN


def _said(node: LexborNode) -> UrlStatus | None:
    """The citation template's own ``url-status``, which Parsoid keeps."""
    for cite in [node, *node.css("[data-mw]")]:
        parts = data_mw(cite).get("parts")
        for part in parts if isinstance(parts, list) else ():
            template = part.get("template") if isinstance(part, dict) else None
            params = template.get("params") if isinstance(template, dict) else None
            status = params.get("url-status") if isinstance(params, dict) else None
            wanted = str(status.get("wt", "")).strip().lower() if isinstance(status, dict) else ""
            if wanted in ("live", "dead", "unfit", "usurped", "deviated"):
                return UrlStatus(wanted)
    return None
