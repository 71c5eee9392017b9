"""Exports against the models they come from: these tests load torch."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from footnoted.errors import DiskFull, ModelError
from footnoted.index import export, models
from footnoted.index.bert_graph import sentence_graph
from footnoted.index.embedder import OnnxEmbedder, open_embedder
from footnoted.index.graphs import OUTPUTS
from footnoted.index.models import export_folder, find_model
from footnoted.index.torch_embedder import SentenceTransformersEmbedder, load_model
from footnoted.settings import DEFAULT_MODEL

TEXTS = [
    "Who built the bridge?",
    "The toll was two pence for a cart. " * 24,
    "a",
    "Zölle und Brücken; мост; 桥 🙂",
    "al-Hamidawi, 2023-10-25: 70,000",
]


def test_the_default_export_equals_sentence_transformers(embedder: OnnxEmbedder) -> None:
    exact = OnnxEmbedder(embedder._folder, precision="float32")
    assert (exact.precision, embedder.precision) == ("float32", "int8")
    original = load_model(find_model(DEFAULT_MODEL))
    expected = original.encode(TEXTS, normalize_embeddings=True, show_progress_bar=False)
    assert (exact.embed_passages(TEXTS) * expected).sum(axis=1).min() > 0.9999
    queries = np.stack([exact.embed_query(text) for text in TEXTS])
    assert (queries * expected).sum(axis=1).min() > 0.9999
    long = TEXTS[1] * 3
    assert exact.embed_query(long) @ original.encode(long, normalize_embeddings=True) > 0.9999
    rounded = (embedder.embed_passages(TEXTS) * expected).sum(axis=1)
    assert 0.97 < rounded.min() < 0.9999
    states = original.encode(TEXTS[0], output_value="token_embeddings").numpy()[1:-1]
    states = states @ np.load(embedder._folder / models.PROJECTION_FILE)
    states /= np.linalg.norm(states, axis=1, keepdims=True)
    assert (exact.embed_tokens(TEXTS[:1])[0].vectors * states).sum(axis=1).min() > 0.9999


def test_the_card_says_what_the_model_is(embedder: OnnxEmbedder) -> None:
    card = embedder.card
    assert (card.name, card.runtime, card.dim, card.max_length) == (DEFAULT_MODEL, "onnx", 384, 256)
    assert (card.pooling, card.normalise, card.token_dim) == ("mean", True, 64)
    assert (card.scripts, card.languages) == (("Latin",), ("en",))
    assert card.weights_sha256 == models.WEIGHTS_SHA256
    assert set(card.versions) >= {"torch", "onnxruntime", "sentence-transformers"}


@pytest.fixture(scope="module")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random BERT with first-token pooling, a dense layer, prompts and 24 tokens."""
    return _small_model(tmp_path_factory, "cls", dense=True)


@pytest.fixture(scope="module")
def mean_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with the mean of its tokens, and nothing behind it."""
    return _small_model(tmp_path_factory, "mean", dense=False)


def _small_model(factory: pytest.TempPathFactory, pooled: str, *, dense: bool) -> Path:
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers import models as parts
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(0)
    base = factory.mktemp("bert")
    letters = [chr(c) for c in range(ord("a"), ord("z") + 1)]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = [*special, *letters, *(f"##{letter}" for letter in letters), "bridge", "toll", ":"]
    (base / "vocab.txt").write_text("\n".join(words))
    BertTokenizerFast(vocab=str(base / "vocab.txt")).save_pretrained(base)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(base)
    transformer = parts.Transformer(str(base), max_seq_length=24)
    pooling = parts.Pooling(32, pooling_mode=pooled)
    model = SentenceTransformer(
        modules=[transformer, pooling, *([parts.Dense(32, 16)] if dense else [])],
        prompts={"query": "query: ", "document": "passage: "},
        device="cpu",
    )
    folder = factory.mktemp("small")
    model.save(str(folder))
    return folder


def test_any_model_folder_is_exported_with_its_own_pooling_and_prompts(
    small_model: Path, tmp_path: Path
) -> None:
    said: list[str] = []
    embedder = open_embedder(str(small_model), tmp_path, on_export=said.append)
    assert isinstance(embedder, OnnxEmbedder)
    assert len(said) == 1
    assert (embedder.dim, embedder.max_tokens, embedder.card.token_dim) == (16, 24, 32)
    assert embedder.card.pooling == "cls"
    assert embedder.card.scripts == ()
    original = load_model(find_model(str(small_model)))
    texts = ["toll", "the bridge and the toll", "bridge " * 50]
    options = {"normalize_embeddings": True, "show_progress_bar": False}
    expected = original.encode_document(texts, **options)
    assert (embedder.embed_passages(texts) * expected).sum(axis=1).min() > 0.9999
    expected = original.encode_query(texts, **options)
    found = np.stack([embedder.embed_query(text) for text in texts])
    assert (found * expected).sum(axis=1).min() > 0.9999
    _, tokens = embedder.embed_query_tokens("toll")
    assert tokens.tokens == ("toll",), "the prompt's own tokens are left out"
    assert tokens.spans == ((0, 4),)

    again = open_embedder(str(small_model), tmp_path, on_export=said.append)
    assert len(said) == 1, "exported once"
    assert np.array_equal(again.embed_query("toll"), embedder.embed_query("toll"))


def test_there_is_a_graph_in_8_bits_where_it_comes_near_enough(
    mean_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_EIGHT_BIT", frozenset({str(mean_model)}))
    texts = ["toll", "the bridge and the toll", "a bridge for a toll"]
    made = {}
    for least in (export.MIN_INT8_COSINE, 1.1):
        monkeypatch.setattr(export, "MIN_INT8_COSINE", least)
        embedder = open_embedder(str(mean_model), tmp_path / str(least))
        assert isinstance(embedder, OnnxEmbedder)
        assert (models.INT8_FILE in embedder.card.files) == (least < 1)
        assert (models.INT8_WEIGHTS_FILE in embedder.card.files) == (least < 1)
        assert embedder.precision == ("int8" if least < 1 else "float32")
        made[least] = np.stack([embedder.embed_query(text) for text in texts])
    rounded, exact = made.values()
    assert (rounded * exact).sum(axis=1).min() > 0.98
    assert not np.allclose(rounded, exact, atol=1e-5)


def test_only_a_bert_with_its_mean_has_a_graph_in_8_bits(
    small_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_EIGHT_BIT", frozenset({str(small_model)}))
    embedder = open_embedder(str(small_model), tmp_path)
    assert isinstance(embedder, OnnxEmbedder)
    assert embedder.precision == "float32"


def test_the_graph_in_8_bits_knows_padding_and_both_kinds_of_tokens(mean_model: Path) -> None:
    import onnxruntime
    import torch

    model = load_model(find_model(str(mean_model)))
    graph = sentence_graph(model, OUTPUTS).SerializeToString()
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    mask = np.array([[1] * 20, [1] * 7 + [0] * 13], np.int64)
    feeds = {
        "input_ids": rng.integers(5, 50, (2, 20)) * mask,
        "attention_mask": mask,
        "token_type_ids": rng.integers(0, 2, (2, 20)) * mask,
    }
    sentences, tokens = session.run(None, feeds)
    with torch.no_grad():
        inputs = {name: torch.from_numpy(value) for name, value in feeds.items()}
        states = model[0].auto_model(**inputs).last_hidden_state.numpy()
    expected = (states * mask[:, :, None]).sum(axis=1)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert (sentences * expected).sum(axis=1).min() > 0.999
    states /= np.linalg.norm(states, axis=2, keepdims=True)
    assert (tokens * states).sum(axis=2)[mask == 1].min() > 0.995
    alone = {name: value[1:, :7] for name, value in feeds.items()}
    assert np.abs(session.run(None, alone)[0] @ sentences[1] - 1).max() < 1e-3


def test_a_model_without_a_transformer_runs_in_torch_and_says_so(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import StaticEmbedding
    from tokenizers import Tokenizer

    source = find_model(DEFAULT_MODEL).folder
    assert source is not None
    tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
    static = StaticEmbedding(tokenizer, embedding_dim=12)
    model = SentenceTransformer(modules=[static], device="cpu")
    model.save(str(tmp_path / "static"))
    said: list[str] = []
    for _ in range(2):
        embedder = open_embedder(str(tmp_path / "static"), tmp_path / "cache", 0, said.append)
        assert isinstance(embedder, SentenceTransformersEmbedder)
    assert [line for line in said if "torch runs it" in line] == [embedder.card.note] * 2
    assert (embedder.dim, embedder.card.token_dim) == (12, 0)
    expected = model.encode(TEXTS, normalize_embeddings=True, show_progress_bar=False)
    assert np.allclose(embedder.embed_passages(TEXTS), expected, atol=1e-5)
    assert np.allclose(embedder.embed_query(TEXTS[0]), expected[0], atol=1e-5)


def test_a_model_that_cannot_be_had_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "config.json").write_text("{}")
    with pytest.raises(ModelError) as caught:
        open_embedder(str(tmp_path / "empty"), tmp_path)
    assert caught.value.about == str(tmp_path / "empty")
    assert "sentence-transformers" in str(caught.value.hint)
    assert [p for p in (tmp_path / "models").iterdir() if p.suffix != ".lock"] == []

    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError) as caught:
        open_embedder("no-such-owner-of-ours/no-such-model", tmp_path)
    assert caught.value.about == "no-such-owner-of-ours/no-such-model"
    assert "network" in str(caught.value.hint)


def test_an_interrupted_export_leaves_nothing_and_is_done_again(
    small_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = export_folder(tmp_path, find_model(str(small_model)))

    def interrupt(*_: Any) -> str:
        raise KeyboardInterrupt

    def fill(*_: Any) -> str:
        raise OSError(28, "No space left on device")

    for write, expected in ((interrupt, KeyboardInterrupt), (fill, DiskFull)):
        with monkeypatch.context() as patch:
            patch.setattr(export, "_export_onnx", write)
            with pytest.raises(expected):
                open_embedder(str(small_model), tmp_path)
        assert not folder.exists()
        assert [p for p in folder.parent.iterdir() if p.suffix != ".lock"] == []
    killed = folder.with_name(f".{folder.name}.abc.tmp")
    killed.mkdir()
    (killed / "model.onnx").write_bytes(b"half")
    assert open_embedder(str(small_model), tmp_path).dim == 16
    assert not killed.exists()
    shutil.rmtree(folder)
