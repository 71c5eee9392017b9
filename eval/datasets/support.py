"""How well a text supports a claim: by the words that they share, or as the claim ledger judges.

Every measure is a ``Support``: the claim and one text in, a number out, higher is more support. A
claim that is linked to several texts has the best one's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from footnoted.eval.claims import LinkedClaim
from footnoted.index.tokens import fold, query_tokens
from footnoted.ingest.normalise import normalise
from footnoted.service.assistant import Assistant
from footnoted.service.indexing import Progress, contexts
from footnoted.service.ledger.reading_claims import ClaimReader
from footnoted.service.ledger.sentences import SentenceReader

Support: TypeAlias = Callable[[str, str], float]

OVERLAP = "word overlap"


def claim_scores(
    claims: Sequence[LinkedClaim], support: Support, progress: Progress
) -> dict[str, float]:
    """The support of each claim by its best text, by claim id; 0 for a claim without a text."""
    scores = {}
    for n, claim in enumerate(claims, start=1):
        found = [support(claim.text, text) for text in claim.documents]
        scores[claim.claim_id] = max(found, default=0.0)
        progress("claims", n, len(claims))
    return scores


def overlap_support(language: str) -> Support:
    """The share of the claim's telling words that stand in the text, folded as the index folds."""
    folded: dict[str, frozenset[str]] = {}

    def support(claim: str, text: str) -> float:
        if text not in folded:
            folded[text] = frozenset(fold(text, language))
        words = query_tokens(claim, [language])
        return sum(word in folded[text] for word in words) / len(words) if words else 0.0

    return support


def ledger_support(assistant: Assistant) -> Support:
    """How likely a text of the assistant's corpus supports the whole of a claim, by the ledger.

    The texts are known by their words. The ledger's weights were fitted on `wice-dev`, where this
    is therefore flattering; on the others it was measured as on unseen data: AUROC .636 on
    `expertqa-val` and .898 on `famus-dev`, .619 and .888 without the assistant's reader, and .600
    and .881 by the best sentence's cover alone.
    A text without words supports nothing; ``KeyError`` for one that the corpus does not hold.
    """
    corpus = assistant.corpus
    sentences = SentenceReader(assistant.searcher, corpus.passages, contexts(corpus))
    reader = ClaimReader(sentences, assistant.reader)
    document_of = {document.text: document for document in corpus.documents.values()}

    def support(claim: str, text: str) -> float:
        if not (words := normalise(text)):
            return 0.0
        document = document_of[words]
        return reader.read(claim, document.language, document).judgement.score

    return support


def unique_texts(claims: Sequence[LinkedClaim]) -> Mapping[str, str]:
    """Every text that a claim is linked to, under a name of its own."""
    distinct = dict.fromkeys(text for claim in claims for text in claim.documents)
    return {f"text-{n}": text for n, text in enumerate(distinct, start=1)}
