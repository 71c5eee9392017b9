from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.index.fusion import (
    fuse_convex,
    fuse_reciprocal,
    legibility,
    min_max,
    strictly_decreasing,
)

FLOATS = st.lists(st.floats(-1e6, 1e6, width=32), max_size=30)


@given(FLOATS)
def test_min_max_keeps_the_order_between_0_and_1(values: list[float]) -> None:
    scores = np.array(values, np.float32)
    scaled = min_max(scores)
    assert np.all((scaled >= 0) & (scaled <= 1))
    order = np.argsort(scores, kind="stable")
    assert np.all(np.diff(scaled[order]) >= 0)
    if len(set(values)) > 1:
        assert (scaled.min(), scaled.max()) == (0, 1)


def test_convex_combination_of_known_scores() -> None:
    dense, lexical = np.float32([0.2, 0.6, 0.4]), np.float32([10, 0, 5])
    assert fuse_convex(dense, lexical, 0.7).tolist() == pytest.approx([0.3, 0.7, 0.5])
    assert fuse_convex(dense, lexical, 0.0).tolist() == pytest.approx([1, 0, 0.5])
    assert fuse_convex(dense, lexical, 1.0).tolist() == pytest.approx([0, 1, 0.5])


def test_reciprocal_ranks_add_up() -> None:
    rankings = [np.array([7, 3]), np.array([3, 9])]
    found = fuse_reciprocal(rankings, np.array([3, 7, 9, 11]))
    assert found.tolist() == pytest.approx([1 / 62 + 1 / 61, 1 / 61, 1 / 62, 0])


@given(FLOATS)
def test_scores_become_strictly_decreasing_and_keep_their_size(values: list[float]) -> None:
    ordered = sorted(values, reverse=True)
    found = strictly_decreasing(ordered)
    assert all(before > after for before, after in itertools.pairwise(found))
    assert np.allclose(found, ordered)


@pytest.mark.parametrize(
    ("query", "language", "readable", "weight"),
    [
        ("Who built it?", "en", (("Latin",), ("en",)), 0.5),
        ("Who built it?", "en-GB", (("Latin",), ("en",)), 0.5),
        ("Who built it?", None, (("Latin",), ("en",)), 0.5),
        ("Wer hat es gebaut?", "de", (("Latin",), ("en",)), 0.3),
        ("Wer hat es gebaut?", "de", (("Latin",), None), 0.5),
        ("من بنى الجسر؟", "ar", (("Latin",), ("en",)), 0.0),
        ("من بنى الجسر؟", "en", (("Latin",), ("en",)), 0.0),
        ("من بنى الجسر؟", "ar", (("Arabic", "Latin"), None), 0.5),
        ("谁建的？", "zh", (("Latin",), ("en",)), 0.0),
        ("1931?", "en", (("Latin",), ("en",)), 0.5),
    ],
)
def test_the_dense_side_counts_only_where_the_model_can_read(
    word_hash: Callable[[], Any],
    query: str,
    language: str | None,
    readable: tuple[tuple[str, ...], tuple[str, ...] | None],
    weight: float,
) -> None:
    scripts, languages = readable
    card = replace(word_hash().card, scripts=scripts, languages=languages)
    assert legibility(query, language, card) * 0.5 == pytest.approx(weight)
