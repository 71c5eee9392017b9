"""Choosing the verbatim sentences that answer a question, each with its citations; or refusing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from footnoted.domain import (
    Access,
    Answer,
    Caveat,
    Citation,
    Document,
    Hit,
    Kind,
    Refusal,
    RefusalReason,
    Span,
    Statement,
)
from footnoted.index.tokens import fold
from footnoted.ingest.corpus import Corpus
from footnoted.service.answer_types import expected_type, shortest_answer
from footnoted.service.citations import cite, is_digest
from footnoted.service.confidence import NO_EVIDENCE, Features, confidence, features
from footnoted.service.corroboration import Corroborator, in_words
from footnoted.service.evidence import Evidence, EvidenceFinder
from footnoted.service.excerpts import without_endless
from footnoted.service.finding import Found, FoundPart, find, numbered
from footnoted.service.refusing import DENIED, Part, Refuser
from footnoted.service.retrieving import EVERYTHING, Filter, PassageRetriever

if TYPE_CHECKING:
    from footnoted.service.ledger.conflicts import Conflict

READ = 5  # hits whose sentences are judged
STATEMENTS = 3
NEAR_BEST = 0.95  # of the best score: what another sentence needs to be stated too
MARKED_FROM = -5.0
"""The least score of a reader's span that is marked: below it most marks would be wrong."""
SAME_WORDS = 0.6  # Jaccard overlap of folded words from which two sentences say the same


@dataclass(frozen=True, slots=True)
class ExtractiveAnswerer:
    """Answers from one corpus; ``refuse_below`` is the least confidence of an answer."""

    corpus: Corpus
    retriever: PassageRetriever
    evidence: EvidenceFinder
    corroborator: Corroborator
    refuse_below: float

    def answer(
        self,
        question: str,
        k: int,
        wanted: Filter = EVERYTHING,
        history: Sequence[str] = (),
    ) -> Answer | Refusal:
        """The answer from the passages that ``wanted`` allows, showing the best ``k`` of them.

        ``history`` are earlier questions, oldest first, which explain what this one leaves open.
        A question of several parts is answered where any of them is.
        """
        return self.decide(self.find(question, k, wanted, history), wanted)

    def find(
        self,
        question: str,
        k: int,
        wanted: Filter = EVERYTHING,
        history: Sequence[str] = (),
    ) -> Found:
        """The first half of ``answer``: the passages that ``decide`` will read and show."""
        return find(self.retriever, question, wanted, history, shown=k, deep=READ)

    def decide(self, found: Found, wanted: Filter = EVERYTHING) -> Answer | Refusal:
        """The second half of ``answer``: what was ``found`` with the filter ``wanted`` answers."""
        aside = found.notes
        if not found.parts:
            return Refusal(found.question, RefusalReason.INCOMPLETE_QUESTION, 0.0, notes=aside)
        asked = [self._part(part) for part in found.parts]
        answered = [part for part in asked if self._is_answered(part)]
        if not answered:
            refusal = self._refuser.refusal(found.question, asked, wanted, found.passages)
            return replace(refusal, notes=(*aside, *refusal.notes))
        rest = [part for part in asked if part not in answered]
        statements, citations, conflicts = self._statements(answered)
        return Answer(
            question=found.question,
            statements=statements,
            citations=citations,
            passages=numbered(found.passages, first=len(citations) + 1),
            confidence=min(part.sure for part in answered),
            caveats=self._caveats(citations, conflicts),
            notes=(*aside, *self._refuser.unanswered(rest, wanted), *in_words(conflicts)),
        )

    def _part(self, part: FoundPart) -> Part:
        question, hits = part.question, part.hits
        found = self._judged(question, hits[:READ])
        sure = confidence(features(hits, found[0])) if found else 0.0
        denied = self._refuser.denied(question, found) if part.asked_so else ()
        return Part(question, hits, found, min(sure, DENIED) if denied else sure, denied)

    def _is_answered(self, part: Part) -> bool:
        return bool(part.found) and part.sure >= self.refuse_below and not part.denied

    @property
    def _refuser(self) -> Refuser:
        return Refuser(self.corpus, self.retriever)

    def features(self, question: str, wanted: Filter = EVERYTHING) -> Features:
        """What the confidence in an answer to ``question`` is made of; zeros without any hit."""
        hits = self.retriever.retrieve(question, READ, wanted)
        found = self._judged(question, hits)
        return features(hits, found[0]) if found else NO_EVIDENCE

    def _judged(self, question: str, hits: Sequence[Hit]) -> list[Evidence]:
        documents = [self.corpus.documents[hit.passage.document_id] for hit in hits]
        contexts = [self.retriever.contexts[hit.passage.passage_id] for hit in hits]
        found = self.evidence.find(question, hits, documents, contexts)
        return without_endless(found, [self._document(one) for one in found], question)

    def _statements(
        self, answered: Sequence[Part]
    ) -> tuple[tuple[Statement, ...], tuple[Citation, ...], list[Conflict]]:
        """The best sentences for each part as statements, the citations that they share, and where
        somebody says something else.
        """
        conflicts: list[Conflict] = []
        statements: list[Statement] = []
        citations: list[Citation] = []
        stated: set[tuple[str, Span]] = set()
        length = 0
        chosen = [(part, group) for part in answered for group in self._chosen(part.found)]
        for part, group in chosen:
            first = (group[0].hit.passage.document_id, group[0].sentence)
            if first in stated:
                continue
            stated.add(first)
            words = self._words(group[0])
            start = length + 1 if statements else 0
            length = start + len(words)
            numbers = []
            for evidence in group:
                document = self._document(evidence)
                number = len(citations) + 1
                at = Span(start, length) if evidence is group[0] else None
                quote = self._words(evidence)
                citations.append(
                    cite(self.corpus, document, evidence.sentence, number, quote=quote, answer=at)
                )
                numbers.append(number)
            behind = self.corroborator.behind(group, citations[numbers[0] - 1], part.found)
            marked = self._marked(group[0], part.question)
            statements.append(Statement(words, tuple(numbers), marked, behind.counts))
            conflicts += behind.conflicts
        return tuple(statements), tuple(citations), conflicts

    def _chosen(self, found: Sequence[Evidence]) -> list[list[Evidence]]:
        """The best sentences, each with others that say the same in other documents."""
        best = found[0].score
        groups: list[list[Evidence]] = []
        folded: list[set[str]] = []
        for evidence in found:
            if evidence.score < NEAR_BEST * best:
                break
            words = self._folded(evidence)
            same = next((n for n, other in enumerate(folded) if _alike(words, other)), None)
            if same is not None:
                groups[same].append(evidence)
            elif len(groups) < STATEMENTS:
                groups.append([evidence])
                folded.append(words)
        return groups

    def _caveats(
        self, citations: Sequence[Citation], conflicts: Sequence[Conflict]
    ) -> tuple[Caveat, ...]:
        caveats = []
        if all(c.kind is Kind.ARTICLE for c in citations):
            caveats.append(Caveat.ARTICLE_ONLY)
        if all(is_digest(c) for c in citations):
            caveats.append(Caveat.DIGEST_ONLY)
        if any(c.access is Access.PARTIAL for c in citations):
            caveats.append(Caveat.PARTIAL_SOURCE)
        if conflicts:
            caveats.append(Caveat.SOURCES_CONFLICT)
        return tuple(caveats)

    def _document(self, evidence: Evidence) -> Document:
        return self.corpus.documents[evidence.hit.passage.document_id]

    def _words(self, evidence: Evidence) -> str:
        return evidence.sentence.of(self._document(evidence).text)

    def _folded(self, evidence: Evidence) -> set[str]:
        document = self._document(evidence)
        return set(fold(evidence.sentence.of(document.text), document.language))

    def _marked(self, evidence: Evidence, question: str) -> str | None:
        """The part of a statement that answers in few words; ``None`` where nothing tells it."""
        if (value := self._infobox_value(evidence)) is not None:
            return value
        if (found := evidence.answer) is not None:
            marked = Span(found.start, found.end).of(self._document(evidence).text)
            return marked if found.score >= MARKED_FROM else None
        kind = expected_type(question)
        return shortest_answer(kind, self._words(evidence), question) if kind else None

    def _infobox_value(self, evidence: Evidence) -> str | None:
        """The value of an infobox row with one value, which is what was asked for."""
        document = self._document(evidence)
        if document.kind is not Kind.ARTICLE:
            return None
        claims = self.corpus.claims_under(evidence.sentence)
        if len(claims) != 1 or claims[0].label is None:
            return None
        value = claims[0].text.removeprefix(f"{claims[0].label}: ")
        return value if value in self._words(evidence) else None


def _alike(one: set[str], other: set[str]) -> bool:
    return len(one & other) >= SAME_WORDS * len(one | other)
