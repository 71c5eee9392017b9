"""The seams: what a fetcher, an embedder, an index, a reranker and an answerer must do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from footnoted.domain import Answer, Capture, Refusal

Vectors: TypeAlias = NDArray[np.float32]
Rows: TypeAlias = NDArray[np.int64]


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
    """Nearest neighbours of unit vectors by inner product; higher is better."""

    @property
    def dim(self) -> int: ...

    def __len__(self) -> int: ...

    def search(self, query: Vectors, k: int, allowed: Rows | None = None) -> tuple[Vectors, Rows]:
        """Scores and rows of the best ``min(k, size)`` for a query ``(dim,)``, best first.

        ``allowed`` limits the rows. Equal scores come in the order of the rows.
        """
        ...

    def scores_for(self, query: Vectors, rows: Rows) -> Vectors:
        """The query's inner product with each of ``rows``, in their order."""
        ...

    def vectors(self, rows: Rows) -> Vectors:
        """The vectors of ``rows`` as they are stored, shape ``(len(rows), dim)``."""
        ...


class TermIndex(Protocol):
    """BM25 over folded tokens; higher is better."""

    def __len__(self) -> int: ...

    def search(
        self, tokens: Iterable[str], k: int, allowed: Rows | None = None
    ) -> tuple[Vectors, Rows]:
        """Scores and rows of the best ``k`` that share a token, best first; ties in row order."""
        ...

    def scores_for(self, tokens: Iterable[str], rows: Rows) -> Vectors:
        """The score of each of ``rows``, in their order; 0 where no token is shared."""
        ...

    def document_frequency(self, token: str) -> int:
        """In how many rows ``token`` occurs."""
        ...


class Reranker(Protocol):
    """Scores texts against a question, read together; higher is better, on any scale."""

    def score(self, question: str, texts: Sequence[str]) -> Vectors:
        """Shape ``(len(texts),)``, float32."""
        ...


class Answerer(Protocol):
    """Answers a question from a corpus, or says why not."""

    def answer(self, question: str, k: int) -> Answer | Refusal:
        """``QuestionError`` when the question cannot be asked."""
        ...
