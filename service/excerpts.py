"""What is shown of a sentence without an end: the clauses around what was asked.

A page of five thousand words without a full stop is one sentence, and nobody wants it as an answer.
Its best clauses are as verbatim, and have their own place in the document. They are those that hold
most of the question's words, the rarest counting most, and something of the kind that it asks for;
or those around the answer that a reader has found.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from footnoted.domain import Document, Span
from footnoted.index.tokens import fold, query_tokens
from footnoted.service.answer_types import candidates, expected_type
from footnoted.service.evidence import Evidence

LONGEST = 700
"""Characters (about 110 words) up to which a sentence is shown whole."""
WINDOW = 400  # characters of an excerpt, about
_AROUND = 40  # characters kept on either side, where a clause ends too near
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_CLAUSE = re.compile(r"[,;:.!?…،؛。、，；：|\n()\u2013\u2014]\s*")


class _Word(NamedTuple):
    """A word of the question at its place in the document, and how much it tells."""

    start: int
    end: int
    terms: frozenset[str]


def without_endless(
    found: Sequence[Evidence], documents: Sequence[Document], question: str
) -> list[Evidence]:
    """``found``, the best first, each endless sentence cut to what bears on ``question``.

    ``documents`` are those of the evidence. What an endless sentence repeats of the question
    counts only where its excerpt does.
    """
    if all(one.sentence.end - one.sentence.start <= LONGEST for one in found):
        return list(found)
    cut = [_cut(one, document, question) for one, document in zip(found, documents, strict=True)]
    return sorted(cut, key=lambda e: (-e.score, e.hit.rank, e.sentence.start))


def excerpt(document: Document, sentence: Span, question: str, answer: Span | None = None) -> Span:
    """The part of ``sentence`` to show: all of it, or clauses of at most ``LONGEST`` characters.

    They hold ``answer`` where that is given, else what bears most on ``question``.
    """
    if sentence.end - sentence.start <= LONGEST:
        return sentence
    heart = answer or _heart(document, sentence, question)
    if heart.end - heart.start >= LONGEST:
        return Span(heart.start, heart.start + LONGEST)
    return _clauses(document.text, sentence, heart)


def _cut(evidence: Evidence, document: Document, question: str) -> Evidence:
    read = evidence.answer
    answer = Span(read.start, read.end) if read is not None else None
    shown = excerpt(document, evidence.sentence, question, answer)
    if shown == evidence.sentence:
        return evidence
    wanted = frozenset(query_tokens(question, [document.language]))
    whole = wanted & {*fold(evidence.sentence.of(document.text), document.language)}
    kept = wanted & {*fold(shown.of(document.text), document.language)}
    kind = expected_type(question)
    return replace(
        evidence,
        sentence=shown,
        shared=evidence.shared * len(kept) / max(len(whole), 1),
        right_kind=bool(candidates(kind, shown.of(document.text), question)) if kind else None,
    )


def _heart(document: Document, sentence: Span, question: str) -> Span:
    """The stretch of at most ``WINDOW`` characters that holds most of the question's words."""
    wanted = frozenset(query_tokens(question, [document.language]))
    words = _words(document, sentence, wanted)
    if not words:
        return Span(sentence.start, min(sentence.end, sentence.start + WINDOW))
    counts = Counter(term for word in words for term in word.terms)
    kind = expected_type(question)

    def worth(first: int) -> tuple[float, int, int]:
        start, last = words[first].start, first
        while last + 1 < len(words) and words[last + 1].end - start <= WINDOW:
            last += 1
        terms = {term for word in words[first : last + 1] for term in word.terms}
        return sum(1 / counts[term] for term in terms) + len(terms), words[last].end, start

    best = sorted((worth(first) for first in range(len(words))), reverse=True)[:8]
    if kind is not None:
        named = [_names(document, sentence, Span(s, e), question) for _, e, s in best]
        best = [b for b, is_named in zip(best, named, strict=True) if is_named] or best
    top = max(value for value, _, _ in best)
    end, start = min((e - s, e, s) for value, e, s in best if value == top)[1:]
    return Span(start, end)


def _names(document: Document, sentence: Span, heart: Span, question: str) -> bool:
    """Whether the clauses around ``heart`` name something of the kind that is asked for."""
    kind = expected_type(question)
    around = _clauses(document.text, sentence, heart).of(document.text)
    return kind is not None and bool(candidates(kind, around, question))


def _words(document: Document, sentence: Span, wanted: frozenset[str]) -> list[_Word]:
    return [
        _Word(match.start(), match.end(), terms)
        for match in _WORD.finditer(document.text, sentence.start, sentence.end)
        if (terms := wanted.intersection(fold(match[0], document.language)))
    ]


def _clauses(text: str, sentence: Span, heart: Span) -> Span:
    """``heart`` with the rest of its clauses, or with the words around it where no clause ends."""
    size = heart.end - heart.start
    spare = max(min(2 * _AROUND, LONGEST - size), WINDOW - size) // 2
    first = max(sentence.start, heart.start - spare)
    last = min(sentence.end, heart.end + spare)
    starts = (
        [first]
        if first == sentence.start
        else [m.end() for m in _CLAUSE.finditer(text, first, heart.start)]
    )
    ends = (
        [last]
        if last == sentence.end
        else [m.start() for m in _CLAUSE.finditer(text, heart.end, last)]
    )
    start = starts[0] if starts else _word_start(text, first, heart.start)
    end = ends[-1] if ends else _word_end(text, heart.end, last)
    return Span(start, end)


def _word_start(text: str, first: int, limit: int) -> int:
    """The start of the first whole word from ``first`` on; ``first`` where no space comes."""
    space = re.compile(r"\s\b").search(text, first - 1, limit)
    return space.end() if space else first


def _word_end(text: str, limit: int, last: int) -> int:
    space = max(text.rfind(sign, limit, last + 1) for sign in " \n\t")
    return space if space > limit else last
