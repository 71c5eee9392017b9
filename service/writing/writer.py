"""An extractive answer phrased by a chat endpoint: only sentences that its quotes say are kept.

Whatever the endpoint sends, the answer stays what it was; a written text is an addition to it. A
refusal is no answer, and is never phrased.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from footnoted import documents
from footnoted.domain import Answer, Caveat, Citation, Refusal, Statement
from footnoted.errors import FetchError
from footnoted.service.citations import is_digest
from footnoted.service.writing.checking import (
    Quote,
    SupportCheck,
    quotations_are_verbatim,
    signs_are_plain,
)
from footnoted.service.writing.endpoint import Message
from footnoted.service.writing.prompt import messages
from footnoted.service.writing.sentences import WrittenSentence, cited_sentences
from footnoted.service.writing.words import split_words

LEAST_KEPT = 0.5  # of the sentences: where more is thrown away, the rest is no answer either
_AS_THEY_STAND = "The statements are shown as they stand."


class Completes(Protocol):
    """What phrases: a ``ChatEndpoint``, or another source of text from messages."""

    @property
    def model(self) -> str: ...

    def complete(self, messages: Sequence[Message]) -> str: ...


class Fault(StrEnum):
    """Why a sentence was dropped, in the words of a note."""

    UNCITED = "cited nothing"
    UNKNOWN = "cited a number that does not exist"
    DIGEST = "cited a digest, which is not the source's own words"
    SEVERAL = "cited more than one statement"
    ALTERED = "put words in quotation marks that no cited quote has"
    MARKED_UP = "held markup or hidden characters"
    UNSUPPORTED = "said something else than its quotes"
    REPEATED = "repeated another"


class Kept(NamedTuple):
    """A sentence of a written text, ``text[start:end]`` of it, and what it cites."""

    text: str
    citations: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Written:
    """The kept sentences, each followed by its marks; the model's name; how many were dropped."""

    text: str
    sentences: tuple[Kept, ...]
    model: str
    dropped: int


class Outcome(NamedTuple):
    """What came of phrasing: a text, or none; and notes, which say why."""

    written: Written | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Writer:
    """Phrases answers by ``endpoint`` and keeps what ``check`` finds supported."""

    endpoint: Completes
    check: SupportCheck

    def write(self, answer: Answer) -> Outcome:
        """``answer`` phrased, or why it is not; never raises for what the endpoint does."""
        usable = {c.number: c for c in answer.citations if not is_digest(c)}
        statements = [s for s in answer.statements if not usable.keys().isdisjoint(s.citations)]
        if not statements:
            why = "What it rests on are digests, which are not the sources' own words."
            return Outcome(None, (f"The answer was not phrased. {why} {_AS_THEY_STAND}",))
        asked = messages(answer.question, statements, list(usable.values()))
        try:
            text = self.endpoint.complete(asked)
        except FetchError as error:
            return Outcome(None, (f"The answer was not phrased. {error} {_AS_THEY_STAND}",))
        language = usable[_first_usable(statements[0], usable)].language
        return self._judged(answer, statements, cited_sentences(text, language), usable)

    def _judged(
        self,
        answer: Answer,
        statements: Sequence[Statement],
        sentences: Sequence[WrittenSentence],
        usable: dict[int, Citation],
    ) -> Outcome:
        """The sentences that stand every check as a text, if enough of them do."""
        kept: list[WrittenSentence] = []
        faults: Counter[Fault] = Counter()
        for sentence in sentences:
            if fault := self._fault(sentence, answer, usable, kept):
                faults[fault] += 1
            else:
                kept.append(sentence)
        if why := _too_little(answer, statements, kept, len(sentences)):
            counted = f" {_counted(faults, len(sentences))}" if faults else ""
            note = f"The answer was not phrased. {why}{counted} {_AS_THEY_STAND}"
            return Outcome(None, (note,))
        written = _joined(kept, self.endpoint.model, faults.total())
        return Outcome(written, (_counted(faults, len(sentences)),) if faults else ())

    def _fault(
        self,
        sentence: WrittenSentence,
        answer: Answer,
        usable: dict[int, Citation],
        kept: Sequence[WrittenSentence],
    ) -> Fault | None:
        """The first rule that ``sentence`` breaks, the cheapest asked first."""
        text, numbers = sentence
        if not numbers:
            return Fault.UNCITED
        if fault := _fault_of_numbers(set(numbers), answer, usable):
            return fault
        quotes = [Quote(usable[number].quote, usable[number].language) for number in numbers]
        if fault := self._fault_of_words(text, quotes):
            return fault
        return Fault.REPEATED if any(_same_words(text, other.text) for other in kept) else None

    def _fault_of_words(self, text: str, quotes: Sequence[Quote]) -> Fault | None:
        if not signs_are_plain(text, quotes):
            return Fault.MARKED_UP
        if not quotations_are_verbatim(text, quotes):
            return Fault.ALTERED
        return None if self.check.supported(text, quotes) else Fault.UNSUPPORTED


def with_written(
    document: documents.AnswerDocument, result: Answer | Refusal, writer: Writer
) -> documents.AnswerDocument:
    """The answer document of ``result`` with ``written`` in it, and the notes on what came of it.

    A refusal is not shown to the endpoint: its ``written`` is ``None``.
    """
    started = time.perf_counter()
    outcome = writer.write(result) if isinstance(result, Answer) else Outcome(None)
    spent = round((time.perf_counter() - started) * 1000, 2)
    return {
        **document,
        "written": written_document(outcome),
        "notes": [*document["notes"], *outcome.notes],
        "timings_ms": document["timings_ms"] | {"write": spent},
    }


def written_document(outcome: Outcome) -> documents.Written | None:
    """The value of ``written`` in an answer document; ``None`` where nothing was written."""
    written = outcome.written
    if written is None:
        return None
    return {
        "text": written.text,
        "sentences": [_sentence(kept) for kept in written.sentences],
        "model": written.model,
        "dropped": written.dropped,
    }


def _sentence(kept: Kept) -> documents.WrittenSentence:
    return {
        "text": kept.text,
        "citations": list(kept.citations),
        "start": kept.start,
        "end": kept.end,
    }


def _fault_of_numbers(
    numbers: set[int], answer: Answer, usable: dict[int, Citation]
) -> Fault | None:
    if not numbers <= {citation.number for citation in answer.citations}:
        return Fault.UNKNOWN
    if not numbers <= usable.keys():
        return Fault.DIGEST
    one = any(numbers <= set(statement.citations) for statement in answer.statements)
    return None if one else Fault.SEVERAL


def _too_little(
    answer: Answer,
    statements: Sequence[Statement],
    kept: Sequence[WrittenSentence],
    written: int,
) -> str | None:
    """Why the kept sentences are no answer; ``None`` when they are one."""
    if not written:
        return "The model wrote nothing."
    cited = {number for sentence in kept for number in sentence.numbers}
    if len(kept) < LEAST_KEPT * written:
        return "Too little of what the model wrote could be kept."
    if cited.isdisjoint(statements[0].citations):
        return "What the model wrote leaves out the best statement."
    conflict = Caveat.SOURCES_CONFLICT in answer.caveats
    if conflict and any(cited.isdisjoint(s.citations) for s in answer.statements):
        return "The sources disagree, and what the model wrote shows one side alone."
    return None


def _counted(faults: Counter[Fault], written: int) -> str:
    """How many sentences were left out, and why, in a sentence."""
    reasons = ", ".join(f"{count} {fault.value}" for fault, count in faults.items())
    return f"Left out of the {written} sentences that the model wrote: {reasons}."


def _joined(kept: Sequence[WrittenSentence], model: str, dropped: int) -> Written:
    text = ""
    sentences = []
    for words, numbers in kept:
        text += " " if text else ""
        sentences.append(Kept(words, numbers, len(text), len(text) + len(words)))
        text += words + "".join(f"[{number}]" for number in numbers)
    return Written(text, tuple(sentences), model, dropped)


def _same_words(one: str, other: str) -> bool:
    return [word.text for word in split_words(one)] == [word.text for word in split_words(other)]


def _first_usable(statement: Statement, usable: dict[int, Citation]) -> int:
    return next(number for number in statement.citations if number in usable)
