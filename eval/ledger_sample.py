"""Claims that people judged, as the claim ledger reads them: what its weights are fitted on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from footnoted.domain import Document, Kind
from footnoted.eval.claims import Label, LinkedClaim
from footnoted.eval.datasets.beir import load_beir
from footnoted.eval.datasets.claim_sets import load_claims
from footnoted.eval.datasets.corpora import dataset_assistant
from footnoted.eval.datasets.evidence_sets import MarkedEvidence, load_evidence
from footnoted.eval.evidence import Quoted, score_evidence
from footnoted.ids import document_id
from footnoted.index.tokens import fold, query_tokens
from footnoted.service.assistant import Assistant
from footnoted.service.indexing import contexts
from footnoted.service.ledger.reading_claims import ClaimReader
from footnoted.service.ledger.sentences import Candidate, SentenceReader
from footnoted.service.ledger.weights import Signals
from footnoted.settings import load_settings

CLASSES = (Label.NOT, Label.PARTLY, Label.SUPPORTED)
WORDS = (1, 2, 3, 4)  # numbers of sentences that word overlap may choose
READ = ("read_whole", "read_some")  # the signals that are the reader's opinion

Floats: TypeAlias = NDArray[np.float64]


class Sample(NamedTuple):
    """Claims with labels (0 not, 1 partly, 2 supported), signals, and both systems' evidence F1.

    ``signals`` has the shape ``(n, len(Signals._fields))``, ``overlap`` is the share of a claim's
    words in its document; the evidence F1s are of the claims that have marked sentences,
    ``by_words`` one row for each of ``WORDS``.
    """

    signals: Floats
    labels: NDArray[np.int64]
    overlap: Floats
    evidence: Floats
    by_words: Floats


def sample_of(folder: Path) -> Sample:
    """The claims of a BEIR folder as the ledger reads them."""
    dataset = load_beir(folder)
    settings = load_settings(reader=True)
    with dataset_assistant(
        dataset.name,
        dataset.documents,
        dataset.language,
        settings,
        progress=lambda *_: None,
        notify=lambda _: None,
    ) as assistant:
        return sample_with(assistant, folder)


def sample_with(assistant: Assistant, folder: Path) -> Sample:
    """The claims of a BEIR folder whose documents ``assistant`` has."""
    dataset = load_beir(folder)
    corpus = assistant.corpus
    documents = {
        d.name: corpus.documents[document_id(Kind.DOCUMENT, d.name)] for d in dataset.documents
    }
    of_text = {d.text: documents[d.name] for d in dataset.documents}
    marked = load_evidence(dataset, corpus.documents)
    sentences = SentenceReader(assistant.searcher, corpus.passages, contexts(corpus))
    reader = ClaimReader(sentences, assistant.reader)
    signals, labels, overlap, evidence, by_words = [], [], [], [], []
    for claim in load_claims(dataset):
        document = of_text[claim.documents[0]]
        read = reader.read(claim.text, dataset.language, document)
        signals.append(read.judgement.signals)
        labels.append(CLASSES.index(claim.label))
        overlap.append(_overlap(claim, document))
        if (gold := marked.get(claim.claim_id)) and gold.sets:
            evidence.append(_evidence_f1(read.chosen, document, gold))
            ranked = sorted(read.candidates, key=lambda one: (-len(one.repeated), one.order))
            by_words.append([_evidence_f1(ranked[:n], document, gold) for n in WORDS])
    return Sample(
        np.array(signals, np.float64),
        np.array(labels, np.int64),
        np.array(overlap, np.float64),
        np.array(evidence, np.float64),
        np.array(by_words, np.float64).reshape(-1, len(WORDS)).T,
    )


def without_reader(sample: Sample) -> Sample:
    """The same claims as the ledger sees them where nothing was read by our reader."""
    signals = sample.signals.copy()
    signals[:, [Signals._fields.index(name) for name in READ]] = 0.0
    return sample._replace(signals=signals)


def _evidence_f1(chosen: Sequence[Candidate], document: Document, gold: MarkedEvidence) -> float:
    quotes = [Quoted(document.document_id, one.span) for one in chosen]
    return score_evidence(quotes, gold.documents, gold.sets).f1


def _overlap(claim: LinkedClaim, document: Document) -> float:
    words = query_tokens(claim.text, [document.language])
    held = frozenset(fold(document.text, document.language))
    return sum(word in held for word in words) / len(words) if words else 0.0
