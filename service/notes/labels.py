"""Researchers' verdicts as labels that ``footnoted eval`` measures its own verdicts against.

A label is one line of a ``pairs.jsonl``: ``_id``, ``claim``, ``references`` (the texts of the
sources that were judged, as the corpus has them) and ``label``, a verdict's word; the rest says
where it comes from. A folder with such a file is a dataset: ``footnoted eval --dataset FOLDER``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from footnoted.domain import Document, Identity, Json
from footnoted.errors import NotFound
from footnoted.ingest.corpus import Corpus
from footnoted.service.documents import article_document, corpus_document, sources_document
from footnoted.service.ledger.judging import Verdict
from footnoted.service.notes.claims import claims_of
from footnoted.service.notes.documents import Attached, attached
from footnoted.service.notes.store import NoteStore
from footnoted.settings import Settings

COMPARED = frozenset(
    {Verdict.SUPPORTED, Verdict.PARTLY_SUPPORTED, Verdict.NOT_FOUND, Verdict.CONTRADICTED}
)
"""The verdicts that compare a claim with a text; the others say that there was none."""
NO_VERDICT = "without a verdict"
NO_COMPARISON = "with a verdict that compares nothing (no source cited, or none readable)"
NO_TEXT = "on sources whose text this corpus does not have"


@dataclass(slots=True)
class Labels:
    """The labels among ``notes``, each made as it is asked for; ``left_out`` counts the others.

    ``corpus`` must stay open meanwhile. A source that is read is used in full, as the ledger
    reads it; a digest never is, being nobody's evidence.
    """

    notes: Iterable[Attached]
    corpus: Corpus
    made: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def __iter__(self) -> Iterator[Json]:
        for one in self.notes:
            reason = self._why_not(one)
            if reason is not None:
                self.left_out[reason] += 1
                continue
            self.made += 1
            yield self._label(one)

    def _why_not(self, one: Attached) -> str | None:
        if one.note.verdict is None:
            return NO_VERDICT
        if one.note.verdict not in COMPARED:
            return NO_COMPARISON
        return None if self._judged(one) else NO_TEXT

    def _judged(self, one: Attached) -> dict[str, Document]:
        """The texts of the sources that the claim cited when it was judged, by document id."""
        states, documents = self.corpus.states, self.corpus.documents
        found = {}
        for reference_id in one.note.claim.reference_ids:
            state = states.get(reference_id)
            document = documents.get(state.document_id or "") if state else None
            if document is not None and document.identity is not Identity.DIGEST:
                found[document.document_id] = document
        return found

    def _label(self, one: Attached) -> Json:
        note, judged = one.note, self._judged(one)
        assert note.verdict is not None
        return {
            "_id": one.claim_id,
            "claim": note.claim.text,
            "references": [document.text for document in judged.values()],
            "label": note.verdict.value,
            "source_dataset": self.corpus.info.corpus_name,
            "state": one.state.value,
            "note": note.words,
            "author": note.author,
            "changed_at": note.changed_at,
            "cited": list(note.claim.references),
            "sources": [
                {"document_id": document.document_id, "text_sha256": document.text_sha256}
                for document in judged.values()
            ],
            "article_revision": note.article_revision,
            "revision": note.revision,
        }


def labels_of(corpus: Corpus, settings: Settings) -> Labels:
    """The labels of the notes that are kept on ``corpus``; ``NotFound`` where it has no article."""
    if corpus.article is None:
        name = corpus.info.corpus_name
        raise NotFound(
            f"The corpus {name} has no article, so nobody judged its claims.",
            about=name,
            hint="It holds plain documents; name a corpus with an article.",
        )
    article = claims_of(
        corpus_document(corpus, None), article_document(corpus.article), sources_document(corpus)
    )
    store = NoteStore(settings.state_dir)
    try:
        return Labels(attached(store.notes(article), article), corpus)
    finally:
        store.close()


def line_of(label: Json) -> str:
    """A label as its line of the file, with its end."""
    return json.dumps(label) + "\n"  # in ASCII: some programs end lines at U+2028 as well
