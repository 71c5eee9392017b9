"""The JSON documents of the contract: the same from the command line, over HTTP and in Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from footnoted.domain import (
    Answer,
    Article,
    Citation,
    CitedPassage,
    CitedReference,
    Match,
    Passage,
    Reference,
    Refusal,
    SourceState,
    Statement,
)
from footnoted.ingest.corpus import Corpus

if TYPE_CHECKING:  # 10 ms, for types alone
    from footnoted import documents as shapes


def answer_document(
    result: Answer | Refusal,
    corpus: Corpus,
    generation: str,
    timings_ms: Mapping[str, float],
    notes: Sequence[str] = (),
) -> shapes.AnswerDocument:
    """The answer document of ``result``, for answers and refusals alike.

    ``notes`` are sentences on what a filter left out; those of ``result`` follow them, each once.
    """
    coverage = corpus.coverage
    document: shapes.AnswerDocument = {
        "question": result.question,
        "status": "refused",
        "reason": None,
        "confidence": round(result.confidence, 4),
        "caveats": [],
        "answer": "",
        "statements": [],
        "citations": [],
        "passages": [passage_document(p) for p in result.passages],
        "coverage": {
            "references": coverage.references,
            "readable": coverage.readable,
            "digests": coverage.digests,
        },
        "notes": list(dict.fromkeys((*notes, *result.notes))),
        "corpus": corpus_document(corpus, generation),
        "timings_ms": {name: round(value, 2) for name, value in timings_ms.items()},
    }
    if isinstance(result, Refusal):
        document["reason"] = result.reason.value
        return document
    document["status"] = "answered"
    document["caveats"] = [caveat.value for caveat in result.caveats]
    document["answer"] = result.text
    document["statements"] = [_statement(s) for s in result.statements]
    document["citations"] = [citation_document(c) for c in result.citations]
    return document


def search_document(
    query: str,
    passages: Iterable[CitedPassage],
    corpus: Corpus,
    generation: str,
    notes: Sequence[str] = (),
) -> shapes.SearchDocument:
    """The passages that a query found, each with its citation, and these citations by number.

    ``notes`` are sentences on what a filter left out.
    """
    documents = [passage_document(p) for p in passages]
    return {
        "query": query,
        "passages": documents,
        "citations": [document["citation"] for document in documents],
        "notes": list(notes),
        "corpus": corpus_document(corpus, generation),
    }


def corpus_document(corpus: Corpus, generation: str | None) -> shapes.CorpusState:
    """Which corpus, revision and index generation a document was made from."""
    article = corpus.article
    return {
        "id": corpus.info.corpus_id,
        "name": corpus.info.corpus_name,
        "revision": corpus.info.revision_id,
        "generation": generation,
        "article": None
        if article is None
        else {
            "title": article.title,
            "url": article.url,
            "revision": article.revision_id,
            "licence": article.licence,
        },
    }


def citation_document(citation: Citation) -> shapes.Citation:
    """Everything that is known of the quoted characters and of their source."""
    return {
        "citation_id": citation.citation_id,
        "number": citation.number,
        "kind": citation.kind.value,
        "label": citation.label,
        "title": citation.title,
        "authors": list(citation.authors),
        "publisher": citation.publisher,
        "published": citation.published,
        "csl": citation.csl,
        "url": citation.url,
        "archive_url": citation.archive_url,
        "fragment_url": citation.fragment_url,
        "quote": citation.quote,
        "language": citation.language,
        "direction": citation.direction,
        "page": citation.page,
        "start": citation.span.start,
        "end": citation.span.end,
        "answer_start": citation.answer.start if citation.answer else None,
        "answer_end": citation.answer.end if citation.answer else None,
        "document_id": citation.document_id,
        "text_sha256": citation.text_sha256,
        "capture_sha256": citation.capture_sha256,
        "captured_at": citation.captured_at,
        "access": citation.access.value,
        "identity": citation.identity.value,
        "references": [_footnote(entry) for entry in citation.references],
    }


def passage_document(cited: CitedPassage) -> shapes.Passage:
    """A hit: its words, its rank and signals, its copies and matches, and its citation."""
    hit = cited.hit
    return {
        "id": hit.passage.passage_id,
        "rank": hit.rank,
        "score": round(hit.score, 6),
        "text": cited.text,
        "document_id": hit.passage.document_id,
        "heading": list(hit.passage.heading),
        "signals": {
            "dense": _rounded(hit.signals.dense),
            "bm25": _rounded(hit.signals.bm25),
            "maxsim": _rounded(hit.signals.maxsim),
            "rerank": _rounded(hit.signals.rerank),
        },
        "matches": [_match(match) for match in hit.matches],
        "duplicates": list(hit.duplicates),
        "duplicate_of": hit.duplicate_of,
        "citation": citation_document(cited.citation),
    }


def _match(match: Match) -> shapes.Match:
    return {
        "query": match.query,
        "passage": match.passage,
        "start": match.start,
        "end": match.end,
        "cosine": round(match.cosine, 4),
    }


def single_passage_document(
    passage: Passage, citation: Citation, before: str, after: str, *, moved: bool
) -> shapes.PassageDocument:
    """One passage by its id, with the words around it."""
    return {
        "id": passage.passage_id,
        "status": "moved" if moved else "current",
        "text": citation.quote,
        "before": before,
        "after": after,
        "document_id": passage.document_id,
        "heading": list(passage.heading),
        "sentences": [
            {"start": s.start - passage.span.start, "end": s.end - passage.span.start}
            for s in passage.sentences
        ],
        "citation": citation_document(citation),
    }


def sources_document(corpus: Corpus) -> shapes.SourcesDocument:
    """Every reference of the article with what became of it, and how many are in each state."""
    rows = [
        reference_document(reference, corpus.states[reference.reference_id])
        for reference in corpus.references.values()
    ]
    access: dict[str, int] = {}
    for row in rows:
        access[row["access"]] = access.get(row["access"], 0) + 1
    coverage = corpus.coverage
    counts: shapes.SourceCounts = {
        "references": coverage.references,
        "readable": coverage.readable,
        "digests": coverage.digests,
        "access": access,
    }
    return {"references": rows, "counts": counts}


def article_document(article: Article) -> shapes.ArticleDocument:
    """The article's text, and its claims with the footnote signs that belong to each."""
    return {
        "title": article.title,
        "url": article.url,
        "revision": article.revision_id,
        "language": article.language,
        "licence": article.licence,
        "form": article.form,
        "text": article.text,
        "claims": [
            {
                "id": claim.claim_id,
                "text": claim.text,
                "start": claim.span.start,
                "end": claim.span.end,
                "label": claim.label,
                "markers": [marker.label for marker in claim.markers],
                "reference_ids": list(claim.reference_ids),
                "flags": list(claim.flags),
            }
            for claim in article.claims
        ],
        "counts": {
            "claims": len(article.claims),
            "markers": len(article.markers),
            "orphan_markers": sum(not marker.reference_ids for marker in article.markers),
            "references": len(article.references),
        },
    }


def _statement(statement: Statement) -> shapes.Statement:
    counts = statement.corroboration
    return {
        "text": statement.text,
        "span": statement.span,
        "citations": list(statement.citations),
        "corroboration": {
            "cited": counts.cited,
            "readable": counts.readable,
            "supporting": counts.supporting,
            "independent": counts.independent,
            "digests": counts.digests,
        },
    }


def reference_document(reference: Reference, state: SourceState) -> shapes.Source:
    """A reference as it is printed, and what became of it."""
    return {
        "reference_id": reference.reference_id,
        "label": reference.label,
        "group": reference.group,
        "text": reference.text,
        "csl": reference.csl,
        "url": reference.urls[0] if reference.urls else None,
        "archive_url": reference.archive_url,
        "access": state.access.value,
        "identity": state.identity.value,
        "reason": state.reason,
        "document_id": state.document_id,
        "characters": state.characters,
        "captured_at": state.captured_at,
    }


def _footnote(entry: CitedReference) -> shapes.Footnote:
    reference, state = entry.reference, entry.state
    return {
        "reference_id": reference.reference_id,
        "label": reference.label,
        "group": reference.group,
        "csl": reference.csl,
        "url": reference.urls[0] if reference.urls else None,
        "archive_url": reference.archive_url,
        "access": state.access.value,
        "identity": state.identity.value,
        "document_id": state.document_id,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
