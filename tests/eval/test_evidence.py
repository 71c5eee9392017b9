"""Evidence sentences: placed in a text, matched by quotes, scored against the best set."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.domain import Span
from footnoted.eval.evidence import MarkedDocument, Quoted, locate, quoted_units, score_evidence

TEXT = "The lamp is green. It was lit in May. The lamp is green. Seals rest below it."
SENTENCES = [
    "The lamp is green.",
    "It was lit in May.",
    "The lamp is green.",
    "Seals rest below it.",
]
MARKED = {"d": MarkedDocument("d", locate(TEXT, SENTENCES))}


def quote(words: str, document: str = "d") -> Quoted:
    start = TEXT.index(words)
    return Quoted(document, Span(start, start + len(words)))


def gold(*sets: tuple[int, ...]) -> list[frozenset[tuple[str, int]]]:
    return [frozenset(("d", number) for number in numbers) for numbers in sets]


def test_repeated_sentences_are_placed_one_after_another() -> None:
    spans = locate(TEXT, [*SENTENCES, "Not here.", "", "It was lit in May."])
    assert [span and span.of(TEXT) for span in spans] == [*SENTENCES, None, None, SENTENCES[1]]
    assert spans[0] == Span(0, 18)
    assert spans[2] == Span(38, 56)


def test_a_quote_stands_for_the_sentences_that_it_covers() -> None:
    assert quoted_units(quote("It was lit in May."), MARKED) == {("d", 1)}
    assert quoted_units(quote("lit in May"), MARKED) == {("d", 1)}  # part of one
    assert quoted_units(quote(TEXT), MARKED) == {("d", n) for n in range(4)}
    assert quoted_units(quote("green. It was lit in"), MARKED) == {("d", 1)}  # 6 of 18 characters
    assert quoted_units(quote("Seals", "other"), MARKED) == {("other", -1 - TEXT.index("Seals"))}


def test_the_set_that_fits_best_counts() -> None:
    quotes = [quote("It was lit in May."), quote("Seals rest below it.")]
    assert score_evidence(quotes, MARKED, gold((0, 1, 2), (1,))) == (1 / 2, 1.0, 2 / 3)
    assert score_evidence(quotes, MARKED, gold((0, 1, 3))) == (1.0, 2 / 3, 4 / 5)
    assert score_evidence([], MARKED, gold((1,))) == (None, 0.0, 0.0)
    elsewhere = [quote("It was lit in May."), quote("Seals", "other")]
    assert score_evidence(elsewhere, MARKED, gold((1,))) == (1 / 2, 1.0, 2 / 3)
    for broken in ([], [frozenset[tuple[str, int]]()]):
        with pytest.raises(ValueError, match="at least one set"):
            score_evidence(quotes, MARKED, broken)


numbers = st.sets(st.integers(0, 3), min_size=1)


@given(st.sets(st.integers(0, 3)), st.lists(numbers, min_size=1, max_size=4))
def test_the_scores_are_those_of_the_best_set_by_brute_force(
    quoted: set[int], sets: list[set[int]]
) -> None:
    spans = MARKED["d"].sentences
    quotes = [Quoted("d", span) for n in quoted if (span := spans[n]) is not None]
    found = score_evidence(quotes, MARKED, gold(*(tuple(one) for one in sets)))
    best = 0.0
    for one in sets:
        hits = len(quoted & one)
        precision, recall = hits / max(len(quoted), 1), hits / len(one)
        best = max(best, 2 * precision * recall / (precision + recall) if hits else 0.0)
    assert found.f1 == pytest.approx(best)
    if found.precision is not None and found.f1:
        mean = 2 * found.precision * found.recall / (found.precision + found.recall)
        assert found.f1 == pytest.approx(mean)
