"""From qrels and runs to retrieval measures, by ir_measures, each query's value kept.

ir_measures breaks ties between scores differently from one measure to the next, and keeps scores
in single precision, so that scores which differ in the tenth digit tie as well. Here a run must
decrease strictly, and its ranks, not its scores, are what the library gets.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

from footnoted.errors import InputError

Qrels: TypeAlias = Mapping[str, Mapping[str, int]]
"""Query id to passage id to relevance (0 is not relevant)."""

Run: TypeAlias = Mapping[str, Sequence[tuple[str, float]]]
"""Query id to (passage id, score), best first, scores strictly decreasing, each passage once."""

MEASURES = {
    "nDCG@10": "nDCG@10",
    "R@5": "R@5",
    "R@10": "R@10",
    "RR": "RR",
    "hit@1": "Success@1",
    "hit@5": "Success@5",
}
"""The names that we report, and ir_measures' own."""


def score_runs(qrels: Qrels, run: Run) -> dict[str, dict[str, float]]:
    """Measure to query id to value in [0, 1], for every query of ``qrels`` and no other.

    A judged query without results, or without a relevant passage, counts as 0. Raises
    ``InputError`` for a run that is not in strictly decreasing order.
    """
    check_run({query_id: run[query_id] for query_id in qrels if query_id in run})
    ir_measures = _ir_measures()
    wanted = {ir_measures.parse_measure(theirs): ours for ours, theirs in MEASURES.items()}
    values = {name: dict.fromkeys(qrels, 0.0) for name in MEASURES}
    judged = [
        ir_measures.Qrel(query_id, passage_id, relevance)
        for query_id, judgements in qrels.items()
        for passage_id, relevance in judgements.items()
    ]
    ranked = [
        ir_measures.ScoredDoc(query_id, passage_id, float(-rank))
        for query_id in qrels
        for rank, (passage_id, _) in enumerate(run.get(query_id, ()), start=1)
    ]
    if judged:
        for metric in ir_measures.iter_calc(list(wanted), judged, ranked):
            values[wanted[metric.measure]][metric.query_id] = float(metric.value)
    return values


def strict_run(ranked: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    """Hits in the order given, with any score that does not fall lowered to the next that does.

    Steps are those of single precision, which TREC tools read; a passage that comes again is
    left out (its better rank stands).
    """
    strict: dict[str, float] = {}
    above = np.float32(np.inf)
    for passage_id, score in ranked:
        if passage_id not in strict:
            above = min(np.float32(score), np.nextafter(above, np.float32(-np.inf)))
            strict[passage_id] = float(above)
    return list(strict.items())


def check_run(run: Run) -> None:
    """``InputError`` unless every query's scores strictly decrease and no passage comes twice."""
    for query_id, hits in run.items():
        _check_order(query_id, hits)


def _check_order(query_id: str, hits: Sequence[tuple[str, float]]) -> None:
    scores = [score for _, score in hits]
    if any(not better > worse for better, worse in pairwise(scores)):
        raise InputError(
            f"The run of query {query_id!r} does not strictly decrease in score.",
            about=query_id,
            hint="Pass its hits, in their order, through `strict_run`.",
        )
    if len({passage_id for passage_id, _ in hits}) < len(hits):
        raise InputError(
            f"The run of query {query_id!r} holds a passage twice.",
            about=query_id,
            hint="Keep the best hit of each passage; `strict_run` does that.",
        )


def _ir_measures() -> Any:
    """The library, without the handler that it hangs on its logger at import."""
    import ir_measures  # noqa: PLC0415

    logger = logging.getLogger("ir_measures")
    logger.removeHandler(ir_measures.log_handler)
    return ir_measures
