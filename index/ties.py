"""Equal scores in the order of the rows, also where only some of them are wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from footnoted.protocols import Rows, Vectors

Search: TypeAlias = Callable[[int], tuple[Vectors, Rows]]

_DEEPER = 8  # times as many rows, where the last one found scores as the last one wanted


def in_row_order(scores: Vectors, rows: Rows) -> tuple[Vectors, Rows]:
    """Both with the best first, and equal scores in the order of the rows."""
    order = np.lexsort((rows, -scores))
    return scores[order], rows[order]


def first_of_ties(search: Search, limit: int, depth: int, size: int) -> tuple[Vectors, Rows]:
    """The best ``limit`` of ``size`` rows by ``search(depth)``, in the order of ``in_row_order``.

    A row that scores as the last one wanted may be left out for a later row: FAISS keeps either.
    So one row more is looked at, and many more while the last of them still ties.
    """
    depth = min(max(depth, limit + 1), size)
    while True:
        scores, rows = in_row_order(*search(depth))
        if depth == size or len(rows) < depth or scores[-1] < scores[limit - 1]:
            return scores[:limit], rows[:limit]
        depth = min(depth * _DEEPER, size)
