"""The client itself: each method of the HTTP API, with its documents typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple, Unpack, cast

import httpx2

from footnoted import documents, errors
from footnoted.client.addresses import DEFAULT_URL, segment
from footnoted.client.connection import Connection
from footnoted.domain import Json
from footnoted.service.filters import Narrowing, given


class Step(NamedTuple):
    """A part of an answer as it comes; the last, ``answer``, has the whole answer document."""

    name: Literal["passages", "statements", "answer"]
    document: Json


class Client:
    """One corpus of a server; threads may share it. Close it, or use it in a ``with``."""

    def __init__(
        self,
        base_url: str = DEFAULT_URL,
        key: str | None = None,
        *,
        corpus: str | None = None,
        timeout: float = 60.0,
        wait: float = 0.0,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """``base_url`` is what ``footnoted serve`` prints; ``key`` one of ``footnoted keys``.

        ``corpus`` is a name that is served; without it, the server's default. ``timeout`` is how
        many seconds a server may be silent. A server that is too busy says when to come back: with
        ``wait``, a request does so, for that many seconds in all. ``transport`` is for proxies and
        certificates of your own; without it HTTP_PROXY and its like are used, except for a server
        on this machine. No redirect is followed. Raises ``UsageError`` for a wrong address or key.
        """
        self._server = Connection(base_url, key, timeout, wait, transport)
        self._corpus = corpus

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._server.close()

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
    ) -> documents.AnswerDocument:
        """The answer document: an answer with its citations, or a refusal with its reason.

        ``history`` are earlier questions, oldest first: they explain "and when?". With ``write``
        the server's chat endpoint may phrase the answer as well.
        """
        body = self._asked(question, k, only, reference, narrowing, history=history, write=write)
        return cast(documents.AnswerDocument, self._server.document("POST", "ask", {}, body))

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
    ) -> Iterator[Step]:
        """What ``ask`` gives, as it comes: the passages, the statements, the answer document."""
        body = self._asked(question, k, only, reference, narrowing, history=history, write=write)
        for name, document in self._server.events("ask", body):
            if name in ("passages", "statements", "answer"):
                yield Step(cast(Any, name), document)
            if name == "answer":
                return
        raise errors.FetchError(
            f"{self._server.where} ended its answer before it was whole.",
            about=self._server.where,
            hint="Ask again; the server's log says why it stopped.",
        )

    def search(
        self,
        query: str,
        k: int | None = None,
        only: str | None = None,
        reference: str | None = None,
        **narrowing: Unpack[Narrowing],
    ) -> documents.SearchDocument:
        """The passages nearest to ``query``, each with its citation."""
        asked = self._asked(None, k, only, reference, narrowing, q=query)
        return cast(documents.SearchDocument, self._server.document("GET", "search", asked))

    def sources(self) -> documents.SourcesDocument:
        """Every reference of the article with what became of it."""
        return cast(documents.SourcesDocument, self._shown("sources"))

    def source(self, reference_id: str) -> documents.SourceDocument:
        """One reference: what became of it at each revision, and what was captured of it.

        ``NotFound`` for an id that the article never had, ``Gone`` for one that it had once.
        """
        return cast(documents.SourceDocument, self._shown(f"sources/{segment(reference_id)}"))

    def capture(self, sha256: str) -> str:
        """The text that was extracted from the capture whose bytes have this SHA-256.

        Offsets of citations count its characters. A server that others reach wants a key for it.
        """
        return self._server.text(f"captures/{segment(sha256)}", {"corpus": self._corpus})

    def export(
        self,
        format: str = "csl-json",  # noqa: A002 - as the option and the parameter are called
        *,
        citations: Sequence[str] = (),
        question: str | None = None,
    ) -> str:
        """The references as a bibliography; else the works that an answer's citations quote.

        ``format`` is csl-json, bibtex, ris or markdown. ``citations`` are citation ids;
        ``question`` is asked, and its answer's citations are meant.
        """
        asked = {"format": format, "citation": list(citations), "q": question}
        return self._server.text("export", {**asked, "corpus": self._corpus})

    def article(self) -> documents.ArticleDocument:
        """The article's claims with their markers; ``NotFound`` for a corpus without one."""
        return cast(documents.ArticleDocument, self._shown("article"))

    def passage(self, passage_id: str) -> documents.PassageDocument:
        """One passage with its citation and the words around it; ``Gone`` or ``NotFound``."""
        return cast(documents.PassageDocument, self._shown(f"passages/{segment(passage_id)}"))

    def claim(self, claim_id: str) -> documents.ClaimDocument:
        """One claim of the article and what its sources say of it; ``NotFound``."""
        return cast(documents.ClaimDocument, self._shown(f"claims/{segment(claim_id)}"))

    def verify(self, citation_id: str) -> documents.VerifyDocument:
        """One citation, checked without a model; ``footnoted verify`` checks a whole corpus."""
        return cast(documents.VerifyDocument, self._shown(f"verify/{segment(citation_id)}"))

    def corpora(self) -> documents.Corpora:
        """What the server answers from, whatever corpus this client asks."""
        return cast(documents.Corpora, self._server.document("GET", "corpora", {}))

    def _shown(self, path: str) -> Json:
        return self._server.document("GET", path, {"corpus": self._corpus})

    def _asked(
        self,
        question: str | None,
        k: int | None,
        only: str | None,
        reference: str | None,
        narrowing: Narrowing,
        **further: Any,
    ) -> Json:
        """What a request says, without what was not given."""
        asked = {"question": question, "k": k, "only": only, "reference": reference, **further}
        asked |= {"corpus": self._corpus, **given(**narrowing)}
        return {name: value for name, value in asked.items() if value is not None}
