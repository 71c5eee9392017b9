"""The corpora that a server answers from, by name, and what each must be able to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Unpack, overload

from footnoted import documents
from footnoted.errors import NotFound, StorageError, UsageError
from footnoted.service.filters import Narrowing

if TYPE_CHECKING:
    from footnoted.ingest.source_history import CapturedText
    from footnoted.service.asking import Steps


class Told(Protocol):
    """What one edition of a corpus tells without being asked a question.

    ``edition`` names it: another revision, index generation, setting or program has another name.
    """

    @property
    def edition(self) -> str: ...

    def sources(self) -> documents.SourcesDocument: ...

    def source(self, reference_id: str) -> documents.SourceDocument: ...

    def capture(self, sha256: str) -> CapturedText: ...

    def article(self) -> documents.ArticleDocument: ...

    def passage(self, passage_id: str) -> documents.PassageDocument: ...

    def claim(self, claim_id: str) -> documents.ClaimDocument: ...

    @overload
    def verify(self, citation_id: None = None) -> documents.ChecksDocument: ...

    @overload
    def verify(self, citation_id: str) -> documents.VerifyDocument: ...

    def info(self) -> documents.CorpusState: ...


class Answers(Protocol):
    """One open corpus: synchronous, safe to share between threads, raising ``FootnotedError``."""

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
    ) -> documents.AnswerDocument: ...

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
    ) -> Steps: ...

    def search(
        self,
        query: str,
        k: int | None = None,
        only: str | None = None,
        reference: str | None = None,
        **narrowing: Unpack[Narrowing],
    ) -> documents.SearchDocument: ...

    def sources(self) -> documents.SourcesDocument: ...

    def article(self) -> documents.ArticleDocument: ...

    def passage(self, passage_id: str) -> documents.PassageDocument: ...

    def claim(self, claim_id: str) -> documents.ClaimDocument: ...

    @overload
    def verify(self, citation_id: None = None) -> documents.ChecksDocument: ...

    @overload
    def verify(self, citation_id: str) -> documents.VerifyDocument: ...

    def export(
        self,
        format: str = "csl-json",  # noqa: A002 - as the option and the parameter are called
        *,
        citations: Sequence[str] = (),
        question: str | None = None,
    ) -> str: ...

    def info(self) -> documents.CorpusState: ...

    def held(self) -> AbstractContextManager[Told]: ...

    def load(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Shelf:
    """Open corpora by name. ``default`` answers requests that name none; else the first does.

    Who opened the corpora closes them; ``UsageError`` for a default that is not among them.
    """

    corpora: Mapping[str, Answers]
    default: str | None = None

    def __post_init__(self) -> None:
        if self.default is not None and self.default not in self.corpora:
            raise UsageError(
                f"The default corpus {self.default} is not one of those served.",
                about=self.default,
                hint=f"Serve it as well, or choose one of: {', '.join(self.corpora) or 'none'}.",
            )

    def name(self, asked: str | None) -> str:
        """The corpus that a request means, which named ``asked``, or none.

        ``NotFound`` for a name that is not served; ``StorageError`` when nothing is.
        """
        if not self.corpora:
            raise StorageError(
                "No corpus is loaded.", hint="Start the server with `footnoted serve --corpus C`."
            )
        if not asked:
            return self.default or next(iter(self.corpora))
        if asked not in self.corpora:
            raise NotFound(
                f"No corpus named {asked} is served here.",
                about=asked,
                hint=f"Served here: {', '.join(self.corpora)}.",
            )
        return asked

    def named(self, asked: str | None) -> Answers:
        """The corpus that a request means; errors as for ``name``."""
        return self.corpora[self.name(asked)]

    def listing(self) -> documents.Corpora:
        """Each corpus as its ``info`` tells it, under the name it is served by; and the default."""
        default = self.name(None) if self.corpora else None
        rows: list[documents.CorpusEntry] = [
            {**corpus.info(), "name": name, "default": name == default}
            for name, corpus in self.corpora.items()
        ]
        return {"default": default, "corpora": rows}
