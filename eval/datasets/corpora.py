"""A dataset's documents as a corpus of its own, kept in the cache with its index.

The folder is named after the set and a digest of everything that decides what lies in it, so that
the same set finds its corpus and index again, and a changed one gets others. What lies in the cache
may be rebuilt: an index that cannot be used is built anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from footnoted.errors import CorpusError, IndexBroken, NotFound
from footnoted.index import generations
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.locations import slug
from footnoted.ingest.passages import CUTTER
from footnoted.ingest.plain_documents import PlainDocument, publish_documents
from footnoted.ingest.store import writing
from footnoted.service import indexing
from footnoted.service.assistant import Assistant
from footnoted.service.indexing import Notify, Progress
from footnoted.settings import Settings

_NOW = "2026-01-01T00:00:00Z"  # the same set gives the same corpus, whenever it is read


@contextmanager
def dataset_assistant(
    name: str,
    documents: Sequence[PlainDocument],
    language: str,
    settings: Settings,
    *,
    progress: Progress,
    notify: Notify,
) -> Iterator[Assistant]:
    """An assistant on a corpus of these documents, with its index built and its model loaded."""
    folder = cache_folder(name, documents, language, settings)
    if not _is_published(folder):
        notify(f"Making a corpus of the {len(documents)} documents of {name}…")
        with writing(folder, settings.lock_wait) as writer:
            publish_documents(documents, writer, name, now=_NOW, language=language)
    with Assistant.open(folder, settings=settings, notify=notify) as assistant:
        _index(assistant.corpus, settings, progress=progress, notify=notify)
        assistant.load()
        yield assistant


def cache_folder(
    name: str, documents: Sequence[PlainDocument], language: str, settings: Settings
) -> Path:
    """Where the corpus of these documents lies, whether it exists or not."""
    digest = hashlib.sha256(json.dumps([CUTTER, language]).encode())
    for document in documents:
        digest.update(json.dumps(document).encode())
    return settings.cache_dir / "datasets" / f"{slug(name)}-{digest.hexdigest()[:16]}"


def _is_published(folder: Path) -> bool:
    """Publishing is one transaction: a corpus that was cut off while it was made has no revision.

    A newer or damaged corpus there is an error of its own, which the writer will raise.
    """
    try:
        Corpus.open(folder).close()
    except (NotFound, CorpusError):
        return False
    return True


def _index(corpus: Corpus, settings: Settings, *, progress: Progress, notify: Notify) -> None:
    """Build the index, with progress shown, unless one of this model is there and whole."""
    embedder = indexing.embedder_for(settings, notify)
    folder, info = indexing.folder_of(corpus, settings), corpus.info
    try:
        opened = generations.open_revision(
            folder,
            info.revision_id,
            embedder,
            info.corpus_id,
            indexing.backend_of(settings),
        )
        if opened is not None:
            opened.close()
            return
    except IndexBroken as error:
        notify(f"{error} It is built anew.")
    notify(f"Building the index of {info.corpus_name} ({len(corpus.passages)} passages)…")
    indexing.build_index(corpus, settings, notify=notify, embedder=embedder, progress=progress)
