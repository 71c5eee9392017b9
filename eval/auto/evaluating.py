"""A set for free: a corpus with an article, measured by what the article itself cites.

Each cited sentence whose source was read is a query, and the texts of its footnotes are the right
documents. The article is hidden, since it holds every query word for word. Asked once more with
all of its sources hidden too, copies included, the same sentence must be refused; that question is
kept only where nothing that makes the sentence specific stands in any text that remains.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from footnoted.domain import Json
from footnoted.eval.auto.claims import AutoClaim, Groups, auto_claims, source_groups
from footnoted.eval.auto.hiding import HidingAsker
from footnoted.eval.auto.scoring import (
    AskedTwice,
    auto_report,
    baselines_of,
    notes_on,
    qrels_of,
    source_run,
)
from footnoted.eval.auto.specifics import Background
from footnoted.eval.measures import Qrels, Run
from footnoted.eval.runs import EvalReport
from footnoted.eval.statistics import Interval
from footnoted.ingest.corpus import Corpus
from footnoted.service.assistant import Assistant
from footnoted.service.indexing import Progress

_KEPT = 20  # passages of a kept answer document; documents are ranked by more of them


@dataclass(frozen=True, slots=True)
class AutoEvaluation:
    """A report, the source documents that it judged, each baseline's measures, and what to know.

    ``run`` and ``qrels`` are over source documents, by claim; ``documents`` are the answer
    documents by question id, with the best 20 passages; ``notes`` are sentences for whoever reads
    the report.
    """

    report: EvalReport
    run: Run
    qrels: Qrels
    baselines: Mapping[str, Mapping[str, Interval]]
    documents: Mapping[str, Json]
    notes: tuple[str, ...]


def evaluate_auto(
    assistant: Assistant, *, refuse_below: float, seed: int, progress: Progress
) -> AutoEvaluation:
    """The report on a corpus that was asked its own article's claims, named ``auto:<corpus>``.

    ``refuse_below`` is the threshold to measure: that of the settings which opened the assistant.
    ``InputError`` for a corpus without an article, or none of whose cited sources was read.
    """
    corpus = assistant.corpus
    groups = source_groups(corpus)
    claims = auto_claims(corpus, groups)
    unknowable = known_to_own_sources(corpus, claims, groups)
    asker = HidingAsker(assistant, refuse_below)
    asked = []
    for n, claim in enumerate(claims, start=1):
        text, rest = claim.claim.text, groups.keys() - claim.own(groups)
        hidden = asker.ask(claim.hidden_id, text, rest) if claim.name in unknowable else None
        asked.append(AskedTwice(claim, asker.ask(claim.name, text, groups), hidden))
        progress("claims", n, len(claims))
    qrels = qrels_of(asked)
    return AutoEvaluation(
        report=auto_report(corpus, groups, asked, seed=seed),
        run=source_run(corpus, groups, asked),
        qrels=qrels,
        baselines=baselines_of(corpus, groups, asked, seed=seed),
        documents={
            name: {**answer.document, "passages": answer.document["passages"][:_KEPT]}
            for each in asked
            for name, answer in each.named()
        },
        notes=notes_on(corpus, groups, asked),
    )


def known_to_own_sources(
    corpus: Corpus, claims: Sequence[AutoClaim], groups: Groups
) -> frozenset[str]:
    """The ids of the claims of which no text but their own sources holds anything telling."""
    assert corpus.article is not None
    article = corpus.article
    texts: dict[str, tuple[str, str]] = {}
    for key, first in groups.items():
        document = corpus.documents[key]
        before, language = texts.get(first, ("", document.language))
        texts[first] = (f"{before}\n{document.text}", language)
    background = Background(article.title, article.language, texts)
    return frozenset(
        claim.name
        for claim in claims
        if background.known_only_to(claim.sources, claim.claim.text, article.language)
    )
