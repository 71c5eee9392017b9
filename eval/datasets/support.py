"""How well a text supports a claim: by the words that they share, or by the index's likeness.

Every measure is a ``Support``: the claim and one text in, a number out, higher is more support. A
claim that is linked to several texts has the best one's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from footnoted.domain import Hit
from footnoted.eval.claims import LinkedClaim
from footnoted.index.tokens import fold, query_tokens
from footnoted.ingest.normalise import normalise
from footnoted.service.assistant import Assistant
from footnoted.service.evidence import EvidenceFinder
from footnoted.service.indexing import Progress, contexts

Support: TypeAlias = Callable[[str, str], float]

OVERLAP = "word overlap"
READ = 5  # passages of a text whose sentences are judged


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


def index_support(assistant: Assistant) -> Support:
    """How well the best sentence of a text of the assistant's corpus covers the claim.

    The texts are known by their words. A claim's score is that of the best sentence among the
    text's nearest passages: how far it covers the claim's words by late interaction, and how many
    of them it repeats. On `wice-dev-passages` the AUROC of this is .85 for any support, that of
    MaxSim alone .85, of the passages' cosine .74; for full support .75, .73 and .60. A text
    without words supports nothing; ``KeyError`` for one that the corpus does not hold.
    """
    corpus, searcher = assistant.corpus, assistant.searcher
    finder, before = EvidenceFinder(searcher), contexts(corpus)
    document_of = {document.text: key for key, document in corpus.documents.items()}
    passages: dict[str, list[str]] = {}
    for passage in corpus.passages.values():
        passages.setdefault(passage.document_id, []).append(passage.passage_id)

    def support(claim: str, text: str) -> float:
        if not (words := normalise(text)):
            return 0.0
        document_id = document_of[words]
        allowed = passages.get(document_id, [])
        found = searcher.search(claim, READ, allowed=allowed) if allowed else []
        hits = [Hit(corpus.passages[s.passage_id], 0.0, s.rank, s.signals) for s in found]
        evidence = finder.find(
            claim,
            hits,
            [corpus.documents[document_id]] * len(hits),
            [before[hit.passage.passage_id] for hit in hits],
        )
        return max((one.cover + one.shared for one in evidence), default=0.0)

    return support


def unique_texts(claims: Sequence[LinkedClaim]) -> Mapping[str, str]:
    """Every text that a claim is linked to, under a name of its own."""
    distinct = dict.fromkeys(text for claim in claims for text in claim.documents)
    return {f"text-{n}": text for n, text in enumerate(distinct, start=1)}
