"""Wikipedia pages by name or address: which page is meant, and its HTML from the wiki itself.

Asked in this order, until one answers: Parsoid's HTML from MediaWiki's REST API, the same from
the older REST service, and the parser's HTML from the action API (``action=parse``). See
https://www.mediawiki.org/wiki/API:REST_API and API:Etiquette: one request at a time, ``maxlag``,
``Retry-After``, and a User-Agent with a contact, which is the client's part.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urlencode

from footnoted.domain import Access
from footnoted.errors import FetchError
from footnoted.ingest.fetching.responses import Get, NoResponse, Response
from footnoted.ingest.wikipedia.answers import Answer, NoAnswer, is_busy, read_answer
from footnoted.ingest.wikipedia.names import WikiPage, checked_revision, page_url, parse_name

__all__ = ["LoadedArticle", "WikiPage", "load", "parse_name"]

Sleep = Callable[[float], Awaitable[None]]

_MOST_TRIES = 3
_MOST_REDIRECTS = 3
_PATIENCE = 60.0  # seconds; a wiki that asks for more is better asked later
_PAUSE = 5.0  # seconds, where a busy wiki names no time


@dataclass(frozen=True, slots=True)
class LoadedArticle:
    """A page as the wiki gave it: ``body`` is HTML that the form ``mediawiki_html`` reads.

    ``url`` is the page's own address, without a revision; ``response`` is what the wiki answered,
    to be kept as the capture (JSON where ``body`` was made of the action API's answer).
    """

    body: bytes
    media_type: str
    url: str
    revision_id: str | None
    language: str
    title: str
    response: Response


async def load(
    page: WikiPage,
    get: Get,
    *,
    revision: str | None = None,
    base: str | None = None,
    sleep: Sleep = asyncio.sleep,
) -> LoadedArticle:
    """The HTML of ``page``; ``revision`` asks for an older one, ``base`` for another server's.

    ``get`` must not heed robots.txt here: Wikipedia's forbids crawlers the very interfaces that
    it offers to programs. Raises ``FetchError`` for a page that does not exist and for a wiki
    that does not answer, ``UsageError`` for a revision that is no number.
    """
    if revision is not None:
        page = replace(page, revision=checked_revision(revision, page.name))
    site = (base or page.site).rstrip("/")
    seen = [page.title]
    while True:
        response, answer = await _asked(page, get, site, sleep)
        if answer.redirect is None:
            break
        seen.append(answer.redirect)
        if len(seen) > _MOST_REDIRECTS + 1 or seen.count(answer.redirect) > 1:
            raise FetchError(
                f"The wiki leads from page to page without end: {' → '.join(seen)}.",
                about=page_url(site, page.title),
                hint="Name the page at the end of these redirects.",
            )
        page = replace(page, title=answer.redirect)
    title = answer.title or page.title
    return LoadedArticle(
        body=answer.body,
        media_type="text/html; charset=utf-8",
        url=page_url(page.site, title),
        revision_id=answer.revision or page.revision,
        language=answer.language,
        title=title,
        response=response,
    )


async def _asked(page: WikiPage, get: Get, site: str, sleep: Sleep) -> tuple[Response, Answer]:
    """The first good answer to ``page``, or the error that tells of all the bad ones."""
    verdicts: list[NoAnswer] = []
    for url in _addresses(page, site):
        response = await _patiently(url, get, sleep)
        if isinstance(response, NoResponse):
            verdicts.append(NoAnswer(response.reason, final=response.access is Access.UNSAFE))
        else:
            answer = read_answer(response, page)
            if isinstance(answer, Answer):
                return response, answer
            verdicts.append(answer._replace(reason=f"{url}: {answer.reason}"))
        if verdicts[-1].final:
            break
    about = page_url(site, page.title) if page.title else site
    last = verdicts[-1]
    if last.missing and (last.final or all(verdict.missing for verdict in verdicts)):
        raise FetchError(
            f"Wikipedia ({page.language}) has no {page.name.removeprefix('the ')}.",
            about=about,
            hint=_advice(page),
        )
    raise FetchError(
        f"The wiki did not give {page.name}: {' '.join(_sentence(v.reason) for v in verdicts)}",
        about=about,
        hint="Try again later, or save the page in a browser and ingest the file.",
    )


def _addresses(page: WikiPage, site: str) -> list[str]:
    title = quote(page.title.replace(" ", "_"), safe="")
    ask = {"action": "parse", "format": "json", "formatversion": "2"}
    ask |= {"prop": "text|revid|displaytitle", "maxlag": "5"}
    if page.revision is None:
        ask |= {"page": page.title, "redirects": "1"}
        first, older = f"page/{title}/html", f"page/html/{title}"
    else:
        ask |= {"oldid": page.revision}
        first = f"revision/{page.revision}/html"
        older = f"page/html/{title}/{page.revision}" if title else ""
    return [
        f"{site}/w/rest.php/v1/{first}",
        *([f"{site}/api/rest_v1/{older}"] if older else []),
        f"{site}/w/api.php?{urlencode(ask)}",
    ]


async def _patiently(url: str, get: Get, sleep: Sleep) -> Response | NoResponse:
    """What ``url`` gives; a wiki that says it is busy (with status 200) is asked again."""
    response = await get(url)
    for _ in range(_MOST_TRIES - 1):
        if isinstance(response, NoResponse) or not is_busy(response):
            break
        pause = _retry_after(response)
        if pause > _PATIENCE:
            break
        await sleep(pause)
        response = await get(url)
    return response


def _retry_after(response: Response) -> float:
    """Seconds that the wiki asks to be left alone (RFC 9110, 10.2.3), at least a second."""
    said = (response.header("retry-after") or "").strip()
    if said.isdecimal():
        return max(1.0, float(said))
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return _PAUSE
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(1.0, (until - datetime.now(UTC)).total_seconds())


def _advice(page: WikiPage) -> str:
    if page.revision is not None:
        return "Check the revision's number; revisions of deleted pages cannot be read."
    if page.language == "en":
        return (
            "Check the spelling and capitals, and the language: wikipedia:ar:Title names an "
            "Arabic page."
        )
    return f"Check the spelling, and that the page is in this language ({page.language})."


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."
