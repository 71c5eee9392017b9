"""Captures that are read by one of our own readers: the article, and digests.

Their media type carries a ``reader`` parameter (``text/html; reader=mediawiki_html``), so that
bytes and media type alone always give the same text again, as for every other capture. What a
server or a user declares is stripped of that parameter: only we choose a reader.
"""

from __future__ import annotations

import re

from footnoted.domain import Article
from footnoted.ingest.digests import DIGEST_READER, read_digest
from footnoted.ingest.extract import Extraction
from footnoted.ingest.forms import read_article

DIGEST = "digest"
_PARAMETER = re.compile(r"\s*;\s*reader\s*=\s*[^;]*", re.IGNORECASE)


def with_reader(media_type: str, reader: str) -> str:
    """``media_type`` saying that ``reader`` (``digest`` or a form of article) read the bytes."""
    return f"{without_reader(media_type)}; reader={reader}"


def without_reader(media_type: str) -> str:
    """``media_type`` as anybody else may declare it."""
    return _PARAMETER.sub("", media_type)


def reread(body: bytes, reader: str, url: str | None) -> Extraction:
    """What ``reader`` makes of ``body``; errors as of that reader."""
    if reader == DIGEST:
        digest = read_digest(body, url or "digest")
        return Extraction(
            text=digest.text,
            title=digest.title or "",
            authors=(),
            published=None,
            language=digest.language,
            headings=digest.headings,
            pages=(),
            extractor=DIGEST_READER,
        )
    article = read_article(body, name=url or "article", url=url, form=reader)
    return Extraction(
        text=article.text,
        title=article.title,
        authors=(),
        published=None,
        language=article.language,
        headings=article.sections,
        pages=(),
        extractor=extractor_of(article),
    )


def extractor_of(article: Article) -> str:
    """The name and version of the reader that made the article's text."""
    return f"footnoted-{article.form} 1"
