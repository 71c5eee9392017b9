"""The addresses in a reference: which is cited, which is an archived copy, which a catalogue's."""

from __future__ import annotations

import re
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses of one reference, in order of preference; ``title`` is the first one's text."""

    cited: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    doi: str | None = None
    archive: str | None = None
    status: UrlStatus = UrlStatus.UNKNOWN
    title: str | None = None


def read_links(node: LexborNode) -> Links:
    """The links of the reference ``node``.

    The templates link the title to the archived copy once the page is dead, and "the original"
    behind it; while it lives, they link the title to the page and "Archived" to the copy.
    """
    cited: list[str] = []
    identifiers: list[str] = []
    doi = archive = title = None
    archived_first = False
    for link in node.css("a[href]"):
        url = _external(link)
        if url is None or hidden(link):
            continue
        found = _DOI.match(url)
        if found is not None:
            doi = doi or unquote(found["doi"])
        elif is_archive(url):
            archived_first = archived_first or (archive is None and not cited)
            archive = archive or url
            title = title or _title(link)
        elif _CATALOGUES.search(urlsplit(url).hostname or ""):
            identifiers.append(url)
        else:
            cited.append(url)
            title = title or _title(link)
    if not cited and archive and (original := original_of(archive)):
        cited.append(original)
    status = _status(node, archived=archive is not None, archived_first=archived_first)
    return Links(
        tuple(dict.fromkeys(cited)), tuple(dict.fromkeys(identifiers)), doi, archive, status, title
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


def _title(link: LexborNode) -> str | None:
    words = "".join(event.words for event in walk(link, hidden) if event.kind == "text")
    return normalise_line(words).strip(' "“”«».') or None


def _status(node: LexborNode, *, archived: bool, archived_first: bool) -> UrlStatus:
    if (said := _said(node)) is not None:
        return said
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
