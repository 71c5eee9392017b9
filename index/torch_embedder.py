"""Models through sentence-transformers itself: for exporting them, and for those that cannot be.

Only this module, ``graphs`` and ``export`` import torch; they are imported when they are needed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from footnoted.errors import ModelError
from footnoted.index.models import ModelCard, ModelSource
from footnoted.protocols import Vectors


class SentenceTransformersEmbedder:
    """An embedder that runs torch, for a model which ONNX Runtime cannot run the same way.

    It makes no token vectors, so its hits carry no ``maxsim``.
    """

    def __init__(self, model: Any, card: ModelCard) -> None:
        self._model = model
        self.card = card

    @property
    def name(self) -> str:
        return self.card.name

    @property
    def dim(self) -> int:
        return self.card.dim

    @property
    def max_tokens(self) -> int:
        return self.card.max_length

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Shape ``(len(texts), dim)``, float32, unit norm."""
        if not texts:
            return np.zeros((0, self.dim), np.float32)
        return _unit(self._model.encode_document(list(texts), show_progress_bar=False))

    def embed_query(self, text: str) -> Vectors:
        """Shape ``(dim,)``, float32, unit norm."""
        vectors: Vectors = _unit(self._model.encode_query([text], show_progress_bar=False))[0]
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, uncut, special ones included."""
        tokenizer = self._model.tokenizer
        backend = getattr(tokenizer, "backend_tokenizer", tokenizer)
        backend.no_truncation()
        return [len(encoding.ids) for encoding in backend.encode_batch(list(texts))]


def load_model(source: ModelSource) -> Any:
    """The ``SentenceTransformer`` of ``source``, on the CPU with plain attention.

    ``ModelError`` when it is neither here nor reachable, or is not such a model.
    """
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - imports torch: 8 s

    where = str(source.folder) if source.folder else source.name
    try:
        with _without_progress_bars():
            model = SentenceTransformer(
                where, device="cpu", model_kwargs={"attn_implementation": "eager"}
            )
    except (OSError, ValueError, TypeError, KeyError, ImportError, RuntimeError) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelError(
            f"The model {source.name} cannot be loaded: {first}",
            about=where,
            hint="Name a folder saved by sentence-transformers. A name of the model hub needs "
            "the network the first time; without it, only models already in its cache load.",
        ) from error
    return model.eval()


def state_sha256(model: Any) -> str:
    """The SHA-256 over all weights of a loaded model, by name."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name}\0{tuple(tensor.shape)}\0".encode())
        digest.update(tensor.detach().float().contiguous().numpy().tobytes())
    return digest.hexdigest()


@contextmanager
def _without_progress_bars() -> Iterator[None]:
    """Ours are the words for whoever waits: transformers has a bar of its own for weights."""
    from transformers.utils import logging  # noqa: PLC0415 - imports torch: 8 s

    switch: Any = logging  # its switches have no types
    shown = switch.is_progress_bar_enabled()
    switch.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            switch.enable_progress_bar()


def _unit(vectors: Any) -> Vectors:
    array = np.asarray(vectors, np.float32)
    norms = np.linalg.norm(array, axis=1, keepdims=True)
    unit: Vectors = array / np.maximum(norms, np.finfo(np.float32).tiny)
    return unit
