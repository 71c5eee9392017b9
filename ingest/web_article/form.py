"""Articles as any other web page with footnotes: blogs, journals, magazines, converted documents.

What such pages share: signs that are links to fragments of the page itself, and notes that those
fragments mean. MediaWiki's pages have a form of their own, which knows more of them.
"""

from __future__ import annotations

import re
from pathlib import PurePath
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from footnoted.domain import Article
from footnoted.errors import NoReferences, UnreadableFile
from footnoted.ingest.apparatus import without_apparatus
from footnoted.ingest.claims import Block, Heading, Page, Prose, build_article
from footnoted.ingest.hidden import remove_hidden
from footnoted.ingest.language import detect_language
from footnoted.ingest.mediawiki import form as mediawiki
from footnoted.ingest.mediawiki.nodes import attribute
from footnoted.ingest.nesting import is_overnested
from footnoted.ingest.normalise import normalise_line
from footnoted.ingest.web_article.body import Reader
from footnoted.ingest.web_article.notes import Notes, find_notes
from footnoted.ingest.web_article.references import read_references, relabelled
from footnoted.ingest.web_article.signs import bare, shown

NAME = "web_article"
_TAG = re.compile(r"<(?:!doctype html|html|body|article|main|div|p|section)\b", re.IGNORECASE)
_FRAGMENT = re.compile(r"href\s*=\s*[\"']?[^\"'>\s]*#", re.IGNORECASE)
_ADDRESSES = (
    ("link[rel='canonical']", "href"),
    ("meta[property='og:url']", "content"),
)
_SITE = re.compile(r"\s+[-–—|·•]\s+[^-–—|·•]{1,60}$")
_MOST_SIGNS = 0.8  # of all signs; what holds fewer is not the whole article


def recognises(text: str) -> bool:
    """Whether ``text`` is a web page, not MediaWiki's, in which a sign leads to a note."""
    if _TAG.search(text[:20_000]) is None or _FRAGMENT.search(text) is None:
        return False
    if mediawiki.recognises(text) or is_overnested(text):
        return False
    page = LexborHTMLParser(text)
    signs = find_notes(page, _addresses(page, None)).signs.values()
    return any(sign.raised and sign.item is not None for sign in signs)


def parse(text: str, *, name: str, url: str | None, retrieved_at: str | None) -> Article:
    """The article in the HTML ``text``; ``NoReferences`` when no link in it leads to a note.

    ``UnreadableFile`` for markup nested so deep that no browser shows it.
    """
    if is_overnested(text):
        raise UnreadableFile(
            f"{name} is nested without end.", about=name, hint="Save the page with a browser."
        )
    page = LexborHTMLParser(text)
    addresses = _addresses(page, url)
    address = addresses[0] if addresses else None
    notes = find_notes(page, addresses)
    if not notes.items:
        raise NoReferences(
            f"{name} has no footnotes: no link in its text leads to a note further down.",
            about=name,
            hint="Save the whole page, as a browser shows it, with its list of references.",
        )
    references = read_references(notes, address)
    licence = _licence(page, address)
    said = _language(page)
    title = _title(page, name)
    remove_hidden(page)  # after the notes are read: some pages fold their lists of notes away
    visible = {a.mem_id: bare(shown(a)) for a in page.css("a") if a.mem_id in notes.signs}
    references = relabelled(references, notes, visible)
    blocks = _from_title(Reader(notes, references).read(_content(page, notes)), title)
    return build_article(
        Page(
            title=title,
            url=address,
            language=detect_language(_sample(blocks), said),
            form=NAME,
            blocks=without_apparatus(blocks),
            references=tuple(references.values()),
            footnotes={r.reference_id: r.reference_id for r in references.values()},
            retrieved_at=retrieved_at,
            licence=licence,
        )
    )


def _addresses(page: LexborHTMLParser, url: str | None) -> list[str]:
    """Where the page lies: as it was asked for, else as it says itself."""
    found = [url] if url else []
    for selector, name in _ADDRESSES:
        node = page.css_first(selector)
        href = attribute(node, name).strip() if node is not None else ""
        href = urljoin(found[0] if found else "", href) if href else ""
        if href.startswith(("http://", "https://")):
            found.append(href)
    return list(dict.fromkeys(found))


def _title(page: LexborHTMLParser, name: str) -> str:
    headings = [words for h1 in page.css("h1") if (words := normalise_line(h1.text()))]
    inner = page.css_first("article h1, main h1")
    said = page.css_first("meta[property='og:title']")
    shared = normalise_line(attribute(said, "content")) if said is not None else ""
    if inner is not None and (words := normalise_line(inner.text())):
        return words
    if shared and shared not in headings and len(headings) != 1:
        return shared
    if headings:
        return shared if shared in headings else headings[0]
    titled = page.css_first("title")
    words = normalise_line(titled.text()) if titled is not None else ""
    return shared or _SITE.sub("", words) or PurePath(name).stem or name


def _language(page: LexborHTMLParser) -> str | None:
    root = page.css_first("html")
    for node in (page.css_first("article[lang], main[lang]"), root, page.body):
        if node is not None and (language := attribute(node, "lang").strip()):
            return language
    return None


def _licence(page: LexborHTMLParser, address: str | None) -> str | None:
    found = page.css_first("link[rel~='license'], a[rel~='license']")
    href = attribute(found, "href").strip() if found is not None else ""
    return urljoin(address or "", href) or None


def _content(page: LexborHTMLParser, notes: Notes) -> LexborNode:
    """The innermost element meant for the article that holds nearly all signs, else the body."""
    raised = sum(sign.raised for sign in notes.signs.values())
    for selector in ("article", "[itemprop='articleBody'], [role='article']", "main",
                     "[role='main']"):  # fmt: skip
        for node in reversed(page.css(selector)):
            held = sum(map(notes.raises, node.css("a")))
            if held and held >= _MOST_SIGNS * raised:
                return node
    root = page.body or page.root
    assert root is not None  # the parser makes a body for any input
    return root


def _from_title(blocks: list[Block], title: str) -> list[Block]:
    """``blocks`` behind the article's own heading, if it stands among them."""
    for at, block in enumerate(blocks):
        if isinstance(block, Heading) and block.line.words == title and not block.line.marks:
            kept = [b for b in blocks[:at] if isinstance(b, Heading | Prose) and b.line.marks]
            return [*kept, *blocks[at + 1 :]]
    return blocks


def _sample(blocks: list[Block]) -> str:
    return "\n".join(block.line.words for block in blocks if isinstance(block, Heading | Prose))
