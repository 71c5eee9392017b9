"""What stands behind a statement: how many of its sources were read, how many say it, who differs.

Of the article's claims the ledger knows what each cited source says; besides, whatever the search
found on the same question may say another number, date or name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from footnoted.csl import issued
from footnoted.domain import (
    Citation,
    Claim,
    Corroboration,
    Document,
    Identity,
    Kind,
    Reference,
    Span,
)
from footnoted.index.tokens import fold
from footnoted.ingest.corpus import Corpus
from footnoted.service.evidence import Evidence

if TYPE_CHECKING:  # 30 ms of a cold start, for answers alone
    from footnoted.service.ledger.building import Ledger
    from footnoted.service.ledger.conflicts import Conflict, Said
    from footnoted.service.ledger.findings import ClaimFinding

NEAR = 0.8
"""The least share of the best score with which a sentence of another document is compared."""
FINDINGS_KEPT = 1 << 12
"""How many of an article's claims stay judged."""
_COMPARED = 6  # sentences


class Behind(NamedTuple):
    """The counts of a statement, and where sources or the article say something else."""

    counts: Corroboration
    conflicts: tuple[Conflict, ...]


class Corroborator:
    """Asks the claim ledger of one corpus, which is opened for the first statement."""

    def __init__(self, corpus: Corpus, open_ledger: Callable[[], Ledger | None]) -> None:
        self._corpus = corpus
        self._ledger = lru_cache(maxsize=1)(open_ledger)
        # A claim answers many questions, and judging it takes longer than all the rest.
        self.finding = lru_cache(maxsize=FINDINGS_KEPT)(self._find)

    def behind(
        self, group: Sequence[Evidence], first: Citation, found: Sequence[Evidence]
    ) -> Behind:
        """What stands behind the statement that ``group`` makes, the first of whose citations is
        ``first``, among all the evidence that was ``found``.

        A source supports it when its own words are in the group, or when the ledger finds that
        it seems to say the claim; sources with the same words count as one. A digest is nobody's
        own words: it has its own count, but it may differ.
        """
        findings = self._findings(group[0])
        said_by = {
            document.document_id: self._folded(document, evidence.sentence)
            for evidence in group
            if _speaks(document := self._document(evidence))
        }
        for source in (source for finding in findings for source in finding.sources):
            supported = source.verdict == "supported" and not source.digest
            if supported and source.document is not None and source.spans:
                words = self._folded(source.document, source.spans[0])
                said_by.setdefault(source.document.document_id, words)
        states = [entry.state for entry in first.references]
        counts = Corroboration(
            cited=len(states),
            readable=sum(state.readable for state in states),
            supporting=len(said_by),
            independent=len(set(said_by.values())),
            digests=sum(state.identity is Identity.DIGEST for state in states),
        )
        cited = [c for finding in findings for source in finding.sources for c in source.conflicts]
        return Behind(counts, _distinct([*cited, *self._elsewhere(group, found)]))

    def _findings(self, evidence: Evidence) -> list[ClaimFinding]:
        if self._document(evidence).kind is not Kind.ARTICLE:
            return []
        claims = self._corpus.claims_under(evidence.sentence)
        found = (self.finding(claim) for claim in claims if claim.reference_ids)
        return [finding for finding in found if finding is not None]

    def _find(self, claim: Claim) -> ClaimFinding | None:
        """What the ledger finds of a claim; ``None`` in a corpus without an article."""
        ledger = self._ledger()
        return ledger.finding(claim) if ledger is not None else None

    def _elsewhere(self, group: Sequence[Evidence], found: Sequence[Evidence]) -> list[Conflict]:
        """What sentences of other documents, found for the same question, deny of the first."""
        own = {self._document(evidence).document_id for evidence in group}
        others = [
            self._said(evidence)
            for evidence in found
            if self._document(evidence).document_id not in own
            and evidence.score >= NEAR * group[0].score
        ][:_COMPARED]
        if not others:
            return []
        from footnoted.service.ledger.conflicts import conflicts  # noqa: PLC0415 - as above

        return conflicts(self._said(group[0]), others)

    def _said(self, evidence: Evidence) -> Said:
        from footnoted.service.ledger.conflicts import Said  # noqa: PLC0415 - as above

        document = self._document(evidence)
        reference = next(self._references(document), None)
        published = (issued(reference.csl) if reference else None) or document.published
        words = evidence.sentence.of(document.text)
        return Said(words, document.language, published, voice(document, reference))

    def _references(self, document: Document) -> Iterator[Reference]:
        known = self._corpus.references
        return (known[name] for name in document.reference_ids if name in known)

    def _document(self, evidence: Evidence) -> Document:
        return self._corpus.documents[evidence.hit.passage.document_id]

    @staticmethod
    def _folded(document: Document, span: Span) -> str:
        return " ".join(fold(span.of(document.text), document.language))


def in_words(conflicts: Sequence[Conflict]) -> list[str]:
    """The conflicts as sentences, each once."""
    told = dict.fromkeys(conflict.in_words for conflict in conflicts)
    return [f"{words[:1].upper()}{words[1:]}." for words in told]


def _speaks(document: Document) -> bool:
    """Whether a document is a source in its own words."""
    return document.kind is not Kind.ARTICLE and document.identity is not Identity.DIGEST


def voice(document: Document, reference: Reference | None) -> str:
    """Who speaks in a document, as a sentence names it: "source 3", "a digest of source 9"."""
    if document.kind is Kind.ARTICLE:
        return "the article"
    if reference is None:
        return f"“{document.title}”"
    digest = document.identity is Identity.DIGEST
    return f"a digest of {sign(reference)}" if digest else sign(reference)


def sign(reference: Reference) -> str:
    """A reference as a sentence names it, with its group where it has one: "source note 2"."""
    return " ".join(word for word in ("source", reference.group, reference.label) if word)


def _distinct(conflicts: Sequence[Conflict]) -> tuple[Conflict, ...]:
    return tuple({conflict.in_words: conflict for conflict in conflicts}.values())
