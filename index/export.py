"""A sentence-transformers model, once, as files that ONNX Runtime and ``tokenizers`` can read.

The graph holds the model's own modules (encoder, pooling, normalisation) and gives two outputs:
``sentence_embedding``, pooled, and ``token_embeddings``, the last hidden states; both are float32
and of unit norm. It is checked against the model itself before it is kept; a model that differs
(or has no tokens) is left to torch, and its card says why.
"""

from __future__ import annotations

import math
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from footnoted.index.bert_graph import readable, sentence_graph
from footnoted.index.embedder import OnnxEmbedder
from footnoted.index.graphs import OUTPUTS, optimise, trace
from footnoted.index.models import (
    INT8_FILE,
    INT8_WEIGHTS_FILE,
    ONNX_FILE,
    ONNX_WEIGHTS_FILE,
    PROJECTION_FILE,
    TOKENIZER_FILE,
    ModelCard,
    ModelSource,
    check_weights,
    read_card,
)
from footnoted.index.once import seal, write_once
from footnoted.index.sessions import ORT_ERRORS
from footnoted.index.torch_embedder import load_model, state_sha256
from footnoted.index.vocabulary import known_scripts, principal_axes, word_lists
from footnoted.settings import DEFAULT_MODEL

MIN_COSINE = 0.9999
MIN_INT8_COSINE = 0.98  # processors without VNNI may overflow on 8-bit products
TOKEN_DIM = 64  # 10 KB a passage; nDCG@10 within .002 of all 384 on the English sets
_EIGHT_BIT = frozenset({DEFAULT_MODEL})  # where nDCG@10 was measured to stay the same
_USUAL_LENGTH = 512
_UNLIMITED = 1_000_000
_SAMPLES = (
    "a",
    "Who built the bridge over the river, and when was it finished?",
    "Ein kurzer Satz über Straßen, Zölle und Brücken.",
    "من بنى الجسر فوق النهر؟",
    "桥是谁建的？",
    "The toll was two pence for a cart and a penny for a horse; walkers paid nothing. " * 30,
)
_EXPORT_ERRORS = (RuntimeError, TypeError, ValueError, AttributeError, KeyError, *ORT_ERRORS)


def export_model(source: ModelSource, folder: Path) -> ModelCard:
    """Export ``source`` into ``folder``, whole or not at all; returns its card.

    Two processes do not export at once: the second waits, and finds the first one's. Raises
    ``ModelError`` (weights, loading), ``DiskFull``, ``ReadOnly``.
    """
    write_once(folder, lambda empty: _write_export(source, empty))
    return read_card(folder)


def _write_export(source: ModelSource, folder: Path) -> None:
    weights = check_weights(source) if source.folder else None
    model = load_model(source)
    card = _card(source, model, weights or state_sha256(model))
    if note := _export_onnx(model, card, folder):
        for file in folder.iterdir():
            file.unlink()
        card = replace(card, runtime="torch", token_dim=0, note=note)
    seal(card, folder)


def _export_onnx(model: Any, card: ModelCard, folder: Path) -> str:
    """Write all files but the card; returns why torch must run the model instead, or nothing."""
    if not card.inputs:
        return f"The model {card.name} has no transformer of words: torch runs it, more slowly."
    model.tokenizer.backend_tokenizer.save(str(folder / TOKENIZER_FILE))
    traced = folder / "traced.onnx"
    try:
        trace(model, card.inputs, traced)
        optimise(traced, folder / ONNX_FILE, ONNX_WEIGHTS_FILE)
    except _EXPORT_ERRORS as error:
        reason = type(error).__name__
        return f"The model {card.name} cannot be exported ({reason}): torch runs it, more slowly."
    seal(card, folder)
    embedder = OnnxEmbedder(folder)
    cosine = _worst_cosine(model, embedder)
    if not cosine >= MIN_COSINE:
        return (
            f"The export of {card.name} gives other vectors (cosine {cosine:.4f}): "
            "torch runs it, more slowly."
        )
    words = embedder.embed_tokens(word_lists(model.tokenizer))
    states = np.concatenate([word.vectors for word in words])
    if card.token_dim < states.shape[1]:
        np.save(folder / PROJECTION_FILE, principal_axes(states, card.token_dim))
    if card.name in _EIGHT_BIT and readable(model):
        _export_int8(model, card, folder)
    traced.unlink()
    return ""


def _export_int8(model: Any, card: ModelCard, folder: Path) -> None:
    """Add a graph in 8 bits, unless this processor makes too much of it."""
    exact = OnnxEmbedder(folder).embed_passages(_SAMPLES)
    whole = folder / "rounded.onnx"
    onnx.save_model(sentence_graph(model, OUTPUTS), whole)
    optimise(whole, folder / INT8_FILE, INT8_WEIGHTS_FILE, fuse=False)
    whole.unlink()
    seal(card, folder)
    rounded = OnnxEmbedder(folder).embed_passages(_SAMPLES)
    if not (rounded * exact).sum(axis=1).min() >= MIN_INT8_COSINE:
        (folder / INT8_FILE).unlink()
        (folder / INT8_WEIGHTS_FILE).unlink()


def _card(source: ModelSource, model: Any, weights_sha256: str) -> ModelCard:
    prompts: dict[str, str] = model.prompts or {}
    passage = next((prompts[k] for k in ("document", "passage", "corpus") if prompts.get(k)), "")
    kinds = [type(part).__name__ for part in model]
    inputs = _inputs(model)
    pooling = next((p.pooling_mode for p in model if getattr(p, "pooling_mode", "")), "")
    state_dim = int(model[0].get_embedding_dimension()) if inputs else 0
    parts = ("onnxruntime", "sentence-transformers", "tokenizers", "torch", "transformers")
    return ModelCard(
        name=source.name,
        runtime="onnx",
        dim=int(model.get_embedding_dimension()),
        max_length=_max_length(model),
        pooling=str(pooling or "+".join(kinds)),
        normalise="Normalize" in kinds,
        query_prompt=prompts.get("query", ""),
        passage_prompt=passage,
        lowercase=bool(getattr(model[0], "do_lower_case", False)),
        inputs=inputs,
        pad_id=int(getattr(model.tokenizer, "pad_token_id", 0) or 0),
        token_dim=min(state_dim, TOKEN_DIM),
        scripts=known_scripts(model.tokenizer),
        languages=("en",) if source.name == DEFAULT_MODEL else None,
        weights_sha256=weights_sha256,
        versions={part: version(part) for part in parts},
        files={},
    )


def _max_length(model: Any) -> int:
    length = model.max_seq_length
    if length is None:
        return _USUAL_LENGTH
    return int(length) if math.isfinite(length) else _UNLIMITED  # static embeddings read it all


def _inputs(model: Any) -> tuple[str, ...]:
    """The inputs of its encoder, in the graph's order; none for a model without one."""
    if not hasattr(model.tokenizer, "backend_tokenizer"):
        return ()
    features = model.preprocess([_SAMPLES[1]])
    known = ("input_ids", "attention_mask", "token_type_ids")
    inputs = tuple(name for name in known if name in features)
    return inputs if {"input_ids", "attention_mask"} <= set(inputs) else ()


def _worst_cosine(model: Any, embedder: OnnxEmbedder) -> float:
    # A passage beyond the model's length is read in pieces here, and cut there.
    counts = embedder.count_tokens(_SAMPLES)
    fitting = [
        text for text, count in zip(_SAMPLES, counts, strict=True) if count <= embedder.max_tokens
    ]
    ours = np.concatenate(
        [
            np.stack([embedder.embed_query(text) for text in _SAMPLES]),
            embedder.embed_passages(fitting),
        ]
    )
    options = {"show_progress_bar": False, "normalize_embeddings": True}
    theirs = np.concatenate(
        [model.encode_query(list(_SAMPLES), **options), model.encode_document(fitting, **options)]
    )
    return float((ours * theirs).sum(axis=1).min())
