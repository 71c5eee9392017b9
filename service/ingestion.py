"""From the files that a user names to a corpus with an index: what `ingest` does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from footnoted.domain import Json
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.forms import read_article
from footnoted.ingest.locations import corpus_folder, folder_for_new, refuse_packaged
from footnoted.ingest.pipeline import ArticleInput, Progress, ingest
from footnoted.ingest.readings import OfflineReader
from footnoted.ingest.store import writing
from footnoted.ingest.supplied import (
    Supplied,
    by_reference,
    read_file,
    read_keyed_files,
    read_links,
    with_links,
)
from footnoted.service.documents import corpus_document, sources_document
from footnoted.service.indexing import build_index
from footnoted.settings import Settings

Notify = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be ingested, and into which folder."""

    article: ArticleInput
    supplied: Supplied
    folder: Path
    settings: Settings


def request_from_files(
    article: Path,
    settings: Settings,
    *,
    corpus: str | None = None,
    links: Path | None = None,
    sources: Sequence[str] = (),
    digests: Sequence[str] = (),
    form: str | None = None,
    url: str | None = None,
) -> Request:
    """Read every file that an ingest needs, so that nothing is written when one is missing.

    ``sources`` and ``digests`` are ``KEY=PATH``. Without ``corpus`` the folder is named after
    the article's title.
    """
    limit = settings.max_article_mb
    file = read_file(article, limit)
    supplied = Supplied(
        links=read_links(read_file(links, limit)) if links else {},
        sources=read_keyed_files(sources, limit),
        digests=read_keyed_files(digests, limit),
    )
    parsed = read_article(file.body, name=file.name, url=url, form=form)
    by_reference(supplied.sources, parsed.references)
    by_reference(supplied.digests, parsed.references)
    with_links(parsed.references, supplied.links)
    named = corpus_folder(settings, corpus) if corpus else None
    folder = named or folder_for_new(settings, parsed.title)
    refuse_packaged(folder)
    return Request(ArticleInput(file, url, form), supplied, folder, settings)


def plan(request: Request) -> Json:
    """The ``ingest`` document that a run would end with, as far as it is known; writes nothing."""
    file = request.article.file
    article = read_article(
        file.body, name=file.name, url=request.article.url, form=request.article.form
    )
    references = with_links(article.references, request.supplied.links)
    files = by_reference(request.supplied.sources, references)
    digests = by_reference(request.supplied.digests, references)
    rows = []
    for reference in references:
        unread = OfflineReader().read(reference)
        given = files.get(reference.reference_id) or digests.get(reference.reference_id)
        rows.append(
            {
                "reference_id": reference.reference_id,
                "label": reference.label,
                "group": reference.group,
                "text": reference.text,
                "csl": reference.csl,
                "url": reference.urls[0] if reference.urls else None,
                "archive_url": reference.archive_url,
                "access": "supplied" if given else unread.access.value,
                "identity": "digest"
                if given and reference.reference_id not in files
                else "unverified",
                "reason": f"Would be read from {given.name}." if given else unread.reason,
                "document_id": None,
                "characters": 0,
                "captured_at": None,
            }
        )
    counts = {"references": len(rows), "readable": len(files), "digests": len(digests)}
    return {
        "references": rows,
        "counts": counts,
        "corpus": {"folder": str(request.folder), "form": article.form, "title": article.title},
    }


def ingest_and_index(
    request: Request, *, with_index: bool = True, notify: Notify, progress: Progress
) -> Json:
    """Ingest, index, and return the ``ingest`` document: the sources and the corpus."""
    with writing(request.folder, request.settings.lock_wait) as writer:
        ingest(
            request.article,
            writer,
            request.folder.name,
            OfflineReader(),
            supplied=request.supplied,
            now=now(),
            progress=progress,
        )
        with Corpus.open(request.folder) as corpus:
            generation = None
            if with_index:
                generation = build_index(corpus, request.settings, notify=notify, progress=progress)
            folder = {"folder": str(request.folder)}
            return sources_document(corpus) | {
                "corpus": corpus_document(corpus, generation) | folder
            }


def now() -> str:
    """The instant, in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
