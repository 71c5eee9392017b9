"""From claims that were asked of all sources, and of all but their own, to a report.

Retrieval is measured over source documents, each ranked by its best passage. Refusals are measured
over the claims that were asked both ways: half of these questions must be refused, and intervals
are drawn over claims, so that the two answers to a claim stay together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from footnoted.domain import Identity, RefusalReason
from footnoted.eval.answer_documents import generation_of
from footnoted.eval.answers import given_text
from footnoted.eval.auto.claims import AutoClaim, Groups, printed_label
from footnoted.eval.auto.hiding import Asked, Ranked, best_score, by_document
from footnoted.eval.baselines import BM25, COSINE
from footnoted.eval.citations import quote_fidelity, score_citations
from footnoted.eval.comparisons import compare_runs
from footnoted.eval.corpus_texts import CorpusTexts, texts_of_corpus
from footnoted.eval.measures import score_runs
from footnoted.eval.questions import Question
from footnoted.eval.refusals import auroc, score_refusals
from footnoted.eval.runs import EvalReport, QuestionRow
from footnoted.eval.statistics import Interval, bootstrap_mean, bootstrap_statistic
from footnoted.ingest.corpus import Corpus

DROP = "confidence_drop"
"""Whether hiding a claim's sources lowers the confidence: 1, or 0; 0.5 where nothing changes."""

_Floats = NDArray[np.float64]


class AskedTwice(NamedTuple):
    """A claim asked of all sources and, where it could be, of all but its own."""

    claim: AutoClaim
    shown: Asked
    hidden: Asked | None

    def named(self) -> Iterator[tuple[str, Asked]]:
        """The question ids and what came back."""
        yield self.claim.name, self.shown
        if self.hidden is not None:
            yield self.claim.hidden_id, self.hidden


def qrels_of(asked: Sequence[AskedTwice]) -> dict[str, dict[str, int]]:
    """The sources of each claim as its relevant documents."""
    return {each.claim.name: dict.fromkeys(sorted(each.claim.sources), 1) for each in asked}


def source_run(corpus: Corpus, groups: Groups, asked: Sequence[AskedTwice]) -> dict[str, Ranked]:
    """The source documents that each claim found, by their best passages."""
    return {
        each.claim.name: by_document(
            ((p.passage_id, p.score) for p in each.shown.answer.passages), corpus, groups
        )
        for each in asked
    }


def auto_report(
    corpus: Corpus, groups: Groups, asked: Sequence[AskedTwice], *, seed: int
) -> EvalReport:
    """Every measure, and a row for each claim as it was asked one way or the other."""
    texts = texts_of_corpus(corpus.article, corpus.documents.values())
    retrieval = score_runs(qrels_of(asked), source_run(corpus, groups, asked))
    rows = tuple(row for each in asked for row in _rows(each, corpus, texts, retrieval))
    both = [each for each in asked if each.hidden is not None]
    drops = {DROP: {each.claim.name: _drop(*_confidences(each)) for each in both}} if both else {}
    bare = EvalReport(_name(corpus), None, {}, rows, item_values=drops)
    means = {
        measure: bootstrap_mean(list(values.values()), seed=seed)
        for measure, values in bare.values.items()
        if values
    }
    return EvalReport(
        name=_name(corpus),
        generation=generation_of(answer.answer for each in asked for _, answer in each.named()),
        measures=means | _refusal_measures(both, seed),
        rows=rows,
        item_values=drops,
    )


def baselines_of(
    corpus: Corpus, groups: Groups, asked: Sequence[AskedTwice], *, seed: int
) -> dict[str, dict[str, Interval]]:
    """The same retrieval measures and AUROC of BM25 alone and of cosine alone."""
    runs = {
        system: {
            each.claim.name: by_document(each.shown.baselines[system], corpus, groups)
            for each in asked
        }
        for system in (BM25, COSINE)
    }
    found = compare_runs(runs, qrels_of(asked), seed=seed)
    for system, measures in found.items():
        scores = [
            (best_score(each.shown.baselines[system]), best_score(each.hidden.baselines[system]))
            for each in asked
            if each.hidden is not None
        ]
        if scores:
            measures["refusal_auroc"] = _paired(_auroc, scores, seed)
    return found


def notes_on(corpus: Corpus, groups: Groups, asked: Sequence[AskedTwice]) -> tuple[str, ...]:
    """What a reader of the measures must know: what was asked, and whose words answered."""
    both = sum(each.hidden is not None for each in asked)
    digests = sum(corpus.documents[key].identity is Identity.DIGEST for key in groups)
    sources = len(set(groups.values()))
    notes = [
        f"{len(asked)} cited claims were asked of {sources} sources; the article was hidden.",
        f"{both} were asked again with their own sources hidden too, and must then be refused.",
    ]
    if digests:
        notes.append(
            f"{digests} of the {len(groups)} source texts are digests, somebody else's notes: "
            "here they count as read, though they are not the sources' own words."
        )
    if copies := len(groups) - sources:
        notes.append(f"Source texts that are copies, each counted as one with its first: {copies}.")
    return tuple(notes)


def _rows(
    each: AskedTwice,
    corpus: Corpus,
    texts: CorpusTexts,
    retrieval: Mapping[str, Mapping[str, float]],
) -> Iterator[QuestionRow]:
    claim = each.claim
    language = corpus.article.language if corpus.article else "und"
    references = tuple(printed_label(corpus.references[r], texts) for r in claim.reference_ids)
    kind = "sentence" if claim.claim.label is None else "infobox"
    tags = (kind, "digest") if claim.digest_only else (kind,)
    for name, asked in each.named():
        shown = name == claim.name
        question = Question(
            question_id=name,
            text=claim.claim.text,
            language=language,
            answerable=shown,
            references=references if shown else (),
            reason=None if shown else RefusalReason.NOT_IN_CORPUS,
            tags=(*tags, "sources-shown" if shown else "sources-hidden"),
        )
        values = {measure: of_claim[name] for measure, of_claim in retrieval.items() if shown}
        if shown:
            cited = score_citations(question, asked.answer, texts)
            if cited.precision is not None:
                values["citation_precision"] = cited.precision
            values["citation_recall"] = cited.recall or 0.0
        fidelity = quote_fidelity(asked.answer, texts.by_sha256)
        if fidelity is not None:
            values["quote_fidelity"] = fidelity
        yield QuestionRow(
            question=question,
            answered=asked.answer.answered,
            confidence=asked.answer.confidence,
            expected=f"sources {', '.join(references)}" if shown else f"refusal: {question.reason}",
            got=given_text(asked.answer),
            values=values,
        )


def _refusal_measures(both: Sequence[AskedTwice], seed: int) -> dict[str, Interval]:
    """AUROC, and precision, recall and F1 at the shipped threshold, of claims asked both ways."""
    if not both:
        return {}
    refused = [
        (float(not each.shown.answer.answered), float(not each.hidden.answer.answered))
        for each in both
        if each.hidden is not None
    ]
    return {
        "refusal_auroc": _paired(_auroc, [_confidences(each) for each in both], seed),
        "refusal_precision": _paired(lambda *pair: _refusals(*pair)[0], refused, seed),
        "refusal_recall": _paired(lambda *pair: _refusals(*pair)[1], refused, seed),
        "refusal_f1": _paired(lambda *pair: _refusals(*pair)[2], refused, seed),
    }


def _paired(
    statistic: Callable[[_Floats, _Floats], float],
    pairs: Sequence[tuple[float, float]],
    seed: int,
) -> Interval:
    shown, hidden = zip(*pairs, strict=True)
    return bootstrap_statistic(statistic, shown, hidden, seed=seed)


def _auroc(shown: _Floats, hidden: _Floats) -> float:
    return auroc(np.concatenate((shown, hidden)), _answerable(shown, hidden))


def _refusals(shown: _Floats, hidden: _Floats) -> tuple[float, float, float]:
    return score_refusals(np.concatenate((shown, hidden)), _answerable(shown, hidden))


def _answerable(shown: _Floats, hidden: _Floats) -> NDArray[np.bool_]:
    return np.repeat([True, False], [len(shown), len(hidden)])


def _confidences(each: AskedTwice) -> tuple[float, float]:
    assert each.hidden is not None
    return each.shown.answer.confidence, each.hidden.answer.confidence


def _drop(shown: float, hidden: float) -> float:
    return 0.5 if shown == hidden else float(shown > hidden)


def _name(corpus: Corpus) -> str:
    return f"auto:{corpus.info.corpus_name}"
