"""What `forget` does: a source leaves a corpus and its index."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from footnoted.domain import Json, Reference
from footnoted.index.discarding import discarded
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.forgetting import forgetting
from footnoted.ingest.locations import corpus_folder, index_folder, refuse_packaged
from footnoted.ingest.store import writing
from footnoted.service.documents import corpus_document
from footnoted.service.indexing import backend_of, build_index
from footnoted.service.ingestion import now
from footnoted.settings import Settings


def forget(key: str, settings: Settings, notify: Callable[[str], None]) -> Json:
    """Forget the source that ``key`` names, and return the ``forget`` document.

    The index is taken away first and built again last (where there was one), from the texts that
    stay: at no moment does a generation lie on disk that names what is gone. Raises ``ReadOnly``
    for a packaged corpus, ``UsageError`` for a key that names no reference.
    """
    folder = _writable(settings)
    with writing(folder, settings.lock_wait) as writer:
        reference = forgetting.find(folder, key)
        with ExitStack() as stack:
            kept = backend_of(settings)
            indexes = _indexes(folder, settings)
            had = [stack.enter_context(discarded(path, kept)) for path in indexes]
            done = forgetting.forget(writer, reference, now())
        with Corpus.open(folder) as corpus:
            generation = build_index(corpus, settings, notify=notify) if any(had) else None
            return {
                "references": [_named(r) for r in done.references],
                "forgotten_at": done.forgotten_at,
                "reason": done.reason,
                "removed": {
                    "documents": done.documents,
                    "passages": done.passages,
                    "texts": done.texts,
                    "captures": done.captures,
                },
                "corpus": corpus_document(corpus, generation) | {"folder": str(folder)},
            }


def lift(key: str, settings: Settings) -> Json:
    """Let the next ingest read a forgotten source again; the ``forget --lift`` document.

    Raises ``NotFound`` for a source that was not forgotten.
    """
    folder = _writable(settings)
    with writing(folder, settings.lock_wait) as writer:
        reference = forgetting.find(folder, key)
        forgetting.lift(writer, reference)
        with Corpus.open(folder) as corpus:
            return {
                "lifted": [_named(reference)],
                "corpus": corpus_document(corpus, None) | {"folder": str(folder)},
            }


def _writable(settings: Settings) -> Path:
    """The folder of an existing corpus that is not one of the package's."""
    folder = corpus_folder(settings)
    refuse_packaged(folder)
    Corpus.open(folder).close()
    return folder


def _indexes(folder: Path, settings: Settings) -> list[Path]:
    """Where this corpus's index lies, and where it lay if the folder could once not be written."""
    with Corpus.open(folder) as corpus:
        cached = settings.cache_dir / "indexes" / corpus.info.corpus_id
        return list(
            dict.fromkeys(
                [
                    index_folder(settings, folder, corpus.info.corpus_id),
                    *([cached] if cached.is_dir() else []),
                ]
            )
        )


def _named(reference: Reference) -> Json:
    return {
        "reference_id": reference.reference_id,
        "label": reference.label,
        "group": reference.group,
        "text": reference.text,
    }
