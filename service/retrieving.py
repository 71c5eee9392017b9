"""Hits of a corpus revision: the index's ranked ids, filtered, as passages of the corpus."""

from __future__ import annotations

from dataclasses import dataclass

from footnoted.domain import Hit, Kind
from footnoted.errors import UsageError
from footnoted.index.retrieval import Searcher
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.supplied import reference_for


@dataclass(frozen=True, slots=True)
class Filter:
    """Which passages may answer: ``only`` is ``article`` or ``sources``, ``reference`` a key.

    With a reference, the article's passages that cite it and the texts of its source remain.
    """

    only: str | None = None
    reference: str | None = None

    def __post_init__(self) -> None:
        if self.only not in (None, "article", "sources"):
            raise UsageError(
                f"only can be article or sources, not {self.only!r}.",
                about="only",
                hint="Leave it out to ask both.",
            )


EVERYTHING = Filter()


class PassageRetriever:
    """Finds passages of one corpus revision; ``contexts`` is what its index put before each."""

    def __init__(self, corpus: Corpus, searcher: Searcher, contexts: dict[str, str]) -> None:
        self.corpus = corpus
        self.searcher = searcher
        self.contexts = contexts

    def retrieve(self, query: str, k: int, wanted: Filter = EVERYTHING) -> list[Hit]:
        """At most ``k`` hits that ``wanted`` allows, best first."""
        # A question is too short to tell its language: its script and the corpus's must do.
        scored = self.searcher.search(query, k, allowed=self._allowed(wanted))
        return [Hit(self.corpus.passages[s.passage_id], s.score, s.rank, s.signals) for s in scored]

    def references_wanted(self, wanted: Filter) -> list[str]:
        """The ids of the references whose sources a filter asks for, if it asks for any."""
        if wanted.reference is not None:
            references = tuple(self.corpus.references.values())
            return [reference_for(wanted.reference, references).reference_id]
        return list(self.corpus.references) if wanted.only == "sources" else []

    def _allowed(self, wanted: Filter) -> set[str] | None:
        if wanted == EVERYTHING:
            return None
        asked = set(self.references_wanted(wanted))
        allowed = set()
        for passage_id, passage in self.corpus.passages.items():
            document = self.corpus.documents[passage.document_id]
            is_article = document.kind is Kind.ARTICLE
            if wanted.only is not None and is_article != (wanted.only == "article"):
                continue
            if wanted.reference is not None:
                cited = set(document.reference_ids)
                if is_article:
                    for claim in self.corpus.claims_under(passage.span):
                        cited.update(claim.reference_ids)
                if not cited & asked:
                    continue
            allowed.add(passage_id)
        return allowed
