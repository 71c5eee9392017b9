"""BM25 as sparse weights must be tantivy's BM25."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footnoted.errors import IndexBroken
from footnoted.index.lexical import LexicalIndex, build_lexical
from footnoted.index.milvus.vocabulary import TOKENS_FILE, Vocabulary, write_vocabulary
from footnoted.index.milvus.weights import NO_TERM, rounded_lengths, weigh

WORDS = ("boat", "quay", "نهر", "図書", "2023-10-25", "3.14", "ß", "zug", "aa", "b")
PASSAGES = st.lists(st.lists(st.sampled_from(WORDS), max_size=12), min_size=1, max_size=12)


def scores(passages: list[list[str]], query: list[str], folder: Path) -> dict[int, float]:
    """Every passage's inner product with the query, those that share no token left out."""
    weighed = weigh(passages)
    write_vocabulary(folder, weighed.tokens, weighed.counts)
    vocabulary = Vocabulary(folder)
    dimensions = {vocabulary.dimension(token) for token in query}
    totals = {
        row: sum(w for d, w in weighed.vector(row).items() if d in dimensions)
        for row in range(len(passages))
    }
    return {row: total for row, total in totals.items() if total}


@settings(max_examples=15, deadline=None)
@given(PASSAGES, st.lists(st.sampled_from((*WORDS, "absent")), max_size=5))
def test_scores_are_those_of_the_files(
    tmp_path_factory: pytest.TempPathFactory, passages: list[list[str]], query: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("bm25")
    (folder / "tantivy").mkdir()
    build_lexical(folder / "tantivy", passages)
    values, rows = LexicalIndex(folder / "tantivy").search(query, len(passages))
    found = scores(passages, query, folder)
    assert sorted(found) == sorted(rows.tolist())
    assert [found[row] for row in rows.tolist()] == pytest.approx(values.tolist(), rel=1e-5)


def test_long_passages_count_as_long_as_tantivy_takes_them(tmp_path: Path) -> None:
    sizes = [*range(1, 60), 63, 64, 90, 127, 128, 200, 255, 256, 400, 999, 5000]
    passages = [["boat"] + ["quay"] * (size - 1) for size in sizes]
    (tmp_path / "tantivy").mkdir()
    build_lexical(tmp_path / "tantivy", passages)
    index = LexicalIndex(tmp_path / "tantivy")
    expected = index.scores_for(["boat"], np.arange(len(sizes)))
    found = scores(passages, ["boat"], tmp_path)
    assert [found[row] for row in range(len(sizes))] == pytest.approx(expected.tolist(), rel=1e-5)


@given(st.integers(0, 1 << 40))
def test_lengths_are_rounded_down_by_at_most_an_eighth(length: int) -> None:
    rounded = int(rounded_lengths(np.array([length]))[0])
    assert length - length / 8 <= rounded <= length
    assert length > 40 or rounded == length
    assert int(rounded_lengths(np.array([rounded]))[0]) == rounded


def test_a_passage_without_tokens_has_a_vector_that_no_query_meets() -> None:
    weighed = weigh([["boat"], []])
    assert weighed.vector(1) == {NO_TERM: 1.0}
    assert NO_TERM not in weighed.vector(0)


def test_the_vocabulary_knows_its_tokens_and_no_others(tmp_path: Path) -> None:
    weighed = weigh([["b", "a", "a"], ["ä", "a"], ["\ud800"]])
    write_vocabulary(tmp_path, weighed.tokens, weighed.counts)
    vocabulary = Vocabulary(tmp_path)
    frequencies = {token: vocabulary.passages_with(token) for token in ("a", "b", "ä", "aa", "")}
    assert frequencies == {"a": 2, "b": 1, "ä": 1, "aa": 0, "": 0}
    assert [vocabulary.dimension(token) for token in weighed.tokens] == [1, 2, 3, 4]
    assert vocabulary.dimension("\udfff") is None
    (tmp_path / TOKENS_FILE).write_bytes(b"a")
    with pytest.raises(IndexBroken, match="do not fit"):
        Vocabulary(tmp_path)
