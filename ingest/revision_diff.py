"""What changed between two revisions of a corpus: claims, references, sources, texts, passages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from footnoted.domain import Access, Claim, Document, Identity, Json, Kind, Passage, Reference
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.sentences import sentence_spans


@dataclass(frozen=True, slots=True)
class CitedOtherwise:
    """A claim whose words stayed and whose footnotes did not; the reference ids of each side."""

    claim: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OtherState:
    """A reference of both revisions whose source is now read, or known, in another way."""

    reference: Reference
    before: tuple[Access, Identity]
    after: tuple[Access, Identity]
    reason: str


@dataclass(frozen=True, slots=True)
class OtherText:
    """A document of both revisions with other words; ``kept`` is the share of old sentences kept.

    ``before`` and ``after`` name the texts by their SHA-256.
    """

    document_id: str
    kind: Kind
    title: str
    reference_ids: tuple[str, ...]
    before: str
    after: str
    kept: float


@dataclass(frozen=True, slots=True)
class PassageCounts:
    """How many passages came and went; ``moved`` kept their words and stand elsewhere."""

    added: int
    removed: int
    moved: int


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes from one revision to another, each list in the order of its revision."""

    old_revision_id: str
    new_revision_id: str
    claims_added: tuple[str, ...]
    claims_removed: tuple[str, ...]
    claims_cited_otherwise: tuple[CitedOtherwise, ...]
    references_added: tuple[Reference, ...]
    references_removed: tuple[Reference, ...]
    states: tuple[OtherState, ...]
    texts: tuple[OtherText, ...]
    passages: PassageCounts

    @property
    def none(self) -> bool:
        """Whether a reader of the corpus would see no difference."""
        return self.passages == PassageCounts(0, 0, 0) and not (
            self.claims_added
            or self.claims_removed
            or self.claims_cited_otherwise
            or self.references_added
            or self.references_removed
            or self.states
            or self.texts
        )


def changes(folder: Path, old_revision_id: str, new_revision_id: str) -> Changes:
    """What is different in the new revision of the corpus in ``folder``.

    A claim or reference is the same when its words are. Raises ``CorpusError`` for a revision
    that the corpus does not have.
    """
    with Corpus.open(folder, old_revision_id) as old, Corpus.open(folder, new_revision_id) as new:
        before, after = _claims(old), _claims(new)
        return Changes(
            old.info.revision_id,
            new.info.revision_id,
            claims_added=_surplus(after, before),
            claims_removed=_surplus(before, after),
            claims_cited_otherwise=_cited_otherwise(before, after),
            references_added=_missing(new.references, old.references),
            references_removed=_missing(old.references, new.references),
            states=_states(old, new),
            texts=tuple(_texts(old.documents, new.documents)),
            passages=_passages(old.passages, new.passages),
        )


def to_json(found: Changes) -> Json:
    """``found`` as the ``changes`` part of an ``ingest --refresh`` document."""
    return {
        "old_revision": found.old_revision_id,
        "new_revision": found.new_revision_id,
        "claims": {
            "added": list(found.claims_added),
            "removed": list(found.claims_removed),
            "cited_otherwise": [
                {"text": c.claim, "before": list(c.before), "after": list(c.after)}
                for c in found.claims_cited_otherwise
            ],
        },
        "references": {
            "added": [_reference(r) for r in found.references_added],
            "removed": [_reference(r) for r in found.references_removed],
        },
        "states": [
            _reference(s.reference)
            | {
                "before": {"access": s.before[0].value, "identity": s.before[1].value},
                "after": {"access": s.after[0].value, "identity": s.after[1].value},
                "reason": s.reason,
            }
            for s in found.states
        ],
        "texts": [
            {
                "document_id": t.document_id,
                "kind": t.kind.value,
                "title": t.title,
                "reference_ids": list(t.reference_ids),
                "before": t.before,
                "after": t.after,
                "sentences_kept": round(t.kept, 4),
            }
            for t in found.texts
        ],
        "passages": {
            "added": found.passages.added,
            "removed": found.passages.removed,
            "moved": found.passages.moved,
        },
    }


def _claims(corpus: Corpus) -> tuple[Claim, ...]:
    return corpus.article.claims if corpus.article else ()


def _surplus(claims: Iterable[Claim], others: Iterable[Claim]) -> tuple[str, ...]:
    """The words of ``claims`` that ``others`` lack, as often as they lack them."""
    left = Counter(claim.text for claim in others)
    found = []
    for claim in claims:
        left[claim.text] -= 1
        if left[claim.text] < 0:
            found.append(claim.text)
    return tuple(found)


def _cited_otherwise(before: Iterable[Claim], after: Iterable[Claim]) -> tuple[CitedOtherwise, ...]:
    """Claims of equal words, the n-th beside the n-th, whose footnotes differ."""
    old = _numbered(before)
    return tuple(
        CitedOtherwise(claim.text, old[key].reference_ids, claim.reference_ids)
        for key, claim in _numbered(after).items()
        if key in old and old[key].reference_ids != claim.reference_ids
    )


def _numbered(claims: Iterable[Claim]) -> dict[tuple[str, int], Claim]:
    seen: Counter[str] = Counter()
    found = {}
    for claim in claims:
        found[claim.text, seen[claim.text]] = claim
        seen[claim.text] += 1
    return found


def _missing(
    some: Mapping[str, Reference], others: Mapping[str, Reference]
) -> tuple[Reference, ...]:
    return tuple(reference for key, reference in some.items() if key not in others)


def _states(old: Corpus, new: Corpus) -> tuple[OtherState, ...]:
    found = []
    for reference_id, reference in new.references.items():
        before, after = old.states.get(reference_id), new.states.get(reference_id)
        if before is None or after is None:
            continue
        pair = (before.access, before.identity), (after.access, after.identity)
        if pair[0] != pair[1]:
            found.append(OtherState(reference, *pair, after.reason))
    return tuple(found)


def _texts(old: Mapping[str, Document], new: Mapping[str, Document]) -> Iterable[OtherText]:
    for document_id, after in new.items():
        before = old.get(document_id)
        if before is not None and before.text_sha256 != after.text_sha256:
            yield OtherText(
                document_id,
                after.kind,
                after.title,
                after.reference_ids,
                before.text_sha256,
                after.text_sha256,
                _kept(before, after),
            )


def _kept(before: Document, after: Document) -> float:
    """The share of the sentences of ``before`` that ``after`` has too; 1 where it had none."""
    old, new = _sentences(before), _sentences(after)
    total = old.total()
    return (old & new).total() / total if total else 1.0


def _sentences(document: Document) -> Counter[str]:
    spans = sentence_spans(document.text, document.language)
    return Counter(span.of(document.text) for span in spans)


def _passages(old: Mapping[str, Passage], new: Mapping[str, Passage]) -> PassageCounts:
    both = old.keys() & new.keys()
    return PassageCounts(
        added=len(new.keys() - both),
        removed=len(old.keys() - both),
        moved=sum(old[key].span != new[key].span for key in both),
    )


def _reference(reference: Reference) -> Json:
    return {
        "reference_id": reference.reference_id,
        "label": reference.label,
        "group": reference.group,
        "text": reference.text,
        "csl": reference.csl,
    }
