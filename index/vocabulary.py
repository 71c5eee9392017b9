"""What a tokenizer's vocabulary tells of its model, before it has read any text."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from footnoted.protocols import Vectors
from footnoted.scripts import HAN, HANGUL, KANA, script_of

_WORD_PIECES = 300  # so many pieces of two letters or more: the vocabulary knows the script
_SINGLE_SIGNS = 2000  # so many single signs, where one can be a word: English BERT has 488
_AXES_WORDS = 6000


def known_scripts(tokenizer: Any) -> tuple[str, ...]:
    """The scripts in which the vocabulary has words, not only letters."""
    backend = getattr(tokenizer, "backend_tokenizer", tokenizer)
    words: Counter[str] = Counter()
    signs: Counter[str] = Counter()
    for number in range(backend.get_vocab_size()):
        piece = backend.decode([number]).strip().removeprefix("##")
        if piece.isalpha():
            (words if len(piece) > 1 else signs)[script_of(piece[0])] += 1
    unspaced = {script for script in (HAN, KANA, HANGUL) if signs[script] >= _SINGLE_SIGNS}
    return tuple(sorted(unspaced | {s for s, count in words.items() if count >= _WORD_PIECES}))


def word_lists(tokenizer: Any) -> list[str]:
    """The same texts each time: words of the vocabulary in a fixed random order, 12 a text."""
    backend = tokenizer.backend_tokenizer
    pieces = (backend.decode([number]).strip() for number in range(backend.get_vocab_size()))
    words = sorted({piece for piece in pieces if len(piece) > 2 and piece.isalpha()})
    chosen = np.random.default_rng(0).permutation(len(words))[:_AXES_WORDS]
    shuffled = [words[at] for at in chosen]
    return [" ".join(shuffled[at : at + 12]) for at in range(0, len(shuffled), 12)]


def principal_axes(states: Vectors, dim: int) -> Vectors:
    """The ``dim`` directions in which ``states`` vary most, shape ``(states.shape[1], dim)``.

    Not centred: inner products of the projections approximate those of the vectors.
    """
    _, axes = np.linalg.eigh(states.astype(np.float64).T @ states.astype(np.float64))
    return np.ascontiguousarray(axes[:, ::-1][:, :dim], dtype=np.float32)
