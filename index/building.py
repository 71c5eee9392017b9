"""Building a generation: written under a hidden name, flushed, renamed, and only then in use."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from footnoted.errors import FootnotedError, IndexBroken, storage_errors
from footnoted.index.backends import FILES, OUT_OF_REACH, Backend
from footnoted.index.current import (
    BUILDING,
    GENERATIONS,
    InUse,
    clear_leftovers,
    current,
    flush,
    fsync,
    locked,
    prune,
    switch,
)
from footnoted.index.embedder import TextEmbedder
from footnoted.index.manifest import FORMAT, Manifest, checksums, write_manifest
from footnoted.index.opening import open_generation
from footnoted.index.rows import (
    IndexRow,
    KnownRows,
    Progress,
    check_rows,
    languages_of,
    read_rows,
    write_rows,
)
from footnoted.index.tokens import FOLDING

_LIBRARIES = ("faiss-cpu", "numpy", "onnxruntime", "PyStemmer", "tantivy", "tokenizers")


def build_generation(
    index_dir: Path,
    rows: Sequence[IndexRow],
    embedder: TextEmbedder,
    *,
    corpus_id: str,
    revision_id: str,
    progress: Progress | None = None,
    backend: Backend = FILES,
    check: Callable[[], None] | None = None,
) -> Path:
    """Index ``rows`` into a new generation, put it in use, and return its folder.

    Vectors of texts that the generation in use holds are taken from there. That one is kept for
    ``rollback``; of the older ones those that nobody reads are removed. ``progress`` hears of rows
    done and of all rows; ``backend`` says where vectors and terms go; ``check`` runs when nobody
    else can build any more, and may raise. Raises ``InputError`` (no rows, a passage twice),
    ``LockedError``, ``DiskFull``, ``ReadOnly``, and as ``Backend.ready`` and ``write`` do.
    """
    check_rows(rows)
    backend.ready()  # embedding may take hours
    with storage_errors(index_dir):
        root = index_dir / GENERATIONS
        root.mkdir(parents=True, exist_ok=True)
        with locked(index_dir):
            if check is not None:
                check()
            clear_leftovers(index_dir, backend)
            now = datetime.now(UTC)
            generation_id = f"{now:%Y%m%dT%H%M%S%f}Z-{secrets.token_hex(3)}"
            building = root / f"{BUILDING}{generation_id}"
            try:
                building.mkdir()
                with _known_rows(index_dir, embedder, backend) as known:
                    vectors = write_rows(
                        building,
                        rows,
                        embedder,
                        known,
                        progress,
                        backend=backend,
                        corpus_id=corpus_id,
                        generation_id=generation_id,
                    )
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
                    vectors=vectors,
                    folding=FOLDING,
                    precision=embedder.precision,
                    passage_prompt=embedder.card.passage_prompt,
                )
                write_manifest(manifest, building)
                flush(building)
                final = building.rename(root / generation_id)
            except BaseException:
                # The error matters, not the rest: what stays now, the next build removes.
                with suppress(FootnotedError):
                    backend.remove(building)
                    shutil.rmtree(building, ignore_errors=True)
                raise
            fsync(root)
            kept = _usable_name(index_dir)
            switch(index_dir, InUse(generation_id, previous=kept))
            prune(index_dir, {generation_id, *([kept] if kept else [])}, backend)
    return final


def _usable_name(index_dir: Path) -> str | None:
    """The name of the generation in use; ``None`` where there is none, or none that is there."""
    try:
        path = current(index_dir)
    except IndexBroken:
        return None  # a new generation is the cure for it
    return path.name if path is not None else None


@contextmanager
def _known_rows(
    index_dir: Path, embedder: TextEmbedder, backend: Backend
) -> Iterator[KnownRows | None]:
    """The vectors of the generation in use, if they can be taken over, while the block runs."""
    try:
        path = current(index_dir)
        generation = open_generation(path, embedder, backend=backend) if path else None
    except OUT_OF_REACH:  # broken, or in a Milvus that is not named or does not answer
        generation = None  # a new generation is the cure for it: embed everything again
    if generation is None:
        yield None
        return
    with closing(generation):
        made = generation.manifest
        card = embedder.card
        if (made.token_dim, made.precision, made.passage_prompt) != (
            card.token_dim,
            embedder.precision,
            card.passage_prompt,
        ):
            yield None
            return
        keys = read_rows(generation.path)["keys"]
        row_of_key = {key: row for row, key in enumerate(keys)}
        yield KnownRows(generation.dense, generation.tokens, row_of_key)
