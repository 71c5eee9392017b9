"""From a corpus revision to its index: building a generation, and opening the one in use."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from footnoted.domain import Kind
from footnoted.errors import IndexBroken, storage_errors
from footnoted.index import generations
from footnoted.index.embedder import TextEmbedder, open_embedder
from footnoted.index.generations import Generation, IndexRow
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.glosses import gloss
from footnoted.ingest.locations import index_folder
from footnoted.settings import Settings

Notify = Callable[[str], None]
Progress = Callable[[str, int, int], None]


def embedder_for(settings: Settings, notify: Notify) -> TextEmbedder:
    """The embedder that the settings name; the first use of a model exports it."""
    return open_embedder(settings.model, settings.cache_dir, settings.threads, notify)


def build_index(
    corpus: Corpus,
    settings: Settings,
    *,
    notify: Notify,
    embedder: TextEmbedder | None = None,
    progress: Progress = lambda *_: None,
) -> str:
    """Index the corpus's revision, put the generation in use, and return its name."""
    folder = folder_of(corpus, settings)
    _discard_if_unusable(folder)
    path = generations.build_generation(
        folder,
        rows_of(corpus),
        embedder or embedder_for(settings, notify),
        corpus_id=corpus.info.corpus_id,
        revision_id=corpus.info.revision_id,
        progress=lambda done, total: progress("index", done, total),
    )
    return path.name


def open_index(
    corpus: Corpus, settings: Settings, embedder: TextEmbedder, notify: Notify
) -> Generation:
    """The generation in use, built first where there is none of this revision yet.

    Raises ``IndexBroken`` for a damaged one: that it is rebuilt must be the user's decision.
    """
    path = generations.current(folder_of(corpus, settings))
    if path is not None:
        generation = generations.open_generation(path, embedder, corpus.info.corpus_id)
        if generation.manifest.revision_id == corpus.info.revision_id:
            return generation
    notify(f"Building the index of {corpus.info.corpus_name} ({len(corpus.passages)} passages)…")
    build_index(corpus, settings, notify=notify, embedder=embedder)
    built = generations.current(folder_of(corpus, settings))
    if built is None:
        raise IndexBroken(
            f"The index of {corpus.folder} vanished while it was built.",
            about=str(corpus.folder),
            hint="`footnoted index rebuild` builds it again.",
        )
    return generations.open_generation(built, embedder, corpus.info.corpus_id)


def _discard_if_unusable(folder: Path) -> None:
    """Remove an index that no longer says which generation is in use: all of it can be rebuilt."""
    try:
        generations.current(folder)
    except IndexBroken:
        with storage_errors(folder):
            shutil.rmtree(folder)


def folder_of(corpus: Corpus, settings: Settings) -> Path:
    """Where the generations of this corpus lie."""
    return index_folder(settings, corpus.folder, corpus.info.corpus_id)


def rows_of(corpus: Corpus) -> list[IndexRow]:
    """Every passage of the revision, as the index wants it."""
    before = contexts(corpus)
    rows = []
    for passage in corpus.passages.values():
        document = corpus.documents[passage.document_id]
        text = passage.span.of(document.text)
        rows.append(
            IndexRow(passage.passage_id, text, before[passage.passage_id], document.language)
        )
    return rows


def contexts(corpus: Corpus) -> dict[str, str]:
    """What the index reads before each passage, by its id: what its own words leave unsaid.

    The article's title (a plain document's own, where there is no article), the headings above
    it, and for an infobox row what questions call it. docs/decisions/0003 has the measurements.
    """
    article = corpus.article
    glosses = {}
    if article is not None:
        glosses = {c.span.start: gloss(c.label) for c in article.claims if c.label is not None}
    found = {}
    for passage in corpus.passages.values():
        document = corpus.documents[passage.document_id]
        title = article.title if article is not None else document.title
        context = " › ".join((title, *passage.heading))
        if document.kind is Kind.ARTICLE and (words := glosses.get(passage.span.start)):
            context = f"{context} ({words})"
        found[passage.passage_id] = context
    return found
