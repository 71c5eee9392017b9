"""Articles as MediaWiki pages: ``action=parse``, desktop and mobile skins, and Parsoid.

They differ in their frames and share what counts: signs are links to ``#cite_note-…``, and the
footnotes are the items with those ids.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from footnoted.domain import Article
from footnoted.errors import NoReferences, UnreadableFile
from footnoted.ingest.apparatus import without_apparatus
from footnoted.ingest.claims import Block, Page, Row, build_article
from footnoted.ingest.infobox import NAME as NAME_LABEL
from footnoted.ingest.language import detect_language
from footnoted.ingest.mediawiki.body import Reader
from footnoted.ingest.mediawiki.infobox import read_infobox
from footnoted.ingest.mediawiki.nodes import attribute
from footnoted.ingest.mediawiki.references import Footnotes, read_references
from footnoted.ingest.nesting import is_overnested
from footnoted.ingest.normalise import normalise_line

NAME = "mediawiki_html"
_TAG = re.compile(r"<(?:!doctype|html|body|div|p|section|table|span|h2)\b", re.IGNORECASE)
# What only MediaWiki writes. A list of the class "references", or a link to somebody's footnote
# ``#cite_note-3``, stands in many a page of other sites.
_SIGNS = re.compile(
    r"\bid=[\"']?(?:cite_note-|mw-content-text\b)"
    r"|class=(?:[\"'][^\"'<>]*)?\bmw-parser-output\b"
    r"|[\"']?wg(?:ArticleId|RevisionId)[\"']?\s*[:=]"
    r"|mediawiki\.org/rdf|[\"']mw:PageProp/|content=[\"']?MediaWiki\b"
    r"|<body\b[^<>]*class=[\"'][^\"'<>]*\bmediawiki\b"
)
_SITE = re.compile(
    r"\s+[-–—|]\s+[^-–—|]*(?:wiki|вики|ويكي|ויקי|维基|維基|위키|ウィキ|विकि)[^-–—|]*$",
    re.IGNORECASE,
)
_CONTENTS = ("#mw-content-text", "body.parsoid-body", "#bodyContent", "#content")
_LINKS_TO_FOOTNOTES = "sup a[href*='cite_note'], sup a[href*='cite-note']"
_REVISIONS = (
    re.compile(r"[\"']?wgRevisionId[\"']?\s*[:=]\s*[\"']?([1-9]\d*)"),
    re.compile(r"\babout=[\"'][^\"']*/revision/([1-9]\d*)"),
    re.compile(r"property=[\"']mw:revisionId[\"'] content=[\"']([1-9]\d*)"),
    re.compile(r"id=[\"']t-permalink[\"'].{0,300}?oldid=([1-9]\d*)", re.DOTALL),
    re.compile(r"class=[\"']printfooter.{0,300}?oldid=([1-9]\d*)", re.DOTALL),
)


def recognises(text: str) -> bool:
    """Whether ``text`` is HTML that MediaWiki made."""
    return _TAG.search(text[:100_000]) is not None and _SIGNS.search(text) is not None


def parse(text: str, *, name: str, url: str | None, retrieved_at: str | None) -> Article:
    """The article in the HTML ``text``; ``NoReferences`` when it has no list of references.

    ``UnreadableFile`` for markup nested so deep that no browser shows it.
    """
    if is_overnested(text):
        raise UnreadableFile(
            f"{name} is nested without end.", about=name, hint="Save the page with a browser."
        )
    page = LexborHTMLParser(text)
    footnotes = read_references(page)
    if not footnotes.references:
        raise NoReferences(
            f"{name} has no list of references (no `ol.references`, no `cite_note` entries).",
            about=name,
            hint="Save the whole page; mobile views may leave the references out.",
        )
    content = _content(page)
    blocks = without_apparatus(_body_reader(footnotes).read(content))
    return build_article(
        Page(
            title=_title(page, name),
            url=url or _url(page),
            language=_language(page, content),
            form=NAME,
            blocks=blocks,
            references=footnotes.references,
            footnotes=footnotes.by_target,
            revision_id=_revision(text),
            retrieved_at=retrieved_at,
            licence=_licence(page),
        )
    )


_DEEPEST_INFOBOX = 4  # boxes within boxes; deeper ones are read as plain cells


def _body_reader(footnotes: Footnotes) -> Reader:
    seen: list[int] = []

    def infobox(table: LexborNode, depth: int = 1) -> list[Block]:
        second = bool(seen) and depth == 1
        seen.append(table.mem_id)
        rows = read_infobox(table, lambda cell: read_cell(cell, depth))
        # The heading of a second box ("Economic indicators") is no name of the article's subject.
        return [row for row in rows if not (second and _names_only(row))]

    def read_cell(cell: LexborNode, depth: int) -> list[Block]:
        inner = partial(infobox, depth=depth + 1) if depth < _DEEPEST_INFOBOX else None
        return Reader(footnotes.resolve, footnotes.group_of, inner, breaks=True).read(cell)

    return Reader(footnotes.resolve, footnotes.group_of, infobox)


def _names_only(block: Block) -> bool:
    return (
        isinstance(block, Row)
        and block.label.words == NAME_LABEL
        and not any(value.marks for value in block.values)
    )


_MOST_SIGNS = 0.8  # of all signs; an element that holds fewer was closed by a stray tag


def _content(page: LexborHTMLParser) -> LexborNode:
    """The element that holds the article: that of the skin, else of the parser, else the body."""
    outputs = page.css(".mw-parser-output")
    found = [page.css_first(selector) for selector in _CONTENTS]
    candidates = [*found, outputs[0] if len(outputs) == 1 else None]
    signs = len(page.css(_LINKS_TO_FOOTNOTES))
    for node in candidates:
        if node is not None and len(node.css(_LINKS_TO_FOOTNOTES)) >= _MOST_SIGNS * signs:
            return node
    root = page.body or page.root
    assert root is not None  # the parser makes a body for any input
    return root


def _title(page: LexborHTMLParser, name: str) -> str:
    for selector in ("#firstHeading", "h1.firstHeading", ".mw-page-title-main", "h1.pcs-title",
                     "title", "h1"):  # fmt: skip
        found = page.css_first(selector)
        words = normalise_line(found.text()) if found is not None else ""
        if words:
            return _SITE.sub("", words)
    if address := _url(page):
        return unquote(urlsplit(address).path.rpartition("/")[2]).replace("_", " ")
    return PurePath(name).stem or name


def _url(page: LexborHTMLParser) -> str | None:
    for selector, attr in (
        ("link[rel='canonical']", "href"),
        ("link[rel='dc:isVersionOf']", "href"),
        ("meta[property='og:url']", "content"),
    ):
        found = page.css_first(selector)
        href = attribute(found, attr) if found is not None else ""
        if href.startswith("//"):
            return f"https:{href}"
        if href.startswith(("http://", "https://")):
            return href
    return None


def _language(page: LexborHTMLParser, content: LexborNode) -> str:
    root = page.css_first("html")
    inner = content.css_first(
        ".mw-parser-output[lang], .mw-content-ltr[lang], .mw-content-rtl[lang]"
    )
    for node in (inner, content, root, page.body):
        if node is not None and (language := attribute(node, "lang").strip()):
            return language
    said = page.css_first("meta[http-equiv='content-language']")
    if said is not None and (language := attribute(said, "content").strip()):
        return language
    return detect_language(content.text())


def _revision(text: str) -> str | None:
    found = (pattern.search(text) for pattern in _REVISIONS)
    return next((match[1] for match in found if match), None)


_LICENCES: tuple[str, ...] = (
    "link[rel='license']",
    "link[rel='dc:license']",
    "#footer-info-copyright a[rel~='license']",
    "#footer-info-copyright a[href*='creativecommons.org']",
    "footer a[href*='creativecommons.org']",
    "a[rel~='license']",
)


def _licence(page: LexborHTMLParser) -> str | None:
    for selector in _LICENCES:
        found = page.css_first(selector)
        if found is not None and (href := attribute(found, "href")):
            return f"https:{href}" if href.startswith("//") else href
    return None
