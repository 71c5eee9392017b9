"""Why a passage was found: for each telling word of a query, the passage's word most like it.

Late interaction compares pieces of words; here the pieces of a word are joined again, and only
what a reader would call a match is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from footnoted.domain import Match
from footnoted.index.diversity import PassageTexts
from footnoted.index.fusion import legibility
from footnoted.index.retrieval import Searcher
from footnoted.index.token_vectors import TokenVectors
from footnoted.index.tokens import fold, query_tokens
from footnoted.protocols import Rows, Vectors

GOOD = 0.65
"""The least cosine of a match: of 100 words that stand in a passage 97 are kept, of 100 words
that a passage taken at random lacks 1 (`expertqa-val`, `squad2-dev-A`, `wice-dev-passages`)."""
_TRIED = 3  # words of the passage, the likest first, until one is no function word
_BESIDE = "bridge"  # a query of function words alone keeps them


class _Words(NamedTuple):
    """Words of a text: the row of each one's first token, and their code points.

    ``tokens`` counts all tokens; the words from ``own`` on are the passage's own, those before
    are its context's. Each punctuation mark is a word.
    """

    tokens: int
    firsts: Rows
    spans: tuple[tuple[int, int], ...]
    own: int


class MatchFinder:
    """Finds the matches of hits, with the token vectors that the index holds already."""

    def __init__(self, searcher: Searcher, texts: PassageTexts) -> None:
        self._searcher = searcher
        self._texts = texts
        # The same passages come back.
        self._read = lru_cache(maxsize=1 << 11)(self._words_of_passage)
        self._asked = lru_cache(maxsize=64)(_words)

    def find(self, query: str, passage_ids: Sequence[str]) -> list[tuple[Match, ...]]:
        """The good matches in each passage, in the order of the query's words.

        None where index or model have no token vectors, and where the model cannot read the query.
        """
        tokens = self._searcher.query_tokens(query)
        card = self._searcher.embedder.card
        if tokens is None or not tokens.tokens or not legibility(query, None, card):
            return [()] * len(passage_ids)
        return [self._in_passage(query, tokens, passage_id) for passage_id in passage_ids]

    def _in_passage(self, query: str, tokens: TokenVectors, passage_id: str) -> tuple[Match, ...]:
        words = self._read(passage_id)
        cosines = self._searcher.cosines(query, passage_id)
        if cosines.shape[1] != words.tokens or words.own == len(words.spans):
            return ()
        asked = self._asked(query, tokens.spans, 0)
        scores = _between_words(cosines, asked, words)
        text, begins = self._texts.text(passage_id), self._texts.begins(passage_id)
        language = self._texts.origin(passage_id).language
        found = []
        for row in np.flatnonzero(scores.max(axis=1) >= GOOD).tolist():
            word = query[slice(*asked.spans[row])]
            if not (ours := _telling(word, language)):
                continue
            likeness = scores[row]
            for _ in range(_TRIED):
                at = int(likeness.argmax())
                cosine = float(likeness[at])
                if cosine < GOOD:
                    break
                first, last = words.spans[words.own + at]
                matched = text[first:last]
                if _may_match(ours, _telling(matched, language)):
                    at_most_one = min(cosine, 1.0)
                    found.append(Match(word, matched, first - begins, last - begins, at_most_one))
                    break
                likeness[at] = -1.0  # the next likest
        return tuple(found)

    def _words_of_passage(self, passage_id: str) -> _Words:
        text = self._texts.text(passage_id)
        return _words(
            text, self._searcher.token_spans(text).tolist(), self._texts.begins(passage_id)
        )


def _words(text: str, tokens: Iterable[Sequence[int]], begins: int) -> _Words:
    """The words that ``tokens`` make up, those from ``begins`` on being the passage's own."""
    firsts: list[int] = []
    spans: list[tuple[int, int]] = []
    row = -1
    for row, (start, end) in enumerate(tokens):
        follows = bool(spans) and start == spans[-1][1] and text[start - 1 : start + 1].isalnum()
        if follows:
            spans[-1] = (spans[-1][0], end)
        else:
            firsts.append(row)
            spans.append((start, end))
    own = sum(start < begins for start, _ in spans)
    return _Words(row + 1, np.array(firsts, np.int64), tuple(spans), own)


def _between_words(cosines: Vectors, asked: _Words, words: _Words) -> Vectors:
    """How alike words are: the mean, over the pieces of one, of the best cosine in the other.

    A row for each word of the query, a column for each of the passage's own.
    """
    best = np.maximum.reduceat(cosines, words.firsts[words.own :], axis=1)
    sizes = np.diff([*asked.firsts.tolist(), len(cosines)]).astype(np.float32)
    scores = np.add.reduceat(best, asked.firsts, axis=0)
    scores /= sizes[:, None]
    return scores


def _may_match(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Whether words with these terms can match: to the model, one year is much like another."""
    if not ours.isdisjoint(theirs):
        return True
    return bool(theirs) and not any(c.isdecimal() for term in ours | theirs for c in term)


@lru_cache(maxsize=1 << 14)
def _telling(word: str, language: str) -> frozenset[str]:
    """The folded terms of a word; none for a function word, which says nothing by itself."""
    beside = query_tokens(f"{word} {_BESIDE}", [language])
    return frozenset(beside) & frozenset(fold(word, language))
