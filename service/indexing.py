"""From a corpus revision to its index: building a generation, and opening the one in use."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from footnoted.domain import Kind
from footnoted.errors import IndexBroken, LockedError, ModelError
from footnoted.index import generations
from footnoted.index.backends import Backend
from footnoted.index.embedder import OnnxEmbedder, TextEmbedder, open_embedder
from footnoted.index.generations import Generation, IndexRow
from footnoted.index.manifest import read_manifest
from footnoted.index.models import WEIGHTS_SHA256
from footnoted.index.reader import Reader, open_reader
from footnoted.index.retrieval import Reranking
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.glosses import gloss
from footnoted.ingest.locations import building_folder, index_folder
from footnoted.protocols import Reranker
from footnoted.settings import DEFAULT_MODEL, Settings

Notify = Callable[[str], None]
Progress = Callable[[str, int, int], None]

OWN_READER = "reader"
READ_AGAIN = 10  # passages; docs/decisions/0019 has the curve
READER_WEIGHT = 0.1


def embedder_for(settings: Settings, notify: Notify) -> TextEmbedder:
    """The embedder that the settings name; the first use of a model exports it."""
    return open_embedder(
        settings.model,
        settings.cache_dir,
        settings.threads,
        notify,
        device=settings.device,
        precision=settings.precision,
    )


def reranking_for(settings: Settings, notify: Notify, reader: Reader | None) -> Reranking | None:
    """What the settings name to rank the best passages again; ``None`` for nothing.

    A cross-encoder is opened once for all corpora; ``OWN_READER`` means our own ``reader``.
    """
    if settings.reranker == OWN_READER:
        if reader is None:
            return None
        return Reranking(reader, READ_AGAIN, READER_WEIGHT, monoglot=True)
    if not settings.reranker:
        return None
    model = settings.reranker
    return Reranking(
        _cross_encoder(model, settings.cache_dir, settings.threads, notify, settings.device)
    )


def reader_for(settings: Settings, embedder: TextEmbedder, notify: Notify) -> Reader | None:
    """Our own reader, one for all corpora, unless the settings go without."""
    if not settings.reader:
        return None
    key: Any = embedder  # hashed by what it is; its protocol does not say so
    return _shared_reader(key, settings.cache_dir, settings.threads, notify)


def new_reader(embedder: TextEmbedder, cache_dir: Path, threads: int, notify: Notify) -> Reader:
    """Our own reader, with nothing read yet; ``ModelError`` where its file is not what it was.

    It goes on from the lower layers of the default model in 8 bits: where ``embedder`` is another,
    that one is opened for it.
    """
    encoder = _default_in_8_bits(embedder)
    if encoder is None:
        encoder = _default_in_8_bits(open_embedder(DEFAULT_MODEL, cache_dir, threads, notify))
    if encoder is None:
        raise ModelError(
            f"The reader needs the model {DEFAULT_MODEL} in 8 bits, and its export has none.",
            about=str(cache_dir),
            hint="Ask with --fast, without the reader.",
        )
    return open_reader(encoder, threads)


@lru_cache(maxsize=2)
def _shared_reader(embedder: Any, cache_dir: Path, threads: int, notify: Notify) -> Reader:
    return new_reader(embedder, cache_dir, threads, notify)


def _default_in_8_bits(embedder: TextEmbedder) -> OnnxEmbedder | None:
    """``embedder`` itself if the reader can go on from its lower layers."""
    if isinstance(embedder, OnnxEmbedder) and embedder.has_lower_states:
        return embedder if embedder.card.weights_sha256 == WEIGHTS_SHA256 else None
    return None


@lru_cache(maxsize=2)
def _cross_encoder(
    model: str, cache_dir: Path, threads: int, notify: Notify, device: str
) -> Reranker:
    from footnoted.index.cross_encoder import open_cross_encoder  # noqa: PLC0415 - for its users

    return open_cross_encoder(model, cache_dir, threads, notify, device)


def backend_of(settings: Settings) -> Backend:
    """Where the settings keep vectors and terms."""
    return Backend(settings.milvus_uri, settings.milvus_token, settings.vector_memory or None)


def open_corpus(folder: Path, settings: Settings) -> Corpus:
    """The corpus in ``folder`` at the revision that is to be asked.

    That is its newest; after a rollback, and while another process indexes the newest, that of
    the index generation in use. Raises ``NotFound`` or ``CorpusError``.
    """
    corpus = Corpus.open(folder)
    newest = corpus.info.revision_id
    wanted = generations.revision_in_use(folder_of(corpus, settings), newest)
    # The index may be another corpus's: opening it says so.
    if wanted == newest or wanted not in {r.revision_id for r in corpus.revisions()}:
        return corpus
    corpus.close()
    return Corpus.open(folder, wanted)


def open_corpus_as_indexed(folder: Path, settings: Settings) -> Corpus:
    """The corpus in ``folder`` at the revision of the index generation in use, be it the newest.

    Raises ``NotFound``, ``CorpusError``, and ``IndexBroken`` where there is no whole generation.
    """
    corpus = Corpus.open(folder)
    corpus.close()
    path = generations.current(folder_of(corpus, settings))
    if path is None:
        raise IndexBroken(
            f"The corpus in {folder} has no index.",
            about=str(folder),
            hint="`footnoted index rebuild` builds one.",
        )
    return Corpus.open(folder, read_manifest(path).revision_id)


def build_index(
    corpus: Corpus,
    settings: Settings,
    *,
    notify: Notify,
    embedder: TextEmbedder | None = None,
    progress: Progress = lambda *_: None,
) -> str:
    """Index the corpus's revision, put the generation in use, and return its name.

    A corpus in a folder that cannot be written gets its index in the cache, and uses that then.
    Raises ``LockedError`` when that is no longer the corpus's newest revision, and what
    ``build_generation`` raises.
    """
    path = generations.build_generation(
        building_folder(settings, corpus.folder, corpus.info.corpus_id),
        rows_of(corpus),
        embedder or embedder_for(settings, notify),
        corpus_id=corpus.info.corpus_id,
        revision_id=corpus.info.revision_id,
        progress=lambda done, total: progress("index", done, total),
        backend=backend_of(settings),
        check=partial(_still_newest, corpus),
    )
    return path.name


def open_index(
    corpus: Corpus,
    settings: Settings,
    embedder: TextEmbedder,
    notify: Notify,
    *,
    build: bool = True,
) -> Generation:
    """The generation of the corpus's revision, built first where there is none of it yet.

    Raises ``IndexBroken`` for a damaged one, and without ``build`` for a missing or outdated one:
    that it is rebuilt must be the user's decision.
    """
    info = corpus.info
    opened = partial(
        generations.open_revision,
        revision_id=info.revision_id,
        embedder=embedder,
        corpus_id=info.corpus_id,
        backend=backend_of(settings),
    )
    generation = opened(folder_of(corpus, settings))
    if generation is None and not build:
        raise IndexBroken(
            f"The corpus {info.corpus_name} has no index of its revision {info.revision_id} that "
            "this version of Footnoted can use.",
            about=str(corpus.folder),
            hint=f"`footnoted index rebuild --corpus {corpus.folder}` builds one.",
        )
    if generation is None:
        notify(f"Building the index of {info.corpus_name} ({len(corpus.passages)} passages)…")
        build_index(corpus, settings, notify=notify, embedder=embedder)
        generation = opened(building_folder(settings, corpus.folder, info.corpus_id))
    if generation is None or generation.row_of.keys() != corpus.passages.keys():
        raise IndexBroken(
            f"The index of {corpus.folder} was changed by others while it was opened.",
            about=str(corpus.folder),
            hint="Run the same command again; `footnoted verify` checks the index.",
        )
    return generation


def _still_newest(corpus: Corpus) -> None:
    """Rows that were read before another process published or forgot something are not indexed."""
    with Corpus.open(corpus.folder) as now:
        if now.info.revision_id == corpus.info.revision_id:
            return
    raise LockedError(
        f"The corpus {corpus.info.corpus_name} was changed by another process meanwhile.",
        about=str(corpus.folder),
        hint="Run the same command again.",
    )


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
