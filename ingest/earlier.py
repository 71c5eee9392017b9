"""What an earlier ingest of a corpus was given and found, for making the corpus from captures."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from footnoted.domain import Identity, Kind, Origin, SourceState
from footnoted.errors import NotFound
from footnoted.ingest.captures import CaptureStore
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.database import FILE_NAME, connect_for_reading, database_errors
from footnoted.ingest.inputs import ArticleInput
from footnoted.ingest.supplied import Supplied, SuppliedFile


class Earlier(NamedTuple):
    """The article, what the user supplied with it, and what became of each reference, by its id."""

    article: ArticleInput
    supplied: Supplied
    states: Mapping[str, SourceState]


def earlier_ingest(folder: Path) -> Earlier:
    """The newest ingest of the corpus in ``folder``, as its captures hold it.

    ``NotFound`` when there is none, or none of an article.
    """
    store = CaptureStore(folder)
    with Corpus.open(folder) as corpus:
        article, documents = corpus.article, list(corpus.documents.values())
        if article is None or documents[0].document_id not in corpus.captures:
            raise NotFound(
                f"The corpus in {folder} holds no captured article.",
                about=str(folder),
                hint="Name the article's file or address, without --from-captures.",
            )
        own = corpus.captures[documents[0].document_id]
        file = SuppliedFile(_name("article", own.media_type), store.read(own))
        sources: dict[str, SuppliedFile] = {}
        digests: dict[str, SuppliedFile] = {}
        for document in documents:
            capture = corpus.captures.get(document.document_id)
            if document.kind is not Kind.SOURCE or capture is None:
                continue
            if capture.origin is Origin.SUPPLIED:
                kept = SuppliedFile(_name("source", capture.media_type), store.read(capture))
                keyed = digests if document.identity is Identity.DIGEST else sources
                keyed.update(dict.fromkeys(document.reference_ids, kept))
        links = {r.reference_id: r.urls for r in article.references if r.urls}
        return Earlier(
            ArticleInput(file, article.url, article.form, documents[0].identity, own.origin),
            Supplied(links, sources, digests),
            dict(corpus.states),
        )


def _name(stem: str, media_type: str) -> str:
    """A file name whose ending says the media type again."""
    plain = media_type.partition(";")[0].strip()
    return f"{stem}{mimetypes.guess_extension(plain) or ''}"


def captured_addresses(folder: Path) -> frozenset[str]:
    """The addresses whose answers a corpus has kept; empty where there is no corpus yet."""
    if not (folder / FILE_NAME).is_file():
        return frozenset()
    with closing(connect_for_reading(folder)) as connection, database_errors(folder / FILE_NAME):
        found = connection.execute(
            "SELECT DISTINCT url FROM captures WHERE origin != ?", (Origin.SUPPLIED,)
        ).fetchall()
    return frozenset(url for (url,) in found)
