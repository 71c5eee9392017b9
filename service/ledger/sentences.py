"""How far each sentence of a document covers a claim, word by word.

Each telling word of the claim has a weight, its rarity in the corpus, and is covered by a sentence
as far as its pieces' best matches among the sentence's tokens (late interaction, as for passages).
Where no token vectors tell it, a word that the sentence repeats is covered wholly.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from footnoted.domain import Document, Passage, Span
from footnoted.index.fusion import legibility
from footnoted.index.retrieval import Searcher
from footnoted.index.tokens import query_tokens
from footnoted.protocols import Vectors
from footnoted.service.evidence import folded_terms, word_around

PASSAGES = 40
"""How many of a document's passages, the nearest to the claim, have their sentences looked at."""

EMPTY = 1e-3  # the weight of a function word


@dataclass(frozen=True, slots=True)
class AskedClaim:
    """A claim's text, its telling terms and their rarity, its tokens' terms and weights.

    Where the model reads the claim ``tokens`` are its own, else each term is one.
    """

    text: str
    rarity: Mapping[str, float]
    tokens: tuple[frozenset[str], ...]
    weights: Vectors
    legible: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence at ``span`` of its document, and what it covers of the claim.

    ``covers`` has the cosine of each of the claim's tokens with the likest of the sentence's,
    ``repeated`` the claim's terms that it repeats. ``order`` counts the document's sentences.
    """

    span: Span
    text: str
    covers: Vectors = field(repr=False, compare=False)
    repeated: frozenset[str]
    order: int


class SentenceReader:
    """Reads the sentences of indexed documents beside claims, with the index's token vectors."""

    def __init__(
        self,
        searcher: Searcher,
        passages: Mapping[str, Passage],
        contexts: Mapping[str, str],
    ) -> None:
        """``passages`` are the corpus's by id; ``contexts`` is what the index put before each."""
        self._searcher = searcher
        self._contexts = contexts
        self._lexical = searcher.generation.lexical
        self._of_document: dict[str, list[Passage]] = {}
        for passage in passages.values():
            self._of_document.setdefault(passage.document_id, []).append(passage)
        self._asked = lru_cache(maxsize=256)(self._ask)
        self._folded = lru_cache(maxsize=1 << 14)(folded_terms)

    def ask(self, claim: str, language: str) -> AskedClaim:
        """``claim`` as documents of ``language`` read it."""
        return self._asked(claim, language)

    def candidates(self, claim: str, document: Document) -> list[Candidate]:
        """The sentences of ``document``'s nearest passages, in the order of the text."""
        asked = self.ask(claim, document.language)
        found: dict[Span, Candidate] = {}
        for passage in self._nearest(claim, document):
            covers = self._covers(asked, passage, document)
            for n, sentence in enumerate(passage.sentences):
                words = sentence.of(document.text)
                repeated = self._folded(words, document.language) & asked.rarity.keys()
                covered = covers[n] if covers else _repeats(asked, repeated)
                found[sentence] = Candidate(sentence, words, covered, repeated, 0)
        ordered = sorted(found.values(), key=lambda one: one.span.start)
        return [
            Candidate(one.span, one.text, one.covers, one.repeated, n)
            for n, one in enumerate(ordered)
        ]

    def holding(self, document: Document, spans: Collection[Span]) -> list[str]:
        """The passages that hold any of these sentences, as indexed, in the order of the text."""
        wanted = frozenset(spans)
        return [
            self._indexed(passage, document)
            for passage in self._of_document.get(document.document_id, [])
            if not wanted.isdisjoint(passage.sentences)
        ]

    def _indexed(self, passage: Passage, document: Document) -> str:
        context, words = self._contexts[passage.passage_id], passage.span.of(document.text)
        return f"{context}\n{words}" if context else words

    def _nearest(self, claim: str, document: Document) -> list[Passage]:
        passages = self._of_document.get(document.document_id, [])
        if len(passages) <= PASSAGES:
            return passages
        by_id = {passage.passage_id: passage for passage in passages}
        hits = self._searcher.search(
            claim, PASSAGES, allowed=list(by_id), every_document=False, reread=False
        )
        return [by_id[hit.passage_id] for hit in hits]

    def _ask(self, claim: str, language: str) -> AskedClaim:
        rarity = {term: self._rarity(term) for term in query_tokens(claim, [language])}
        tokens = self._searcher.query_tokens(claim)
        if tokens is None or not legibility(claim, None, self._searcher.embedder.card):
            of_token = [frozenset((term,)) for term in rarity]
            legible = False
        else:
            around = [word_around(claim, start, end) for start, end in tokens.spans]
            of_token = [self._folded(word, language) & rarity.keys() for word in around]
            legible = True
        weights = [max((rarity[term] for term in terms), default=EMPTY) for terms in of_token]
        return AskedClaim(claim, rarity, tuple(of_token), np.array(weights, np.float32), legible)

    def _covers(self, asked: AskedClaim, passage: Passage, document: Document) -> list[Vectors]:
        """For each of the passage's sentences the cover of each of the claim's tokens."""
        if not asked.legible:
            return []
        cosines = self._searcher.cosines(asked.text, passage.passage_id)
        context = self._contexts[passage.passage_id]
        starts, ends = self._searcher.token_spans(self._indexed(passage, document)).T
        if cosines.shape[1] != len(starts) or not len(starts):
            return []
        before = (len(context) + 1 if context else 0) - passage.span.start
        found = []
        for sentence in passage.sentences:
            first = int(np.searchsorted(starts, before + sentence.start, "left"))
            last = int(np.searchsorted(ends, before + sentence.end, "right"))
            found.append(np.asarray(cosines[:, first:last].max(axis=1, initial=0.0), np.float32))
        return found

    def _rarity(self, term: str) -> float:
        size, seen = len(self._lexical), self._lexical.document_frequency(term)
        return math.log(1 + (size - seen + 0.5) / (seen + 0.5))


def _repeats(asked: AskedClaim, repeated: frozenset[str]) -> Vectors:
    """The cover of each token where no cosine tells it: whether its word is repeated."""
    return np.array([float(bool(terms & repeated)) for terms in asked.tokens], np.float32)
