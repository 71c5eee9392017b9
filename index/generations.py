"""Index generations: immutable folders, each whole or absent, and the one that is in use.

``INDEX_DIR/generations/<id>/`` holds a generation, ``INDEX_DIR/CURRENT`` names the one in use. A
generation is written under a hidden name, flushed to disk, renamed, and only then named in
``CURRENT``, which is replaced in one step: killing the process at any moment leaves the last
whole one in use.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from footnoted.errors import IndexBroken, LockedError, NotFound, storage_errors
from footnoted.index.dense import load_flat
from footnoted.index.embedder import TextEmbedder
from footnoted.index.late_interaction import VECTORS_FILE, TokenStore
from footnoted.index.lexical import LexicalIndex
from footnoted.index.manifest import (
    FORMAT,
    Manifest,
    broken,
    check_files,
    checksums,
    read_manifest,
    write_manifest,
)
from footnoted.index.rows import (
    DENSE_FILE,
    LEXICAL_FOLDER,
    IndexRow,
    KnownRows,
    Progress,
    check_rows,
    languages_of,
    read_rows,
    write_rows,
)
from footnoted.protocols import TermIndex, VectorIndex

__all__ = [
    "Generation",
    "IndexRow",
    "build_generation",
    "check_generation",
    "current",
    "list_generations",
    "open_generation",
    "rollback",
    "verify_generation",
]

GENERATIONS = "generations"
CURRENT = "CURRENT"
_BUILDING = ".building-"
_ID = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{6}")
_LIBRARIES = ("faiss-cpu", "numpy", "onnxruntime", "PyStemmer", "tantivy", "tokenizers")


@dataclass(frozen=True, slots=True)
class Generation:
    """An opened generation: row ``n`` of every part is the passage ``passage_ids[n]``."""

    path: Path
    manifest: Manifest
    passage_ids: tuple[str, ...]
    row_of: dict[str, int]
    dense: VectorIndex
    lexical: TermIndex
    tokens: TokenStore | None


def build_generation(
    index_dir: Path,
    rows: Sequence[IndexRow],
    embedder: TextEmbedder,
    *,
    corpus_id: str,
    revision_id: str,
    progress: Progress | None = None,
) -> Path:
    """Index ``rows`` into a new generation, put it in use, and return its folder.

    Vectors of texts that the generation in use holds are taken from there. That one is kept for
    ``rollback``, older ones are removed. ``progress`` hears of rows done and of all rows. Raises
    ``InputError`` (no rows, a passage twice), ``LockedError``, ``DiskFull``, ``ReadOnly``.
    """
    check_rows(rows)
    with storage_errors(index_dir):
        root = index_dir / GENERATIONS
        root.mkdir(parents=True, exist_ok=True)
        with locked(index_dir):
            for killed in root.glob(f"{_BUILDING}*"):
                shutil.rmtree(killed)
            now = datetime.now(UTC)
            generation_id = f"{now:%Y%m%dT%H%M%S%f}Z-{secrets.token_hex(3)}"
            building = root / f"{_BUILDING}{generation_id}"
            try:
                building.mkdir()
                write_rows(building, rows, embedder, _known_rows(index_dir, embedder), progress)
                manifest = Manifest(
                    format=FORMAT,
                    generation_id=generation_id,
                    corpus_id=corpus_id,
                    revision_id=revision_id,
                    created_at=f"{now:%Y-%m-%dT%H:%M:%SZ}",
                    model=embedder.name,
                    weights_sha256=embedder.card.weights_sha256,
                    dim=embedder.dim,
                    token_dim=embedder.card.token_dim,
                    rows=len(rows),
                    languages=languages_of(rows),
                    versions={library: version(library) for library in _LIBRARIES},
                    files=checksums(building),
                )
                write_manifest(manifest, building)
                _flush(building)
                final = building.rename(root / generation_id)
            except BaseException:
                shutil.rmtree(building, ignore_errors=True)  # the error matters, not the rest
                raise
            _fsync(root)
            previous = _named_in_current(index_dir)
            _switch(index_dir, generation_id)
            _prune(root, keep={generation_id, previous})
    return final


def open_generation(
    path: Path, embedder: TextEmbedder | None = None, corpus_id: str | None = None
) -> Generation:
    """The generation in ``path``, its files compared with its checksums.

    ``IndexBroken`` when it is damaged, of a newer format, made with another model than
    ``embedder``, or of another corpus than ``corpus_id``. Token vectors are checked by size here
    and row by row when they are read.
    """
    manifest = read_manifest(path)
    _check_origin(path, manifest, embedder, corpus_id)
    check_files(path, manifest, unread=(VECTORS_FILE,))
    passage_ids = tuple(read_rows(path)["passage_ids"])
    dense = load_flat(path / DENSE_FILE)
    lexical = LexicalIndex(path / LEXICAL_FOLDER)
    tokens = TokenStore(path, manifest.token_dim) if manifest.token_dim else None
    sizes = {len(passage_ids), len(dense), len(lexical), manifest.rows}
    if tokens is not None:
        sizes.add(len(tokens))
    if len(sizes) != 1 or dense.dim != manifest.dim:
        raise broken(path, "its parts have different sizes", manifest.corpus_id)
    row_of = {passage_id: row for row, passage_id in enumerate(passage_ids)}
    return Generation(path, manifest, passage_ids, row_of, dense, lexical, tokens)


def verify_generation(path: Path) -> None:
    """Compare the SHA-256 of every file, token vectors too; ``IndexBroken`` where one differs."""
    check_files(path, read_manifest(path))


def check_generation(
    index_dir: Path, *, corpus_id: str, revision_id: str, passage_ids: Collection[str]
) -> tuple[int, list[str]]:
    """How many rows of the generation in use were checked, and what is wrong with it, in words.

    Nothing, of no rows, where no index was built yet. No model is needed: every file's checksum
    is compared, and the passages with those of the corpus's revision.
    """
    try:
        path = current(index_dir)
        if path is None:
            return 0, []
        verify_generation(path)
        generation = open_generation(path, corpus_id=corpus_id)
    except IndexBroken as error:
        return 0, [str(error)]
    problems = []
    if generation.manifest.revision_id != revision_id:
        found = generation.manifest.revision_id
        problems.append(f"The index is of the revision {found}, the corpus of {revision_id}.")
    if missing := set(passage_ids) - set(generation.passage_ids):
        problems.append(f"The index lacks {len(missing)} passages, {min(missing)} among them.")
    if surplus := set(generation.passage_ids) - set(passage_ids):
        problems.append(f"The index has {len(surplus)} others, {min(surplus)} among them.")
    return len(generation.passage_ids), problems


def current(index_dir: Path) -> Path | None:
    """The generation in use; ``None`` where none was ever built; ``IndexBroken`` if it is gone."""
    name = _named_in_current(index_dir)
    if name is None:
        return None
    path = index_dir / GENERATIONS / name
    if not path.is_dir():
        raise broken(path, "it is named as the one in use, but is missing")
    return path


def list_generations(index_dir: Path) -> list[Path]:
    """Every whole generation, the oldest first."""
    root = index_dir / GENERATIONS
    if not root.is_dir():
        return []
    return sorted(path for path in root.iterdir() if _ID.fullmatch(path.name))


def rollback(index_dir: Path) -> Path:
    """Put the generation before the one in use in its place; ``NotFound`` when there is none."""
    name = _named_in_current(index_dir)
    earlier = [path for path in list_generations(index_dir) if name and path.name < name]
    if not earlier:
        raise NotFound(
            f"There is no earlier index generation in {index_dir}.",
            about=str(index_dir),
            hint="`footnoted index rebuild` makes a new index from the corpus.",
        )
    with storage_errors(index_dir), locked(index_dir):
        read_manifest(earlier[-1])
        _switch(index_dir, earlier[-1].name)
    return earlier[-1]


def _known_rows(index_dir: Path, embedder: TextEmbedder) -> KnownRows | None:
    try:
        path = current(index_dir)
        if path is None:
            return None
        generation = open_generation(path, embedder)
        if generation.manifest.token_dim != embedder.card.token_dim:
            return None
        keys = read_rows(path)["keys"]
        row_of_key = {key: row for row, key in enumerate(keys)}
        return KnownRows(generation.dense, generation.tokens, row_of_key)
    except IndexBroken:
        return None  # a new generation is the cure for it: embed everything again


def _check_origin(
    path: Path, manifest: Manifest, embedder: TextEmbedder | None, corpus_id: str | None
) -> None:
    if corpus_id is not None and manifest.corpus_id != corpus_id:
        what = f"it belongs to the corpus {manifest.corpus_id}, not to {corpus_id}"
        raise broken(path, what, corpus_id)
    if embedder is None:
        return
    made_with = (manifest.weights_sha256, manifest.dim)
    if made_with != (embedder.card.weights_sha256, embedder.dim):
        what = f"it was made with the model {manifest.model}, not with {embedder.name}"
        raise broken(path, what, manifest.corpus_id)


def _named_in_current(index_dir: Path) -> str | None:
    path = index_dir / CURRENT
    try:
        name = path.read_text("ascii", errors="replace").strip()
    except FileNotFoundError:
        return None
    if not _ID.fullmatch(name):
        raise broken(path, f"it names no generation ({name[:40]!r})")
    return name


def _switch(index_dir: Path, generation_id: str) -> None:
    temporary = index_dir / f".{CURRENT}.tmp"
    with temporary.open("w", encoding="ascii") as file:
        file.write(f"{generation_id}\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(index_dir / CURRENT)
    _fsync(index_dir)


def _prune(root: Path, keep: set[str | None]) -> None:
    for path in list_generations(root.parent):
        if path.name not in keep:
            shutil.rmtree(path)


@contextmanager
def locked(index_dir: Path) -> Iterator[None]:
    """Keep others from building an index there; ``LockedError`` while another process does."""
    with (index_dir / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LockedError(
                f"Another process is building the index {index_dir}.",
                about=str(index_dir),
                hint="Wait for it to end, and run the same command again.",
            ) from error
        yield


def _flush(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        _fsync(path)
    _fsync(folder)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
