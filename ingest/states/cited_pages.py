"""A fetched page beside the reference that cites it: addresses, titles and the quoted words."""

from __future__ import annotations

import re
from typing import NamedTuple

from footnoted.domain import Origin, Reference
from footnoted.ingest.extract import Extraction
from footnoted.ingest.fetching.responses import Response
from footnoted.ingest.states.likeness import (
    Address,
    address,
    original_url,
    share,
    telling_words,
    titles_agree,
)
from footnoted.ingest.states.syndication import folded_words

_OPENING = 1000  # characters, in which a page names itself
_QUOTE_CUTS = re.compile(r"\.{3}|…|\[[^\]]*\]")
# What bots write where they find no title.
_NO_TITLES = frozenset({"archived copy", "untitled", "no title", "home", "home page", "index"})


class CitedPage(NamedTuple):
    """One reference beside what was read for it; addresses are the originals of archived copies.

    ``cited`` are the addresses that count as the cited page; ``title`` is empty where none
    is cited.
    """

    reference: Reference
    extraction: Extraction
    body: bytes
    asked: Address | None
    final: Address | None
    cited: tuple[Address, ...]
    title: str

    @property
    def at_cited_address(self) -> bool:
        return self.final is not None and self.final in self.cited

    @property
    def agrees(self) -> bool:
        """Whether the page names itself as it is cited, in its title or at its beginning."""
        if not self.title:
            return False
        names = [self.extraction.title, *(h.title for h in self.extraction.headings[:3])]
        if any(titles_agree(self.title, name) for name in names):
            return True
        wanted = telling_words(self.title)
        opening = self.extraction.text[:_OPENING]
        if len(wanted) >= 3 and share(wanted, telling_words(opening)) >= 0.8:
            return True
        phrase = folded_words(self.title)
        return len(phrase) >= 3 and _in_a_row(phrase, folded_words(opening))


def cited_page(
    reference: Reference, response: Response, extraction: Extraction, origin: Origin
) -> CitedPage:
    """``reference`` beside the page that was read for it, ready to be compared."""

    def of(url: str) -> Address | None:
        return address(original_url(url) if origin is Origin.ARCHIVE else url)

    cited = [address(url) for url in reference.urls]
    if origin is Origin.ARCHIVE and reference.archive_url is not None:
        cited += [address(original_url(reference.archive_url)), of(reference.archive_url)]
    title = str(reference.csl.get("title") or "").strip()
    named = bool(title) and title.casefold() not in _NO_TITLES and address(title) is None
    return CitedPage(
        reference=reference,
        extraction=extraction,
        body=response.body,
        asked=of(response.url),
        final=of(response.final_url),
        cited=tuple(one for one in cited if one is not None),
        title=title if named else "",
    )


def holds_quote(reference: Reference, text: str) -> bool:
    """Whether every unbroken part of the reference's quote is in ``text``; no quote is not held."""
    parts = [folded_words(part) for part in _QUOTE_CUTS.split(reference.quote or "")]
    parts = [part for part in parts if len(part) >= 3] or [part for part in parts if part]
    if not parts:
        return False
    held = folded_words(text)
    return all(_in_a_row(part, held) for part in parts)


def _in_a_row(words: list[str], held: list[str]) -> bool:
    return f" {' '.join(words)} " in f" {' '.join(held)} "
