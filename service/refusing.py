"""Why a question gets no answer, and what a reader is told about it.

Three reasons are told apart here. *False premise*: the best evidence denies what the question takes
for granted (``premises``, ``denials``). *Sources unreadable*: what bears most on the question is a
sentence of the article, and nothing that it cites could be read; or a filter asks for such sources
alone. *Not in the corpus*: everything else. A reader learns which sources these are, why each could
not be read, and what to do about it.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from footnoted.csl import issued
from footnoted.domain import (
    CitedPassage,
    Document,
    Hit,
    Identity,
    Kind,
    Reference,
    Refusal,
    RefusalReason,
)
from footnoted.ingest.corpus import Corpus
from footnoted.service.corroboration import sign, voice
from footnoted.service.evidence import Evidence
from footnoted.service.retrieving import Filter, PassageRetriever

if TYPE_CHECKING:
    from footnoted.service.denials import Heard

DENIED = 0.1
"""The most that a question with a denied premise counts as answered; measured, few are."""
NEAR_BEST = 0.85  # of the best cover: which sentences may deny a premise
COVERED, REPEATED = 0.55, 0.35
"""The cover and the share of repeated words from which a sentence is about what is asked."""
_TOLD = 4  # sources of which the reasons are told
_SHOWN = 300  # characters of a quoted sentence
_NAMED = 160  # characters of a source's name


class Part(NamedTuple):
    """One of the things that a question asks, with what was found for it, the best first.

    ``sure`` is the confidence in an answer, ``denied`` what was found instead of what the part
    takes for granted, in sentences.
    """

    question: str
    hits: list[Hit]
    found: list[Evidence]
    sure: float
    denied: tuple[str, ...] = ()


class Why(NamedTuple):
    """The reason of a refusal, and what a reader must know of it, in sentences."""

    reason: RefusalReason
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refuser:
    """Finds the reasons for one corpus."""

    corpus: Corpus
    retriever: PassageRetriever

    def denied(self, question: str, found: Sequence[Evidence]) -> tuple[str, ...]:
        """What the best of the evidence that was ``found``, the best first, says instead of what
        ``question`` takes for granted, in sentences; none where nothing denies it.
        """
        from footnoted.service.premises import premise_of  # noqa: PLC0415 - not for a search

        premise = premise_of(question)
        if premise is None or not found:
            return ()
        from footnoted.service.denials import denial  # noqa: PLC0415 - not for yes/no questions

        least = NEAR_BEST * max(one.cover for one in found)
        near = [one for one in found if one.cover >= least]
        others = [one for one in found if one.cover < least]
        denying = denial(question, premise, [*map(self._heard, near)], [*map(self._heard, others)])
        if denying is None:
            return ()
        document = self._document(near[denying.part])
        words = near[denying.part].sentence.of(document.text)
        who = voice(document, self._reference(document))
        instead = f" {denying.said}, not {denying.words}" if denying.said else ""
        return (
            f"The question takes for granted that {premise}.",
            f"But {who} says{instead}: “{_short(words, _SHOWN)}”",
        )

    def refusal(
        self,
        question: str,
        asked: Sequence[Part],
        wanted: Filter,
        passages: tuple[CitedPassage, ...],
    ) -> Refusal:
        """The refusal of a ``question`` none of whose parts, ``asked``, is answered.

        ``wanted`` is the filter that the evidence passed, ``passages`` the closest ones.
        """
        sure = max(part.sure for part in asked)
        if denied := tuple(note for part in asked for note in part.denied):
            return Refusal(question, RefusalReason.FALSE_PREMISE, sure, passages, denied)
        why = self._why(asked, wanted)
        return Refusal(question, why.reason, sure, passages, why.notes)

    def unanswered(self, parts: Sequence[Part], wanted: Filter) -> list[str]:
        """What a reader must know of ``parts`` without an answer, beside others that have one."""
        notes: list[str] = []
        for part in parts:
            if part.denied:
                notes += part.denied
            else:
                notes.append(f"Nothing in this corpus answers: {part.question}")
                notes += self._why([part], wanted).notes
        return notes

    def _why(self, asked: Sequence[Part], wanted: Filter) -> Why:
        """Why nothing of what was found for these parts answers."""
        names = self.retriever.references_wanted(wanted)
        if names and not any(self._is_held(name) for name in names):
            wanting = [self.corpus.references[name] for name in names]
            told = self._notes([one for one in wanting if not _is_remark(one)] or wanting)
            return Why(RefusalReason.SOURCES_UNREADABLE, told)
        if wanted.only == "article" or wanted.kind == Kind.ARTICLE:
            return Why(RefusalReason.NOT_IN_CORPUS)  # the sources were not asked
        reason = RefusalReason.NOT_IN_CORPUS
        notes: list[str] = []
        for part in asked:
            cited = self._cited(part.found)
            unread = [r for r in cited if not self._is_held(r.reference_id)]
            if unread and len(unread) == len(cited):
                reason = RefusalReason.SOURCES_UNREADABLE
            if unread or any(self._is_digest(r) for r in cited):
                notes += [self._spoken_of(part.found[0]), *self._notes(cited)]
        return Why(reason, tuple(dict.fromkeys(notes)))

    def _cited(self, found: Sequence[Evidence]) -> list[Reference]:
        """The sources that the article cites where it speaks of what is asked; none elsewhere."""
        if not found or found[0].cover < COVERED or found[0].shared < REPEATED:
            return []
        if self._document(found[0]).kind is not Kind.ARTICLE:
            return []
        claims = self.corpus.claims_under(found[0].sentence)
        names = dict.fromkeys(name for claim in claims for name in claim.reference_ids)
        cited = [self.corpus.references[name] for name in names]
        return [reference for reference in cited if not _is_remark(reference)]

    def _notes(self, cited: Sequence[Reference]) -> tuple[str, ...]:
        """What became of those that were not read, and what to try."""
        unread = [r for r in cited if not self._is_held(r.reference_id)]
        digests = [r for r in cited if self._is_digest(r)]
        notes = [self._unread(reference) for reference in unread[:_TOLD]]
        if len(unread) > _TOLD:
            more = _listed([sign(reference) for reference in unread[_TOLD:]])
            notes.append(f"Nor could {more} be read; `footnoted sources` says why.")
        if digests:
            notes.append(
                f"Of {_listed([sign(r) for r in digests])} only a digest is here, somebody's "
                "own-words notes, which may leave out what is asked."
            )
        wanted = [*unread, *digests]
        if wanted:
            notes.append(self._advice(wanted[:_TOLD]))
        return tuple(notes)

    def _unread(self, reference: Reference) -> str:
        from footnoted.service.display import reference_words  # noqa: PLC0415 - for refusals alone

        state = self.corpus.states[reference.reference_id]
        name = _short(reference_words(reference.csl, reference.text).rstrip("."), _NAMED)
        told = f"S{sign(reference)[1:]} could not be read ({name}): {state.reason}"
        if reference.urls and reference.urls[0] not in told:
            told += f" Its address: {reference.urls[0]}"
        if reference.archive_url is not None and reference.archive_url not in told:
            told += f" Its archived copy: {reference.archive_url}"
        return told

    def _advice(self, wanted: Sequence[Reference]) -> str:
        article = self.corpus.article
        name = shlex.quote(article.url) if article is not None and article.url else "ARTICLE"
        options = " ".join(f"--source {shlex.quote(f'{_key(r)}=FILE')}" for r in wanted)
        return f"If you have a copy, give it to this corpus: footnoted ingest {name} {options}"

    def _spoken_of(self, evidence: Evidence) -> str:
        words = evidence.sentence.of(self._document(evidence).text)
        return f"The article speaks of this where it says: “{_short(words, _SHOWN)}”"

    def _is_held(self, reference_id: str) -> bool:
        """Whether the corpus has any words of a source, its own or a digest's."""
        return self.corpus.states[reference_id].document_id is not None

    def _is_digest(self, reference: Reference) -> bool:
        state = self.corpus.states[reference.reference_id]
        return state.document_id is not None and state.identity is Identity.DIGEST

    def _heard(self, evidence: Evidence) -> Heard:
        from footnoted.service.denials import Heard  # noqa: PLC0415 - as above

        document = self._document(evidence)
        reference = self._reference(document)
        printed = issued(reference.csl) if reference is not None else None
        words = evidence.sentence.of(document.text)
        return Heard(words, document.language, printed or document.published)

    def _reference(self, document: Document) -> Reference | None:
        known = self.corpus.references
        return next((known[name] for name in document.reference_ids if name in known), None)

    def _document(self, evidence: Evidence) -> Document:
        return self.corpus.documents[evidence.hit.passage.document_id]


def _is_remark(reference: Reference) -> bool:
    """Whether a reference is a note of the article itself, as ``ingest.readings`` tells it."""
    return bool(reference.group) and not reference.csl.get("issued") and not reference.urls


def _key(reference: Reference) -> str:
    return f"{reference.group}:{reference.label}" if reference.group else reference.label


def _listed(names: Sequence[str]) -> str:
    """Names as a sentence says them: "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _short(text: str, length: int) -> str:
    """``text`` on one line, cut behind a word where it is longer than ``length``."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[:length].rsplit(' ', 1)[0]} …"
