"""How well each sentence of the retrieved passages bears on a question.

A sentence is judged by what it covers of the question: each word of the question has a weight
(its rarity in the corpus), and is covered as far as its best match among the sentence's tokens,
by the cosine of the encoder's token vectors (late interaction, as for passages), with the rest of
the passage counting for less. Shared words and the kind of answer that the question asks for
(`answer_types`) add to it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from footnoted.domain import Document, Hit, Span
from footnoted.index.embedder import TokenEmbedder, TokenVectors
from footnoted.index.fusion import legibility
from footnoted.index.retrieval import Searcher
from footnoted.index.tokens import fold, query_tokens
from footnoted.protocols import Vectors
from footnoted.service.answer_types import AnswerType, candidates, expected_type

# Chosen on the sets `hard` and `reworded` by how often the best sentence answers.
SENTENCE_SHARE = 0.8  # of a word's cover; the rest of the passage has the remainder
SHARED_WORDS = 0.05
RIGHT_KIND = 0.1
UNKNOWN_KIND = 0.5  # of RIGHT_KIND, where no pattern tells what the question asks for
RETRIEVED = 0.1  # the weight of the passage's own score, which is 1 at most


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of a hit and how well it bears on the question.

    ``cover`` is the weighted mean cover of the question's words (cosine; where the model cannot
    tell it, ``shared``), ``shared`` the weighted share of them that the sentence repeats,
    ``right_kind`` whether it names something of the kind asked for (``None``: no pattern tells).
    ``score`` sums them up.
    """

    hit: Hit
    sentence: Span
    cover: float
    shared: float
    right_kind: bool | None

    @property
    def score(self) -> float:
        kind = UNKNOWN_KIND if self.right_kind is None else float(self.right_kind)
        return (
            self.cover
            + SHARED_WORDS * self.shared
            + RIGHT_KIND * kind
            + RETRIEVED * self.hit.score
        )


class EvidenceFinder:
    """Judges sentences with the token vectors that the index holds already."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self._lexical = searcher.generation.lexical

    def find(
        self,
        question: str,
        hits: Sequence[Hit],
        documents: Sequence[Document],
        contexts: Sequence[str],
    ) -> list[Evidence]:
        """Every sentence of ``hits`` as evidence, the best first.

        ``documents`` and ``contexts`` are those of the hits: the text that each lies in, and what
        the index put before its words.
        """
        kind = expected_type(question)
        tokens = self._searcher.query_tokens(question)
        if not legibility(question, None, self._searcher.embedder.card):
            tokens = None  # the model cannot read the question: its cosines would say nothing
        found = [
            evidence
            for hit, document, context in zip(hits, documents, contexts, strict=True)
            for evidence in self._of_hit(question, kind, tokens, hit, document, context)
        ]
        return sorted(found, key=lambda e: (-e.score, e.hit.rank, e.sentence.start))

    def _of_hit(  # noqa: PLR0917 - a question (three) and a passage (three)
        self,
        question: str,
        kind: AnswerType | None,
        tokens: TokenVectors | None,
        hit: Hit,
        document: Document,
        context: str,
    ) -> Iterator[Evidence]:
        terms = query_tokens(question, [document.language])
        rarity = {term: self._rarity(term) for term in terms}
        total = sum(rarity.values()) or 1.0
        covers = self._covers(question, tokens, hit, document, context)
        for n, sentence in enumerate(hit.passage.sentences):
            words = sentence.of(document.text)
            repeated = rarity.keys() & set(fold(words, document.language))
            shared = sum(rarity[term] for term in repeated) / total
            yield Evidence(
                hit=hit,
                sentence=sentence,
                cover=covers[n] if covers else shared,
                shared=shared,
                right_kind=None if kind is None else bool(candidates(kind, words, question)),
            )

    def _covers(
        self, question: str, tokens: TokenVectors | None, hit: Hit, document: Document, context: str
    ) -> list[float]:
        """The cover of each of the hit's sentences; none where no token vectors tell it."""
        embedder = self._searcher.embedder
        if tokens is None or not tokens.tokens or not isinstance(embedder, TokenEmbedder):
            return []
        cosines = self._searcher.cosines(tokens, hit.passage.passage_id)
        text = hit.passage.span.of(document.text)
        before = len(context) + 1 if context else 0
        spans = np.array(embedder.token_spans(f"{context}\n{text}" if context else text))
        if cosines.shape[1] != len(spans) or not len(spans):
            return []
        weights = self._weights(question, tokens, document.language)
        whole = cosines.max(axis=1)
        if len(hit.passage.sentences) == 1:
            # What the index put before the passage (an infobox row's gloss) speaks for it too.
            return [float((weights * whole).sum() / weights.sum())]
        covers = []
        for sentence in hit.passage.sentences:
            start = before + sentence.start - hit.passage.span.start
            end = before + sentence.end - hit.passage.span.start
            inside = (spans[:, 0] >= start) & (spans[:, 1] <= end)
            # A sentence beyond the model's length has no tokens here: only the passage speaks.
            here = cosines[:, inside].max(axis=1) if inside.any() else np.zeros_like(whole)
            mixed = SENTENCE_SHARE * here + (1 - SENTENCE_SHARE) * whole
            covers.append(float((weights * mixed).sum() / weights.sum()))
        return covers

    def _weights(self, question: str, tokens: TokenVectors, language: str) -> Vectors:
        """The rarity of the word that each query token belongs to; near 0 for function words."""
        telling = set(query_tokens(question, [language]))
        weights = np.full(len(tokens.tokens), 1e-3, np.float32)
        for at, (start, end) in enumerate(tokens.spans):
            terms = telling & set(fold(_word_around(question, start, end), language))
            if terms:
                weights[at] = max(self._rarity(term) for term in terms)
        return weights

    def _rarity(self, term: str) -> float:
        """The inverse document frequency of a folded term (BM25's, never negative)."""
        size, seen = len(self._lexical), self._lexical.document_frequency(term)
        return math.log(1 + (size - seen + 0.5) / (seen + 0.5))


def _word_around(text: str, start: int, end: int) -> str:
    """The word that the characters ``[start, end)`` are part of."""
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return text[start:end]
