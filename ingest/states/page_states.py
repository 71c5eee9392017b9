"""What a fetched page is to the reference that cites it: a state, an identity and a reason.

Whatever is in doubt stays readable and is ``unverified``, with the cited title beside the found
one, so that a reader can decide.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from footnoted.domain import Access, Identity, Origin, Reference
from footnoted.ingest.extract import (
    Extraction,
    ExtractionFailed,
    Form,
    UnsupportedType,
    declared_charset,
    form_of,
)
from footnoted.ingest.fetching.responses import Response
from footnoted.ingest.states.cited_pages import CitedPage, cited_page, holds_quote
from footnoted.ingest.states.likeness import Address, address, original_url, same_site
from footnoted.ingest.states.soft_404 import soft_404
from footnoted.ingest.states.syndication import folded_words
from footnoted.ingest.states.walls import Wall, linked_data, parsed, wall

_REFUSED = frozenset({401, 402, 403, 407, 429, 451, 999})  # the last one is LinkedIn's own
_LEAST_WORDS = 15
_SUPPLY = "Supply the page with --source if you have it."
_BROWSER = "Open it in a browser, save it there, and supply it with --source."
_RETRY = "Try again with --refresh, or supply the page with --source."
_SURE_QUOTE = 6  # words
_GOOD = {
    Origin.LIVE: Access.FETCHED,
    Origin.ARCHIVE: Access.ARCHIVED_COPY,
    Origin.SUPPLIED: Access.SUPPLIED,
}


class Judgement(NamedTuple):
    """What became of a reference, and why, for a researcher."""

    access: Access
    identity: Identity
    reason: str


def judge(
    reference: Reference,
    response: Response,
    extraction: Extraction | None,
    failure: str | None,
    *,
    origin: Origin,
    snapshot_at: str | None = None,
) -> Judgement:
    """The state of ``reference`` after ``response`` was read for it.

    ``extraction`` is what was found in the response, else ``failure`` says why nothing was;
    ``snapshot_at`` is when the web archive took the copy (ISO 8601), for an ``ARCHIVE`` origin.
    """
    what = _what(response, origin, snapshot_at)
    if not 200 <= response.status < 300:
        return _by_status(response.status, what)
    standing = None
    is_pdf = False
    try:
        form = form_of(response.body, response.media_type, response.final_url)
    except UnsupportedType as error:
        return _unread(Access.UNSUPPORTED_TYPE, f"{what} was fetched. {error}", _SUPPLY)
    except ExtractionFailed as error:
        failure = failure or str(error)
    else:
        is_pdf = form is Form.PDF
        if form is Form.HTML:
            standing = _wall(response, extraction)
    if extraction is None or (standing is not None and standing.access is not Access.PARTIAL):
        return _without_text(what, standing, failure)
    page = cited_page(reference, response, extraction, origin)
    words = len(folded_words(extraction.text))
    if not is_pdf and (gone := soft_404(page, words)) is not None:
        return _unread(Access.SOFT_404, f"{what} answered, but {gone}.", _SUPPLY)
    if words < _LEAST_WORDS and not holds_quote(reference, extraction.text):
        return _without_text(what, standing, f"It holds only {words} words: too few for a source.")
    return _readable(page, what, standing, origin)


def shared_endings(finals: Mapping[str, tuple[str, str]]) -> set[str]:
    """The references whose pages are gone, by where their (cited, final) addresses lead.

    When three or more different pages all end on one other, it stands in for what is not there
    any more. A reference that cites that very page keeps it; so do pages of one work that differ
    by their query only.
    """
    endings: dict[Address, dict[str, Address]] = defaultdict(dict)
    for reference_id, (cited_url, final_url) in finals.items():
        cited, final = address(cited_url), address(original_url(final_url))
        if cited is None or final is None or cited.is_resolver:
            continue
        if (cited.host, cited.path) != (final.host, final.path):
            endings[final][reference_id] = cited
    return {
        reference_id
        for cited_by in endings.values()
        if len({(page.host, page.path) for page in cited_by.values()}) >= 3
        for reference_id in cited_by
    }


def _what(response: Response, origin: Origin, snapshot_at: str | None) -> str:
    """The capture in words, at the beginning of a sentence."""
    url = response.final_url
    match origin:
        case Origin.ARCHIVE:
            taken = f" of {snapshot_at[:10]}" if snapshot_at else ", of an unknown day,"
            return f"The archived copy{taken} at {url}"
        case Origin.SUPPLIED:
            return f"The supplied copy of {url}"
        case Origin.LIVE:
            asked = "" if response.url == url else f" (redirected from {response.url})"
            return f"The live page {url}{asked}"


def _by_status(status: int, what: str) -> Judgement:
    if status in _REFUSED:
        said = f"{what} refused to be read by a program (HTTP {status})."
        return _unread(Access.BLOCKED_BY_SITE, said, _BROWSER)
    if status in (404, 410):
        return _unread(Access.DEAD, f"{what} is no longer there (HTTP {status}).", _SUPPLY)
    if status >= 500:
        said = f"{what} failed on the server's side (HTTP {status}), which may be temporary."
        return _unread(Access.DEAD, said, _RETRY)
    return _unread(Access.DEAD, f"{what} gave no page (HTTP {status}).", _RETRY)


def _wall(response: Response, extraction: Extraction | None) -> Wall | None:
    return wall(
        response.body,
        extraction.text if extraction is not None else "",
        url=response.final_url,
        charset=declared_charset(response.media_type),
    )


def _without_text(what: str, standing: Wall | None, failure: str | None) -> Judgement:
    """The state of a page from which nothing was read: the wall before it, else the failure."""
    if standing is None:
        said = f"{what} was fetched, but its text could not be read. {failure or ''}"
        return _unread(Access.EXTRACTION_FAILED, said, _SUPPLY)
    access = standing.access
    match access:
        case Access.CONSENT_WALL:
            said = "shows only a question for consent"
        case Access.NEEDS_JS:
            said = "shows no text until its scripts run"
        case Access.PARTIAL:
            access, said = Access.BLOCKED_BY_SITE, "shows its text to subscribers only"
        case _:
            said = "wants a human visitor or a login"
    return _unread(access, f"{what} {said}: “{standing.words}”.", _BROWSER)


def _readable(page: CitedPage, what: str, standing: Wall | None, origin: Origin) -> Judgement:
    """The state of a page whose words we have, all of them or, before a paywall, the first."""
    identity, why = _identity(page, whole=standing is None)
    if standing is None:
        return Judgement(_GOOD[origin], identity, f"{what} was read. {why}")
    said = f"{what} was read, but only a preview of it: “{standing.words}”. {why} {_SUPPLY}"
    return Judgement(Access.PARTIAL, identity, said)


def _unread(access: Access, said: str, advice: str) -> Judgement:
    return Judgement(access, Identity.UNVERIFIED, f"{said.strip()} {advice}")


def _identity(page: CitedPage, *, whole: bool) -> tuple[Identity, str]:
    """What the text is to the cited page, and why; ``whole`` when all of the page was read."""
    reference, found = page.reference, page.extraction
    quote = folded_words(reference.quote or "")
    holds = holds_quote(reference, found.text)
    same = any(page.final is not None and same_site(page.final, one) for one in page.cited)
    titles = _beside(page)
    if same and quote and whole and not holds:
        return Identity.CHANGED_SINCE_CITED, (
            "It no longer holds the words that the article quotes from it, so it changed since it "
            f"was cited. {titles} Look for an archived copy of that time and supply it."
        )
    if same and (modified := _modified_after_access(page)) is not None:
        return Identity.CHANGED_SINCE_CITED, (
            f"It says that it was changed on {modified}, after the article's author read it. "
            f"{titles} Compare it with an archived copy of that time."
        )
    named = page.agrees or not page.title or (holds and len(quote) >= _SURE_QUOTE)
    if page.at_cited_address and named:
        quoted = " It holds the words that the article quotes." if holds else ""
        return Identity.EXACT, f"It is the cited page. {titles}{quoted}"
    if same and not page.at_cited_address:
        return Identity.OTHER_URL_SAME_SITE, (
            f"The site moved it to another address than the cited one. {titles}"
        )
    where = "It is at the cited address" if page.at_cited_address else "It is on another site"
    return Identity.UNVERIFIED, (
        f"{where}; whether it is the cited page could not be made sure. {titles} "
        "Look at it; supply the cited page with --source if it is another."
    )


def _beside(page: CitedPage) -> str:
    """The cited title beside the found one, as a sentence."""
    found = page.extraction.title
    if not page.title:
        return f"No title is cited; found is “{found}”." if found else "No title is cited or found."
    if page.agrees:
        return f"It names itself as cited: “{page.title}” is cited, “{found}” found."
    return f"“{page.title}” is cited, “{found}” found." if found else f"“{page.title}” is cited."


def _modified_after_access(page: CitedPage) -> str | None:
    """The day on which the page says it was changed, if the citation was certainly read before.

    Only what the page's author states counts; servers put any day in ``Last-Modified``.
    """
    parts = (page.reference.csl.get("accessed") or {}).get("date-parts") or [[]]
    accessed = [part for part in parts[0] if isinstance(part, int)]
    if not accessed or page.extraction.pages or b"odified" not in page.body:
        return None
    tree = parsed(page.body, None)
    if tree is None:
        return None
    nodes = tree.css("meta[property='article:modified_time' i], meta[itemprop=dateModified i]")
    said = [node.attributes.get("content") or "" for node in nodes]
    said += [str(item.get("dateModified")) for item in linked_data(tree)]
    days = [match[0] for one in said if (match := re.match(r"\d{4}-\d\d-\d\d", one))]
    latest = max(days, default="")
    # As precise as the citation: read "in May", it may have been read on the last day of May.
    length = (4, 7, 10)[min(len(accessed), 3) - 1]
    read = "-".join(f"{part:02}" for part in accessed[:3])
    return latest if latest[:length] > read else None
