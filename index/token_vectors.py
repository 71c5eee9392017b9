"""The vectors of a text's words and word pieces, and where these stand in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from tokenizers import Encoding

from footnoted.protocols import Vectors


class TokenVectors(NamedTuple):
    """The words and word pieces of one text without special tokens.

    ``vectors`` has shape ``(len(tokens), token_dim)``, float32, unit norm; ``spans`` are the
    tokens' code points in the text.
    """

    vectors: Vectors
    tokens: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]


def joined(pieces: Sequence[TokenVectors]) -> TokenVectors:
    """The token vectors of a text that was read in these pieces."""
    return TokenVectors(
        np.concatenate([piece.vectors for piece in pieces]),
        tuple(chain.from_iterable(piece.tokens for piece in pieces)),
        tuple(chain.from_iterable(piece.spans for piece in pieces)),
    )


def kept(encoding: Encoding, prompt: int) -> list[int]:
    """Which tokens are words of the text: neither special ones nor the prompt's, in characters."""
    offsets = encoding.offsets  # a new list at every access
    special = encoding.special_tokens_mask
    return [at for at, (_, end) in enumerate(offsets) if not special[at] and end > prompt]


def spans(encoding: Encoding, keep: Sequence[int], prompt: int) -> Iterator[tuple[int, int]]:
    """Where these tokens stand in the text behind a prompt of so many characters."""
    offsets = encoding.offsets
    for at in keep:
        start, end = offsets[at]
        yield max(start - prompt, 0), end - prompt
