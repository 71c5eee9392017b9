"""The ``audit`` document of the contract, and the words in which its verdicts are told.

A verdict is a program's guess about a text that was read. Its words say what was found and never
that a claim is true or false; how often such guesses were right stands beside them (``accuracy``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from footnoted.domain import Access
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.language import UNDETERMINED
from footnoted.service.citations import cite
from footnoted.service.documents import citation_document
from footnoted.service.ledger.conflicts import Conflict
from footnoted.service.ledger.findings import ClaimFinding, Missing, SourceFinding
from footnoted.service.ledger.judging import Verdict
from footnoted.service.wording import ACCESS_IN_WORDS

if TYPE_CHECKING:  # 10 ms, for types alone
    from footnoted import documents

VERDICT_IN_WORDS = {
    Verdict.SUPPORTED: "seems supported",
    Verdict.PARTLY_SUPPORTED: "seems supported in part",
    Verdict.NOT_FOUND: "not found in what was read",
    Verdict.CONTRADICTED: "something else is said",
    Verdict.SOURCE_UNREADABLE: "no source could be read",
    Verdict.UNCITED: "no source is cited",
}
"""A claim's verdict as a heading; never stronger than what was measured."""

SOURCE_VERDICT_IN_WORDS = {
    Verdict.SUPPORTED: "seems to say this",
    Verdict.PARTLY_SUPPORTED: "seems to say part of this",
    Verdict.NOT_FOUND: "does not seem to say this",
    Verdict.CONTRADICTED: "says something else",
    Verdict.SOURCE_UNREADABLE: "could not be read",
}


def audit_document(
    corpus: Corpus,
    findings: Sequence[ClaimFinding],
    accuracy: documents.Accuracy,
    info: documents.CorpusName,
) -> documents.AuditDocument:
    """The audit of ``findings``, which are of ``corpus``; ``info`` says which corpus it is.

    ``accuracy`` is how often such verdicts were right where people had judged.
    """
    counts = Counter(finding.verdict for finding in findings)
    coverage = corpus.coverage
    return {
        "claims": [claim_document(corpus, finding) for finding in findings],
        "counts": {
            "claims": len(findings),
            **{verdict.value: counts[verdict] for verdict in Verdict},
            "conflicts": sum(len(finding.conflicts) for finding in findings),
            "references": coverage.references,
            "readable": coverage.readable,
            "digests": coverage.digests,
        },
        "accuracy": accuracy,
        "corpus": info,
    }


def claim_document(corpus: Corpus, finding: ClaimFinding) -> documents.ClaimDocument:
    """A claim with its verdict, and what each of its sources says."""
    claim = finding.claim
    return {
        "id": claim.claim_id,
        "text": claim.text,
        "start": claim.span.start,
        "end": claim.span.end,
        "markers": [marker.label for marker in claim.markers],
        "verdict": finding.verdict.value,
        "score": _rounded(finding.score),
        "missing": _missing(finding.missing),
        "evidence": [_source(corpus, source) for source in finding.sources],
    }


def _source(corpus: Corpus, source: SourceFinding) -> documents.ClaimEvidence:
    citations = [
        citation_document(cite(corpus, source.document, span, number))
        for number, span in enumerate(source.spans, start=1)
        if source.document is not None
    ]
    return {
        "reference_id": source.reference.reference_id,
        "label": source.reference.label,
        "csl": source.reference.csl,
        "text": source.reference.text,
        "access": source.state.access.value,
        "identity": source.state.identity.value,
        "reason": source.state.reason,
        "digest": source.digest,
        "other_language": _in_other_language(corpus, source),
        "verdict": source.verdict.value,
        "score": _rounded(source.score),
        "missing": _missing(source.missing),
        "conflicts": [_conflict(conflict) for conflict in source.conflicts],
        "citation": citations[0] if citations else None,
        "citations": citations,
    }


def _in_other_language(corpus: Corpus, source: SourceFinding) -> bool:
    article = corpus.article
    if article is None or source.document is None:
        return False
    ours, theirs = (tag.split("-")[0] for tag in (article.language, source.document.language))
    return ours != theirs and UNDETERMINED not in (ours, theirs)


def source_in_words(row: Mapping[str, Any]) -> str:
    """What an evidence row of the document says, in one sentence without a stop."""
    if row["conflicts"]:
        return "; ".join(_capital(one["in_words"]) for one in row["conflicts"])
    label = f"Source {row['label']}"
    if row["verdict"] == Verdict.SOURCE_UNREADABLE:
        if row["digest"]:
            return (
                f"{label} was not read; in a digest of it no other number, date, name or credit "
                "was found, but a digest supports nothing"
            )
        return f"{label} was not read: {ACCESS_IN_WORDS[Access(row['access'])]}"
    if row["other_language"] and row["verdict"] == Verdict.NOT_FOUND:
        return (
            f"{label} is in another language than the article, where little can be compared: "
            "this was not found"
        )
    words = f"{label} {SOURCE_VERDICT_IN_WORDS[Verdict(row['verdict'])]}"
    lost = missing_in_words(row["missing"])
    told = f"{words}; {lost}" if lost else words
    if row["other_language"]:
        told += "; it is in another language than the article, where little can be compared"
    return told


def missing_in_words(missing: Mapping[str, Any]) -> str:
    """What is missing in one line; empty where nothing is."""
    return Missing(
        tuple(missing["numbers"]), tuple(missing["dates"]), tuple(missing["names"])
    ).in_words


def _missing(missing: Missing) -> documents.Missing:
    return {
        "numbers": list(missing.numbers),
        "dates": list(missing.dates),
        "names": list(missing.names),
    }


def _conflict(conflict: Conflict) -> documents.Disagreement:
    return {
        "kind": conflict.kind,
        "claim": conflict.words,
        "source": conflict.said,
        "in_words": conflict.in_words,
    }


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
