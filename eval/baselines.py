"""The two plain rankers inside our own index, alone: what fusion and evidence must beat.

Each ranks the same passages for the same questions, and takes the score of its best passage as
its confidence that the question is answerable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from footnoted.eval.measures import Run, strict_run
from footnoted.eval.questions import Question
from footnoted.eval.statistics import Interval, bootstrap_auroc
from footnoted.index.retrieval import Searcher
from footnoted.index.tokens import query_tokens

DEPTH = 20
BM25 = "BM25 only"
COSINE = "cosine only"

_Ranking: TypeAlias = tuple[np.ndarray, np.ndarray]


def baseline_runs(searcher: Searcher, questions: Sequence[Question]) -> dict[str, Run]:
    """Each baseline's run over ``questions``, 20 passages deep; a question may find none."""
    rankers: Mapping[str, Callable[[str], _Ranking]] = {
        BM25: lambda text: searcher.generation.lexical.search(
            query_tokens(text, searcher.generation.manifest.languages), DEPTH
        ),
        COSINE: lambda text: searcher.generation.dense.search(
            searcher.embedder.embed_query(text), DEPTH
        ),
    }
    names = searcher.generation.passage_ids
    runs: dict[str, Run] = {}
    for system, rank in rankers.items():
        run = {}
        for question in questions:
            scores, rows = rank(question.text)
            pairs = zip(rows.tolist(), scores.tolist(), strict=True)
            run[question.question_id] = strict_run((names[row], score) for row, score in pairs)
        runs[system] = run
    return runs


def baseline_auroc(run: Run, questions: Sequence[Question], seed: int) -> Interval:
    """The refusal AUROC of a run's best scores; 0 is the confidence of a question without hits."""
    best = [run[q.question_id][0][1] if run[q.question_id] else 0.0 for q in questions]
    return bootstrap_auroc(best, [q.answerable for q in questions], seed=seed)
