"""One partition searched: exact scores, best first, ties in the order of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from footnoted.index.milvus.connection import QUESTION_SECONDS, Connection, translated
from footnoted.index.milvus.place import Place
from footnoted.protocols import Rows, Vectors

MAX_HITS = 16_384  # of one search (quotaAndLimits.limits.topK), and rows of one query
_MORE = 16  # hits asked for beyond the wanted ones, to see where equal scores end
_RUNS = 64  # so many ranges of rows are still shorter to say than the rows one by one


@dataclass(frozen=True, slots=True)
class Column:
    """One vector field of one partition."""

    connection: Connection
    place: Place
    field: str


def best_rows(column: Column, query: Any, k: int, allowed: Rows | None) -> tuple[Vectors, Rows]:
    """Scores (float32) and rows of the best ``k`` for a ``query`` vector of the column's kind.

    Milvus breaks ties as it likes where its list ends, so the list is made longer until the tie
    at its end is whole. ``allowed`` are distinct rows in their order.
    """
    size = column.place.rows if allowed is None else len(allowed)
    limit = min(k, size)
    if limit <= 0:
        return np.zeros(0, np.float32), np.zeros(0, np.int64)
    within = "" if allowed is None else rows_expression(column.place, allowed)
    asked = min(limit + _MORE, size)
    while asked <= MAX_HITS:
        scores, rows = _hits(column, query, asked, within)
        whole = len(rows) < asked or asked == size or scores.min() < np.sort(scores)[-limit]
        if whole:
            return _ranked(scores, rows, limit)
        asked = size if asked == MAX_HITS else min(asked * 4, size, MAX_HITS)
    return _ranked(*_all_hits(column, query, allowed), limit)


def rows_expression(place: Place, rows: Rows) -> str:
    """The filter that lets exactly these ``rows`` through: distinct, in their order."""
    ids = rows + place.first_id
    ends = np.flatnonzero(np.diff(ids) != 1)
    if len(ends) >= _RUNS:
        return f"id in [{','.join(map(str, ids.tolist()))}]"
    firsts, lasts = ids[[0, *(ends + 1)]], ids[[*ends, len(ids) - 1]]
    ranges = zip(firsts.tolist(), lasts.tolist(), strict=True)
    return " or ".join(f"(id >= {first} and id <= {last})" for first, last in ranges)


def _hits(column: Column, query: Any, limit: int, within: str) -> tuple[Vectors, Rows]:
    place = column.place
    with translated(column.connection.address):
        hits: Sequence[Any] = column.connection.client.search(
            place.collection,
            [query],
            anns_field=column.field,
            limit=limit,
            filter=within,
            partition_names=[place.partition],
            output_fields=["id"],
            timeout=QUESTION_SECONDS,
        )[0]
    scores = np.array([hit["distance"] for hit in hits], np.float32)
    return scores, np.array([hit["id"] for hit in hits], np.int64) - place.first_id


def _all_hits(column: Column, query: Any, allowed: Rows | None) -> tuple[Vectors, Rows]:
    """Every row's score, in as many searches as it takes."""
    wanted = np.arange(column.place.rows) if allowed is None else allowed
    parts = [
        _hits(column, query, len(block), rows_expression(column.place, block))
        for block in np.split(wanted, range(MAX_HITS, len(wanted), MAX_HITS))
    ]
    scores, rows = zip(*parts, strict=True)
    return np.concatenate(scores), np.concatenate(rows)


def _ranked(scores: Vectors, rows: Rows, limit: int) -> tuple[Vectors, Rows]:
    order = np.lexsort((rows, -scores))[:limit]
    return scores[order], rows[order]
