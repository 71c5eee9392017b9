"""What a page puts in the way of its text: a check for robots, consent, scripts, a subscription.

Every wall is a claim about the whole page, so each needs two signs: that there is little text, and
words or markup that say why. A cookie banner over a whole report, a script that a real page also
loads and an article about captchas are no walls.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from footnoted.domain import Access, Json
from footnoted.ingest.extract import ExtractionFailed
from footnoted.ingest.extract_text import decode
from footnoted.ingest.hidden import remove_hidden
from footnoted.ingest.nesting import flatten, is_overnested
from footnoted.ingest.normalise import normalise, normalise_line
from footnoted.ingest.states.syndication import folded_words
from footnoted.ingest.states.wall_words import (
    ACCEPT,
    CHALLENGE,
    CHALLENGE_TITLE,
    CONSENT_WORDS,
    CONTINUE_READING,
    LOGIN,
    NEEDS_JS,
    SUBSCRIPTION,
)

# In words of extracted text: a page with more stands behind no such wall.
_SHELL, _FEW, _NOTICE, _PREVIEW, _CONSENT = 20, 60, 120, 500, 300
_TAIL = 400  # characters at the end of a preview, where the offer stands
_OWN_WORDS = 40  # in a page's lines about something else than consent
_BARRIER = 150  # words; what is named a paywall and holds more is the article itself
_CHALLENGE_MARKUP = (
    "#challenge-form, #challenge-running, #challenge-stage, #cf-please-wait, #px-captcha,"
    " script[src*='captcha-delivery'], iframe[src*='_Incapsula_Resource']"
)
_MOUNT = "#root, #app, #__next, #__nuxt, #___gatsby, #main-app, app-root, [data-reactroot]"
_CONTROLS = "button, a, input[type=submit], input[type=button], [role=button]"
_CONSENT_HOST = re.compile(r"(?:consent|guce|myprivacy|privacy-gate|cookiewall)\.", re.IGNORECASE)
_PAYWALL_MARKUP = (
    "[class*=paywall i], [id*=paywall i], [class*=regwall i], [id*=regwall i],"
    " [class*=subscriber-only i], [data-paywall]"
)
_ARTICLES = re.compile(r"(?:\w*Article|Report|BlogPosting|WebPage|CreativeWork)$")
_COUNT = re.compile(r"[0-9]{1,9}")
_PARTS = ("@graph", "hasPart", "mainEntity")


class Wall(NamedTuple):
    """What stands before a page's text, and the page's words or markup that gave it away.

    ``access`` is consent_wall, needs_js, blocked_by_site or, for a preview, partial.
    """

    access: Access
    words: str


class _Page(NamedTuple):
    """A page as its reader sees it; ``length`` counts the words of the extracted text."""

    tree: LexborHTMLParser
    text: str
    length: int
    title: str
    visible: str
    noscript: str
    has_scripts: bool
    check: str


def wall(
    html: bytes, text: str, *, url: str | None = None, charset: str | None = None
) -> Wall | None:
    """The wall before the page ``html``, from which ``text`` was extracted, if there is one.

    ``text`` is empty where nothing could be extracted; ``url`` is the page's final address;
    ``charset`` what its response declared.
    """
    length = len(folded_words(text))
    tree = parsed(html, charset)
    if tree is None:
        return None
    if (sold := _sold(tree, length)) is not None:
        return sold
    if length >= _PREVIEW:
        return None
    page = _page(tree, text, length)
    return (
        _challenge(page)
        or _consent(page, urlsplit(url or "").hostname or "")
        or _login(page)
        or _needs_js(page)
        or _paywall(page)
    )


def parsed(html: bytes, charset: str | None) -> LexborHTMLParser | None:
    """The page as a tree; ``None`` for what no browser could show, which extraction reports."""
    try:
        markup = decode(html, charset, about=None)
    except ExtractionFailed:
        return None
    return None if is_overnested(markup) else LexborHTMLParser(markup)


def linked_data(tree: LexborHTMLParser) -> Iterator[Json]:
    """The schema.org objects that say what the page is (JSON-LD), their parts included.

    Lists of other pages, which news sites also declare, are left out.
    """
    for node in tree.css("script[type='application/ld+json' i]"):
        try:
            waiting = [json.loads(node.text())]
        except (ValueError, RecursionError):  # many pages have broken ones, and browsers ignore it
            continue
        while waiting:
            item = waiting.pop()
            if isinstance(item, list):
                waiting += reversed(item)
            elif isinstance(item, dict):
                yield item
                waiting += [item[part] for part in _PARTS if part in item]


def _page(tree: LexborHTMLParser, text: str, length: int) -> _Page:
    noscript = normalise_line(" ".join(_inner_text(n.html or "") for n in tree.css("noscript")))
    has_scripts = tree.css_first("script[src], script:not([type*=json])") is not None
    check = tree.css_first(_CHALLENGE_MARKUP)
    checked_by = (check.id or check.attributes.get("src") or "a captcha") if check else ""
    title = tree.css_first("head > title")
    name = normalise_line(title.text()) if title is not None else ""
    remove_hidden(tree)
    flatten(tree)
    for unseen in tree.css("style"):
        unseen.decompose()
    visible = normalise(tree.body.text(separator="\n")) if tree.body is not None else ""
    return _Page(tree, text, length, name, visible, noscript, has_scripts, checked_by)


def _inner_text(html: str) -> str:
    # A browser with scripts keeps what is in noscript as characters, and so may the parser.
    return re.sub(r"<[^>]*>", " ", html)


def _challenge(page: _Page) -> Wall | None:
    if page.length >= _NOTICE:
        return None
    said = CHALLENGE.search(f"{page.title}\n{page.visible[:2000]}\n{page.noscript}")
    if said is not None:
        return Wall(Access.BLOCKED_BY_SITE, normalise_line(said[0]))
    if page.length < _FEW and (named := CHALLENGE_TITLE.match(page.title)) is not None:
        return Wall(Access.BLOCKED_BY_SITE, named[0])
    if page.length < _FEW and page.check:
        return Wall(Access.BLOCKED_BY_SITE, page.check)
    return None


def _consent(page: _Page, host: str) -> Wall | None:
    if page.length >= _CONSENT:
        return None
    if _CONSENT_HOST.match(host):
        return Wall(Access.CONSENT_WALL, host)
    lines = (page.text or page.visible).splitlines()
    others = [line for line in lines if not CONSENT_WORDS.search(line)]
    own = len(folded_words(" ".join(others)))
    everything = len(folded_words(" ".join(lines)))
    if own >= _OWN_WORDS or 2 * own > everything:
        return None
    for control in page.tree.css(_CONTROLS):
        label = normalise_line(control.text() or control.attributes.get("value") or "")
        if ACCEPT.search(label):
            return Wall(Access.CONSENT_WALL, label)
    return None


def _login(page: _Page) -> Wall | None:
    # Many pages offer a login beside their text: it is a wall where it is what the page is about.
    about = page.title if page.length >= _SHELL else f"{page.title}\n{page.visible}"
    said = LOGIN.search(about) if page.length < _FEW else None
    if said is None or page.tree.css_first("input[type=password i]") is None:
        return None
    return Wall(Access.BLOCKED_BY_SITE, said[0])


def _needs_js(page: _Page) -> Wall | None:
    if page.length >= _FEW:
        return None
    said = NEEDS_JS.search(f"{page.noscript}\n{page.visible[:2000]}")
    if said is not None:
        return Wall(Access.NEEDS_JS, normalise_line(said[0]))
    shown = len(folded_words(page.visible))
    if page.length >= _SHELL or shown >= _SHELL or not page.has_scripts:
        return None
    mount = page.tree.css_first(_MOUNT)
    if mount is not None and not mount.text().strip():
        return Wall(Access.NEEDS_JS, f"an empty {mount.id or mount.tag}")
    return None


def _paywall(page: _Page) -> Wall | None:
    said = CONTINUE_READING.search(page.text[-_TAIL:])
    if said is None and page.length < _CONSENT:
        main = page.tree.css_first("main, article")
        said = CONTINUE_READING.search(normalise_line(main.text(separator=" ")) if main else "")
    if said is not None:
        return Wall(Access.PARTIAL, normalise_line(said[0]))
    for node in page.tree.css(_PAYWALL_MARKUP):
        words = normalise_line(node.text(separator=" "))
        offered = SUBSCRIPTION.search(words)
        if offered and len(folded_words(words)) <= _BARRIER:
            return Wall(Access.PARTIAL, words[:80])
    return None


def _sold(tree: LexborHTMLParser, length: int) -> Wall | None:
    """A preview by what the page declares of itself (schema.org, isAccessibleForFree).

    Sites also declare it on pages that they deliver whole, as its number of words shows.
    """
    declared = [item for item in linked_data(tree) if _about_the_page(item)]
    closed = any(str(item.get("isAccessibleForFree")).lower() == "false" for item in declared)
    tier = tree.css_first("meta[property='article:content_tier' i][content='locked' i]")
    item = tree.css_first("meta[itemprop=isAccessibleForFree i][content='false' i]")
    if not closed and tier is None and item is None:
        return None
    counts = [str(item.get("wordCount")) for item in declared if "wordCount" in item]
    whole = max((int(count) for count in counts if _COUNT.fullmatch(count)), default=None)
    if length >= _PREVIEW if whole is None else length >= 0.8 * whole:
        return None
    return Wall(Access.PARTIAL, "isAccessibleForFree: false" if tier is None else "locked")


def _about_the_page(item: Json) -> bool:
    kinds = item.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(kind, str) and _ARTICLES.search(kind) for kind in kinds)
