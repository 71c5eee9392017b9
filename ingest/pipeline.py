"""From an article and its sources to a published revision of a corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace

from footnoted.domain import (
    Access,
    Article,
    Capture,
    Document,
    Identity,
    Kind,
    Reference,
    SourceState,
)
from footnoted.errors import InputError
from footnoted.ids import document_id, text_sha256
from footnoted.ingest import passages
from footnoted.ingest.digests import DIGEST_READER, read_digest
from footnoted.ingest.extract_limit import why_partial
from footnoted.ingest.fetching.reading_process import ReadingProcess
from footnoted.ingest.forgetting.forgetting import forgotten
from footnoted.ingest.forms import read_article
from footnoted.ingest.inputs import ArticleInput, article_reading, digest_reading, supplied_reading
from footnoted.ingest.readings import Extracted, Reading, SourceReader, Unread
from footnoted.ingest.rereading import extractor_of, without_reader
from footnoted.ingest.states.syndication import copies
from footnoted.ingest.store import CorpusWriter, Entry
from footnoted.ingest.supplied import Supplied, SuppliedFile, by_reference, with_links

Progress = Callable[[str, int, int], None]
"""Called with a stage's name, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class _Source:
    """One reference after it was read, or not: its state, and its document if there is one.

    ``capture`` is what the document was read from.
    """

    state: SourceState
    document: Document | None = None
    capture: Capture | None = None


def ingest(
    source: ArticleInput,
    writer: CorpusWriter,
    name: str,
    reader: SourceReader,
    *,
    article: Article | None = None,
    supplied: Supplied | None = None,
    now: str,
    progress: Progress = lambda *_: None,
) -> str:
    """Read the article, read its sources, cut everything into passages; return the revision's id.

    ``name`` is the corpus's; ``article`` is what ``source`` was read as, where it was read
    already. A source that cannot be read never stops the others: its state says why. Raises
    ``InputError`` when the article itself cannot be read or nothing has a sentence, ``UsageError``
    for a key that names no reference.
    """
    supplied = supplied or Supplied()
    article = article or read_article(
        source.file.body,
        name=source.file.name,
        url=source.url,
        form=source.form,
        retrieved_at=now,
    )
    article = replace(article, references=with_links(article.references, supplied.links))
    files = by_reference(supplied.sources, article.references)
    digests = by_reference(supplied.digests, article.references)

    article_capture = _keep(writer, article_reading(source, article), now)
    entries = [_article_entry(article, article_capture, source.identity)]
    states: dict[str, SourceState] = {}
    documents: dict[str, tuple[Document, Capture | None]] = {}
    total = len(article.references)
    gone = {
        key: Unread(Access.NOT_ATTEMPTED, reason)
        for key, reason in forgotten(writer.folder, article.references).items()
    }
    reader.prepare(
        [
            r
            for r in article.references
            if _is_read(r, files, digests) and r.reference_id not in gone
        ]
    )
    with closing(ReadingProcess()) as apart:
        for n, reference in enumerate(article.references, start=1):
            for read in _read_source(reference, files, digests, gone, reader, writer, apart, now):
                states.setdefault(reference.reference_id, read.state)
                if read.document is not None:
                    key = read.document.document_id
                    known, capture = documents.setdefault(key, (read.document, read.capture))
                    merged = dict.fromkeys((*known.reference_ids, *read.document.reference_ids))
                    documents[key] = (replace(known, reference_ids=tuple(merged)), capture)
            progress("sources", n, total)
    _mark_copies(article, documents, states)
    entries += [Entry(doc, passages.cut(doc), capture) for doc, capture in documents.values()]
    if not any(entry.passages for entry in entries):
        raise InputError(
            f"{source.file.name} has no sentence to index.",
            about=source.file.name,
            hint="Check that it is the whole article.",
        )
    return writer.publish(name, entries, states, article=article, cutter=passages.CUTTER, now=now)


def _mark_copies(
    article: Article,
    documents: dict[str, tuple[Document, Capture | None]],
    states: dict[str, SourceState],
) -> None:
    """Note of each source whose words are another's, or the article's, that they are a copy."""
    own = {key: doc for key, (doc, _) in documents.items() if doc.identity is not Identity.DIGEST}
    found = copies({"": article.text} | {key: doc.text for key, doc in own.items()})
    for key, first in found.items():
        document = replace(own[key], identity=Identity.SYNDICATED_COPY)
        documents[key] = (document, documents[key][1])
        where = "the article" if not first else f"“{own[first].title}”, another source of it"
        for reference_id in document.reference_ids:
            state = states[reference_id]
            if state.document_id == key:
                words = f"{state.reason} Its words are those of {where}: it is no second witness."
                states[reference_id] = replace(
                    state, identity=Identity.SYNDICATED_COPY, reason=words
                )


def _is_read(
    reference: Reference,
    files: Mapping[str, SuppliedFile],
    digests: Mapping[str, SuppliedFile],
) -> bool:
    """Whether a source is to be read: what the user supplied always wins."""
    return reference.reference_id not in files and reference.reference_id not in digests


def _read_source(  # noqa: PLR0917 - all of them are needed to read one source
    reference: Reference,
    files: Mapping[str, SuppliedFile],
    digests: Mapping[str, SuppliedFile],
    gone: Mapping[str, Unread],
    reader: SourceReader,
    writer: CorpusWriter,
    apart: ReadingProcess,
    now: str,
) -> Iterator[_Source]:
    """The source itself first, then the digest on it; the first one's state is the reference's."""
    file = files.get(reference.reference_id)
    digest = digests.get(reference.reference_id)
    if file is not None:
        yield _from_reading(reference, supplied_reading(reference, file), writer, apart, now)
    elif _is_read(reference, files, digests):
        found = gone.get(reference.reference_id) or reader.read(reference)
        if isinstance(found, Reading):
            yield _from_reading(reference, found, writer, apart, now)
        elif isinstance(found, Extracted):
            yield _from_extracted(reference, found)
        else:
            yield _Source(_unread(reference, found.access, found.reason, found.captured_at))
    if digest is not None:
        yield _from_digest(reference, digest, writer, now)


def _from_reading(
    reference: Reference,
    reading: Reading,
    writer: CorpusWriter,
    apart: ReadingProcess,
    now: str,
) -> _Source:
    reading = replace(reading, media_type=without_reader(reading.media_type))
    capture = _keep(writer, reading, now)
    try:
        extraction = apart.extract(reading.body, reading.media_type, reading.final_url)
    except InputError as error:
        reason = f"{reading.reason} {error}"
        return _Source(_unread(reference, Access.EXTRACTION_FAILED, reason, now))
    found = Extracted(extraction, capture, reading.access, reading.identity, reading.reason)
    return _from_extracted(reference, found)


def _from_extracted(reference: Reference, found: Extracted) -> _Source:
    document = _source_document(reference, found)
    cut = why_partial(found.extraction)
    state = SourceState(
        reference.reference_id,
        found.access if cut is None else Access.PARTIAL,
        found.identity,
        found.reason if cut is None else f"{found.reason} {cut}",
        document.document_id,
        len(document.text),
        found.capture.fetched_at,
    )
    return _Source(state, document, found.capture)


def _from_digest(
    reference: Reference, file: SuppliedFile, writer: CorpusWriter, now: str
) -> _Source:
    digest = read_digest(file.body, file.name)
    reading = digest_reading(reference, file, digest)
    capture = _keep(writer, reading, now)
    document = Document(
        document_id=document_id(Kind.SOURCE, reading.url),
        kind=Kind.SOURCE,
        title=reference.csl.get("title") or digest.title or reference.text,
        language=digest.language,
        text=digest.text,
        text_sha256=text_sha256(digest.text),
        reference_ids=(reference.reference_id,),
        url=digest.found_at or _first(reference.urls),
        identity=Identity.DIGEST,
        capture_sha256=capture.sha256,
        extractor=DIGEST_READER,
        headings=digest.headings,
    )
    state = SourceState(
        reference.reference_id,
        Access.SUPPLIED,
        Identity.DIGEST,
        reading.reason,
        document.document_id,
        len(digest.text),
        capture.fetched_at,
    )
    return _Source(state, document, capture)


def _source_document(reference: Reference, found: Extracted) -> Document:
    extraction = found.extraction
    return Document(
        document_id=document_id(Kind.SOURCE, _first(reference.urls) or reference.text),
        kind=Kind.SOURCE,
        title=extraction.title or reference.csl.get("title") or reference.text,
        language=extraction.language,
        text=extraction.text,
        text_sha256=text_sha256(extraction.text),
        reference_ids=(reference.reference_id,),
        url=_first(reference.urls),
        identity=found.identity,
        capture_sha256=found.capture.sha256,
        extractor=extraction.extractor,
        published=extraction.published,
        authors=extraction.authors,
        headings=extraction.headings,
        pages=extraction.pages,
    )


def _article_entry(article: Article, capture: Capture, identity: Identity) -> Entry:
    document = Document(
        document_id=document_id(Kind.ARTICLE, article.url or article.title),
        kind=Kind.ARTICLE,
        title=article.title,
        language=article.language,
        text=article.text,
        text_sha256=text_sha256(article.text),
        url=article.url,
        identity=identity,
        capture_sha256=capture.sha256,
        extractor=extractor_of(article),
        headings=article.sections,
    )
    rows = {claim.span.start for claim in article.claims if claim.label is not None}
    return Entry(document, passages.cut(document, rows), capture)


def _keep(writer: CorpusWriter, reading: Reading, now: str) -> Capture:
    capture = writer.captures.store(
        reading.body,
        url=reading.url,
        final_url=reading.final_url,
        status=reading.status,
        media_type=reading.media_type,
        fetched_at=now,
        origin=reading.origin,
    )
    writer.add_capture(capture)
    return capture


def _unread(
    reference: Reference, access: Access, reason: str, captured_at: str | None = None
) -> SourceState:
    return SourceState(
        reference.reference_id, access, Identity.UNVERIFIED, reason, captured_at=captured_at
    )


def _first(values: tuple[str, ...]) -> str | None:
    return values[0] if values else None
