"""Embedding models through sentence-transformers itself.

For exporting them, for those that cannot be exported, and for running them on a GPU. Modules that
need torch are imported when they are needed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from footnoted.index.embedder import Precision
from footnoted.index.models import ModelCard, ModelSource
from footnoted.index.prompts import prompts_for
from footnoted.index.torch_models import load, memory_errors
from footnoted.protocols import Vectors


class SentenceTransformersEmbedder:
    """An embedder that runs torch, for a model which ONNX Runtime cannot run the same way.

    It makes no token vectors, so its hits carry no ``maxsim``.
    """

    def __init__(self, model: Any, card: ModelCard) -> None:
        self._model = model
        self.card = card
        self.precision: Precision = "float32"

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
        prompt = self.card.passage_prompt
        made = self._model.encode_document(list(texts), prompt=prompt, show_progress_bar=False)
        return _unit(made)

    def embed_query(self, text: str) -> Vectors:
        """Shape ``(dim,)``, float32, unit norm."""
        prompt = self.card.query_prompt
        made = self._model.encode_query([text], prompt=prompt, show_progress_bar=False)
        vectors: Vectors = _unit(made)[0]
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, uncut, special ones included."""
        tokenizer = self._model.tokenizer
        backend = getattr(tokenizer, "backend_tokenizer", tokenizer)
        backend.no_truncation()
        return [len(encoding.ids) for encoding in backend.encode_batch(list(texts))]


class TorchGraph:
    """A model's modules on a device of torch, called as the exported graph is."""

    def __init__(self, model: Any, device: str) -> None:
        self._model = model
        self._device = device

    def run(self, outputs: Sequence[str], feeds: Mapping[str, NDArray[np.int64]]) -> list[Vectors]:
        """The named outputs, float32 of unit norm, for the inputs of a batch."""
        import torch  # noqa: PLC0415 - takes seconds

        with torch.inference_mode(), memory_errors(self._device):
            features: dict[str, Any] = {
                name: torch.from_numpy(array).to(self._device) for name, array in feeds.items()
            }
            features["modality"] = "text"
            for part in self._model:
                features = part(features)
            unit = (torch.nn.functional.normalize(features[name], dim=-1) for name in outputs)
            return [vectors.float().cpu().numpy() for vectors in unit]


def load_model(source: ModelSource, device: str = "cpu") -> Any:
    """The ``SentenceTransformer`` of ``source``, with the prompts that it needs.

    ``ModelError`` when it cannot be loaded, or torch sees no such device (``torch_models``).
    """
    model = load("SentenceTransformer", source, device)
    query, passage = prompts_for(source.name, model.prompts)
    # sentence-transformers gives every model an empty prompt for documents, and by that overlooks
    # one which a model declares for passages.
    model.prompts.update(query=query, document=passage)
    return model


def state_sha256(model: Any) -> str:
    """The SHA-256 over all weights of a loaded model, by name."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name}\0{tuple(tensor.shape)}\0".encode())
        digest.update(tensor.detach().float().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _unit(vectors: Any) -> Vectors:
    array = np.asarray(vectors, np.float32)
    norms = np.linalg.norm(array, axis=1, keepdims=True)
    unit: Vectors = array / np.maximum(norms, np.finfo(np.float32).tiny)
    return unit
