"""A cross-encoder, once, as files that ONNX Runtime and ``tokenizers`` can read.

The graph has one output, ``score``: a number for each pair. It is compared with the model's own
``predict`` before it is kept; a model that differs (or reads its pairs through a chat template)
is left to torch, and its card says why.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from footnoted.index.cross_encoder import SCORE, OnnxCrossEncoder, finite
from footnoted.index.cross_encoder_torch import (
    load_cross_encoder,
    positive_class,
    predict,
    relevance,
)
from footnoted.index.graphs import optimise
from footnoted.index.models import (
    ONNX_FILE,
    ONNX_WEIGHTS_FILE,
    TOKENIZER_FILE,
    ModelCard,
    ModelSource,
    check_weights,
    read_card,
)
from footnoted.index.once import seal, write_once
from footnoted.index.sessions import ORT_ERRORS
from footnoted.index.torch_embedder import state_sha256
from footnoted.index.vocabulary import known_scripts

MAX_DIFFERENCE = 1e-3
POOLING = "cross-encoder"
_OPSET = 18
_UNLIMITED = 1_000_000  # where nothing but memory limits a model
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_QUESTION = "Who built the bridge over the river, and when was it finished?"
_TEXTS = (
    "",
    "a",
    "The bridge was finished in 1904; Ada Brunnoe had drawn it.",
    "Ein kurzer Satz über Straßen, Zölle und Brücken.",
    "من بنى الجسر فوق النهر؟",
    "桥是谁建的？ 🌉",
    "The toll was two pence for a cart and a penny for a horse; walkers paid nothing. " * 60,
)
_EXPORT_ERRORS = (RuntimeError, TypeError, ValueError, AttributeError, KeyError, *ORT_ERRORS)


def export_cross_encoder(source: ModelSource, folder: Path) -> ModelCard:
    """Export ``source`` into ``folder``, whole or not at all; returns its card.

    ``ModelError`` (weights, loading, no scores), ``DiskFull``, ``ReadOnly``.
    """
    write_once(folder, lambda empty: _write_export(source, empty))
    return read_card(folder)


def _write_export(source: ModelSource, folder: Path) -> None:
    weights = check_weights(source) if source.folder else None
    model = load_cross_encoder(source)
    card = _card(source, model, weights or state_sha256(model))
    finite(predict(model, _QUESTION, _TEXTS), card, source.folder or source.name)
    if note := _export_onnx(model, card, folder):
        for file in folder.iterdir():
            file.unlink()
        card = replace(card, runtime="torch", note=note)
    seal(card, folder)


def _export_onnx(model: Any, card: ModelCard, folder: Path) -> str:
    """Write all files but the card; returns why torch must run the model instead, or nothing."""
    if not card.inputs:
        return f"The reranker {card.name} reads more than plain pairs: torch runs it, more slowly."
    _save_tokenizer(model.tokenizer, card.max_length, folder / TOKENIZER_FILE)
    traced = folder / "traced.onnx"
    try:
        _trace(model, card.inputs, traced)
        optimise(traced, folder / ONNX_FILE, ONNX_WEIGHTS_FILE)
        traced.unlink()
        seal(card, folder)
        difference = _worst_difference(model, OnnxCrossEncoder(folder))
    except _EXPORT_ERRORS as error:
        reason = type(error).__name__
        return (
            f"The reranker {card.name} cannot be exported ({reason}): torch runs it, more slowly."
        )
    if not difference < MAX_DIFFERENCE:
        return (
            f"The export of {card.name} gives other scores (by up to {difference:.4f}): "
            "torch runs it, more slowly."
        )
    return ""


def _card(source: ModelSource, model: Any, weights_sha256: str) -> ModelCard:
    parts = ("onnxruntime", "sentence-transformers", "tokenizers", "torch", "transformers")
    return ModelCard(
        name=source.name,
        runtime="onnx",
        dim=1,
        max_length=int(min(model.max_seq_length or _UNLIMITED, _UNLIMITED)),
        pooling=POOLING,
        normalise=False,
        query_prompt=(model.prompts or {}).get(model.default_prompt_name) or "",
        passage_prompt="",
        lowercase=False,
        inputs=_inputs(model),
        pad_id=int(getattr(model.tokenizer, "pad_token_id", 0) or 0),
        token_dim=0,
        scripts=known_scripts(model.tokenizer),
        languages=None,
        weights_sha256=weights_sha256,
        versions={part: version(part) for part in parts},
        files={},
    )


def _inputs(model: Any) -> tuple[str, ...]:
    """The inputs of its encoder, in the graph's order; none for one that reads more than pairs."""
    if not hasattr(model.tokenizer, "backend_tokenizer"):
        return ()
    features = model.preprocess([(_QUESTION, _TEXTS[2])])
    inputs = tuple(name for name in _INPUTS if name in features)
    plain = set(features) == {*inputs, "modality"} and features["modality"] == "text"
    return inputs if plain and {"input_ids", "attention_mask"} <= set(inputs) else ()


def _save_tokenizer(tokenizer: Any, max_length: int, path: Path) -> None:
    """The tokenizer with its truncation: always the longer of the two texts, from its own side."""
    backend = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    backend.no_padding()
    side = tokenizer.truncation_side
    backend.enable_truncation(max_length, strategy="longest_first", direction=side)
    backend.save(str(path))


class _Scores(torch.nn.Module):  # type: ignore[misc]  # torch is not followed
    """The model's modules over positional inputs, as the exporter wants them."""

    def __init__(self, model: Any, inputs: tuple[str, ...]) -> None:
        super().__init__()
        self.parts = torch.nn.ModuleList(list(model))
        self.inputs = inputs
        self.positive = positive_class(model)

    def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
        features: dict[str, Any] = dict(zip(self.inputs, tensors, strict=True))
        features["modality"] = "text"
        for part in self.parts:
            features = part(features)
        return relevance(features["scores"], self.positive).float()


def _trace(model: Any, inputs: tuple[str, ...], path: Path) -> None:
    """Write the model's modules as one graph from pairs of tokens to scores."""
    features = model.preprocess([(_QUESTION, text) for text in _TEXTS[1:3]])  # one is padded
    with warnings.catch_warnings(), torch.no_grad():
        for message in ("You are using the legacy", "The feature will be removed"):
            warnings.filterwarnings("ignore", message=message, category=DeprecationWarning)
        warnings.filterwarnings("ignore", message="Exporting aten::index", category=UserWarning)
        warnings.filterwarnings("ignore", category=torch.jit.TracerWarning)
        torch.onnx.export(
            _Scores(model, inputs).eval(),
            tuple(features[name] for name in inputs),
            str(path),
            input_names=list(inputs),
            output_names=[SCORE],
            dynamic_axes={
                **{name: {0: "batch", 1: "tokens"} for name in inputs},
                SCORE: {0: "batch"},
            },
            opset_version=_OPSET,
            dynamo=False,
        )


def _worst_difference(model: Any, exported: OnnxCrossEncoder) -> float:
    theirs = predict(model, _QUESTION, _TEXTS)
    together = exported.score(_QUESTION, _TEXTS)
    alone = np.concatenate([exported.score(_QUESTION, [text]) for text in _TEXTS])
    return float(max(np.abs(together - theirs).max(), np.abs(alone - theirs).max()))
