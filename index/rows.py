"""The rows of a generation: from passages to vectors, token vectors and folded tokens."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from footnoted.errors import InputError, ModelError
from footnoted.ids import text_sha256
from footnoted.index.backends import LEXICAL_FOLDER, Backend
from footnoted.index.embedder import TextEmbedder, TokenEmbedder
from footnoted.index.late_interaction import TokenStore, pack, write_tokens
from footnoted.index.manifest import broken
from footnoted.index.tokens import fold
from footnoted.index.vector_files import DENSE_FILE
from footnoted.index.vector_plan import VectorFacts
from footnoted.protocols import VectorIndex, Vectors

Progress: TypeAlias = Callable[[int, int], None]

__all__ = [
    "DENSE_FILE",
    "LEXICAL_FOLDER",
    "ROWS_FILE",
    "IndexRow",
    "KnownRows",
    "Progress",
    "check_rows",
    "languages_of",
    "read_rows",
    "write_rows",
]

ROWS_FILE = "rows.json"

_CHUNK = 256  # rows embedded between two reports of progress


@dataclass(frozen=True, slots=True)
class IndexRow:
    """A passage to index; ``context`` (title, headings) is put before its text for both sides."""

    passage_id: str
    text: str
    context: str
    language: str

    @property
    def indexed_text(self) -> str:
        return f"{self.context}\n{self.text}" if self.context else self.text


@dataclass(frozen=True, slots=True)
class KnownRows:
    """The vectors of an earlier generation, by the hash of the text they were made of."""

    dense: VectorIndex
    tokens: TokenStore | None
    row_of_key: dict[str, int]


def check_rows(rows: Sequence[IndexRow]) -> None:
    """``InputError`` where there are no rows, or a passage comes twice."""
    if not rows:
        raise InputError(
            "There are no passages to index.",
            hint="Ingest an article or documents with text first.",
        )
    twice = [name for name, n in Counter(row.passage_id for row in rows).items() if n > 1]
    if twice:
        raise InputError(
            f"The passage {twice[0]} is to be indexed more than once.",
            about=twice[0],
            hint="Give each passage of a revision once.",
        )


def write_rows(
    folder: Path,
    rows: Sequence[IndexRow],
    embedder: TextEmbedder,
    earlier: KnownRows | None,
    progress: Progress | None,
    *,
    backend: Backend,
    corpus_id: str,
    generation_id: str,
) -> VectorFacts:
    """Write all parts of a generation but its manifest into ``folder``; row 0 is ``rows[0]``.

    Vectors and terms go where ``backend`` keeps them. What was made of the vectors comes back, for
    the manifest. ``ModelError``, before anything is written, for
    a model that makes no vectors of numbers.
    """
    keys = [text_sha256(row.indexed_text) for row in rows]
    vectors, tokens = _embed(rows, keys, embedder, earlier, progress)
    facts = backend.write(
        folder,
        vectors,
        (fold(row.indexed_text, row.language) for row in rows),
        corpus_id=corpus_id,
        generation_id=generation_id,
    )
    if embedder.card.token_dim:
        write_tokens(folder, embedder.card.token_dim, tokens)
    ids = [row.passage_id for row in rows]
    (folder / ROWS_FILE).write_text(json.dumps({"passage_ids": ids, "keys": keys}), "utf-8")
    return facts


def read_rows(path: Path) -> dict[str, list[str]]:
    """``passage_ids`` and ``keys`` of the generation in ``path``, a list entry a row."""
    try:
        rows: dict[str, list[str]] = json.loads((path / ROWS_FILE).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise broken(path / ROWS_FILE, f"it cannot be read ({error})") from error
    return rows


def languages_of(rows: Sequence[IndexRow]) -> tuple[str, ...]:
    """Their languages, each once, the most frequent first."""
    counts = Counter(row.language for row in rows)
    return tuple(sorted(counts, key=lambda language: (-counts[language], language)))


def _embed(
    rows: Sequence[IndexRow],
    keys: Sequence[str],
    embedder: TextEmbedder,
    earlier: KnownRows | None,
    progress: Progress | None,
) -> tuple[Vectors, list[NDArray[np.int8]]]:
    """Vectors ``(len(rows), dim)`` and packed token vectors, copied where they are known."""
    vectors = np.zeros((len(rows), embedder.dim), np.float32)
    tokens = [np.zeros((0, embedder.card.token_dim), np.int8) for _ in rows]
    known = earlier.row_of_key if earlier else {}
    old = [row for row, key in enumerate(keys) if key in known]
    if earlier and old:
        sources = np.array([known[keys[row]] for row in old], np.int64)
        vectors[old] = earlier.dense.vectors(sources)
        if earlier.tokens is not None:
            for row, source in zip(old, sources.tolist(), strict=True):
                tokens[row] = earlier.tokens.packed(source).copy()
    new = [row for row, key in enumerate(keys) if key not in known]
    _report(progress, len(old), len(rows))
    for start in range(0, len(new), _CHUNK):
        chunk = new[start : start + _CHUNK]
        texts = [rows[row].indexed_text for row in chunk]
        if isinstance(embedder, TokenEmbedder) and embedder.card.token_dim:
            made_vectors, made = embedder.embed_with_tokens(texts)
            for row, token_vectors in zip(chunk, made, strict=True):
                tokens[row] = pack(token_vectors.vectors)
        else:
            made_vectors = embedder.embed_passages(texts)
        vectors[chunk] = _checked(made_vectors, (len(chunk), embedder.dim), embedder.name)
        _report(progress, len(old) + start + len(chunk), len(rows))
    return vectors, tokens


def _checked(vectors: Vectors, shape: tuple[int, int], model: str) -> Vectors:
    """``vectors``; ``ModelError`` when one holds no numbers, or another count than promised."""
    if vectors.shape != shape:
        raise ModelError(
            f"The model {model} made vectors of the shape {vectors.shape} for {shape[0]} texts; "
            f"it was to be {shape}.",
            about=model,
            hint="Name another model with --model, or export this one anew.",
        )
    if not np.isfinite(vectors).all():
        raise ModelError(
            f"The model {model} made vectors that are not finite numbers; nothing was indexed.",
            about=model,
            hint="Name another model with --model, or export this one anew.",
        )
    return vectors


def _report(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)
