"""Exported cross-encoders against ``CrossEncoder.predict``: these tests load torch."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from footnoted.errors import ModelError
from footnoted.index import cross_encoder, cross_encoder_export
from footnoted.index.cross_encoder import OnnxCrossEncoder, open_cross_encoder, pair_folder
from footnoted.index.cross_encoder_torch import TorchCrossEncoder
from footnoted.index.models import CARD_FILE, ONNX_FILE, check_export, find_model
from footnoted.settings import DEFAULT_MODEL

QUESTION = "who built the bridge, and what was the toll?"
TEXTS = [
    "",
    "toll",
    "the bridge of ada",
    "Zölle und Brücken; мост; 桥 🙂 من بنى",
    "a toll of two pence for a cart " * 200,
    *(f"bridge number {'abcdefghij'[n % 10]} {'and a toll ' * (n % 13)}" for n in range(45)),
]

Make = Callable[..., Path]


@pytest.fixture(scope="module")
def single(pair_model: Make) -> Path:
    return pair_model()


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def exported(single: Path, cache: Path) -> OnnxCrossEncoder:
    opened = open_cross_encoder(str(single), cache, threads=1)
    assert isinstance(opened, OnnxCrossEncoder)
    return opened


def original(folder: Path) -> Callable[[str, list[str]], Any]:
    """What sentence-transformers' own ``CrossEncoder`` predicts, as logits."""
    import torch
    from sentence_transformers import CrossEncoder

    model = CrossEncoder(str(folder), device="cpu", activation_fn=torch.nn.Identity())
    return lambda question, texts: model.predict(
        [(question, text) for text in texts], show_progress_bar=False
    )


def test_scores_are_those_of_sentence_transformers(
    exported: OnnxCrossEncoder, single: Path
) -> None:
    predict = original(single)
    for question in (QUESTION, "", "pence", "what a long question " * 40):
        found = exported.score(question, TEXTS)
        assert (found.shape, found.dtype) == ((50,), np.float32)
        assert np.ptp(found) > 0.2, "a model of equal scores would prove nothing"
        assert np.abs(found - predict(question, TEXTS)).max() < 1e-4
        for at in (0, 3, 4, 20):
            assert exported.score(question, [TEXTS[at]])[0] == pytest.approx(found[at], abs=1e-4)


def test_no_texts_have_no_scores(exported: OnnxCrossEncoder) -> None:
    assert exported.score(QUESTION, []).shape == (0,)


def test_pairs_are_cut_at_the_length_of_the_model(exported: OnnxCrossEncoder) -> None:
    assert exported.max_tokens == 48
    short, long = exported.score("toll", ["bridge " * 44, "bridge " * 500])
    assert short == pytest.approx(long, abs=1e-5)
    assert abs(exported.score("toll", ["bridge " * 43])[0] - short) > 1e-5


def test_a_batch_stays_within_its_tokens(
    exported: OnnxCrossEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = exported.score(QUESTION, TEXTS)
    session, shapes = exported._session, []

    class Watched:
        def run(self, outputs: Any, feeds: Any) -> Any:
            shapes.append(feeds["input_ids"].shape)
            return session.run(outputs, feeds)

    monkeypatch.setattr(exported, "_session", Watched())
    monkeypatch.setattr(cross_encoder, "_BATCH_TOKENS", 200)
    assert np.allclose(exported.score(QUESTION, TEXTS), expected, atol=1e-5)
    assert all(rows * length <= 200 for rows, length in shapes)
    assert sum(rows for rows, _ in shapes) == len(TEXTS)


def test_threads_share_it(exported: OnnxCrossEncoder) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: exported.score(QUESTION, [text])[0], TEXTS))
    assert np.allclose(found, exported.score(QUESTION, TEXTS), atol=1e-5)


def test_it_is_exported_once(exported: OnnxCrossEncoder, single: Path, cache: Path) -> None:
    said: list[str] = []
    again = open_cross_encoder(str(single), cache, on_export=said.append)
    assert said == []
    assert np.allclose(again.score(QUESTION, TEXTS), exported.score(QUESTION, TEXTS), atol=1e-6)
    assert again.name == str(single)
    assert (again.card.pooling, again.card.runtime) == ("cross-encoder", "onnx")


def test_of_several_classes_the_one_that_means_yes_is_scored(
    pair_model: Make, tmp_path: Path
) -> None:
    names = {0: "contradiction", 1: "Entailment", 2: "neutral"}
    folder = pair_model(num_labels=3, id2label=names)
    found = open_cross_encoder(str(folder), tmp_path).score(QUESTION, TEXTS)
    logits = original(folder)(QUESTION, TEXTS).astype(np.float64)
    odds = logits[:, 1] - np.log(np.exp(logits[:, 0]) + np.exp(logits[:, 2]))
    assert np.ptp(odds) > 0.5
    assert np.abs(found - odds).max() < 1e-4


def test_classes_that_do_not_say_which_is_relevant_are_refused(
    pair_model: Make, tmp_path: Path
) -> None:
    folder = pair_model(num_labels=2)
    with pytest.raises(ModelError, match="LABEL_0, LABEL_1") as caught:
        open_cross_encoder(str(folder), tmp_path)
    assert caught.value.about == str(folder)
    assert "id2label" in str(caught.value.hint)


def test_a_model_that_never_learnt_to_score_pairs_is_refused(
    pair_model: Make, tmp_path: Path
) -> None:
    for name in (str(pair_model(head=False)), DEFAULT_MODEL):
        with pytest.raises(ModelError, match="not trained to score pairs") as caught:
            open_cross_encoder(name, tmp_path)
        assert caught.value.about == name
        assert "cross-encoder" in str(caught.value.hint)
    assert [p for p in (tmp_path / "models").iterdir() if p.suffix != ".lock"] == []


def test_scores_that_are_not_numbers_are_an_error(
    pair_model: Make, exported: OnnxCrossEncoder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from safetensors.numpy import load_file, save_file

    folder = pair_model()
    weights = load_file(folder / "model.safetensors")
    weights["classifier.bias"] = np.full(1, np.nan, np.float32)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match="not finite") as caught:
        open_cross_encoder(str(folder), tmp_path)
    assert caught.value.about == str(folder)
    assert "another reranker" in str(caught.value.hint)

    class Broken:
        def run(self, *_: Any) -> list[Any]:
            return [np.array([np.inf], np.float32)]

    monkeypatch.setattr(exported, "_session", Broken())
    with pytest.raises(ModelError, match="not finite"):
        exported.score(QUESTION, ["toll"])


def test_damaged_exports_are_named(single: Path, exported: OnnxCrossEncoder, cache: Path) -> None:
    folder = pair_folder(cache, find_model(str(single)))
    check_export(folder)
    for name in sorted(exported.card.files):
        path = folder / name
        data = path.read_bytes()
        changed = bytearray(data)
        changed[len(data) // 2] ^= 1
        path.write_bytes(changed)
        with pytest.raises(ModelError, match="SHA-256") as caught:
            check_export(folder)
        assert caught.value.about == str(path)
        path.write_bytes(data[:-1])
        with pytest.raises(ModelError, match="bytes, expected") as caught:
            open_cross_encoder(str(single), cache)
        assert str(folder) in str(caught.value.hint)
        path.write_bytes(data)
    changed = bytearray((folder / ONNX_FILE).read_bytes())
    changed[100] ^= 1
    whole = (folder / ONNX_FILE).read_bytes()
    (folder / ONNX_FILE).write_bytes(changed)
    with pytest.raises(ModelError, match="has changed"):
        open_cross_encoder(str(single), cache)
    (folder / ONNX_FILE).write_bytes(whole)
    assert open_cross_encoder(str(single), cache).score(QUESTION, ["toll"]).shape == (1,)


def test_what_cannot_be_exported_runs_in_torch_and_says_so(
    pair_model: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = pair_model()
    expected = original(folder)(QUESTION, TEXTS)

    def fail(*_: Any) -> None:
        raise RuntimeError("no such operator")

    for name, change, reason in (
        ("_trace", fail, "cannot be exported (RuntimeError)"),
        ("MAX_DIFFERENCE", -1.0, "gives other scores"),
        ("_inputs", lambda _: (), "more than plain pairs"),
    ):
        said: list[str] = []
        with monkeypatch.context() as patch:
            patch.setattr(cross_encoder_export, name, change)
            opened = open_cross_encoder(str(folder), tmp_path / name, on_export=said.append)
        assert isinstance(opened, TorchCrossEncoder)
        assert str(folder) in said[0]
        assert reason in said[1]
        assert "torch runs it" in said[1]
        assert np.abs(opened.score(QUESTION, TEXTS) - expected).max() < 1e-5
        assert opened.score(QUESTION, []).shape == (0,)
        (exported,) = (tmp_path / name / "models").glob("*-pairs")
        assert [path.name for path in exported.iterdir()] == [CARD_FILE]


def test_the_prompt_of_a_model_goes_before_the_question_alone(single: Path, tmp_path: Path) -> None:
    from sentence_transformers import CrossEncoder

    asked = {"prompts": {"ask": "toll: "}, "default_prompt_name": "ask"}
    CrossEncoder(str(single), device="cpu", **asked).save_pretrained(str(tmp_path / "prompted"))
    opened = open_cross_encoder(str(tmp_path / "prompted"), tmp_path)
    assert isinstance(opened, OnnxCrossEncoder)
    found = opened.score(QUESTION, TEXTS)
    plain = original(single)
    assert np.abs(found - plain(f"toll: {QUESTION}", TEXTS)).max() < 1e-4
    assert np.abs(found - plain(QUESTION, TEXTS)).max() > 1e-2


def test_a_roberta_is_cut_where_its_positions_end(tmp_path: Path) -> None:
    import torch
    from tokenizers import ByteLevelBPETokenizer
    from transformers import (
        RobertaConfig,
        RobertaForSequenceClassification,
        RobertaTokenizerFast,
    )

    torch.manual_seed(1)
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    bpe = ByteLevelBPETokenizer()
    bpe.train_from_iterator(TEXTS, vocab_size=300, special_tokens=special, show_progress=False)
    bpe.save_model(str(tmp_path))
    files = {"vocab": str(tmp_path / "vocab.json"), "merges": str(tmp_path / "merges.txt")}
    RobertaTokenizerFast(**files).save_pretrained(tmp_path)
    config = RobertaConfig(
        vocab_size=300,
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=42,  # the first two are never used
        initializer_range=0.4,
        num_labels=1,
    )
    RobertaForSequenceClassification(config).save_pretrained(tmp_path)
    opened = open_cross_encoder(str(tmp_path), tmp_path / "cache")
    assert isinstance(opened, OnnxCrossEncoder)
    assert opened.max_tokens == 40
    assert opened.card.inputs == ("input_ids", "attention_mask")
    found = opened.score("toll", TEXTS)
    # sentence-transformers itself fails on longer ones, of which it reads 42.
    short = [at for at, text in enumerate(TEXTS) if text.isascii() and len(text) < 30]
    expected = original(tmp_path)("toll", [TEXTS[at] for at in short])
    assert np.ptp(expected) > 0.2
    assert np.abs(found[short] - expected).max() < 1e-4
    assert opened.score("toll", ["bridge " * 60])[0] == pytest.approx(
        opened.score("toll", ["bridge " * 90])[0], abs=1e-5
    )


SCORE = """
import sys
from pathlib import Path
from footnoted.index.cross_encoder import open_cross_encoder
opened = open_cross_encoder(sys.argv[1], Path(sys.argv[2]))
assert opened.score("who?", ["the bridge"]).shape == (1,)
print(",".join(sorted({name.split(".")[0] for name in sys.modules})))
"""


@pytest.mark.usefixtures("exported")
def test_nothing_of_torch_is_imported_once_it_is_exported(single: Path, cache: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SCORE, str(single), str(cache)],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(ran.stdout.strip().split(","))
    assert {"onnxruntime", "tokenizers"} <= loaded
    assert not loaded & {"torch", "transformers", "sentence_transformers", "huggingface_hub"}
