"""Other models, other devices, and files that nobody should trust: these tests load torch."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from footnoted.errors import ModelError
from footnoted.index.cross_encoder import open_cross_encoder
from footnoted.index.embedder import OnnxEmbedder, TokenEmbedder, open_embedder
from footnoted.index.models import find_model
from footnoted.index.torch_embedder import TorchGraph, load_model
from footnoted.index.torch_models import check_device, load, memory_errors
from footnoted.settings import DEFAULT_MODEL

TEXTS = ["Who built the bridge?", "The toll was two pence for a cart. " * 40, "", "Zölle; 桥 🙂"]


def unseen() -> str:
    """A device that this machine does not have."""
    import torch

    return f"cuda:{torch.cuda.device_count()}"


def test_a_device_gives_the_same_vectors_as_the_export(embedder: OnnxEmbedder) -> None:
    """The path of a GPU, on the one device that every machine has."""
    graph = TorchGraph(load_model(find_model(DEFAULT_MODEL), "cpu"), "cpu")
    there = OnnxEmbedder(embedder._folder, graph=graph)
    assert isinstance(there, TokenEmbedder)
    vectors, tokens = there.embed_with_tokens(TEXTS)
    here = OnnxEmbedder(embedder._folder, precision="float32")
    expected, expected_tokens = here.embed_with_tokens(TEXTS)
    assert (vectors.dtype, vectors.shape) == (np.float32, (4, 384))
    assert (vectors * expected).sum(axis=1).min() > 0.9999
    for found, wanted in zip(tokens, expected_tokens, strict=True):
        assert (found.tokens, found.spans) == (wanted.tokens, wanted.spans)
        assert np.allclose(found.vectors, wanted.vectors, atol=1e-3)
    query, _ = there.embed_query_tokens(TEXTS[0])
    assert query @ expected[0] > 0.9999, "questions are exact there, not in 8 bits"


@pytest.mark.parametrize("opens", [open_embedder, open_cross_encoder])
def test_a_device_that_torch_does_not_see_is_refused_before_any_work(
    opens: Callable[..., Any], tmp_path: Path
) -> None:
    for device in (unseen(), "tpu", "cuda:-1", "cuda:x", "cpu:1", ""):
        with pytest.raises(ModelError, match="sees no device") as caught:
            opens(DEFAULT_MODEL, tmp_path, device=device)
        assert caught.value.about == device
        assert "or use cpu" in str(caught.value.hint)
    assert list(tmp_path.iterdir()) == []
    check_device("cpu")


def test_a_device_without_memory_left_is_an_error() -> None:
    import torch

    with (
        pytest.raises(ModelError, match="cuda:0 has not enough memory") as caught,
        memory_errors("cuda:0"),
    ):
        raise torch.OutOfMemoryError("tried to allocate 2 GiB")
    assert caught.value.about == "cuda:0"


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random BERT with a head for pairs, saved in half precision."""
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder = tmp_path_factory.mktemp("pairs")
    (folder / "vocab.txt").write_text(
        "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a"])
    )
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    config = BertConfig(
        vocab_size=6,
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
        max_position_embeddings=16,
        num_labels=1,
    )
    BertForSequenceClassification(config).half().save_pretrained(folder)
    return folder


@pytest.fixture
def copy(pairs: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pairs, tmp_path / "model"))


def test_half_precision_is_read_as_single(pairs: Path) -> None:
    model = load("CrossEncoder", find_model(str(pairs)), "cpu")
    assert {str(p.dtype) for p in model.parameters()} == {"torch.float32"}


class Bomb:
    """Unpickled, it would make a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize("opens", [open_embedder, open_cross_encoder])
@pytest.mark.parametrize("way", ["pickle", "torch"])
def test_nothing_in_pickled_weights_is_run(
    way: str, opens: Callable[..., Any], copy: Path, tmp_path: Path
) -> None:
    import torch

    exploded = tmp_path / "exploded"
    (copy / "model.safetensors").unlink()
    weights = copy / "pytorch_model.bin"
    if way == "torch":
        torch.save({"bert": Bomb(exploded)}, weights)
    else:
        weights.write_bytes(pickle.dumps({"bert": Bomb(exploded)}, protocol=2))
    with pytest.raises(ModelError, match="more than weights") as caught:
        opens(str(copy), tmp_path / "cache")
    assert caught.value.about == str(copy)
    assert "safetensors" in str(caught.value.hint)
    assert not exploded.exists()
    pickle.loads(pickle.dumps(Bomb(exploded)))
    assert exploded.exists(), "so the bomb does work"


def test_plain_weights_in_a_pickle_are_read(copy: Path, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    expected = open_cross_encoder(str(copy), tmp_path / "safe").score("a", ["a a", "b"])
    torch.save(load_file(copy / "model.safetensors"), copy / "pytorch_model.bin")
    (copy / "model.safetensors").unlink()
    found = open_cross_encoder(str(copy), tmp_path / "pickled").score("a", ["a a", "b"])
    assert np.allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("opens", [open_embedder, open_cross_encoder])
def test_code_that_comes_with_a_model_is_not_run(
    opens: Callable[..., Any], copy: Path, tmp_path: Path
) -> None:
    exploded = tmp_path / "exploded"
    (copy / "ours.py").write_text(f"import os\nos.mkdir({str(exploded)!r})\n")
    config = json.loads((copy / "config.json").read_text())
    config |= {"model_type": "ours", "auto_map": {"AutoConfig": "ours.Config"}}
    (copy / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="cannot be loaded"):
        opens(str(copy), tmp_path / "cache")
    modules = [{"idx": 0, "name": "0", "path": "", "type": "ours.Module"}]
    (copy / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(ModelError, match="cannot be loaded"):
        opens(str(copy), tmp_path / "cache")
    assert not exploded.exists()


def test_an_activation_that_a_model_names_is_not_called(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    def called() -> None:
        raise AssertionError("a model's configuration called this")

    monkeypatch.setattr(torch, "ours", called, raising=False)
    config = json.loads((copy / "config.json").read_text())
    config["sentence_transformers"] = {"activation_fn": "torch.ours"}
    (copy / "config.json").write_text(json.dumps(config))
    assert open_cross_encoder(str(copy), tmp_path).score("a", ["a"]).shape == (1,)


@pytest.mark.parametrize("opens", [open_embedder, open_cross_encoder])
@pytest.mark.parametrize("damage", ["cut", "empty", "none", "tokenizer", "config"])
def test_damaged_folders_say_so(
    damage: str, opens: Callable[..., Any], copy: Path, tmp_path: Path
) -> None:
    weights = copy / "model.safetensors"
    data = weights.read_bytes()
    weights.write_bytes({"cut": data[: len(data) // 2], "empty": b""}.get(damage, data))
    if damage == "none":
        weights.unlink()
    if damage == "tokenizer":
        (copy / "tokenizer.json").write_text("{")
    if damage == "config":
        (copy / "config.json").write_text('{"model_type": "bert", "hidden_size": "wide"}')
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        opens(str(copy), tmp_path / "cache")
    assert caught.value.about == str(copy)
    assert [p for p in (tmp_path / "cache" / "models").iterdir() if p.suffix != ".lock"] == []


@pytest.mark.parametrize("opens", [open_embedder, open_cross_encoder])
def test_a_name_of_the_hub_needs_the_network_and_says_so(
    opens: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError) as caught:
        opens("no-such-owner-of-ours/no-such-model", tmp_path)
    assert caught.value.about == "no-such-owner-of-ours/no-such-model"
    assert "network" in str(caught.value.hint)
    with pytest.raises(ModelError, match="no model folder"):
        opens("/no/such/folder", tmp_path)
