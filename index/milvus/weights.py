"""BM25 as sparse vectors: a generation never changes, so each term's share of the score is known.

The score of a passage is the inner product of the query, 1 for each of its tokens, with the
passage's weights: whatever shares the collection, however the server cuts it into segments, it is
the BM25 of this corpus alone. The formula is tantivy's, so that the files and Milvus agree.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from footnoted.index.milvus.vocabulary import sort_key
from footnoted.protocols import Vectors

K1 = 1.2
B = 0.75
NO_TERM = 0  # the dimension of a passage without tokens: Milvus takes no empty vector

_EXACT_LENGTHS = 24  # below it tantivy keeps a length as it is; above, the first 4 bits of the rest


@dataclass(frozen=True, slots=True)
class Weighed:
    """The vocabulary, sorted, its frequencies, and for each passage its terms with weights.

    Passage ``n`` has ``terms[starts[n]:starts[n + 1]]``, numbers of tokens, with ``weights``.
    """

    tokens: list[str]
    counts: NDArray[np.int64]
    starts: NDArray[np.int64]
    terms: NDArray[np.int64]
    weights: Vectors

    def vector(self, row: int) -> dict[int, float]:
        """The sparse vector of a passage, as Milvus takes it."""
        here = slice(int(self.starts[row]), int(self.starts[row + 1]))
        dimensions, weights = (self.terms[here] + 1).tolist(), self.weights[here].tolist()
        return dict(zip(dimensions, weights, strict=True)) or {NO_TERM: 1.0}


def weigh(passages: Iterable[Sequence[str]]) -> Weighed:
    """The BM25 weights (k1 1.2, b 0.75; Robertson and Zaragoza 2009) of passages' folded tokens."""
    numbers: dict[str, int] = {}
    terms, frequencies, lengths, sizes = array("q"), array("d"), array("q"), array("q", [0])
    for tokens in passages:
        counted = Counter(tokens)
        terms.extend(numbers.setdefault(token, len(numbers)) for token in counted)
        frequencies.extend(counted.values())
        lengths.append(len(tokens))
        sizes.append(len(counted))
    order = sorted(numbers, key=sort_key)
    place = np.empty(len(order), np.int64)
    place[[numbers[token] for token in order]] = np.arange(len(order))
    numbered = place[np.frombuffer(terms, np.int64)] if terms else np.zeros(0, np.int64)
    counts = np.bincount(numbered, minlength=len(order)).astype(np.int64)
    starts = np.cumsum(sizes, dtype=np.int64)
    weights = _weights(numbered, np.array(frequencies), np.array(lengths, np.int64), starts, counts)
    return Weighed(order, counts, starts, numbered, weights)


def rounded_lengths(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """``lengths`` in tokens as tantivy keeps them, in one byte: exact up to 40, then 4 bits."""
    rest = np.maximum(lengths - _EXACT_LENGTHS, 0)
    bits = np.frexp(rest.astype(np.float64))[1]
    shift = np.maximum(bits - 4, 0)
    rounded: NDArray[np.int64] = np.where(
        lengths < _EXACT_LENGTHS, lengths, _EXACT_LENGTHS + ((rest >> shift) << shift)
    )
    return rounded


def _weights(
    terms: NDArray[np.int64],
    frequencies: NDArray[np.float64],
    lengths: NDArray[np.int64],
    starts: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> Vectors:
    size = len(lengths)
    rarity = np.log1p((size - counts + 0.5) / (counts + 0.5))
    relative = rounded_lengths(lengths) / max(float(lengths.mean()) if size else 1.0, 1e-9)
    damping = np.repeat(K1 * (1 - B + B * relative), np.diff(starts))
    return (rarity[terms] * (K1 + 1) * frequencies / (frequencies + damping)).astype(np.float32)
