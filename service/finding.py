"""The first half of an answer: what a question asks, and the passages nearest to it.

Nothing is read here: what the passages say, and whether that answers, is decided afterwards
(``answering``). Who shows an answer as it comes shows these passages first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from footnoted.domain import CitedPassage, Hit
from footnoted.ingest.corpus import Corpus
from footnoted.service.citations import cite
from footnoted.service.questions import (
    checked_history,
    checked_question,
    parts_of,
    without_instructions,
)
from footnoted.service.retrieving import EVERYTHING, Filter, PassageRetriever


class FoundPart(NamedTuple):
    """One of the things that a question asks, and its hits, the best first.

    ``asked_so``: in these words, not in those of an earlier question as well.
    """

    question: str
    hits: list[Hit]
    asked_so: bool


class Found(NamedTuple):
    """A question whose passages are found, and not read yet.

    ``passages`` are those that its answer will show, numbered from 1: an answer puts the
    citations of its statements before theirs. No parts: the question asks nothing by itself.
    """

    question: str
    parts: tuple[FoundPart, ...]
    passages: tuple[CitedPassage, ...]
    notes: tuple[str, ...]


def find(
    retriever: PassageRetriever,
    question: str,
    wanted: Filter = EVERYTHING,
    history: Sequence[str] = (),
    *,
    shown: int,
    deep: int,
) -> Found:
    """What ``question`` asks, with the best ``deep`` hits of each part and ``shown`` passages.

    Raises ``QuestionError`` for what cannot be asked, ``UsageError`` for a filter by something
    that the corpus does not have.
    """
    text = checked_question(question)
    words, told = without_instructions(text)
    aside = tuple(f"An instruction is no question, and was not followed: “{t}”" for t in told)
    parts = parts_of(words, checked_history(history))
    if not parts:
        return Found(text, (), (), aside)
    asked = tuple(
        FoundPart(part, retriever.retrieve(part, max(shown, deep), wanted), part in words)
        for part in parts
    )
    query, hits = asked[0].question, asked[0].hits
    if len(parts) > 1:
        query, hits = words, retriever.retrieve(words, shown, wanted)
    return Found(text, asked, cited_passages(retriever, query, hits[:shown]), aside)


def cited_passages(
    retriever: PassageRetriever, query: str, hits: Sequence[Hit]
) -> tuple[CitedPassage, ...]:
    """``hits`` with the words that match those of ``query``, and their citations, from 1."""
    explained = retriever.explained(query, hits)
    return tuple(_cited(retriever.corpus, hit, n) for n, hit in enumerate(explained, start=1))


def numbered(passages: Sequence[CitedPassage], first: int) -> tuple[CitedPassage, ...]:
    """``passages`` with citations that count from ``first``."""
    return tuple(
        replace(passage, citation=replace(passage.citation, number=number))
        for number, passage in enumerate(passages, start=first)
    )


def _cited(corpus: Corpus, hit: Hit, number: int) -> CitedPassage:
    document = corpus.documents[hit.passage.document_id]
    citation = cite(corpus, document, hit.passage.span, number)
    return CitedPassage(hit, citation.quote, citation)
