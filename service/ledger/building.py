"""From a corpus to its claim ledger: each claim of the article beside the sources that it cites.

A digest is nobody's own words: it never supports a claim and never makes its source readable, but
what it denies is told as a conflict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from footnoted.csl import issued
from footnoted.domain import Article, Claim, Document, Identity, Kind, SourceState
from footnoted.index.retrieval import Searcher
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.sentences import sentence_spans
from footnoted.service.facts.comparing import Outcome
from footnoted.service.ledger.conflicts import Conflict, Said, conflicts
from footnoted.service.ledger.credit import other_credit, subject_of
from footnoted.service.ledger.findings import ClaimFinding, Missing, SourceFinding
from footnoted.service.ledger.judging import Judgement, Verdict, judge, most
from footnoted.service.ledger.reading_claims import ClaimReader, PassageReader, Read
from footnoted.service.ledger.selection import reach
from footnoted.service.ledger.sentences import SentenceReader

SAME_EVENT = 0.45
"""The least cover of a claim by the sentences from which a credit is read."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Ledger:
    """Judges the claims of one corpus's article."""

    corpus: Corpus
    article: Article
    reader: ClaimReader

    def findings(self, progress: Progress = lambda *_: None) -> Iterator[ClaimFinding]:
        """Every claim of the article with its verdict, in the order of the text."""
        claims = self.article.claims
        for n, claim in enumerate(claims, start=1):
            yield self.finding(claim)
            progress("claims", n, len(claims))

    def finding(self, claim: Claim) -> ClaimFinding:
        """One claim beside each source that it cites."""
        if not claim.reference_ids:
            return ClaimFinding(claim, Verdict.UNCITED, None, Missing(), ())
        sources: list[SourceFinding] = []
        read: list[Read] = []
        for reference_id in claim.reference_ids:
            finding, one = self._source(claim, reference_id)
            sources.append(finding)
            if one is not None and not finding.conflicts:
                read.append(one)
        readable = [s for s in sources if s.score is not None]
        if not readable:
            denied = any(source.conflicts for source in sources)
            verdict = Verdict.CONTRADICTED if denied else Verdict.SOURCE_UNREADABLE
            return ClaimFinding(claim, verdict, None, Missing(), tuple(sources))
        # A source that denies a claim does not support it, whatever else it repeats of it.
        best = max(readable, key=lambda source: (not source.conflicts, source.score or 0.0))
        verdict, score, missing = best.verdict, best.score, best.missing
        together = self._together(read)
        if together is not None and together.score > (score or 0.0):
            verdict, score, missing = together.verdict, together.score, _missing(together)
        if verdict is not Verdict.SUPPORTED and any(source.conflicts for source in sources):
            verdict = Verdict.CONTRADICTED
        return ClaimFinding(claim, verdict, score, missing, tuple(sources))

    def _source(self, claim: Claim, reference_id: str) -> tuple[SourceFinding, Read | None]:
        reference, state = self.corpus.references[reference_id], self.corpus.states[reference_id]
        document = self._document(state)
        if document is None:
            return SourceFinding(reference, state, Verdict.SOURCE_UNREADABLE), None
        published = issued(reference.csl) or document.published
        text = claim.text  # an infobox value has its label before it already
        read = self.reader.read(text, self.article.language, document, published)
        digest = document.identity is Identity.DIGEST
        voice = f"a digest of source {reference.label}" if digest else f"source {reference.label}"
        denied = self._conflicts(text, document, read, published, voice)
        finding = SourceFinding(
            reference=reference,
            state=state,
            verdict=read.judgement.verdict,
            score=read.judgement.score,
            document=document,
            spans=tuple(one.span for one in read.chosen),
            missing=_missing(read.judgement),
            conflicts=denied,
        )
        if digest:
            verdict = Verdict.CONTRADICTED if denied else Verdict.SOURCE_UNREADABLE
            spans = tuple(dict.fromkeys(conflict.span for conflict in denied))
            bare = replace(finding, verdict=verdict, score=None, missing=Missing())
            return replace(bare, digest=True, spans=spans), None
        if denied:
            spans = tuple(dict.fromkeys((*(c.span for c in denied), *finding.spans)))
            finding = replace(finding, verdict=Verdict.CONTRADICTED, spans=spans)
        return finding, read

    def _document(self, state: SourceState) -> Document | None:
        """The text that was read, or that of a digest."""
        if state.document_id is not None:
            return self.corpus.documents.get(state.document_id)
        return next(
            (
                document
                for document in self.corpus.documents.values()
                if document.identity is Identity.DIGEST
                and document.kind is Kind.SOURCE
                and state.reference_id in document.reference_ids
            ),
            None,
        )

    def _conflicts(
        self, claim: str, document: Document, read: Read, published: str | None, voice: str
    ) -> tuple[Conflict, ...]:
        """What the chosen sentences deny, with the spans of these, and another credit."""
        said = [Said(one.text, self.article.language, published, voice) for one in read.chosen]
        found = [
            conflict._replace(span=read.chosen[conflict.part].span)
            for conflict in conflicts(Said(claim, self.article.language), said)
        ]
        return (*found, *self._other_credit(claim, document, read, voice))

    def _other_credit(
        self, claim: str, document: Document, read: Read, voice: str
    ) -> list[Conflict]:
        """A group that the document credits with what the claim tells, unknown to the article.

        The sentence that credits it, or the one before, must tell of the claim's event.
        """
        subject = subject_of(self.article)
        if not subject:
            return []
        telling = {
            one.span for one in read.candidates if reach(read.asked, [one]).cover >= SAME_EVENT
        }
        sentences = sentence_spans(document.text, document.language)
        for n, span in enumerate(sentences):
            if telling.isdisjoint(sentences[max(0, n - 1) : n + 1]):
                continue
            words = span.of(document.text)
            if credit := other_credit(claim, words, subject, self.article.text):
                ours, theirs = subject[0].text, credit.name.text
                return [Conflict("credit", ours, theirs, span, n, voice)]
        return []

    def _together(self, read: Sequence[Read]) -> Judgement | None:
        """The judgement on the sentences of all readable sources together, where there are several.

        Each source keeps its own date only for its own verdict: here relative dates stay open.
        """
        if len(read) < 2:
            return None
        first = read[0]
        alike = [one for one in read if one.asked.tokens == first.asked.tokens]
        return judge(
            first.asked,
            first.facts,
            [one for each in alike for one in each.candidates],
            [one for each in alike for one in each.chosen],
            titles=[one.document.title for one in alike],
            opinion=most([one.opinion for one in alike if one.opinion is not None]),
        )


def _missing(judgement: Judgement) -> Missing:
    lost = [item for item in judgement.facts if item.outcome is not Outcome.FOUND]

    def of(kind: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(item.words for item in lost if item.fact.kind == kind))

    return Missing(of("number"), of("date"), of("name"))


def open_ledger(
    corpus: Corpus,
    searcher: Searcher,
    contexts: Mapping[str, str],
    reader: PassageReader | None = None,
) -> Ledger | None:
    """The ledger of the corpus's article; ``None`` where it has none.

    ``contexts`` is what the index put before each passage, ``reader`` our trained one, if any.
    """
    if corpus.article is None:
        return None
    sentences = SentenceReader(searcher, corpus.passages, contexts)
    return Ledger(corpus, corpus.article, ClaimReader(sentences, reader))
