"""Auditing an opened corpus: its claim ledger, and the documents made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from footnoted.domain import Article
from footnoted.errors import NotFound
from footnoted.ingest.corpus import Corpus
from footnoted.service.assistant import Assistant
from footnoted.service.audit_document import audit_document, claim_document
from footnoted.service.indexing import contexts
from footnoted.service.ledger.accuracy import accuracy
from footnoted.service.ledger.building import Ledger, Progress, open_ledger

if TYPE_CHECKING:  # 10 ms, for types alone
    from footnoted.documents import AuditDocument, ClaimDocument


def ledger_of(assistant: Assistant) -> Ledger:
    """The ledger of the assistant's article; ``NotFound`` for a corpus without one."""
    corpus = assistant.corpus
    _article(corpus)
    ledger = open_ledger(corpus, assistant.searcher, contexts(corpus), assistant.reader)
    assert ledger is not None
    return ledger


def audit(assistant: Assistant, progress: Progress = lambda *_: None) -> AuditDocument:
    """The audit document: every claim of the article with what its sources say of it."""
    ledger = ledger_of(assistant)
    findings = list(ledger.findings(progress))
    told = accuracy(with_reader=ledger.reader.reader is not None)
    return audit_document(assistant.corpus, findings, told, assistant.info())


def audit_claim(assistant: Assistant, claim_id: str) -> ClaimDocument:
    """One claim's entry of the audit document; ``NotFound`` for an id that no claim has."""
    claims = {claim.claim_id: claim for claim in _article(assistant.corpus).claims}
    if claim_id not in claims:
        raise NotFound(
            f"No claim has the id {claim_id}.",
            about=claim_id,
            hint="Ids come from `footnoted article --json` and `footnoted audit --json`.",
        )
    return claim_document(assistant.corpus, assistant.finding(claims[claim_id]))


def _article(corpus: Corpus) -> Article:
    if corpus.article is None:
        name = corpus.info.corpus_name
        raise NotFound(
            f"The corpus {name} has no article, so there are no claims to audit.",
            about=name,
            hint="It holds plain documents; search them, or ingest an article.",
        )
    return corpus.article
