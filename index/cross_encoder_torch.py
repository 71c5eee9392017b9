"""Cross-encoders through sentence-transformers: to export them, and for those that cannot be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from footnoted.errors import ModelError
from footnoted.index.cross_encoder import finite
from footnoted.index.models import ModelCard, ModelSource
from footnoted.index.torch_models import load, memory_errors
from footnoted.protocols import Vectors

# The class that answers "is it so?" or "does it belong?", as training sets call it.
_POSITIVE = frozenset(
    {"entailment", "positive", "relevant", "supported", "supports", "true", "yes"}
)
_HEADS = ("ForSequenceClassification", "ForCausalLM")  # the second answers yes or no


class TorchCrossEncoder:
    """A cross-encoder that runs torch: on a GPU, or where ONNX Runtime would score otherwise."""

    def __init__(self, model: Any, card: ModelCard) -> None:
        self._model = model
        self.card = card

    @property
    def name(self) -> str:
        return self.card.name

    @property
    def max_tokens(self) -> int:
        return self.card.max_length

    def score(self, question: str, texts: Sequence[str]) -> Vectors:
        """Shape ``(len(texts),)``, float32, unbounded; higher is better."""
        return finite(predict(self._model, question, texts), self.card, self.name)


def load_cross_encoder(source: ModelSource, device: str = "cpu") -> Any:
    """The ``CrossEncoder`` of ``source``; its ``predict`` makes logits.

    ``ModelError`` when it cannot be loaded (``torch_models``), or was not trained to score pairs.
    """
    # An activation named by a model would be looked up and called while loading.
    model = load("CrossEncoder", source, device, activation_fn=torch.nn.Identity())
    _check_head(source, model)
    positive_class(model, source.name)
    return model


def predict(model: Any, question: str, texts: Sequence[str]) -> Vectors:
    """The logits of each text with ``question``, ``(len(texts),)``, as the model makes them."""
    if not texts:
        return np.zeros(0, np.float32)
    pairs = [(question, text) for text in texts]
    with memory_errors(str(model.device)):
        made = model.predict(pairs, convert_to_tensor=True, show_progress_bar=False)
    scores: Vectors = relevance(made, positive_class(model)).float().cpu().numpy()
    return scores


def relevance(scores: torch.Tensor, positive: int | None) -> torch.Tensor:
    """One number a pair: its logit, or the log-odds of its class ``positive`` against the rest."""
    if positive is None:
        return scores.reshape(-1)
    others = torch.cat([scores[:, :positive], scores[:, positive + 1 :]], dim=1)
    return scores[:, positive] - torch.logsumexp(others, dim=1)


def positive_class(model: Any, name: str = "") -> int | None:
    """Which of its classes says that a text answers the question; ``None`` where it has but one.

    ``ModelError`` when its classes do not say.
    """
    if model.num_labels == 1:
        return None
    labels: Mapping[int, str] = model.config.id2label
    found = [number for number, label in labels.items() if label.strip().lower() in _POSITIVE]
    if len(found) != 1:
        raise ModelError(
            f"The reranker {name} puts pairs into {model.num_labels} classes, and none of their "
            f"names ({', '.join(labels.values())}) says which is the relevant one.",
            about=name,
            hint="Name a cross-encoder with one score, or name its class `relevant` in the "
            "`id2label` of its config.json.",
        )
    return found[0]


def _check_head(source: ModelSource, model: Any) -> None:
    """Loading a model without a head for pairs gives it a random one, in silence."""
    built = getattr(model.config, "architectures", None) or []
    if not any(name.endswith(_HEADS) for name in built):
        raise ModelError(
            f"The model {source.name} was not trained to score pairs of texts "
            f"({', '.join(built) or 'nothing says what it is'}).",
            about=source.name,
            hint="Name a cross-encoder as the reranker, and a model for vectors as the model.",
        )
