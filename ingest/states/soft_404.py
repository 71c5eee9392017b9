"""Pages that answer as if all were well and only say that what was asked for is gone.

A wrong verdict loses a source, so it needs a telling title or a redirect *and* a page that holds
nothing of what was cited.
"""

from __future__ import annotations

import re

from footnoted.ingest.language import detect_language, script_of
from footnoted.ingest.states.cited_pages import CitedPage, holds_quote
from footnoted.ingest.states.likeness import Address, same_site, share, telling_words
from footnoted.ingest.states.wall_words import NOT_FOUND_SENTENCE, NOT_FOUND_TITLE

_NOTICE_WORDS, _LIST_WORDS = 80, 400  # a soft 404 says so, and may list other pages below
_TITLE_PARTS = re.compile(r"\s+[|–—·•:»>-]+\s+|\s*[|»]\s*")
_EXTENSION = re.compile(r"\.[a-z]{2,5}$", re.IGNORECASE)
_OPENING = 1000  # characters, in which a page says what it is


def soft_404(page: CitedPage, words: int) -> str | None:
    """Why the page only stands in for one that is gone, after "answered, but"; or ``None``."""
    found = page.extraction
    if page.agrees or holds_quote(page.reference, found.text):
        return None
    if words < _LIST_WORDS:
        names = [found.title, *(h.title for h in found.headings[:1] if words < _NOTICE_WORDS)]
        parts = [part for name in names for part in (name, *_TITLE_PARTS.split(name))]
        if any(NOT_FOUND_TITLE.fullmatch(part.strip(" .!?")) for part in parts):
            return f"its title says that the page is not there: “{found.title or parts[0]}”"
    if words < _NOTICE_WORDS and (said := NOT_FOUND_SENTENCE.search(found.text[:_OPENING])):
        return f"it says that the page is not there: “{said[0]}”"
    return _led_astray(page)


def _led_astray(page: CitedPage) -> str | None:
    """Why a redirect led to another page than the cited one, or ``None``."""
    asked, final, found = page.asked, page.final, page.extraction
    if asked is None or final is None or page.at_cited_address:
        return None
    if asked.is_resolver or asked.is_home or asked[:2] == final[:2]:
        return None
    wanted = telling_words(page.title)
    held = telling_words(found.text) | telling_words(found.title)
    if final.is_home:
        missing = not page.title or share(wanted, held) < 0.5
        # A short path may be a department's, which a small site now keeps on its front page.
        sure = _is_deep(asked) and same_site(asked, final)
        lost = missing and bool(sure or (page.title and _comparable(page)))
        return "the site led from the cited address to its front page" if lost else None
    if len(wanted) < 2 or not _comparable(page) or _has_kept_something(page, asked, final):
        return None
    return (
        f"it is another page: “{page.title}” was cited, “{found.title}” found, and hardly a word "
        "of the cited title is in its text"
    )


def _has_kept_something(page: CitedPage, asked: Address, final: Address) -> bool:
    """Whether the cited title, the cited address or the printed citation is still on the page."""
    wanted, title = telling_words(page.title), telling_words(page.extraction.title)
    slug = telling_words(f"{_EXTENSION.sub('', _last(asked))} {asked.query}")
    return bool(
        wanted & title
        or share(wanted, telling_words(page.extraction.text)) >= 0.34
        or slug & (title | telling_words(f"{final.path} {final.query}"))
        or share(title, telling_words(page.reference.text)) >= 0.5
    )


def _is_deep(asked: Address) -> bool:
    """Whether an address is so long that it names one page and not a department of the site."""
    last = _last(asked)
    return len(asked.segments) >= 2 or last.count("-") >= 2 or re.search(r"\d{3}", last) is not None


def _last(asked: Address) -> str:
    return asked.segments[-1] if asked.segments else ""


def _comparable(page: CitedPage) -> bool:
    """Whether the cited title is in the language of the page: if translated, no word is shared."""
    found = page.extraction
    if script_of(page.title) != script_of(found.text):
        return False
    return detect_language(page.title, found.language) == found.language
