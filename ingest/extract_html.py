"""The main text of a web page: what its reader sees, less navigation and advertisements.

lexbor parses as browsers do and gives what is visible; trafilatura, fed that string and never
the network, chooses the main text, from which lists of links are taken; where it finds none, the
page's ``main`` or ``body`` is read.
"""

from __future__ import annotations

import logging
import re
from functools import cache
from importlib.metadata import version
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser

from footnoted.ingest.blocks import HEADINGS, Block, BlockBuilder, assemble
from footnoted.ingest.boilerplate import blocks_of, linked_texts, remove_comments, without_links
from footnoted.ingest.extract import Extraction, ExtractionFailed
from footnoted.ingest.extract_text import decode
from footnoted.ingest.hidden import remove_scripts, remove_unseen
from footnoted.ingest.language import detect_language
from footnoted.ingest.nesting import flatten, is_overnested
from footnoted.ingest.normalise import normalise_line

_OURS = "footnoted-html 3"
_BY = re.compile(r"^(?:by|بقلم)\s+", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"<\?xml[^>]+encoding\s*=\s*[\"']([\w:.-]+)", re.IGNORECASE)
_META_BYTES = 4096  # browsers look at 1024; some templates begin with more comments than that
_NOT_MAIN = (
    "nav, aside, footer, script, style, form, button, select, textarea, iframe, object, svg,"
    " [role=navigation], [role=banner], [role=contentinfo], [role=search]"
)
# trafilatura's vocabulary in that of HTML.
_TAGS = {"list": "ul", "item": "li", "row": "tr", "cell": "td", "lb": "br", "quote": "pre"}
# No date may hang on the day of the extraction, which is trafilatura's own upper limit; and dates
# are read from what the page declares, not guessed from its text.
_DATES = {"original_date": True, "extensive_search": False, "min_date": "1600-01-01"}
_DATES["max_date"] = "2100-01-01"


class _Metadata(NamedTuple):
    title: str
    authors: tuple[str, ...]
    published: str | None


def read_html(body: bytes, charset: str | None, url: str | None) -> Extraction:
    """The main text of the page ``body``; ``charset`` is what its response declared.

    Raises ``ExtractionFailed`` when nothing on the page can be seen and read.
    """
    html = decode(body, charset, _meta_charset(body), about=url)
    if is_overnested(html):
        raise ExtractionFailed(
            "The page nests thousands of elements in each other.",
            about=url,
            hint="No browser shows such a page; supply a readable copy with --source.",
        )
    tree = LexborHTMLParser(html)
    hint = _declared_language(tree)
    remove_unseen(tree)
    metadata = _metadata(tree, url)  # some of it is in scripts, which are not shown either
    remove_scripts(tree)
    remove_comments(tree)
    flatten(tree)
    extractor = f"{_library('trafilatura', 'lxml', 'selectolax')}/{_OURS}"
    text, headings = assemble(_main_blocks(tree, url))
    if not text:
        extractor = f"{_library('selectolax')}/{_OURS} whole page"
        text, headings = assemble(_page_blocks(tree))
    if not text:
        raise ExtractionFailed(
            "The page shows no text without its scripts.",
            about=url,
            hint="Save it from a browser and supply it with --source.",
        )
    return Extraction(
        text=text,
        title=metadata.title or (headings[0].title if headings else ""),
        authors=metadata.authors,
        published=metadata.published,
        language=detect_language(text, hint),
        headings=headings,
        pages=(),
        extractor=extractor,
    )


def _main_blocks(tree: LexborHTMLParser, url: str | None) -> list[Block]:
    """The main text as trafilatura finds it; nothing when it finds none or gives up."""
    from lxml.etree import iterwalk  # type: ignore[import-untyped]  # noqa: PLC0415
    from trafilatura import bare_extraction  # noqa: PLC0415

    _quiet()
    try:
        document = bare_extraction(
            tree.html or "",
            url=url,
            include_comments=False,
            include_tables=True,
            include_formatting=False,
            output_format="xml",  # plain text would lose the levels of headings
            deduplicate=False,  # remembers earlier pages
            date_extraction_params=_DATES,
        )
    except _trouble():
        return []
    if document is None:
        return []
    builder = BlockBuilder(preformatted=tree.css_first("pre") is not None)
    for event, element in iterwalk(document.body, events=("start", "end")):  # pyright: ignore[reportAttributeAccessIssue]
        tag = _html_tag(element)
        if event == "start":
            builder.open(tag)
            builder.text(element.text or "")
        else:
            builder.close(tag)
            builder.text(element.tail or "")
    return without_links(builder.blocks(), linked_texts(tree))


def _html_tag(element: Any) -> str:
    """The tag of an element of trafilatura's result, in HTML's vocabulary."""
    tag = str(element.tag)
    if tag == "head":
        level = element.get("rend")
        return level if level in HEADINGS else "h2"
    if tag == "code":  # within a paragraph it is a word
        return "pre" if element.getparent().tag in ("body", "div") else tag
    return _TAGS.get(tag, tag)


def _page_blocks(tree: LexborHTMLParser) -> list[Block]:
    """Everything that is visible in the page's ``main`` or only article, else in its body."""
    for unwanted in tree.css(_NOT_MAIN):
        unwanted.decompose()
    articles = tree.css("article")
    root = tree.css_first("main, [role=main]") or (articles[0] if len(articles) == 1 else None)
    if root is None or not root.text().strip():
        root = tree.body
    return [] if root is None else blocks_of(root)


def _metadata(tree: LexborHTMLParser, url: str | None) -> _Metadata:
    """Title, authors and date, from the head and JSON-LD of the page."""
    from trafilatura.metadata import extract_metadata  # noqa: PLC0415

    _quiet()
    node = tree.css_first("head > title") or tree.css_first("h1")
    title = normalise_line(node.text()) if node is not None else ""
    try:
        found = extract_metadata(tree.html or "", default_url=url, date_config=_DATES)
    except _trouble():
        return _Metadata(title, (), None)
    names = (normalise_line(name) for name in (found.author or "").split(";"))
    authors = dict.fromkeys(_BY.sub("", name) for name in names)
    return _Metadata(
        normalise_line(found.title or "") or title,
        tuple(name for name in authors if name),
        found.date or None,
    )


def _meta_charset(body: bytes) -> str | None:
    start = body[:_META_BYTES]
    match = _XML_ENCODING.match(start.lstrip()) or _META_CHARSET.search(start)
    return match[1].decode("ascii") if match else None


def _declared_language(tree: LexborHTMLParser) -> str | None:
    html = tree.css_first("html")
    said = html.attributes.get("lang") or html.attributes.get("xml:lang") if html else None
    if said:
        return said
    meta = tree.css_first("meta[http-equiv=content-language i], meta[property='og:locale']")
    return meta.attributes.get("content") if meta else None


@cache
def _library(*names: str) -> str:
    return " ".join(f"{name} {version(name)}" for name in names)


@cache
def _trouble() -> tuple[type[Exception], ...]:
    """What trafilatura and lxml raise on markup that they cannot cope with."""
    from lxml.etree import LxmlError  # noqa: PLC0415

    return (LxmlError, RecursionError, AttributeError, LookupError, TypeError, ValueError)


@cache
def _quiet() -> None:
    """Keep the libraries' complaints for whoever sets up logging: not on standard error."""
    for name in ("trafilatura", "htmldate", "courlan"):
        logging.getLogger(name).addHandler(logging.NullHandler())
