"""Index generations: immutable folders, each whole or absent.

A generation is written under a hidden name, flushed to disk, renamed, and only then named as the
one in use (``footnoted.index.current``): killing the process at any moment leaves the last whole
one in use. While one is open nobody removes it (``footnoted.index.leases``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from footnoted.errors import IndexBroken, NotFound, storage_errors
from footnoted.index.backends import FILES, OUT_OF_REACH, Backend
from footnoted.index.building import build_generation
from footnoted.index.current import (
    InUse,
    Pruned,
    being_built,
    clear_leftovers,
    current,
    in_use,
    list_generations,
    locked,
    previous,
    prune,
    switch,
)
from footnoted.index.embedder import TextEmbedder
from footnoted.index.manifest import (
    Manifest,
    broken,
    read_manifest,
)
from footnoted.index.opening import Generation, check_origin, open_generation, verify_generation
from footnoted.index.rows import (
    IndexRow,
)
from footnoted.index.tokens import FOLDING

__all__ = [
    "Generation",
    "IndexRow",
    "build_generation",
    "check_generation",
    "collect",
    "current",
    "list_generations",
    "open_generation",
    "open_revision",
    "revision_in_use",
    "rollback",
    "verify_generation",
]


def open_revision(
    index_dir: Path,
    revision_id: str,
    embedder: TextEmbedder | None = None,
    corpus_id: str | None = None,
    backend: Backend = FILES,
) -> Generation | None:
    """The generation in use if it is of this revision, else the newest one that is, opened.

    ``None`` where there is none, or only outdated ones, which read texts otherwise than this
    version. Raises ``IndexBroken`` as ``open_generation`` does, and when the
    one in use is another corpus's.
    """
    path = current(index_dir)
    if path is None:
        return None
    try:
        manifest = read_manifest(path)
        check_origin(path, manifest, None, corpus_id)
        if manifest.revision_id == revision_id and not _is_outdated(manifest, embedder):
            return open_generation(path, embedder, corpus_id, backend)
        for other in reversed(list_generations(index_dir)):
            if other != path and _is_of(other, revision_id, embedder, corpus_id):
                return open_generation(other, embedder, corpus_id, backend)
    except IndexBroken:
        if current(index_dir) != path:  # others build faster than this process reads
            return open_revision(index_dir, revision_id, embedder, corpus_id, backend)
        raise
    return None


def revision_in_use(index_dir: Path, newest: str) -> str:
    """The corpus's revision that is to be asked, ``newest`` being the newest one.

    That is the newest, which may have to be indexed first; but that of the generation in use
    after a rollback, until something newer is published, and while another process indexes.
    """
    try:
        named, path = in_use(index_dir), current(index_dir)
        if named is None or path is None:
            return newest
        revision_id = read_manifest(path).revision_id
    except IndexBroken:
        return newest  # opening the index says what is wrong with it
    kept = named.instead_of == newest or being_built(index_dir)
    return revision_id if kept else newest


def check_generation(
    index_dir: Path,
    *,
    corpus_id: str,
    revision_id: str,
    passage_ids: Collection[str],
    backend: Backend = FILES,
) -> tuple[int, list[str]]:
    """How many rows of the generation in use were checked, and what is wrong with it, in words.

    Nothing, of no rows, where no index was built yet. No model is needed: every file's checksum
    is compared, and the passages with those of the corpus's revision.
    """
    try:
        path = current(index_dir)
        if path is None:
            return 0, []
        verify_generation(path, backend)
        generation = open_generation(path, corpus_id=corpus_id, backend=backend)
    except OUT_OF_REACH as error:
        return 0, [str(error)]
    generation.close()
    problems = []
    if _is_outdated(generation.manifest, None):
        problems.append(
            "The index was made by an earlier version of Footnoted, which read words otherwise; "
            "the next question makes it anew, and `footnoted index rebuild` does so now."
        )
    if generation.manifest.revision_id != revision_id:
        found = generation.manifest.revision_id
        problems.append(f"The index is of the revision {found}, the corpus of {revision_id}.")
    if missing := set(passage_ids) - set(generation.passage_ids):
        problems.append(f"The index lacks {len(missing)} passages, {min(missing)} among them.")
    if surplus := set(generation.passage_ids) - set(passage_ids):
        problems.append(f"The index has {len(surplus)} others, {min(surplus)} among them.")
    return len(generation.passage_ids), problems


def rollback(
    index_dir: Path,
    corpus_id: str | None = None,
    revisions: Sequence[str] = (),
    backend: Backend = FILES,
) -> Path:
    """Put the generation before the one in use in its place, and return its folder.

    Its every checksum is compared first. ``revisions`` are those of the corpus, the newest first:
    the generation must be of one of them. Raises ``NotFound`` when there is no earlier one, and
    ``IndexBroken`` when it cannot be used, be it that an earlier version of Footnoted made it;
    the one in use then stays.
    """
    if previous(index_dir) is None:
        raise NotFound(
            f"There is no earlier index generation in {index_dir}.",
            about=str(index_dir),
            hint="`footnoted index rebuild` makes a new index from the corpus.",
        )
    with storage_errors(index_dir), locked(index_dir):
        path = previous(index_dir)
        if path is None:
            raise broken(index_dir, "it was changed at the same time", corpus_id)
        if _is_outdated(read_manifest(path), None):
            what = "it was made by an earlier version of Footnoted, which read words otherwise"
            raise broken(path, what, corpus_id)
        verify_generation(path, backend)
        generation = open_generation(path, corpus_id=corpus_id, backend=backend)
        generation.close()
        revision_id = generation.manifest.revision_id
        if revisions and revision_id not in revisions:
            what = f"it is of the revision {revision_id}, which the corpus no longer has"
            raise broken(path, what, corpus_id)
        switch(index_dir, InUse(path.name, instead_of=revisions[0] if revisions else ""))
    return path


def collect(index_dir: Path, backend: Backend = FILES) -> Pruned:
    """Remove what killed builds left, and every generation but the one in use and its previous.

    Raises ``IndexBroken`` where it is not known which one is in use, and ``LockedError``.
    """
    if current(index_dir) is None:
        return Pruned([], [], [])
    with storage_errors(index_dir), locked(index_dir):
        unreachable = clear_leftovers(index_dir, backend)
        keep = {kept.name for kept in (current(index_dir), previous(index_dir)) if kept}
        done = prune(index_dir, keep, backend)
    return done._replace(unreachable=unreachable + done.unreachable)


def _is_of(
    path: Path, revision_id: str, embedder: TextEmbedder | None, corpus_id: str | None
) -> bool:
    """Whether the generation in ``path`` can answer for this revision of this corpus."""
    try:
        manifest = read_manifest(path)
        check_origin(path, manifest, embedder, corpus_id)
    except IndexBroken:
        return False
    return manifest.revision_id == revision_id and not _is_outdated(manifest, embedder)


def _is_outdated(manifest: Manifest, embedder: TextEmbedder | None) -> bool:
    """Whether texts are read otherwise today: its words would not be those of a question."""
    if embedder is not None and manifest.passage_prompt != embedder.card.passage_prompt:
        return True
    return manifest.folding != FOLDING
