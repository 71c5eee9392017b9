"""What the ledger says: of a claim, and of each source that it cites."""

from __future__ import annotations

from dataclasses import dataclass

from footnoted.domain import Claim, Document, Reference, SourceState, Span
from footnoted.service.ledger.conflicts import Conflict
from footnoted.service.ledger.judging import Verdict


@dataclass(frozen=True, slots=True)
class Missing:
    """The numbers, dates and names of a claim that the evidence lacks, in the claim's words."""

    numbers: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.numbers or self.dates or self.names)

    @property
    def in_words(self) -> str:
        """What is missing, in one line; empty where nothing is."""
        parts = [
            f"{what} {', '.join(found)}"
            for what, found in (
                ("number", self.numbers),
                ("date", self.dates),
                ("name", self.names),
            )
            if found
        ]
        return f"not in the sentences found: {'; '.join(parts)}" if parts else ""


@dataclass(frozen=True, slots=True)
class SourceFinding:
    """What one cited source says of a claim.

    ``document`` is its text, or that of its digest where ``digest``; ``spans`` are the sentences
    that say most of the claim, the best first. ``score`` is ``None`` where nothing was judged.
    """

    reference: Reference
    state: SourceState
    verdict: Verdict
    score: float | None = None
    document: Document | None = None
    digest: bool = False
    spans: tuple[Span, ...] = ()
    missing: Missing = Missing()
    conflicts: tuple[Conflict, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimFinding:
    """A claim's verdict over all its sources, its score, and what each of them says."""

    claim: Claim
    verdict: Verdict
    score: float | None
    missing: Missing
    sources: tuple[SourceFinding, ...]

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """What its sources deny, in their order."""
        return tuple(conflict for source in self.sources for conflict in source.conflicts)
