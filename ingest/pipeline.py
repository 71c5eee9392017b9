"""From an article and its sources to a published revision of a corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from footnoted.domain import (
    Access,
    Article,
    Capture,
    Document,
    Identity,
    Kind,
    Origin,
    Reference,
    SourceState,
)
from footnoted.errors import InputError
from footnoted.ids import document_id, text_sha256
from footnoted.ingest import passages
from footnoted.ingest.digests import DIGEST_READER, read_digest
from footnoted.ingest.extract import Extraction, extract
from footnoted.ingest.forms import read_article
from footnoted.ingest.readings import Reading, SourceReader
from footnoted.ingest.rereading import DIGEST, extractor_of, with_reader, without_reader
from footnoted.ingest.store import CorpusWriter, Entry
from footnoted.ingest.supplied import Supplied, SuppliedFile, by_reference, with_links

Progress = Callable[[str, int, int], None]
"""Called with a stage's name, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class ArticleInput:
    """The bytes of an article, and what is known of where they came from.

    ``identity`` is ``digest`` for somebody's own-words version of another article.
    """

    file: SuppliedFile
    url: str | None = None
    form: str | None = None
    identity: Identity = Identity.EXACT


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
    supplied: Supplied | None = None,
    now: str,
    progress: Progress = lambda *_: None,
) -> str:
    """Read the article, read its sources, cut everything into passages; return the revision's id.

    ``name`` is the corpus's. A source that cannot be read never stops the others: its state says
    why. Raises ``InputError`` when the article itself cannot be read or nothing has a sentence,
    ``UsageError`` for a key that names no reference.
    """
    supplied = supplied or Supplied()
    article = read_article(
        source.file.body,
        name=source.file.name,
        url=source.url,
        form=source.form,
        retrieved_at=now,
    )
    article = replace(article, references=with_links(article.references, supplied.links))
    files = by_reference(supplied.sources, article.references)
    digests = by_reference(supplied.digests, article.references)

    article_capture = _keep(writer, _article_reading(source, article), now)
    entries = [_article_entry(article, article_capture, source.identity)]
    states: dict[str, SourceState] = {}
    documents: dict[str, tuple[Document, Capture | None]] = {}
    total = len(article.references)
    for n, reference in enumerate(article.references, start=1):
        for read in _read_source(reference, files, digests, reader, writer, now):
            states.setdefault(reference.reference_id, read.state)
            if read.document is not None:
                key = read.document.document_id
                known, capture = documents.setdefault(key, (read.document, read.capture))
                merged = dict.fromkeys((*known.reference_ids, *read.document.reference_ids))
                documents[key] = (replace(known, reference_ids=tuple(merged)), capture)
        progress("sources", n, total)
    entries += [Entry(doc, passages.cut(doc), capture) for doc, capture in documents.values()]
    if not any(entry.passages for entry in entries):
        raise InputError(
            f"{source.file.name} has no sentence to index.",
            about=source.file.name,
            hint="Check that it is the whole article.",
        )
    return writer.publish(name, entries, states, article=article, cutter=passages.CUTTER, now=now)


def _read_source(  # noqa: PLR0917 - all of them are needed to read one source
    reference: Reference,
    files: Mapping[str, SuppliedFile],
    digests: Mapping[str, SuppliedFile],
    reader: SourceReader,
    writer: CorpusWriter,
    now: str,
) -> Iterator[_Source]:
    """The source itself first, then the digest on it; the first one's state is the reference's."""
    file = files.get(reference.reference_id)
    digest = digests.get(reference.reference_id)
    if file is not None:
        yield _from_reading(reference, _supplied_reading(reference, file), writer, now)
    elif digest is None:
        found = reader.read(reference)
        if isinstance(found, Reading):
            yield _from_reading(reference, found, writer, now)
        else:
            yield _Source(_unread(reference, found.access, found.reason))
    if digest is not None:
        yield _from_digest(reference, digest, writer, now)


def _from_reading(
    reference: Reference, reading: Reading, writer: CorpusWriter, now: str
) -> _Source:
    reading = replace(reading, media_type=without_reader(reading.media_type))
    capture = _keep(writer, reading, now)
    try:
        extraction = extract(reading.body, reading.media_type, reading.final_url)
    except InputError as error:
        reason = f"{reading.reason} {error}"
        return _Source(_unread(reference, Access.EXTRACTION_FAILED, reason, now))
    document = _source_document(reference, extraction, reading, capture)
    state = SourceState(
        reference.reference_id,
        reading.access,
        reading.identity,
        reading.reason,
        document.document_id,
        len(document.text),
        capture.fetched_at,
    )
    return _Source(state, document, capture)


def _from_digest(
    reference: Reference, file: SuppliedFile, writer: CorpusWriter, now: str
) -> _Source:
    digest = read_digest(file.body, file.name)
    reading = Reading(
        body=file.body,
        media_type=with_reader("text/markdown", DIGEST),
        url=f"urn:footnoted:digest:{reference.reference_id}",
        final_url=f"urn:footnoted:digest:{reference.reference_id}",
        origin=Origin.SUPPLIED,
        access=Access.SUPPLIED,
        identity=Identity.DIGEST,
        reason=_digest_reason(digest.written, digest.found_at, digest.relation),
    )
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


def _digest_reason(written: str | None, found_at: str | None, relation: str | None) -> str:
    words = "Not the source's words: a digest of it in somebody's own words"
    words += f", written {written}." if written else "."
    if found_at:
        words += f" Its writer read {found_at}"
        words += f" ({relation})." if relation else "."
    return words


def _source_document(
    reference: Reference, extraction: Extraction, reading: Reading, capture: Capture
) -> Document:
    return Document(
        document_id=document_id(Kind.SOURCE, _first(reference.urls) or reference.text),
        kind=Kind.SOURCE,
        title=extraction.title or reference.csl.get("title") or reference.text,
        language=extraction.language,
        text=extraction.text,
        text_sha256=text_sha256(extraction.text),
        reference_ids=(reference.reference_id,),
        url=_first(reference.urls),
        identity=reading.identity,
        capture_sha256=capture.sha256,
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


def _article_reading(source: ArticleInput, article: Article) -> Reading:
    return Reading(
        body=source.file.body,
        media_type=with_reader(source.file.media_type, article.form),
        url=article.url or f"urn:footnoted:article:{source.file.name}",
        final_url=article.url or f"urn:footnoted:article:{source.file.name}",
        origin=Origin.SUPPLIED,
        access=Access.SUPPLIED,
        identity=Identity.EXACT,
        reason="The article, as it was supplied.",
    )


def _supplied_reading(reference: Reference, file: SuppliedFile) -> Reading:
    url = _first(reference.urls) or f"urn:footnoted:supplied:{reference.reference_id}"
    return Reading(
        body=file.body,
        media_type=file.media_type,
        url=url,
        final_url=url,
        origin=Origin.SUPPLIED,
        access=Access.SUPPLIED,
        identity=Identity.UNVERIFIED,
        reason=f"Read from the supplied file {file.name}; whether it is the cited page was not "
        "checked.",
    )


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
