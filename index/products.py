"""Small matrix products that wake no other thread.

OpenBLAS shares a product among threads from 2^18 multiplications on, and its threads then spin for
tens of milliseconds, waiting for more. On two cores that takes a core from ONNX Runtime while it
encodes the next question: measured, a warm question took 25 ms instead of 11.
"""

from __future__ import annotations

import numpy as np

from footnoted.protocols import Vectors

_SERIAL = 1 << 18  # multiplications below which OpenBLAS stays in the calling thread


def cosines(left: Vectors, right: Vectors) -> Vectors:
    """``left @ right.T``: shapes ``(n, dim)`` and ``(m, dim)``, float32, to ``(n, m)``."""
    n, dim = left.shape
    product = np.empty((n, len(right)), np.float32)
    block = max(1, (_SERIAL - 1) // max(1, n * dim))
    for start in range(0, len(right), block):
        part = right[start : start + block]
        if n == 1 or len(part) == 1:  # BLAS has another, lower bound for vectors
            product[:, start : start + block] = np.einsum("nd,md->nm", left, part)
        else:
            product[:, start : start + block] = left @ part.T
    return product
