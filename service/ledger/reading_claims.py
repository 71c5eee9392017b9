"""One claim beside one document: its sentences, the few that say most of it, and the judgement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from footnoted.domain import Document
from footnoted.index.reader import Reading
from footnoted.ingest.language import UNDETERMINED
from footnoted.service.facts.reading import Facts, read_facts
from footnoted.service.ledger.judging import Judgement, Opinion, judge, opinion_of
from footnoted.service.ledger.selection import choose
from footnoted.service.ledger.sentences import AskedClaim, Candidate, SentenceReader

READ_LANGUAGES = frozenset({"en", UNDETERMINED})
"""What the reader was trained on. In other languages it is as sure, and says anything: a German
claim that its passage does not mention had 85 % for "a part of it", an Arabic one 83 %."""
MOST_PASSAGES = 4


class PassageReader(Protocol):
    """What reads passages with a claim: ``footnoted.index.reader.Reader``."""

    def read(self, question: str, passages: Sequence[str]) -> Sequence[Reading]: ...


@dataclass(frozen=True, slots=True)
class Read:
    """What a ``document`` says of a claim: all its ``candidates``, the ``chosen``, the judgement.

    ``opinion`` is the reader's, ``None`` where it read nothing.
    """

    document: Document
    asked: AskedClaim
    facts: Facts
    candidates: tuple[Candidate, ...]
    chosen: tuple[Candidate, ...]
    opinion: Opinion | None
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class ClaimReader:
    """Reads documents beside claims; ``reader`` is our trained one, where there is one."""

    sentences: SentenceReader
    reader: PassageReader | None = None

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
        opinion = self._opinion(asked, language, document, chosen)
        judgement = judge(
            asked,
            facts,
            candidates,
            chosen,
            titles=[document.title],
            published=seen_from,
            opinion=opinion,
        )
        return Read(document, asked, facts, candidates, chosen, opinion, judgement)

    def _opinion(
        self, asked: AskedClaim, language: str, document: Document, chosen: Sequence[Candidate]
    ) -> Opinion | None:
        """What the reader says of the passages that hold ``chosen``, if it can read them."""
        if self.reader is None or not asked.legible:
            return None
        if not {_base(language), _base(document.language)} <= READ_LANGUAGES:
            return None
        passages = self.sentences.holding(document, [one.span for one in chosen])[:MOST_PASSAGES]
        return opinion_of(one.support for one in self.reader.read(asked.text, passages))


def _base(language: str) -> str:
    """The language of a tag, without its region: ``en`` of ``en-GB``."""
    return language.lower().split("-")[0]
