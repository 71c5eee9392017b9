"""Products in blocks are the products."""

from __future__ import annotations

import numpy as np
import pytest

from footnoted.index.products import cosines


@pytest.mark.parametrize(
    ("n", "m", "dim"),
    [(1, 1, 4), (1, 300, 384), (14, 3_300, 64), (16, 64, 384), (3, 0, 8), (0, 5, 8)],
)
def test_blocks_make_the_same_product(n: int, m: int, dim: int) -> None:
    random = np.random.default_rng(n + m + dim)
    left = random.standard_normal((n, dim)).astype(np.float32)
    right = random.standard_normal((m, dim)).astype(np.float32)
    product = cosines(left, right)
    assert product.dtype == np.float32
    assert product.shape == (n, m)
    assert np.allclose(product, left.astype(np.float64) @ right.astype(np.float64).T, atol=1e-3)


def test_no_block_is_large_enough_to_be_shared_among_threads() -> None:
    sizes = []

    class Watched(np.ndarray):
        def __matmul__(self, other: np.ndarray) -> np.ndarray:
            sizes.append(self.shape[0] * self.shape[1] * other.shape[1])
            return np.asarray(self) @ np.asarray(other)

    left = np.ones((14, 64), np.float32).view(Watched)
    cosines(left, np.ones((3_300, 64), np.float32))
    assert sizes
    assert max(sizes) < 1 << 18
