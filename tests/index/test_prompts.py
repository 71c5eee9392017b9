"""Prompts of queries and passages, declared or known, in both runtimes: these tests load torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from footnoted.index.embedder import OnnxEmbedder, open_embedder
from footnoted.index.models import find_model
from footnoted.index.prompts import prompts_for
from footnoted.index.torch_embedder import SentenceTransformersEmbedder, load_model

E5 = ("query: ", "passage: ")
BGE = "Represent this sentence for searching relevant passages: "
TEXTS = ["toll", "the bridge and the toll", "Bridge: a toll of old"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("intfloat/e5-small", E5),
        ("intfloat/e5-large-v2", E5),
        ("intfloat/e5-base-unsupervised", E5),
        ("intfloat/multilingual-e5-small", E5),
        ("/models/multilingual-e5-large/", E5),
        ("/cache/models--intfloat--multilingual-e5-base/snapshots/0123abcd", E5),
        ("BAAI/bge-small-en-v1.5", (BGE, "")),
        ("BAAI/bge-large-en", (BGE, "")),
        ("BAAI/bge-base-zh-v1.5", ("为这个句子生成表示以用于检索相关文章：", "")),
        ("BAAI/bge-m3", ("", "")),
        ("BAAI/bge-reranker-base", ("", "")),
        ("intfloat/multilingual-e5-large-instruct", ("", "")),
        ("intfloat/e5-mistral-7b-instruct", ("", "")),
        ("all-MiniLM-L6-v2", ("", "")),
        ("/models/e5-small/ours", ("", "")),
        ("someone/e5-small-finetuned", ("", "")),
        ("", ("", "")),
    ],
)
def test_models_that_declare_no_prompts_are_known_by_name(
    name: str, expected: tuple[str, str]
) -> None:
    assert prompts_for(name, {}) == expected
    assert prompts_for(name, {"query": "", "document": None}) == expected


def test_what_a_model_declares_comes_first() -> None:
    name = "intfloat/e5-small"
    assert prompts_for(name, {"query": "ask: "}) == ("ask: ", "")
    assert prompts_for(name, {"passage": "read: "}) == ("", "read: ")
    assert prompts_for(name, {"corpus": "c: ", "document": "d: "}) == ("", "d: ")
    assert prompts_for(name, {"document": "", "passage": "p: "}) == ("", "p: ")
    assert prompts_for(name, {"sts": "compare: "}) == E5


def save_tiny(folder: Path, prompts: dict[str, str] | None = None) -> Any:
    """Save a tiny random BERT with mean pooling into ``folder``; the model itself."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules as parts
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(2)
    base = folder.with_name(f"{folder.name}.base")
    base.mkdir(parents=True)
    letters = [chr(c) for c in range(ord("a"), ord("z") + 1)]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = [*special, *letters, *(f"##{c}" for c in letters), "bridge", "toll", "the", ":"]
    (base / "vocab.txt").write_text("\n".join(words))
    BertTokenizerFast(vocab=str(base / "vocab.txt")).save_pretrained(base)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=128,
        initializer_range=0.4,
    )
    BertModel(config).save_pretrained(base)
    modules = [parts.Transformer(str(base)), parts.Pooling(32, pooling_mode="mean")]
    model = SentenceTransformer(modules=modules, device="cpu", prompts=prompts)
    model.save(str(folder))
    return model


def unit(model: Any, texts: list[str]) -> Any:
    return model.encode(texts, normalize_embeddings=True, show_progress_bar=False)


@pytest.mark.parametrize(
    ("name", "declared", "prompts"),
    [
        ("multilingual-e5-small", None, E5),
        ("ours", {"query": "ask: ", "passage": "read: "}, ("ask: ", "read: ")),
    ],
)
def test_both_runtimes_put_them_before_the_texts(
    name: str,
    declared: dict[str, str] | None,
    prompts: tuple[str, str],
    tmp_path: Path,
) -> None:
    query, passage = prompts
    model = save_tiny(tmp_path / name, declared)
    queries = unit(model, [query + text for text in TEXTS])
    passages = unit(model, [passage + text for text in TEXTS])
    assert (queries * unit(model, TEXTS)).sum(axis=1).max() < 0.99, "prompts that change nothing"

    onnx = open_embedder(str(tmp_path / name), tmp_path / "onnx")
    assert isinstance(onnx, OnnxEmbedder)
    assert (onnx.card.query_prompt, onnx.card.passage_prompt) == (query, passage)
    loaded = load_model(find_model(str(tmp_path / name)))
    for embedder in (onnx, SentenceTransformersEmbedder(loaded, onnx.card)):
        found = np.stack([embedder.embed_query(text) for text in TEXTS])
        assert (found * queries).sum(axis=1).min() > 0.9999
        assert (embedder.embed_passages(TEXTS) * passages).sum(axis=1).min() > 0.9999

    _, (tokens,) = onnx.embed_with_tokens([TEXTS[2]])
    _, asked = onnx.embed_query_tokens(TEXTS[2])
    for found in (tokens, asked):
        assert "".join(found.tokens).replace("##", "") == "bridge:atollofold"
        assert len(found.vectors) == len(found.tokens)
        words = [TEXTS[2][start:end].lower() for start, end in found.spans]
        assert words == [token.removeprefix("##") for token in found.tokens]
    assert onnx.token_spans(TEXTS[2]) == tokens.spans
