"""Where an article is read from: a file, a WARC, a web address, or a wiki."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

from footnoted.domain import Origin
from footnoted.errors import FetchError, UsageError
from footnoted.ingest.fetching.responses import NoResponse, Response
from footnoted.ingest.inputs import ArticleInput
from footnoted.ingest.mediawiki import form as mediawiki
from footnoted.ingest.supplied import SuppliedFile, read_file
from footnoted.ingest.warc.article import article_in, is_warc
from footnoted.ingest.wikipedia.loading import LoadedArticle, WikiPage, load, parse_name
from footnoted.settings import Settings

_DONE = range(200, 300)
_WEB = ("http://", "https://")


def read_source(
    source: str,
    settings: Settings,
    *,
    form: str | None = None,
    url: str | None = None,
    revision: str | None = None,
) -> ArticleInput:
    """The article that ``source`` names: ``wikipedia:Title``, an address, or a file.

    Of a WARC, ``url`` names the response that is the article; else it is the first page.

    ``revision`` asks a wiki for an older one. Raises ``UnreadableFile`` for a file,
    ``FetchError`` for an address that gives nothing, ``UsageError`` for what would be ignored.
    """
    if not source.strip():
        raise UsageError(
            "No article is named.",
            about="SOURCE",
            hint="Name a page (wikipedia:Title), an address or a file.",
        )
    page = parse_name(source)
    _check_options(source, page, form, url, revision)
    if page is not None:
        return asyncio.run(_from_wiki(page, settings, revision))
    if source.startswith(_WEB):
        return asyncio.run(_from_web(source, settings, form))
    file = read_file(Path(source), settings.max_article_mb)
    return _from_warc(file, url, form) if is_warc(file.body) else ArticleInput(file, url, form)


def _check_options(
    source: str, page: WikiPage | None, form: str | None, url: str | None, revision: str | None
) -> None:
    """Raise ``UsageError`` for an option that says nothing of such a source."""
    if revision is not None and page is None:
        raise UsageError(
            f"--revision asks a Wikipedia for an older page, and {source} names none of its pages.",
            about="--revision",
            hint="Name the page: wikipedia:Title, or its address on wikipedia.org.",
        )
    if page is not None and form not in (None, mediawiki.NAME):
        raise UsageError(
            f"--form cannot be {form}: Wikipedia gives its pages as {mediawiki.NAME}.",
            about="--form",
            hint="Leave it out, or save the page in that form and name the file.",
        )
    if url is not None and (page is not None or source.startswith(_WEB)):
        raise UsageError(
            "--url says where a file was saved from, and the article is no file.",
            about="--url",
            hint="Leave it out.",
        )
    if url is not None and not url.startswith(_WEB):
        raise UsageError(
            f"{url!r} is no http or https address.", about="--url", hint="Give the full address."
        )


def _from_warc(file: SuppliedFile, url: str | None, form: str | None) -> ArticleInput:
    found = article_in(file.body, name=file.name, url=url)
    page = SuppliedFile(f"{file.name}.html", found.body)
    return ArticleInput(page, found.url, form, origin=Origin.LIVE, captures=found.captures)


async def _from_wiki(page: WikiPage, settings: Settings, revision: str | None) -> ArticleInput:
    from footnoted.ingest.fetching import web  # noqa: PLC0415 - loads the HTTP client: 0.4 s

    async with web.connect(settings, page.site) as get:
        found: LoadedArticle = await load(page, get, revision=revision)
    file = SuppliedFile(f"{found.title}.html", found.body)
    return ArticleInput(file, found.url, mediawiki.NAME, origin=Origin.LIVE)


async def _from_web(url: str, settings: Settings, form: str | None) -> ArticleInput:
    from footnoted.ingest.fetching import web  # noqa: PLC0415 - loads the HTTP client: 0.4 s

    async with web.connect(settings) as get:
        found = await get(url)
    if isinstance(found, NoResponse):
        raise FetchError(found.reason, about=url, hint="Save the page and name the file.")
    if found.status not in _DONE:
        raise FetchError(
            f"{url} answers with status {found.status}.",
            about=url,
            hint="Check the address, or save the page in a browser and name the file.",
        )
    return ArticleInput(
        SuppliedFile(_file_name(found), found.body), found.final_url, form, origin=Origin.LIVE
    )


def _file_name(response: Response) -> str:
    name = urlsplit(response.final_url).path.rstrip("/").rpartition("/")[2] or "article"
    html = "html" in response.media_type
    return f"{name}.html" if html and not name.endswith((".html", ".htm")) else name
