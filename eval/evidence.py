"""From what an answer quotes and the sentences marked as evidence to precision, recall and F1.

As FEVER (Thorne et al. 2018) and WiCE (Kamoi et al. 2023) score evidence: annotators list sets of
sentences, any one of which suffices, so the set that the quotes fit best counts. Here a quote
counts as the marked document's sentences that it covers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from footnoted.domain import Span


class MarkedDocument(NamedTuple):
    """A document's sentences, in order; ``None`` for one that does not stand in its text.

    ``document`` is the name or id by which quotes know it.
    """

    document: str
    sentences: tuple[Span | None, ...]


class Quoted(NamedTuple):
    """A quote: the document, and the characters of its text."""

    document: str
    span: Span


Unit = tuple[str, int]
"""A sentence: its document and number; of a document that is not marked, minus its offset."""

GoldSet = frozenset[Unit]


class EvidenceScores(NamedTuple):
    """Values in [0, 1]; ``precision`` is ``None`` where nothing was quoted."""

    precision: float | None
    recall: float
    f1: float


def score_evidence(
    quotes: Iterable[Quoted],
    marked: Mapping[str, MarkedDocument],
    gold: Sequence[GoldSet],
) -> EvidenceScores:
    """The scores of these quotes against the best of the ``gold`` sets (none of them empty).

    ``marked`` are the documents with sentences, by name. ``ValueError`` without a gold set.
    """
    if not gold or not all(gold):
        raise ValueError("evidence needs at least one set, and no set is empty")
    found = {unit for quote in quotes for unit in quoted_units(quote, marked)}
    shared = {one: len(found & one) for one in gold}
    best = max(gold, key=lambda one: 2 * shared[one] / (len(found) + len(one)))
    return EvidenceScores(
        shared[best] / len(found) if found else None,
        shared[best] / len(best),
        2 * shared[best] / (len(found) + len(best)),
    )


def quoted_units(quote: Quoted, marked: Mapping[str, MarkedDocument]) -> set[Unit]:
    """The sentences of which a quote holds, or is held by, at least half the characters.

    A quote that covers no sentence so is a unit of its own, which no gold set has.
    """
    document = marked.get(quote.document)
    units = {
        (quote.document, number)
        for number, sentence in enumerate(document.sentences if document else ())
        if sentence is not None and _share(quote.span, sentence) >= 0.5
    }
    return units or {(quote.document, -1 - quote.span.start)}


def locate(text: str, sentences: Sequence[str]) -> tuple[Span | None, ...]:
    """Where ``sentences`` stand in ``text``, each after the one before where it can be.

    ``None`` for one that the text does not hold.
    """
    spans: list[Span | None] = []
    after = 0
    for sentence in sentences:
        start = text.find(sentence, after) if sentence else -1
        if start < 0 and sentence:
            start = text.find(sentence)
        spans.append(Span(start, start + len(sentence)) if start >= 0 else None)
        if start >= after:
            after = start + len(sentence)
    return tuple(spans)


def _share(one: Span, other: Span) -> float:
    """The overlap as a share of the shorter of the two."""
    overlap = min(one.end, other.end) - max(one.start, other.start)
    return overlap / min(one.end - one.start, other.end - other.start)
