"""Token sequences as the arrays that an encoder reads, in batches of like lengths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding


def batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Row numbers in batches of like lengths, none above ``budget`` unless one row alone is.

    ``budget`` counts tokens, padding included.
    """
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lambda row: -lengths[row]):
        # The first row of a batch is its longest: that is what the others are padded to.
        if batch and lengths[batch[0]] * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def padded(encodings: Sequence[Encoding], pad_id: int) -> dict[str, NDArray[np.int64]]:
    """The inputs of an encoder by name, each ``(len(encodings), longest)``."""
    shape = (len(encodings), max(len(encoding.ids) for encoding in encodings))
    ids = np.full(shape, pad_id, np.int64)
    mask = np.zeros(shape, np.int64)
    types = np.zeros(shape, np.int64)
    for row, encoding in enumerate(encodings):
        length = len(encoding.ids)
        ids[row, :length] = encoding.ids
        mask[row, :length] = 1
        types[row, :length] = encoding.type_ids
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
