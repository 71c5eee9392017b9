from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from footnoted.index.batches import batches, padded


@given(st.lists(st.integers(1, 300), max_size=60), st.integers(1, 1000))
def test_every_row_is_in_one_batch_within_the_budget(lengths: list[int], budget: int) -> None:
    made = list(batches(lengths, budget))
    assert sorted(row for rows in made for row in rows) == list(range(len(lengths)))
    for rows in made:
        longest = max(lengths[row] for row in rows)
        assert len(rows) == 1 or longest * len(rows) <= budget
    ends = [(max(lengths[r] for r in rows), min(lengths[r] for r in rows)) for rows in made]
    assert all(before[1] >= after[0] for before, after in pairwise(ends))


def test_shorter_rows_are_padded_and_masked() -> None:
    tokenizer = Tokenizer(WordLevel({"a": 1, "b": 2, "?": 3}, unk_token="?"))
    tokenizer.pre_tokenizer = Whitespace()
    feeds = padded(tokenizer.encode_batch([("a b", "b"), "b"]), pad_id=9)
    assert feeds["input_ids"].tolist() == [[1, 2, 2], [2, 9, 9]]
    assert feeds["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0]]
    assert feeds["token_type_ids"].tolist() == [[0, 0, 1], [0, 0, 0]]
    assert {array.dtype.name for array in feeds.values()} == {"int64"}
