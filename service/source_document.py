"""The JSON document of one cited source: what it is now, what it was, what was captured of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from footnoted.domain import Capture
from footnoted.errors import Gone, NotFound
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.source_history import StateThen, known_once, source_history
from footnoted.service.documents import reference_document

if TYPE_CHECKING:  # 10 ms, for types alone
    from footnoted import documents


def source_document(corpus: Corpus, reference_id: str) -> documents.SourceDocument:
    """The reference with its state, as ``sources`` has it, and its history, the newest first.

    ``claims`` are the ids of the article's claims that cite it. Raises ``NotFound``, and ``Gone``
    for a reference of an earlier revision's article.
    """
    reference = corpus.references.get(reference_id)
    if reference is None:
        raise _missing(corpus, reference_id)
    found = source_history(corpus, reference)
    claims = corpus.article.claims if corpus.article else ()
    return {
        **reference_document(reference, corpus.states[reference_id]),
        "urls": list(reference.urls),
        "quote": reference.quote,
        "claims": [claim.claim_id for claim in claims if reference_id in claim.reference_ids],
        "history": [_then(entry) for entry in found.states],
        "captures": [_capture(capture) for capture in found.captures],
    }


def _then(entry: StateThen) -> documents.StateThen:
    state = entry.state
    return {
        "revision": entry.revision_id,
        "published_at": entry.published_at,
        "access": state.access.value,
        "identity": state.identity.value,
        "reason": state.reason,
        "document_id": state.document_id,
        "characters": state.characters,
        "captured_at": state.captured_at,
    }


def _capture(capture: Capture) -> documents.CaptureMetadata:
    return {
        "sha256": capture.sha256,
        "url": capture.url,
        "final_url": capture.final_url,
        "status": capture.status,
        "media_type": capture.media_type,
        "fetched_at": capture.fetched_at,
        "size": capture.size,
        "origin": capture.origin.value,
    }


def _missing(corpus: Corpus, reference_id: str) -> NotFound:
    shown = reference_id[:80]
    hint = "`footnoted sources` and /v1/sources list the references with their ids."
    if known_once(corpus, reference_id):
        return Gone(
            f"The reference {shown} is another revision's; this one's article does not cite it.",
            about=shown,
            hint=hint,
        )
    return NotFound(f"No reference has the id {shown}.", about=shown, hint=hint)
