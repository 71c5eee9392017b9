"""The seams: what a fetcher, an embedder, an index, a reranker and an answerer must do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from footnoted.domain import Answer, Capture, Passage, Refusal

Vectors: TypeAlias = NDArray[np.float32]


class Fetcher(Protocol):
    """Reads web addresses, politely and safely."""

    async def fetch(self, url: str) -> Capture:
        """The capture of ``url``; ``FetchError`` when there is none."""
        ...


class Embedder(Protocol):
    """Makes vectors of texts: float32, unit norm, one row a text."""

    @property
    def name(self) -> str:
        """The model, as a user would name it."""
        ...

    @property
    def dim(self) -> int: ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Shape ``(len(texts), dim)``."""
        ...

    def embed_query(self, text: str) -> Vectors:
        """Shape ``(dim,)``."""
        ...


class VectorIndex(Protocol):
    """Nearest neighbours by inner product. Higher is better; nothing is ever deleted."""

    def add(self, vectors: Vectors) -> None:
        """Append rows; the first row ever added is row 0."""
        ...

    def search(self, query: Vectors, k: int) -> tuple[Vectors, NDArray[np.int64]]:
        """Scores and rows of the best ``min(k, size)``, best first."""
        ...

    def save(self, path: Path) -> None: ...


class Reranker(Protocol):
    """Scores passages against a question; higher is better."""

    def score(self, question: str, passages: Sequence[Passage]) -> Vectors:
        """Shape ``(len(passages),)``."""
        ...


class Answerer(Protocol):
    """Answers a question from a corpus, or says why not."""

    def answer(self, question: str, k: int) -> Answer | Refusal:
        """``QuestionError`` when the question cannot be asked."""
        ...
