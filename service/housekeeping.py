"""Listing, describing and removing corpora; rebuilding and rolling back their indexes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from footnoted.domain import Json
from footnoted.errors import FootnotedError, NotFound, storage_errors
from footnoted.index import generations
from footnoted.index.discarding import discarded
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.database import FILE_NAME
from footnoted.ingest.locations import corpus_folder, index_folder, named_corpora, refuse_packaged
from footnoted.ingest.store import writing
from footnoted.service.indexing import backend_of, build_index, open_corpus
from footnoted.settings import Settings


def list_corpora(settings: Settings) -> Json:
    """Every named corpus; one that cannot be opened is listed with its ``problem``."""
    rows = []
    for name, folder in named_corpora(settings).items():
        row: Json = {"name": name, "folder": str(folder), "title": None, "problem": None}
        try:
            with Corpus.open(folder) as corpus:
                row |= {
                    "title": corpus.article.title if corpus.article else None,
                    "references": len(corpus.references),
                    "passages": len(corpus.passages),
                }
        except FootnotedError as error:
            row |= {"problem": str(error), "references": 0, "passages": 0}
        rows.append(row)
    return {"corpora": rows}


def describe(settings: Settings) -> Json:
    """One corpus: where it lies, what it holds, its revisions, and its index.

    It is described as it answers: at ``revision``, which after a rollback is not the newest.
    """
    folder = corpus_folder(settings)
    with open_corpus(folder, settings) as corpus:
        index = index_folder(settings, folder, corpus.info.corpus_id)
        current = generations.current(index)
        article = corpus.article
        return {
            "name": corpus.info.corpus_name,
            "id": corpus.info.corpus_id,
            "folder": str(folder),
            "article": article.title if article else None,
            "language": article.language if article else None,
            "licence": article.licence if article else None,
            "documents": len(corpus.documents),
            "passages": len(corpus.passages),
            "claims": len(article.claims) if article else 0,
            "references": len(corpus.references),
            "index": str(index),
            "generation": current.name if current else None,
            "revision": corpus.info.revision_id,
            "revisions": [
                {"number": r.number, "revision": r.revision_id, "created_at": r.created_at}
                for r in corpus.revisions()
            ],
        }


def removable(settings: Settings) -> Path:
    """The folder of the corpus that ``remove`` would remove; never one of the package."""
    folder = corpus_folder(settings)
    refuse_packaged(folder)
    if not (folder / FILE_NAME).is_file():
        raise NotFound(
            f"There is no corpus in {folder}.",
            about=str(folder),
            hint="`footnoted corpora list` shows what there is.",
        )
    return folder


def remove(folder: Path, settings: Settings) -> None:
    """Remove a corpus's database, captures and index, and the folder if it is empty then.

    Nothing is removed where a part of the index lies in a Milvus that cannot be reached.
    """
    with writing(folder, settings.lock_wait):
        with Corpus.open(folder) as corpus:
            index = index_folder(settings, folder, corpus.info.corpus_id)
        with storage_errors(folder):
            if index.exists():
                with discarded(index, backend_of(settings), for_good=True):
                    pass
                shutil.rmtree(index)
            for path in (folder / FILE_NAME, *folder.glob("captures-*.warc.gz")):
                path.unlink(missing_ok=True)
    with storage_errors(folder):
        (folder / "writer.lock").unlink(missing_ok=True)
        if not any(folder.iterdir()):
            folder.rmdir()


def rebuild(settings: Settings, notify: Callable[[str], None]) -> str:
    """Build the corpus's index anew and use it; returns the generation's name."""
    with Corpus.open(corpus_folder(settings)) as corpus:
        return build_index(corpus, settings, notify=notify)


def rollback(settings: Settings) -> str:
    """Use the generation before the current one, and the corpus's revision that it was made of.

    They are used until the next build. Raises ``NotFound`` when there is none, ``IndexBroken``
    when it is damaged or an earlier version of Footnoted made it.
    """
    folder = corpus_folder(settings)
    with Corpus.open(folder) as corpus:
        info = corpus.info
        revisions = [revision.revision_id for revision in corpus.revisions()]
        index = index_folder(settings, folder, info.corpus_id)
        return generations.rollback(index, info.corpus_id, revisions, backend_of(settings)).name


def collect(settings: Settings) -> Json:
    """Remove the index generations that nobody needs or reads, and what killed builds left.

    The one in use and the one before it are needed. ``read`` names those that a running process
    still has open, ``unreachable`` the folders of those in a Milvus that is not named or does not
    answer; both stay until the next time.
    """
    folder = corpus_folder(settings)
    with Corpus.open(folder) as corpus:
        index = index_folder(settings, folder, corpus.info.corpus_id)
    done = generations.collect(index, backend_of(settings))
    return {what: [path.name for path in paths] for what, paths in done._asdict().items()}
