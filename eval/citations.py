"""From an answer's citations and the gold evidence to precision, recall and quote fidelity.

The measures are ALCE's (Gao et al. 2023), taken against gold references and gold quotes instead
of an entailment model's opinion.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from footnoted.domain import Span
from footnoted.errors import InputError
from footnoted.eval.answer_documents import GivenAnswer, GivenCitation
from footnoted.eval.corpus_texts import CorpusTexts
from footnoted.eval.questions import Question, evidence_spans
from footnoted.ids import text_sha256


class CitationScores(NamedTuple):
    """Values in [0, 1]; ``None`` where there is nothing to measure.

    ``precision`` is the mean over statements of the share of right citations (``None`` for a
    refusal), ``recall`` the share of expected references cited (``None`` when none is expected),
    ``evidence_hit`` whether any citation overlaps the gold evidence, and ``support`` the share of
    statements with a right citation, which is ALCE's citation recall (``None`` for a refusal).
    """

    precision: float | None
    recall: float | None
    evidence_hit: float
    support: float | None


class _Gold(NamedTuple):
    references: frozenset[str]
    spans: Mapping[str, tuple[Span, ...]]
    sha256: Mapping[str, str]
    quotes: tuple[str, ...]


def score_citations(question: Question, answer: GivenAnswer, texts: CorpusTexts) -> CitationScores:
    """The citation measures of one answer to an answerable question.

    A citation is right when it cites an expected reference or overlaps gold evidence; what an
    article citation cites is every footnote that it lists. Raises ``InputError`` when the corpus
    lacks the evidence or a reference of the question.
    """
    gold = _gold(question, texts)
    used = {citation for statement in answer.statements for citation in statement.citations}
    cited = {reference for citation in used for reference in cited_references(citation, texts)}
    right = {c for c in used if _overlaps(c, gold) or cited_references(c, texts) & gold.references}
    shares = [
        sum(citation in right for citation in s.citations) / len(s.citations)
        if s.citations
        else 0.0
        for s in answer.statements
    ]
    return CitationScores(
        precision=sum(shares) / len(shares) if shares else None,
        recall=len(cited & gold.references) / len(gold.references) if gold.references else None,
        evidence_hit=float(any(_overlaps(citation, gold) for citation in used)),
        support=sum(share > 0 for share in shares) / len(shares) if shares else None,
    )


def cited_references(citation: GivenCitation, texts: CorpusTexts) -> frozenset[str]:
    """The ids of the references that a citation cites; empty for a plain document.

    For an article sentence these are its footnotes; for a source, every reference to that
    document, or, where the corpus does not know the document, the one of its label.
    """
    names = texts.reference_names
    if citation.references:
        found = (
            names.get(r.reference_id) or names.get(f"{r.group}:{r.label}")
            for r in citation.references
        )
        return frozenset(reference_id for reference_id in found if reference_id is not None)
    if of_document := texts.document_references.get(citation.document_id):
        return of_document
    by_label = names.get(citation.label) if citation.label is not None else None
    return frozenset() if by_label is None else frozenset({by_label})


def quote_fidelity(answer: GivenAnswer, texts_by_sha256: Mapping[str, str]) -> float | None:
    """The share of citations, of statements and passages alike, whose quote is ``text[start:end]``.

    A citation of a text that is not among ``texts_by_sha256`` fails. ``None`` without citations.
    Anything below 1 is a broken promise.
    """
    quoted = [*answer.citations, *(p.citation for p in answer.passages if p.citation is not None)]
    if not quoted:
        return None
    return sum(_is_verbatim(citation, texts_by_sha256) for citation in quoted) / len(quoted)


def _is_verbatim(citation: GivenCitation, texts_by_sha256: Mapping[str, str]) -> bool:
    text = texts_by_sha256.get(citation.text_sha256)
    in_text = text is not None and 0 <= citation.start < citation.end <= len(text)
    return in_text and text is not None and text[citation.start : citation.end] == citation.quote


def _gold(question: Question, texts: CorpusTexts) -> _Gold:
    if unknown := [name for name in question.references if name not in texts.reference_names]:
        raise InputError(
            f"Question {question.question_id!r} expects the reference {unknown[0]!r}, "
            "which the article lacks.",
            about=question.question_id,
            hint="The eval set belongs to another revision of the article; mend it.",
        )
    spans: dict[str, tuple[Span, ...]] = {}
    sha256: dict[str, str] = {}
    for evidence in question.evidence:
        document = texts.document(evidence.document)
        spans[document.document_id] = (
            *spans.get(document.document_id, ()),
            *evidence_spans(evidence, texts),
        )
        sha256[document.document_id] = text_sha256(document.text)
    return _Gold(
        references=frozenset(texts.reference_names[name] for name in question.references),
        spans=spans,
        sha256=sha256,
        quotes=tuple(evidence.quote for evidence in question.evidence),
    )


def _overlaps(citation: GivenCitation, gold: _Gold) -> bool:
    """By offsets where both speak of the same text; by words where that text is another."""
    if citation.document_id not in gold.spans:
        return False
    if citation.text_sha256 != gold.sha256[citation.document_id]:
        return any(q in citation.quote or citation.quote in q for q in gold.quotes)
    return any(
        citation.start < span.end and span.start < citation.end
        for span in gold.spans[citation.document_id]
    )
