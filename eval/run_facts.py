"""What an eval run is made with, as the JSON object that its folder keeps."""

from __future__ import annotations

import hashlib
from pathlib import Path

from footnoted.domain import Json
from footnoted.errors import UnreadableFile
from footnoted.eval.bench.machine import describe_machine
from footnoted.service.assistant import Assistant
from footnoted.settings import Settings

SETTINGS = ("dense_weight", "device", "precision", "refuse_below", "reranker", "threads")
_CHANGING = ("date", "load_before")


def run_facts(
    path: Path,
    *,
    questions: int,
    seed: int,
    assistant: Assistant | None = None,
    settings: Settings | None = None,
    answers: Path | None = None,
    passages: int | None = None,
) -> Json:
    """The facts of a run on the set in ``path``, a file or a folder of files.

    ``assistant`` is what answered (or was searched), ``settings`` those that it was opened with,
    ``answers`` the file of answers made elsewhere. Without an assistant the model is that of the
    settings. Raises ``UnreadableFile`` for either path.
    """
    described = describe_machine(settings.threads if settings else 0)
    facts: Json = {
        "set": {"name": path.stem, "sha256": sha256_of(path), "questions": questions},
        "seed": seed,
        "passages": passages,
        "answers": None if answers is None else {"sha256": sha256_of(answers)},
    }
    if assistant is not None:
        corpus, generation = assistant.corpus.info, assistant.searcher.generation
        facts |= {
            "corpus": {
                "name": corpus.corpus_name,
                "id": corpus.corpus_id,
                "revision": corpus.revision_id,
            },
            "generation": generation.path.name,
            "model": generation.manifest.model,
        }
    elif settings is not None:
        facts["model"] = settings.model
    if settings is not None:
        facts["settings"] = {name: getattr(settings, name) for name in SETTINGS}
    facts["versions"] = described.pop("versions") | {"python": described.pop("python")}
    facts["machine"] = {k: value for k, value in described.items() if k not in _CHANGING}
    return facts


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes; of a folder, that of its files' names and hashes."""
    try:
        if not path.is_dir():
            return hashlib.sha256(path.read_bytes()).hexdigest()
        held = [
            f"{file.relative_to(path).as_posix()} {hashlib.sha256(file.read_bytes()).hexdigest()}\n"
            for file in sorted(path.rglob("*"))
            if file.is_file()
        ]
    except OSError as error:
        raise UnreadableFile(
            f"{path} cannot be read: {error.strerror}.",
            about=str(path),
            hint="Name a file or a folder that exists.",
        ) from error
    return hashlib.sha256("".join(held).encode()).hexdigest()
