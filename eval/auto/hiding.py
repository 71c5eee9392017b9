"""Asking a corpus while some of its documents are hidden from the search itself.

Hidden passages are no candidates of any ranker, so that nothing of them reaches an answer, a
score or a confidence. What remains of them is their share in how rare BM25 takes a word to be,
since that is counted when the index is built.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from footnoted.eval.answer_documents import GivenAnswer, read_answer
from footnoted.eval.baselines import BM25, COSINE
from footnoted.eval.measures import strict_run
from footnoted.index.retrieval import DEPTH
from footnoted.index.tokens import query_tokens
from footnoted.ingest.corpus import Corpus
from footnoted.service.answering import ExtractiveAnswerer
from footnoted.service.assistant import Assistant
from footnoted.service.corroboration import Corroborator
from footnoted.service.documents import answer_document
from footnoted.service.evidence import EvidenceFinder
from footnoted.service.indexing import contexts
from footnoted.service.retrieving import Filter, PassageRetriever

Ranked = list[tuple[str, float]]
"""Ids and scores, best first, as a run has them."""


class Asked(NamedTuple):
    """What came back: the answer document, what is scored of it, and each baseline's documents."""

    document: Mapping[str, Any]
    answer: GivenAnswer
    baselines: Mapping[str, Ranked]


class HidingAsker:
    """Asks the documents that it is told of, with the shipped ranking, answerer and threshold."""

    def __init__(self, assistant: Assistant, refuse_below: float) -> None:
        self._corpus: Corpus = assistant.corpus
        self._searcher = assistant.searcher
        retriever = PassageRetriever(self._corpus, self._searcher, contexts(self._corpus))
        evidence = EvidenceFinder(self._searcher)
        self._answerer = ExtractiveAnswerer(
            self._corpus, retriever, evidence, Corroborator(self._corpus, _no_ledger), refuse_below
        )

    def ask(self, query_id: str, text: str, visible: Collection[str]) -> Asked:
        """The answer to ``text`` of the documents with the ids ``visible``, and of the baselines.

        As many passages as the rankers name candidates, so that documents can be ranked by them.
        """
        hidden = self._corpus.documents.keys() - set(visible)
        result = self._answerer.answer(text, DEPTH, Filter(hidden=frozenset(hidden)))
        document = answer_document(result, self._corpus, self._searcher.generation.path.name, {})
        return Asked(document, read_answer(query_id, document), self._baselines(text, visible))

    def _baselines(self, text: str, visible: Collection[str]) -> dict[str, Ranked]:
        """Both plain rankers' passages of the documents ``visible``."""
        generation = self._searcher.generation
        document_of = self._corpus.passages
        kept = [
            row
            for row, name in enumerate(generation.passage_ids)
            if document_of[name].document_id in visible
        ]
        rows = np.array(kept, np.int64)
        if not len(rows):
            return {BM25: [], COSINE: []}
        terms = query_tokens(text, generation.manifest.languages)
        vector = self._searcher.embedder.embed_query(text)
        depth = min(DEPTH, len(rows))
        found = {
            BM25: generation.lexical.search(terms, depth, rows),
            COSINE: generation.dense.search(vector, depth, rows),
        }
        return {
            system: [
                (generation.passage_ids[row], score)
                for row, score in zip(at.tolist(), scores.tolist(), strict=True)
            ]
            for system, (scores, at) in found.items()
        }


def by_document(
    passages: Iterable[tuple[str, float]], corpus: Corpus, groups: Mapping[str, str]
) -> Ranked:
    """Passages as their sources: each by its best passage, copies as one, in strict order."""
    return strict_run(
        (groups[corpus.passages[passage_id].document_id], score) for passage_id, score in passages
    )


def best_score(ranked: Sequence[tuple[str, float]]) -> float:
    """The score of the first; 0 is a plain ranker's confidence where it finds nothing."""
    return ranked[0][1] if ranked else 0.0


def _no_ledger() -> None:
    """The article is hidden: none of its claims is stated."""
