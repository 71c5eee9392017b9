"""A corpus without an article: plain documents, each under an id of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from footnoted.domain import Document, Identity, Kind
from footnoted.ids import document_id, text_sha256
from footnoted.ingest import passages
from footnoted.ingest.language import detect_language
from footnoted.ingest.normalise import normalise, normalise_line
from footnoted.ingest.store import CorpusWriter, Entry

_READER = "footnoted-plain 1"


class PlainDocument(NamedTuple):
    """A name that is unique in its collection, a title (perhaps empty) and a text."""

    name: str
    title: str
    text: str


def publish_documents(
    documents: Iterable[PlainDocument],
    writer: CorpusWriter,
    corpus: str,
    *,
    now: str,
    language: str | None = None,
) -> dict[str, str]:
    """Publish the documents that have any text as a revision; their names by document id.

    ``language`` is that of all of them; without it each text's own is detected.
    """
    entries = []
    names = {}
    for plain in documents:
        text = normalise(plain.text)
        if not text:
            continue
        document = Document(
            document_id=document_id(Kind.DOCUMENT, plain.name),
            kind=Kind.DOCUMENT,
            title=normalise_line(plain.title) or plain.name,
            language=language or detect_language(text),
            text=text,
            text_sha256=text_sha256(text),
            identity=Identity.EXACT,
            extractor=_READER,
        )
        names[document.document_id] = plain.name
        entries.append(Entry(document, passages.cut(document)))
    writer.publish(corpus, entries, {}, article=None, cutter=passages.CUTTER, now=now)
    return names
