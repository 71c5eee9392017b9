"""One claim beside one document: its sentences, the few that say most of it, and the judgement."""

from __future__ import annotations

from dataclasses import dataclass

from footnoted.domain import Document
from footnoted.service.facts.reading import Facts, read_facts
from footnoted.service.ledger.judging import Judgement, SupportReader, judge
from footnoted.service.ledger.selection import choose
from footnoted.service.ledger.sentences import AskedClaim, Candidate, SentenceReader


@dataclass(frozen=True, slots=True)
class Read:
    """What a document says of a claim: all its ``candidates``, the ``chosen``, the judgement."""

    asked: AskedClaim
    facts: Facts
    candidates: tuple[Candidate, ...]
    chosen: tuple[Candidate, ...]
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class ClaimReader:
    """Reads documents beside claims; ``support`` is a trained reader, where there is one."""

    sentences: SentenceReader
    support: SupportReader | None = None

    def read(
        self, claim: str, language: str, document: Document, published: str | None = None
    ) -> Read:
        """What ``document`` says of ``claim``, whose language may be another than the document's.

        ``published`` is the document's ISO date, where the reference knows it better.
        """
        asked = self.sentences.ask(claim, document.language)
        facts = read_facts(claim, language)
        seen_from = published or document.published
        candidates = tuple(self.sentences.candidates(claim, document))
        chosen = tuple(choose(asked, facts, candidates, seen_from))
        judgement = judge(
            asked, facts, candidates, chosen, published=seen_from, reader=self.support
        )
        return Read(asked, facts, candidates, chosen, judgement)
