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
from functools import lru_cache

import numpy as np

from footnoted.domain import Document, Hit, Span
from footnoted.index.fusion import legibility
from footnoted.index.reader import FoundSpan, Reader, Reading
from footnoted.index.retrieval import Searcher
from footnoted.index.token_vectors import TokenVectors
from footnoted.index.tokens import fold, query_tokens
from footnoted.protocols import Vectors
from footnoted.service.answer_types import AnswerType, candidates, expected_type

# Chosen on the sets `hard` and `reworded` by how often the best sentence answers.
SENTENCE_SHARE = 0.8  # of a word's cover; the rest of the passage has the remainder
SHARED_WORDS = 0.05
RIGHT_KIND = 0.1
UNKNOWN_KIND = 0.5  # of RIGHT_KIND, where no pattern tells what the question asks for
RETRIEVED = 0.1  # the weight of the passage's own score, which is 1 at most
# Chosen on public sets as well: docs/decisions/0019.
READ = 0.4  # the weight of a reader's opinion that the sentence holds the answer, 1 at most
READ_SCALE = 4.0  # of its score, a sum of two logits


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of a hit and how well it bears on the question.

    ``cover`` is the weighted mean cover of the question's words (cosine; where the model cannot
    tell it, ``shared``), ``shared`` the weighted share of them that the sentence repeats,
    ``right_kind`` whether it names something of the kind asked for (``None``: no pattern tells).
    A reader adds ``relevance``, its logit that the passage answers, and ``answer``, the sentence's
    likeliest answer at its place in the document. ``score`` sums them up.
    """

    hit: Hit
    sentence: Span
    cover: float
    shared: float
    right_kind: bool | None
    relevance: float | None = None
    answer: FoundSpan | None = None

    @property
    def score(self) -> float:
        kind = UNKNOWN_KIND if self.right_kind is None else float(self.right_kind)
        read = 1 / (1 + math.exp(-self.answer.score / READ_SCALE)) if self.answer else 0.0
        return (
            self.cover
            + SHARED_WORDS * self.shared
            + RIGHT_KIND * kind
            + RETRIEVED * self.hit.score
            + READ * read
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question as documents of one language read it.

    ``rarity`` is that of its telling terms, ``weights`` that of the word which each of its
    ``tokens`` belongs to; without tokens no cosine tells how far it is covered.
    """

    question: str
    kind: AnswerType | None
    rarity: dict[str, float]
    tokens: TokenVectors | None
    weights: Vectors


class EvidenceFinder:
    """Judges sentences with the token vectors that the index holds already."""

    def __init__(self, searcher: Searcher, reader: Reader | None = None) -> None:
        self._searcher = searcher
        self._reader = reader
        self._lexical = searcher.generation.lexical
        # The same sentences and passages come back for many questions.
        self._folded = lru_cache(maxsize=1 << 13)(folded_terms)
        self._tokens = lru_cache(maxsize=1 << 11)(self._tokens_of)

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
        languages = dict.fromkeys(document.language for document in documents)
        asked = {language: self._asked(question, language) for language in languages}
        readings = self._readings(question, hits, documents, contexts)
        found = [
            evidence
            for hit, document, context, reading in zip(
                hits, documents, contexts, readings, strict=True
            )
            for evidence in self._of_hit(asked[document.language], hit, document, context, reading)
        ]
        return sorted(found, key=lambda e: (-e.score, e.hit.rank, e.sentence.start))

    def _readings(
        self,
        question: str,
        hits: Sequence[Hit],
        documents: Sequence[Document],
        contexts: Sequence[str],
    ) -> list[Reading | None]:
        """What the reader reads in each hit; nothing in a language that it does not know."""
        if self._reader is None:
            return [None] * len(hits)
        card = self._searcher.embedder.card
        texts = [
            _indexed(hit, document, context)
            if legibility(question, document.language, card) == 1
            else None
            for hit, document, context in zip(hits, documents, contexts, strict=True)
        ]
        read = [text for text in texts if text is not None]
        known = dict(zip(read, self._reader.read(question, read), strict=True))
        return [known[text] if text is not None else None for text in texts]

    def _asked(self, question: str, language: str) -> _Asked:
        rarity = {term: self._rarity(term) for term in query_tokens(question, [language])}
        tokens = self._searcher.query_tokens(question)
        if tokens is None or not legibility(question, None, self._searcher.embedder.card):
            # A model that cannot read the question has cosines that say nothing.
            return _Asked(question, expected_type(question), rarity, None, np.zeros(0, np.float32))
        weights = np.full(len(tokens.tokens), 1e-3, np.float32)  # function words count for little
        for at, (start, end) in enumerate(tokens.spans):
            terms = self._folded(word_around(question, start, end), language) & rarity.keys()
            if terms:
                weights[at] = max(rarity[term] for term in terms)
        return _Asked(question, expected_type(question), rarity, tokens, weights)

    def _of_hit(
        self, asked: _Asked, hit: Hit, document: Document, context: str, reading: Reading | None
    ) -> Iterator[Evidence]:
        total = sum(asked.rarity.values()) or 1.0
        covers = self._covers(asked, hit, document, context)
        # What the index put before a single sentence (an infobox row's gloss) speaks for it too.
        before = context if len(hit.passage.sentences) == 1 else ""
        for n, sentence in enumerate(hit.passage.sentences):
            words = sentence.of(document.text)
            repeated = self._folded(f"{before} {words}", document.language) & asked.rarity.keys()
            shared = sum(asked.rarity[term] for term in repeated) / total
            named = asked.kind and candidates(asked.kind, words, asked.question)
            # What lies beyond the model's length was not read, whatever is said of the rest.
            whole = reading and reading.end >= sentence.end + _shift(hit, context)
            read = reading if whole else None
            yield Evidence(
                hit=hit,
                sentence=sentence,
                cover=covers[n] if covers else shared,
                shared=shared,
                right_kind=None if named is None else bool(named),
                relevance=read.relevance if read else None,
                answer=_answer(read, hit, sentence, context) if read else None,
            )

    def _covers(self, asked: _Asked, hit: Hit, document: Document, context: str) -> list[float]:
        """The cover of each of the hit's sentences; none where no token vectors tell it."""
        if asked.tokens is None or not asked.tokens.tokens:
            return []
        cosines = self._searcher.cosines(asked.question, hit.passage.passage_id)
        before = _shift(hit, context)
        places = tuple((before + s.start, before + s.end) for s in hit.passage.sentences)
        count, sentences = self._tokens(_indexed(hit, document, context), places)
        if cosines.shape[1] != count or not count:
            return []
        shares = asked.weights / asked.weights.sum()
        whole = float(shares @ cosines.max(axis=1))
        if len(sentences) == 1:
            return [whole]
        # A sentence beyond the model's length has no tokens here: only the passage speaks.
        here = [float(shares @ cosines[:, s].max(axis=1, initial=0)) for s in sentences]
        return [SENTENCE_SHARE * cover + (1 - SENTENCE_SHARE) * whole for cover in here]

    def _tokens_of(
        self, indexed: str, places: tuple[tuple[int, int], ...]
    ) -> tuple[int, tuple[slice, ...]]:
        """How many tokens an indexed text has, and which of them lie in each of ``places``."""
        starts, ends = self._searcher.token_spans(indexed).T
        firsts = np.searchsorted(starts, [start for start, _ in places], "left").tolist()
        lasts = np.searchsorted(ends, [end for _, end in places], "right").tolist()
        return len(starts), tuple(slice(a, b) for a, b in zip(firsts, lasts, strict=True))

    def _rarity(self, term: str) -> float:
        """The inverse document frequency of a folded term (BM25's, never negative)."""
        size, seen = len(self._lexical), self._lexical.document_frequency(term)
        return math.log(1 + (size - seen + 0.5) / (seen + 0.5))


def _indexed(hit: Hit, document: Document, context: str) -> str:
    """A passage as it was indexed."""
    words = hit.passage.span.of(document.text)
    return f"{context}\n{words}" if context else words


def _shift(hit: Hit, context: str) -> int:
    """How much further on a place of the document stands in the passage as it was indexed."""
    return (len(context) + 1 if context else 0) - hit.passage.span.start


def _answer(reading: Reading, hit: Hit, sentence: Span, context: str) -> FoundSpan | None:
    """The likeliest answer in a sentence, at its place in the document."""
    shift = _shift(hit, context)
    found = reading.best_span(sentence.start + shift, sentence.end + shift)
    return found and FoundSpan(found.score, found.start - shift, found.end - shift)


def folded_terms(text: str, language: str) -> frozenset[str]:
    """The index tokens of ``text``, each once."""
    return frozenset(fold(text, language))


def word_around(text: str, start: int, end: int) -> str:
    """The word that the characters ``[start, end)`` are part of."""
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return text[start:end]
