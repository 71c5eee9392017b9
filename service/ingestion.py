"""From what a user names to a corpus with an index: what `ingest` does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from footnoted.domain import Access, Article, Json
from footnoted.errors import UsageError
from footnoted.ingest.article_sources import read_source
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.earlier import Earlier, captured_addresses, earlier_ingest
from footnoted.ingest.fetching.responses import Get
from footnoted.ingest.forgetting.forgetting import forgotten
from footnoted.ingest.forms import read_article
from footnoted.ingest.inputs import ArticleInput
from footnoted.ingest.locations import corpus_folder, folder_for_new, refuse_packaged
from footnoted.ingest.pipeline import Progress, ingest
from footnoted.ingest.readings import OfflineReader, SourceReader, Unread
from footnoted.ingest.store import CorpusWriter, writing
from footnoted.ingest.supplied import (
    Supplied,
    by_reference,
    read_file,
    read_keyed_files,
    read_links,
    with_links,
)
from footnoted.service.changes import changes_document, newest_revision
from footnoted.service.documents import corpus_document, sources_document
from footnoted.settings import Settings

Notify = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Web:
    """How the sources on the web are read.

    ``refresh`` asks again for what was captured before; ``from_captures`` asks for nothing and
    reads what was captured. Without either only what is new is asked for.
    """

    refresh: bool = False
    from_captures: bool = False

    def __post_init__(self) -> None:
        if self.from_captures and self.refresh:
            raise UsageError(
                "--from-captures asks nobody, and --refresh asks everybody again.",
                about="--refresh",
                hint="Choose one of them.",
            )


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be ingested, into which folder, and how its sources are read."""

    source: ArticleInput
    article: Article  # what ``source`` was read as
    supplied: Supplied
    folder: Path
    settings: Settings
    web: Web
    earlier: Earlier | None = None


def request_for(
    article: str | Path,
    settings: Settings,
    *,
    corpus: str | None = None,
    links: Path | None = None,
    sources: Sequence[str] = (),
    digests: Sequence[str] = (),
    form: str | None = None,
    url: str | None = None,
    revision: str | None = None,
    web: Web | None = None,
) -> Request:
    """Read every file that an ingest needs, so that nothing is written when one is missing.

    ``article`` is a file, an address or ``wikipedia:Title``; ``sources`` and ``digests`` are
    ``KEY=PATH``. Without ``corpus`` the folder is named after the article's title.
    """
    how = web or Web()
    limit = settings.max_article_mb
    named = corpus_folder(settings, corpus) if corpus else None
    supplied = Supplied(
        links=read_links(read_file(links, limit)) if links else {},
        sources=read_keyed_files(sources, limit),
        digests=read_keyed_files(digests, limit),
    )
    earlier = _earlier(named) if how.from_captures else None
    if earlier is not None and not Path(article).is_file():
        source = earlier.article
    else:
        source = read_source(str(article), settings, form=form, url=url, revision=revision)
    if earlier is not None:
        supplied = supplied.after(earlier.supplied)
    parsed = read_article(
        source.file.body,
        name=source.file.name,
        url=source.url,
        form=source.form,
        retrieved_at=now(),
    )
    by_reference(supplied.sources, parsed.references)
    by_reference(supplied.digests, parsed.references)
    with_links(parsed.references, supplied.links)
    folder = named or folder_for_new(settings, parsed.title)
    refuse_packaged(folder)
    return Request(source, parsed, supplied, folder, settings, how, earlier)


def _earlier(folder: Path | None) -> Earlier:
    if folder is None:
        raise UsageError(
            "--from-captures needs the corpus whose captures are to be read.",
            about="--corpus",
            hint="Name it with --corpus; `footnoted corpora list` shows what there is.",
        )
    return earlier_ingest(folder)


def plan(request: Request) -> Json:
    """The ``ingest`` document that a run would end with, as far as it is known; writes nothing."""
    article = request.article
    references = with_links(article.references, request.supplied.links)
    files = by_reference(request.supplied.sources, references)
    digests = by_reference(request.supplied.digests, references)
    rows = []
    gone = forgotten(request.folder, references)
    kept = frozenset() if request.web.refresh else captured_addresses(request.folder)
    for reference in references:
        unread = OfflineReader().read(reference)
        if reason := gone.get(reference.reference_id):
            unread = Unread(Access.NOT_ATTEMPTED, reason)
        elif request.web.from_captures and reference.urls:
            unread = replace(
                unread, reason="Would be read from what was captured, if anything was."
            )
        elif (known := next((url for url in reference.urls if url in kept), None)) is not None:
            unread = replace(unread, reason=f"Would be read again as it was captured from {known}.")
        elif request.settings.fetch and reference.urls:
            unread = replace(unread, reason=f"Would be fetched from {reference.urls[0]}.")
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
    counts = {
        "references": len(rows),
        "readable": len(files),
        "digests": len(digests),
        "access": dict(Counter(row["access"] for row in rows)),
    }
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
        before = newest_revision(request.folder) if request.web.refresh else None
        ingest(
            request.source,
            writer,
            request.folder.name,
            _reader(request, writer, progress),
            article=request.article,
            supplied=request.supplied,
            now=now(),
            progress=progress,
        )
        with Corpus.open(request.folder) as corpus:
            generation = None
            if with_index:
                # Its libraries take 50 MB, which sources that are being read may need.
                from footnoted.service.indexing import build_index  # noqa: PLC0415

                generation = build_index(corpus, request.settings, notify=notify, progress=progress)
            folder = {"folder": str(request.folder)}
            document = sources_document(corpus) | {
                "corpus": corpus_document(corpus, generation) | folder
            }
            if before is not None:
                document["changes"] = changes_document(request.folder, before)
            return document


def _reader(request: Request, writer: CorpusWriter, progress: Progress) -> SourceReader:
    how, settings = request.web, request.settings
    captures = request.source.captures
    if not settings.fetch and not how.from_captures and captures is None:
        return OfflineReader()
    from footnoted.ingest.fetching import web  # noqa: PLC0415 - loads the HTTP client
    from footnoted.ingest.fetching.web_reader import WebReader  # noqa: PLC0415

    def connect() -> AbstractAsyncContextManager[Get | None]:
        asks = settings.fetch and not how.from_captures
        others = web.connect(settings) if asks else web.nobody()
        return web.after(captures, others) if captures is not None else others

    return WebReader(
        writer,
        connect,
        partial(web.archive, settings),
        now=now,
        refresh=how.refresh,
        earlier=request.earlier.states if request.earlier else {},
        on_read=lambda host, done, total: progress(
            f"sources read/{host}" if host else "sources read", done, total
        ),
    )


def now() -> str:
    """The instant, in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
