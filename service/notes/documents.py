"""Notes as JSON documents, each beside the claim of the article that it is about now."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from footnoted.domain import Json
from footnoted.ingest.records import dumps
from footnoted.service.notes.claims import ArticleClaims, CitedClaim, attach
from footnoted.service.notes.store import Note


class NoteState(StrEnum):
    """Whether the article still says what a note is about."""

    CURRENT = "current"
    CITED_OTHERWISE = "cited_otherwise"
    EARLIER_REVISION = "earlier_revision"


STATE_IN_WORDS = {
    NoteState.CURRENT: "The article says this now, with the same footnotes.",
    NoteState.CITED_OTHERWISE: "The article still says this, with other footnotes than before.",
    NoteState.EARLIER_REVISION: "The article no longer says this; an earlier revision did.",
}


class Attached(NamedTuple):
    """A note, and the claim that it is about now; ``None`` for one of an earlier revision."""

    note: Note
    now: CitedClaim | None

    @property
    def claim_id(self) -> str:
        """The id under which it is found: the claim's own, or the one that the claim once had."""
        return (self.now or self.note.claim).claim_id

    @property
    def state(self) -> NoteState:
        if self.now is None:
            return NoteState.EARLIER_REVISION
        same = self.now.reference_ids == self.note.claim.reference_ids
        return NoteState.CURRENT if same else NoteState.CITED_OTHERWISE


def attached(notes: Sequence[Note], article: ArticleClaims) -> list[Attached]:
    """Every note with its claim, in the order of the article, those of earlier revisions last."""
    now = attach([note.claim for note in notes], article)
    order = {claim_id: n for n, claim_id in enumerate(article.claims)}
    found = [Attached(note, claim) for note, claim in zip(notes, now, strict=True)]
    return sorted(found, key=lambda one: order.get(one.claim_id, len(order)))


def note_on(claim_id: str, notes: Sequence[Attached]) -> Attached | None:
    """The note on the claim with this id, also one that it no longer has."""
    return next((one for one in notes if one.claim_id == claim_id), None) or next(
        (one for one in notes if one.note.claim.claim_id == claim_id), None
    )


def note_document(one: Attached, article: ArticleClaims) -> Json:
    """A note with what it was written about; ``etag`` names this state of it."""
    note, claim = one.note, one.note.claim
    document: Json = {
        "claim_id": one.claim_id,
        "state": one.state.value,
        "in_words": STATE_IN_WORDS[one.state],
        "verdict": None if note.verdict is None else note.verdict.value,
        "note": note.words,
        "author": note.author,
        "created_at": note.created_at,
        "changed_at": note.changed_at,
        "version": note.version,
        "claim": claim.text,
        "references": list(claim.references),
        "written_for": {
            "claim_id": claim.claim_id,
            "revision": note.revision,
            "article_revision": note.article_revision,
        },
        "corpus": article.corpus_name,
    }
    return document | {"etag": _etag(note, document)}


def notes_document(notes: Sequence[Attached], article: ArticleClaims) -> Json:
    """All notes on an article, and how many there are of each state and verdict."""
    states = Counter(one.state for one in notes)
    verdicts = Counter(one.note.verdict for one in notes if one.note.verdict is not None)
    return {
        "corpus": article.corpus_name,
        "revision": article.revision,
        "notes": [note_document(one, article) for one in notes],
        "counts": {
            "notes": len(notes),
            **{state.value: states[state] for state in NoteState},
            "verdicts": {verdict.value: verdicts[verdict] for verdict in sorted(verdicts)},
        },
    }


def _etag(note: Note, document: Json) -> str:
    # A note that is removed and written again in the same words is another one.
    digest = hashlib.sha256(dumps([note.note_id, document]).encode()).hexdigest()
    return f'"{digest[:20]}"'
