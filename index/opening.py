"""Opening a generation: its parts compared with its manifest, then mapped, and kept while open.

Everything is mapped or read when a generation is opened and nothing later, so that whoever has one
open can go on with it whatever becomes of the folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from footnoted.index.backends import FILES, Backend
from footnoted.index.embedder import TextEmbedder
from footnoted.index.late_interaction import VECTORS_FILE, TokenStore
from footnoted.index.leases import Lease, lease
from footnoted.index.manifest import Manifest, broken, check_files, read_manifest
from footnoted.index.rows import read_rows
from footnoted.index.stored_vectors import STORED_FILE
from footnoted.protocols import TermIndex, VectorIndex


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
    lease: Lease

    def close(self) -> None:
        """Let the folder be removed. What is still asked of this generation is answered."""
        self.lease.release()


def open_generation(
    path: Path,
    embedder: TextEmbedder | None = None,
    corpus_id: str | None = None,
    backend: Backend = FILES,
) -> Generation:
    """The generation in ``path``, its files compared with its checksums, kept while it is open.

    ``IndexBroken`` when it is damaged, of a newer format, made with another model than
    ``embedder``, or of another corpus than ``corpus_id``. Token vectors, and the exact vectors
    beside an approximate index, are checked by size here and row by row when they are read.
    """
    kept = lease(path)
    try:
        return _opened(path, kept, embedder, corpus_id, backend)
    except BaseException:
        kept.release()
        raise


def verify_generation(path: Path, backend: Backend = FILES) -> None:
    """Compare the SHA-256 of every file, token vectors too; ``IndexBroken`` where one differs."""
    check_files(path, read_manifest(path))
    backend.verify(path)


def check_origin(
    path: Path, manifest: Manifest, embedder: TextEmbedder | None, corpus_id: str | None
) -> None:
    """``IndexBroken`` for a generation of another corpus, or made with another model."""
    if corpus_id is not None and manifest.corpus_id != corpus_id:
        what = f"it belongs to the corpus {manifest.corpus_id}, not to {corpus_id}"
        raise broken(path, what, corpus_id)
    if embedder is None:
        return
    made_with = (manifest.weights_sha256, manifest.dim)
    if made_with != (embedder.card.weights_sha256, embedder.dim):
        what = f"it was made with the model {manifest.model}, not with {embedder.name}"
        raise broken(path, what, manifest.corpus_id)


def _opened(
    path: Path,
    kept: Lease,
    embedder: TextEmbedder | None,
    corpus_id: str | None,
    backend: Backend,
) -> Generation:
    manifest = read_manifest(path)
    check_origin(path, manifest, embedder, corpus_id)
    check_files(path, manifest, unread=(VECTORS_FILE, STORED_FILE))
    passage_ids = tuple(read_rows(path)["passage_ids"])
    dense, lexical = backend.open(path, manifest.vectors, manifest.dim)
    tokens = TokenStore(path, manifest.token_dim) if manifest.token_dim else None
    sizes = {len(passage_ids), len(dense), len(lexical), manifest.rows}
    if tokens is not None:
        sizes.add(len(tokens))
    if len(sizes) != 1:
        raise broken(path, "its parts have different sizes", manifest.corpus_id)
    row_of = {passage_id: row for row, passage_id in enumerate(passage_ids)}
    return Generation(path, manifest, passage_ids, row_of, dense, lexical, tokens, kept)
