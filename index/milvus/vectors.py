"""The vectors of a generation in Milvus, compared exactly with every query."""

from __future__ import annotations

import numpy as np

from footnoted.errors import IndexBroken
from footnoted.index.milvus.connection import WRITE_SECONDS, Connection, translated
from footnoted.index.milvus.place import Place
from footnoted.index.milvus.schema import DENSE
from footnoted.index.milvus.searching import Column, best_rows, rows_expression
from footnoted.protocols import Rows, Vectors

BATCH = 1000  # rows of one reply: 1.5 MB with 384 dimensions; gRPC's limit is 64 MB


class MilvusVectors:
    """A ``VectorIndex`` whose rows are a partition of Milvus; threads may share it."""

    def __init__(self, connection: Connection, place: Place) -> None:
        self._connection = connection
        self._place = place
        self._column = Column(connection, place, DENSE)

    @property
    def dim(self) -> int:
        return self._place.dim

    def __len__(self) -> int:
        return self._place.rows

    def search(self, query: Vectors, k: int, allowed: Rows | None = None) -> tuple[Vectors, Rows]:
        """Scores (float32) and rows of the best ``min(k, size)`` for a query ``(dim,)``.

        ``allowed`` limits the rows. Equal scores come in the order of the rows. ``IndexBroken``
        when the partition was removed meanwhile, ``FetchError`` when Milvus does not answer.
        """
        among = None if allowed is None else known_rows(self._place, allowed)
        wanted = np.ascontiguousarray(query, np.float32)
        scores, rows = best_rows(self._column, wanted, k, among)
        if len(rows) < min(max(k, 0), len(self) if among is None else len(among)):
            raise gone(self._connection, self._place, f"a search found only {len(rows)} rows")
        return scores, rows

    def scores_for(self, query: Vectors, rows: Rows) -> Vectors:
        """The inner product of the query with each of ``rows``, float32, in their order."""
        distinct, back = np.unique(rows, return_inverse=True)
        scores, at = self.search(query, len(distinct), distinct)
        if len(at) < len(distinct):
            raise gone(self._connection, self._place, "it has no such row")
        in_order: Vectors = scores[np.argsort(at)][back]
        return in_order

    def vectors(self, rows: Rows) -> Vectors:
        """The stored vectors of ``rows``, float32, shape ``(len(rows), dim)``."""
        distinct, back = np.unique(rows, return_inverse=True)
        found = np.zeros((len(distinct), self.dim), np.float32)
        for start in range(0, len(distinct), BATCH):
            block = distinct[start : start + BATCH]
            with translated(self._connection.address):
                records = self._connection.client.query(
                    self._place.collection,
                    filter=rows_expression(self._place, block),
                    output_fields=["id", DENSE],
                    partition_names=[self._place.partition],
                    timeout=WRITE_SECONDS,
                )
            if len(records) != len(block):
                raise gone(self._connection, self._place, "some of its rows are missing")
            ids = [record["id"] - self._place.first_id for record in records]
            found[np.searchsorted(distinct, ids)] = [record[DENSE] for record in records]
        stored: Vectors = found[back]
        return stored


def known_rows(place: Place, rows: Rows) -> Rows:
    """Those of ``rows`` that ``place`` has, each once, in their order."""
    distinct = np.unique(rows)
    kept: Rows = distinct[(distinct >= 0) & (distinct < place.rows)]
    return kept


def gone(connection: Connection, place: Place, what: str) -> IndexBroken:
    """The error for a partition that no longer holds what its generation says."""
    return IndexBroken(
        f"Of the index in Milvus at {connection.address}, partition {place.partition}: {what},"
        f" expected {place.rows}.",
        about=f"{connection.address} {place.collection}/{place.partition}",
        hint="`footnoted index rebuild` writes it again.",
    )
