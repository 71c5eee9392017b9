"""A model without weights, for tests of what stores and searches vectors."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
import pytest

from footnoted.index.embedder import Precision
from footnoted.index.models import ModelCard
from footnoted.index.token_vectors import TokenVectors
from footnoted.protocols import Vectors


class WordHashEmbedder:
    """A token's vector is drawn from the hash of its word, a text's is the mean of its tokens'.

    It needs no files, and texts that share words are alike: enough to test what stores vectors.
    """

    def __init__(self, salt: str = "", dim: int = 32, token_dim: int = 8) -> None:
        self.salt = salt
        self.embedded: list[str] = []
        self.precision: Precision = "float32"
        self.card = ModelCard(
            name=f"word-hash{salt}",
            runtime="onnx",
            dim=dim,
            max_length=512,
            pooling="mean",
            normalise=True,
            query_prompt="",
            passage_prompt="",
            lowercase=True,
            inputs=(),
            pad_id=0,
            token_dim=token_dim,
            scripts=("Latin",),
            languages=("en",),
            weights_sha256=hashlib.sha256(f"word-hash{salt}{dim}".encode()).hexdigest(),
            versions={},
            files={},
        )

    @property
    def name(self) -> str:
        return self.card.name

    @property
    def dim(self) -> int:
        return self.card.dim

    @property
    def max_tokens(self) -> int:
        return self.card.max_length

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(_words(text)) for text in texts]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded.extend(texts)
        return np.stack([self.embed_query(text) for text in texts])

    def embed_query(self, text: str) -> Vectors:
        total = sum((self._word(word, self.dim) for word, _ in _words(text)), np.zeros(self.dim))
        total = total if np.any(total) else np.ones(self.dim)
        return (total / np.linalg.norm(total)).astype(np.float32)

    def embed_with_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenVectors]]:
        return self.embed_passages(texts), [self._tokens(text) for text in texts]

    def embed_query_tokens(self, text: str) -> tuple[Vectors, TokenVectors]:
        return self.embed_query(text), self._tokens(text)

    def token_spans(self, text: str) -> tuple[tuple[int, int], ...]:
        return self._tokens(text).spans

    def _tokens(self, text: str) -> TokenVectors:
        words = _words(text)
        vectors = np.zeros((len(words), self.card.token_dim), np.float32)
        for at, (word, _) in enumerate(words):
            vectors[at] = self._word(word, self.card.token_dim)
        spans = tuple((start, start + len(word)) for word, start in words)
        return TokenVectors(vectors, tuple(word for word, _ in words), spans)

    def _word(self, word: str, dim: int) -> Vectors:
        seed = int.from_bytes(hashlib.sha256(f"{self.salt}{word}".encode()).digest()[:8], "big")
        vector = np.random.default_rng(seed).standard_normal(dim)
        return (vector / np.linalg.norm(vector)).astype(np.float32)


def _words(text: str) -> list[tuple[str, int]]:
    return [(match[0].lower(), match.start()) for match in re.finditer(r"\w+", text)]


@pytest.fixture
def word_hash() -> type[WordHashEmbedder]:
    return WordHashEmbedder
