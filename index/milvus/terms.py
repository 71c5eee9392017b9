"""BM25 of a generation in Milvus, as inner products of sparse vectors."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from footnoted.index.milvus.connection import Connection
from footnoted.index.milvus.place import Place
from footnoted.index.milvus.schema import TERMS
from footnoted.index.milvus.searching import Column, best_rows
from footnoted.index.milvus.vectors import known_rows
from footnoted.index.milvus.vocabulary import Vocabulary
from footnoted.protocols import Rows, Vectors


class MilvusTerms:
    """A ``TermIndex`` whose rows are a partition of Milvus; threads may share it."""

    def __init__(self, connection: Connection, place: Place, vocabulary: Vocabulary) -> None:
        self._place = place
        self._column = Column(connection, place, TERMS)
        self._vocabulary = vocabulary

    def __len__(self) -> int:
        return self._place.rows

    def search(
        self, tokens: Iterable[str], k: int, allowed: Rows | None = None
    ) -> tuple[Vectors, Rows]:
        """Scores (float32) and rows of the best ``k`` that share a token, best first.

        ``allowed`` limits the rows. Equal scores come in the order of the rows. ``FetchError``
        when Milvus does not answer.
        """
        dimensions = map(self._vocabulary.dimension, dict.fromkeys(tokens))
        query = {dimension: 1.0 for dimension in dimensions if dimension is not None}
        if not query:
            return np.zeros(0, np.float32), np.zeros(0, np.int64)
        among = None if allowed is None else known_rows(self._place, allowed)
        return best_rows(self._column, query, k, among)

    def scores_for(self, tokens: Iterable[str], rows: Rows) -> Vectors:
        """The score of each of ``rows``, float32, in their order; 0 where no token is shared."""
        found, at = self.search(tokens, len(rows), np.unique(rows))
        by_row = dict(zip(at.tolist(), found.tolist(), strict=True))
        return np.array([by_row.get(row, 0.0) for row in rows.tolist()], np.float32)

    def document_frequency(self, token: str) -> int:
        """In how many rows ``token`` occurs."""
        return self._vocabulary.passages_with(token)
