"""Hits of a corpus revision: the index's ranked ids, filtered, as passages of the corpus."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from footnoted.csl import issued
from footnoted.domain import Document, Hit, Kind, Reference
from footnoted.errors import UsageError
from footnoted.ids import canonical_url
from footnoted.index.matching import MatchFinder
from footnoted.index.retrieval import Searcher
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.supplied import reference_for
from footnoted.protocols import Rows
from footnoted.service.filters import EVERYTHING, Filter
from footnoted.service.texts import CorpusTexts

__all__ = ["EVERYTHING", "Filter", "PassageRetriever"]

_NAMED = 12  # of what exists, in a hint


class PassageRetriever:
    """Finds passages of one corpus revision; ``contexts`` is what its index put before each."""

    def __init__(self, corpus: Corpus, searcher: Searcher, contexts: dict[str, str]) -> None:
        self.corpus = corpus
        self.searcher = searcher
        self.contexts = contexts
        self._finder = MatchFinder(searcher, CorpusTexts(corpus, contexts))
        self._rows = lru_cache(maxsize=32)(self._rows_of)

    def retrieve(self, query: str, k: int, wanted: Filter = EVERYTHING) -> list[Hit]:
        """At most ``k`` hits that ``wanted`` allows, best first.

        Raises ``UsageError`` for a filter by something that the corpus does not have.
        """
        # A question is too short to tell its language: its script and the corpus's must do.
        scored = self.searcher.search(
            query, k, allowed=self._allowed(wanted), every_document=not wanted.asks_for_one
        )
        passages = self.corpus.passages
        return [
            Hit(passages[s.passage_id], s.score, s.rank, s.signals, s.duplicates, s.duplicate_of)
            for s in scored
        ]

    def explained(self, query: str, hits: Sequence[Hit]) -> list[Hit]:
        """``hits`` with the words of each that match those of ``query``."""
        found = self._finder.find(query, [hit.passage.passage_id for hit in hits])
        return [replace(hit, matches=matches) for hit, matches in zip(hits, found, strict=True)]

    def references_wanted(self, wanted: Filter) -> list[str]:
        """The ids of the references whose sources a filter asks for, if it asks for any."""
        if wanted.reference is not None:
            references = tuple(self.corpus.references.values())
            return [reference_for(wanted.reference, references).reference_id]
        if wanted.source is not None:
            return [r.reference_id for r in self._references_at(wanted.source)]
        return list(self.corpus.references) if wanted.only == "sources" else []

    def notes(self, wanted: Filter) -> list[str]:
        """What a reader must know of what a filter leaves, in sentences; mostly nothing."""
        found = []
        if wanted.since or wanted.until:
            undated = sum(_published(self.corpus, d) is None for d in self._documents)
            if undated:
                found.append(
                    f"{undated} of {len(self._documents)} documents have no known date"
                    " and were left out."
                )
        rows = self._rows(wanted)
        if rows is not None and not len(rows):
            found.append(f"The filter leaves no passage of this corpus: {wanted.in_words()}.")
        return found

    def _allowed(self, wanted: Filter) -> Collection[str] | Rows | None:
        return self._rows(wanted)

    def _rows_of(self, wanted: Filter) -> Rows | None:
        """The rows of the index that a filter leaves; ``None`` for all of them."""
        if wanted == EVERYTHING:
            return None
        self._check_language(wanted.language)
        at_source = self._documents_at(wanted.source) if wanted.source is not None else None
        fits = np.array(
            [
                (at_source is None or document.document_id in at_source)
                and self._fits(document, wanted)
                for document in self._documents
            ],
            bool,
        )
        kept = fits[self._document_of_row]
        if wanted.reference is not None:
            kept &= self._citing(self.references_wanted(wanted)[0], kept)
        return None if kept.all() else np.flatnonzero(kept).astype(np.int64)

    def _fits(self, document: Document, wanted: Filter) -> bool:
        is_article = document.kind is Kind.ARTICLE
        return (
            document.document_id not in wanted.hidden
            and (wanted.only is None or is_article == (wanted.only == "article"))
            and (wanted.kind is None or document.kind == wanted.kind)
            and (wanted.language is None or _speaks(document.language, wanted.language))
            and wanted.dated(_published(self.corpus, document))
        )

    def _citing(self, reference_id: str, among: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Of the rows ``among``: those of the reference's source, and of claims that cite it."""
        citing = np.zeros(len(among), bool)
        for row in np.flatnonzero(among).tolist():
            document = self._documents[self._document_of_row[row]]
            cited = set(document.reference_ids)
            if document.kind is Kind.ARTICLE:
                passage = self.corpus.passages[self.searcher.generation.passage_ids[row]]
                for claim in self.corpus.claims_under(passage.span):
                    cited.update(claim.reference_ids)
            citing[row] = reference_id in cited
        return citing

    def _documents_at(self, source: str) -> set[str]:
        """The ids of the documents with this id or address, or read for a reference that gives it.

        ``UsageError`` where there is neither a document nor a reference.
        """
        references = {reference.reference_id for reference in self._references_at(source)}
        wanted = canonical_url(source)
        found = {
            document.document_id
            for document in self._documents
            if source == document.document_id
            or (document.url is not None and canonical_url(document.url) == wanted)
            or not references.isdisjoint(document.reference_ids)
        }
        if not found and not references:
            names = {document.url or document.document_id for document in self._documents}
            raise UsageError(
                f"No document of this corpus has the id or address {source!r}.",
                about="source",
                hint=f"It has: {_some(names)}.",
            )
        return found

    def _references_at(self, source: str) -> list[Reference]:
        """The references that give this address, or whose source is the document of this id."""
        if (document := self.corpus.documents.get(source)) is not None:
            held = [self.corpus.references.get(r) for r in document.reference_ids]
            return [reference for reference in held if reference is not None]
        wanted = canonical_url(source)
        return [
            reference
            for reference in self.corpus.references.values()
            if wanted in map(canonical_url, (*reference.urls, reference.archive_url or ""))
        ]

    def _check_language(self, wanted: str | None) -> None:
        """``UsageError`` for a language in which the corpus has nothing."""
        if wanted is not None and not any(_speaks(d.language, wanted) for d in self._documents):
            raise UsageError(
                f"Nothing in this corpus is in the language {wanted!r}.",
                about="language",
                hint=f"Its languages: {_some({d.language for d in self._documents})}.",
            )

    @cached_property
    def _documents(self) -> tuple[Document, ...]:
        return tuple(self.corpus.documents.values())

    @cached_property
    def _document_of_row(self) -> NDArray[np.int32]:
        at = {document.document_id: n for n, document in enumerate(self._documents)}
        passages = self.corpus.passages
        rows = self.searcher.generation.passage_ids
        return np.array([at[passages[name].document_id] for name in rows], np.int32)


def _published(corpus: Corpus, document: Document) -> str | None:
    """The date that the document's citation shows: its reference's, else its own."""
    for reference_id in document.reference_ids:
        if (reference := corpus.references.get(reference_id)) is not None:
            return issued(reference.csl) or document.published
    return document.published


def _speaks(language: str, wanted: str) -> bool:
    have, want = (code.lower().replace("_", "-") for code in (language, wanted))
    return have == want or have.startswith(f"{want}-")


def _some(names: set[str]) -> str:
    shown = sorted(names)
    more = f" and {len(shown) - _NAMED} more" if len(shown) > _NAMED else ""
    return ", ".join(shown[:_NAMED]) + more
