"""Where a citation is made: from the characters of a document to everything a reader can check."""

from __future__ import annotations

from bisect import bisect_right

from footnoted.csl import issued, names
from footnoted.domain import (
    Access,
    Citation,
    CitedReference,
    Document,
    Identity,
    Json,
    Kind,
    Reference,
    Span,
)
from footnoted.errors import QuoteMismatch
from footnoted.ids import citation_id
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.language import direction_of
from footnoted.service.fragments import fragment_url


def cite(
    corpus: Corpus,
    document: Document,
    span: Span,
    number: int,
    *,
    quote: str | None = None,
    answer: Span | None = None,
) -> Citation:
    """The citation of ``document.text[span]``.

    ``quote`` are the words that will be shown; ``QuoteMismatch`` when the text does not hold
    exactly these at ``span``. ``answer`` is where they stand in the answer's own text.
    """
    words = span.of(document.text)
    if quote is not None and quote != words:
        raise QuoteMismatch(
            f"The quote {quote[:80]!r} is not what document {document.document_id} holds at "
            f"[{span.start}, {span.end}).",
            about=document.document_id,
            hint="Run `footnoted verify` on this corpus, and please report this.",
        )
    reference = _reference_of(corpus, document)
    state = corpus.states.get(reference.reference_id) if reference else None
    known = state if state and state.document_id == document.document_id else None
    csl = reference.csl if reference else _csl_of(corpus, document)
    capture = corpus.captures.get(document.document_id)
    url = reference.urls[0] if reference and reference.urls else document.url
    page = bisect_right(document.pages, span.start) or None
    return Citation(
        citation_id=citation_id(document.document_id, document.text_sha256, span),
        number=number,
        kind=document.kind,
        label=reference.label if reference else None,
        title=str(csl.get("title") or document.title),
        csl=csl,
        url=url,
        archive_url=reference.archive_url if reference else None,
        fragment_url=_page_url(url, page) if page else fragment_url(corpus, document, span),
        quote=words,
        span=span,
        document_id=document.document_id,
        text_sha256=document.text_sha256,
        capture_sha256=document.capture_sha256,
        captured_at=capture.fetched_at if capture else None,
        access=known.access if known else Access.SUPPLIED,
        identity=document.identity,
        authors=names(csl) or document.authors,
        publisher=csl.get("container-title") or csl.get("publisher"),
        published=issued(csl) or document.published,
        references=footnotes(corpus, span) if document.kind is Kind.ARTICLE else (),
        answer=answer,
        language=document.language,
        direction=direction_of(words),
        page=page,
    )


def footnotes(corpus: Corpus, span: Span) -> tuple[CitedReference, ...]:
    """Each reference that the article's claims under ``span`` carry, read or not, in text order."""
    wanted = dict.fromkeys(
        reference_id for claim in corpus.claims_under(span) for reference_id in claim.reference_ids
    )
    return tuple(
        CitedReference(corpus.references[reference_id], corpus.states[reference_id])
        for reference_id in wanted
    )


def _page_url(url: str | None, page: int) -> str | None:
    """The address of a PDF's page (RFC 8118, 3)."""
    return f"{url}#page={page}" if url else None


def _csl_of(corpus: Corpus, document: Document) -> Json:
    """A CSL item for a document that no reference describes: the article, or a plain document."""
    csl: Json = {"id": document.document_id, "title": document.title, "language": document.language}
    article = corpus.article
    if document.kind is Kind.ARTICLE and article is not None:
        csl["type"] = "entry-encyclopedia"
        if article.revision_id:
            csl["version"] = article.revision_id
    else:
        csl["type"] = "document"
    if document.url:
        csl["URL"] = document.url
    return csl


def _reference_of(corpus: Corpus, document: Document) -> Reference | None:
    for reference_id in document.reference_ids:
        if reference := corpus.references.get(reference_id):
            return reference
    return None


def is_digest(citation: Citation) -> bool:
    """Whether the quote is a digest writer's words rather than the source's."""
    return citation.kind is Kind.SOURCE and citation.identity is Identity.DIGEST
