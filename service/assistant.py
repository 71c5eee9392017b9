"""The assistant: an opened corpus that answers, searches, shows and verifies.

This is the Python API, and what the command line and the HTTP service stand on: every method
returns a JSON document of the contract (``documents``) or raises a ``FootnotedError``.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack, overload

import footnoted
from footnoted.domain import Claim
from footnoted.errors import NotFound, UsageError, problem
from footnoted.index.embedder import TextEmbedder
from footnoted.index.reader import Reader
from footnoted.index.retrieval import Searcher
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.locations import corpus_folder
from footnoted.service import documents, indexing
from footnoted.service.asking import Asking, Steps
from footnoted.service.citations import cite
from footnoted.service.confidence import Features
from footnoted.service.engine import Engine, Notify, open_engine
from footnoted.service.filters import Narrowing
from footnoted.service.finding import cited_passages
from footnoted.service.questions import checked_question
from footnoted.service.retrieving import EVERYTHING, Filter
from footnoted.service.verify import verify, verify_citation
from footnoted.settings import Settings, load_settings

if TYPE_CHECKING:  # writing costs half a second to import
    from footnoted.documents import (
        AnswerDocument,
        ArticleDocument,
        ChecksDocument,
        ClaimDocument,
        CorpusState,
        PassageDocument,
        SearchDocument,
        SourceDocument,
        SourcesDocument,
        VerifyDocument,
    )
    from footnoted.ingest.source_history import CapturedText
    from footnoted.service.ledger.findings import ClaimFinding
    from footnoted.service.writing.endpoint import ChatEndpoint
    from footnoted.service.writing.writer import Writer

AROUND = 300  # characters shown before and after a single passage
MOST_PASSAGES = 100
_DECIDING = (
    *("model", "precision", "reranker", "reader", "milvus_uri"),
    *("dense_weight", "passages", "refuse_below"),
)
"""The settings on which it depends what is answered."""


class Assistant:
    """One corpus at one revision; threads may share it. The model loads with the first question."""

    def __init__(
        self,
        corpus: Corpus,
        settings: Settings,
        notify: Notify,
        embedder: TextEmbedder | None = None,
        *,
        build: bool = True,
    ) -> None:
        self.corpus = corpus
        self._settings = settings
        self._notify = notify
        self._embedder = embedder
        self._build = build
        self._loading = threading.Lock()
        self._closed = False

    @classmethod
    def open(
        cls,
        corpus: str | Path | None = None,
        *,
        settings: Settings | None = None,
        notify: Notify = lambda _: None,
        embedder: TextEmbedder | None = None,
    ) -> Assistant:
        """The corpus with this name or in this folder (else the default setting's).

        It is asked at its newest revision, after a rollback at that of the index in use.
        ``notify`` hears of what takes long: a model's first export, a missing index being built.
        ``embedder`` is the settings' model where it is loaded already. Raises ``NotFound`` or
        ``CorpusError``.
        """
        chosen = settings or load_settings()
        folder = corpus_folder(chosen, str(corpus) if corpus is not None else None)
        return cls(indexing.open_corpus(folder, chosen), chosen, notify, embedder)

    def __enter__(self) -> Assistant:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the corpus, let go of its index generation, and let that be removed."""
        with self._loading:
            self._closed = True
            engine: Engine | None = self.__dict__.pop("_loaded", None)
            if engine is not None:
                engine.close()
        self.corpus.close()

    @contextmanager
    def held(self) -> Iterator[Assistant]:
        """This assistant, of which all calls in the block are told the same edition."""
        yield self

    @property
    def edition(self) -> str:
        """A name for all that this assistant tells without being asked a question.

        It is another one whenever the revision, the index generation, the program or a setting
        is, and the same in every process that serves the same.
        """
        engine: Engine | None = self.__dict__.get("_loaded")
        info = self.corpus.info
        parts = (
            footnoted.__version__,
            *(info.corpus_id, info.revision_id, engine.generation if engine else ""),
            *(repr(getattr(self._settings, name)) for name in _DECIDING),
        )
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]

    def load(self) -> None:
        """Load the model, the index and what the corpus says now, not with the first question."""
        # The documents come first: what is forgotten between two reads is then in none of them.
        _ = self.corpus.documents, self.corpus.captures, self.corpus.coverage, self._engine

    def ask(
        self,
        question: str,
        k: int | None = None,
        only: str | None = None,
        reference: str | None = None,
        *,
        history: Sequence[str] = (),
        write: bool = False,
        **narrowing: Unpack[Narrowing],
    ) -> AnswerDocument:
        """The answer document: an answer with its citations, or a refusal with its reason.

        ``history`` are earlier questions, oldest first: they explain "and when?".
        With ``write``, the settings' chat endpoint may phrase the answer as well (``written``);
        ``UsageError`` where they name none.
        """
        checked_question(question)
        wanted = Filter(only, reference, **narrowing)
        return self._asking(question, k, wanted, history, write=write).answer()

    def ask_in_steps(
        self,
        question: str,
        k: int | None = None,
        only: str | None = None,
        reference: str | None = None,
        *,
        history: Sequence[str] = (),
        write: bool = False,
        **narrowing: Unpack[Narrowing],
    ) -> Steps:
        """What ``ask`` gives, as it comes: the passages, the statements, the answer document."""
        checked_question(question)
        wanted = Filter(only, reference, **narrowing)
        return self._asking(question, k, wanted, history, write=write).steps()

    def ask_or_problem(
        self,
        question: str,
        k: int | None = None,
        only: str | None = None,
        reference: str | None = None,
        *,
        history: Sequence[str] = (),
        write: bool = False,
        **narrowing: Unpack[Narrowing],
    ) -> Mapping[str, Any]:
        """The answer document, or the problem document where the question cannot be asked."""
        try:
            return self.ask(question, k, only, reference, history=history, write=write, **narrowing)
        except UsageError as error:
            return {"question": question} | problem(error)

    def search(
        self,
        query: str,
        k: int | None = None,
        only: str | None = None,
        reference: str | None = None,
        **narrowing: Unpack[Narrowing],
    ) -> SearchDocument:
        """The search document: the passages nearest to ``query``, each with its citation."""
        text = checked_question(query)
        count = self._count(k)
        wanted = Filter(only, reference, **narrowing)
        engine = self._engine
        hits = engine.retriever.retrieve(text, count, wanted)
        found = cited_passages(engine.retriever, text, hits)
        notes = engine.retriever.notes(wanted)
        return documents.search_document(text, found, self.corpus, engine.generation, notes)

    def sources(self) -> SourcesDocument:
        """Every reference of the article with what became of it."""
        return documents.sources_document(self.corpus)

    def source(self, reference_id: str) -> SourceDocument:
        """One reference: what became of it at each revision, and what was captured of it.

        ``NotFound`` for an id that the article never had, ``Gone`` for one that it had once.
        """
        from footnoted.service.source_document import source_document  # noqa: PLC0415 - 20 ms

        return source_document(self.corpus, reference_id)

    def capture(self, sha256: str) -> CapturedText:
        """The text that was extracted from the capture whose bytes have this SHA-256.

        Offsets of citations count its characters. ``NotFound`` where there is none.
        """
        from footnoted.ingest.source_history import captured_text  # noqa: PLC0415 - 20 ms

        return captured_text(self.corpus, sha256)

    def export(
        self,
        format: str = "csl-json",  # noqa: A002 - as the option and the parameter are called
        *,
        citations: Sequence[str] = (),
        question: str | None = None,
    ) -> str:
        """The references as a bibliography; else the works that an answer's citations quote.

        ``format`` is csl-json, bibtex, ris or markdown. ``citations`` are citation ids;
        ``question`` is asked, and its answer's citations are meant. Raises ``UsageError`` for
        another format, ``NotFound`` for a question that is refused and for unknown ids.
        """
        from footnoted.service.exporting.export import export  # noqa: PLC0415 - 20 ms

        return export(self, format, citations, question)

    def article(self) -> ArticleDocument:
        """The article's claims with their markers; ``NotFound`` for a corpus without one."""
        if self.corpus.article is None:
            raise NotFound(
                f"The corpus {self.corpus.info.corpus_name} has no article.",
                about=self.corpus.info.corpus_name,
                hint="It holds plain documents; search them.",
            )
        return documents.article_document(self.corpus.article)

    def passage(self, passage_id: str) -> PassageDocument:
        """One passage with its citation and the words around it; ``Gone`` or ``NotFound``."""
        found = self.corpus.passage(passage_id)
        span = found.passage.span
        document = self.corpus.documents[found.passage.document_id]
        citation = cite(self.corpus, document, span, 1)
        before = document.text[max(0, span.start - AROUND) : span.start]
        after = document.text[span.end : span.end + AROUND]
        return documents.single_passage_document(
            found.passage, citation, before, after, moved=found.moved
        )

    def claim(self, claim_id: str) -> ClaimDocument:
        """One claim of the article and what its sources say of it; ``NotFound``."""
        from footnoted.service.auditing import audit_claim  # noqa: PLC0415 - it stands on this

        return audit_claim(self, claim_id)

    def finding(self, claim: Claim) -> ClaimFinding:
        """What the claim ledger finds of a claim of this article, judged once."""
        found = self._engine.answerer.corroborator.finding(claim)
        if found is None:
            raise ValueError(f"claim {claim.claim_id} is of another corpus: this has no article")
        return found

    @overload
    def verify(self, citation_id: None = None) -> ChecksDocument: ...

    @overload
    def verify(self, citation_id: str) -> VerifyDocument: ...

    def verify(self, citation_id: str | None = None) -> ChecksDocument:
        """The invariants of the corpus and its index, or one citation, checked without a model."""
        if citation_id is not None:
            return verify_citation(self.corpus, citation_id)
        folder = indexing.folder_of(self.corpus, self._settings)
        return verify(self.corpus, folder, indexing.backend_of(self._settings))

    def info(self) -> CorpusState:
        """Which corpus, revision and article this is; its index generation once that is loaded."""
        engine: Engine | None = self.__dict__.get("_loaded")
        return documents.corpus_document(self.corpus, engine.generation if engine else None)

    @property
    def searcher(self) -> Searcher:
        """The index and model in use, for those who measure them."""
        return self._engine.retriever.searcher

    @property
    def reader(self) -> Reader | None:
        """Our small reader, where the settings have it: the one that answers."""
        return indexing.reader_for(self._settings, self.searcher.embedder, self._notify)

    def features(self, question: str, wanted: Filter = EVERYTHING) -> Features:
        """What the confidence in an answer to ``question`` would be made of."""
        return self._engine.answerer.features(checked_question(question), wanted)

    def check_writing(self) -> None:
        """Ask the settings' chat endpoint for one token: is its address, key and model right?

        ``UsageError`` where the settings name none, ``FetchError`` where it does not answer.
        """
        self._endpoint.check()

    @cached_property
    def _endpoint(self) -> ChatEndpoint:
        from footnoted.service.writing.endpoint import ChatEndpoint  # noqa: PLC0415

        chosen = self._settings
        return ChatEndpoint.of(chosen.llm_url, chosen.llm_model, chosen.llm_key, chosen.llm_seconds)

    @cached_property
    def _writer(self) -> Writer:
        from footnoted.service.writing.checking import Shortening  # noqa: PLC0415
        from footnoted.service.writing.writer import Writer  # noqa: PLC0415

        return Writer(self._endpoint, Shortening())

    @cached_property
    def _loaded(self) -> Engine:
        return open_engine(
            self.corpus, self._settings, self._notify, self._embedder, build=self._build
        )

    @property
    def _engine(self) -> Engine:
        with self._loading:
            if self._closed:
                name = self.corpus.info.corpus_name
                raise UsageError(
                    f"The corpus {name} was closed.", about=name, hint="Open it again."
                )
            return self._loaded

    def _asking(
        self,
        question: str,
        k: int | None,
        wanted: Filter,
        history: Sequence[str],
        *,
        write: bool,
    ) -> Asking:
        writer = self._writer if write else None
        count = self._count(k)
        return Asking(self.corpus, self._engine, question, count, wanted, tuple(history), writer)

    def _count(self, k: int | None) -> int:
        count = self._settings.passages if k is None else k
        if not 1 <= count <= MOST_PASSAGES:
            raise UsageError(
                f"k must be 1 to {MOST_PASSAGES}, not {count}.",
                about="k",
                hint="Ask for 8 passages, say.",
            )
        return count
