"""One question on its way to the answer document, at once or step by step."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from footnoted.domain import Answer, Refusal
from footnoted.ingest.corpus import Corpus
from footnoted.service import documents
from footnoted.service.engine import Engine
from footnoted.service.finding import Found
from footnoted.service.retrieving import Filter

if TYPE_CHECKING:
    from footnoted.documents import AnswerDocument
    from footnoted.service.writing.writer import Writer

_STATED = ("status", "reason", "answer", "statements", "citations")


class Step(NamedTuple):
    """A part of an answer, by its name, as it comes.

    ``passages``: the question, the passages nearest to it and the corpus; their citations have no
    ``number`` yet. ``statements``: the keys of the answer document that say what is answered.
    ``answer``: the answer document.
    """

    name: str
    document: Mapping[str, Any]


Steps: TypeAlias = Generator[Step, None, None]


class _Decided(NamedTuple):
    result: Answer | Refusal
    document: AnswerDocument


@dataclass(frozen=True, slots=True)
class Asking:
    """A question that was put to a corpus. ``writer`` phrases its answer, where that is wished."""

    corpus: Corpus
    engine: Engine
    question: str
    shown: int
    wanted: Filter
    history: tuple[str, ...] = ()
    writer: Writer | None = None

    def answer(self) -> AnswerDocument:
        """The answer document."""
        return self._written(self._decided(*self._found()))

    def steps(self) -> Steps:
        """The answer as it comes; what a step needs is done when it is asked for.

        Nothing is left to be done for who stops after a step.
        """
        found, seconds = self._found()
        yield Step("passages", self._passages(found))
        decided = self._decided(found, seconds)
        whole: Mapping[str, Any] = decided.document
        yield Step("statements", {key: whole[key] for key in _STATED})
        yield Step("answer", self._written(decided))

    def _found(self) -> tuple[Found, float]:
        """What was found, and the seconds that it took."""
        started = time.perf_counter()
        answerer = self.engine.answerer
        found = answerer.find(self.question, self.shown, self.wanted, self.history)
        return found, time.perf_counter() - started

    def _passages(self, found: Found) -> Mapping[str, Any]:
        passages = [documents.passage_document(passage) for passage in found.passages]
        return {
            "question": found.question,
            "passages": [{**p, "citation": {**p["citation"], "number": None}} for p in passages],
            "corpus": documents.corpus_document(self.corpus, self.engine.generation),
        }

    def _decided(self, found: Found, retrieving: float) -> _Decided:
        started = time.perf_counter()
        result = self.engine.answerer.decide(found, self.wanted)
        answering = time.perf_counter() - started
        spent = {"retrieve": retrieving, "answer": answering, "total": retrieving + answering}
        document = documents.answer_document(
            result,
            self.corpus,
            self.engine.generation,
            {stage: seconds * 1000 for stage, seconds in spent.items()},
            self.engine.retriever.notes(self.wanted),
        )
        return _Decided(result, document)

    def _written(self, decided: _Decided) -> AnswerDocument:
        if self.writer is None:
            return decided.document
        from footnoted.service.writing.writer import with_written  # noqa: PLC0415 - half a second

        return with_written(decided.document, decided.result, self.writer)
