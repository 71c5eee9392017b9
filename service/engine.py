"""What asking a corpus needs and reading it does not: its index, and the models on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from footnoted.index.embedder import TextEmbedder
from footnoted.index.reader import Reader
from footnoted.index.retrieval import Searcher
from footnoted.ingest.corpus import Corpus
from footnoted.service import indexing
from footnoted.service.answering import ExtractiveAnswerer
from footnoted.service.corroboration import Corroborator
from footnoted.service.evidence import EvidenceFinder
from footnoted.service.retrieving import PassageRetriever
from footnoted.service.texts import CorpusTexts
from footnoted.settings import Settings

if TYPE_CHECKING:  # the ledger costs 30 ms to import
    from footnoted.service.ledger.building import Ledger

Notify = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Engine:
    """An open index generation, by its name, with what retrieves and answers from it."""

    retriever: PassageRetriever
    answerer: ExtractiveAnswerer
    generation: str

    def close(self) -> None:
        """Let go of the generation, so that it can be removed."""
        self.retriever.searcher.generation.close()


def open_engine(
    corpus: Corpus,
    settings: Settings,
    notify: Notify,
    embedder: TextEmbedder | None = None,
    *,
    build: bool = True,
) -> Engine:
    """The engine of ``corpus``; with ``build``, a missing index is built first.

    ``embedder`` is the settings' model where it is loaded already. Raises ``IndexBroken`` and
    ``ModelError``.
    """
    embedder = embedder or indexing.embedder_for(settings, notify)
    generation = indexing.open_index(corpus, settings, embedder, notify, build=build)
    contexts = indexing.contexts(corpus)
    texts = CorpusTexts(corpus, contexts)
    reader = indexing.reader_for(settings, embedder, notify)
    reranking = indexing.reranking_for(settings, notify, reader)
    searcher = Searcher(generation, embedder, settings.dense_weight, texts, reranking)
    retriever = PassageRetriever(corpus, searcher, contexts)
    evidence = EvidenceFinder(searcher, reader)
    corroborator = Corroborator(corpus, partial(_ledger, corpus, searcher, contexts, reader))
    answerer = ExtractiveAnswerer(corpus, retriever, evidence, corroborator, settings.refuse_below)
    return Engine(retriever, answerer, generation.path.name)


def _ledger(
    corpus: Corpus, searcher: Searcher, contexts: Mapping[str, str], reader: Reader | None
) -> Ledger | None:
    from footnoted.service.ledger.building import open_ledger  # noqa: PLC0415 - 30 ms

    return open_ledger(corpus, searcher, contexts, reader)
