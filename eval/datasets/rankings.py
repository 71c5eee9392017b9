"""Documents ranked for each query by our retrieval, by BM25 alone and by cosine alone.

A document's place is that of its best passage. One search gives all three: it scores the union of
both rankers' candidates with both, so that sorting it by one score is that ranker's own list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from footnoted.eval.baselines import BM25, COSINE
from footnoted.eval.measures import Run, strict_run
from footnoted.eval.questions import Question
from footnoted.index.fusion import legibility
from footnoted.index.retrieval import DEPTH, Scored, Searcher
from footnoted.service.indexing import Progress

OURS = "footnoted"
KEPT = 100  # documents of a query's run


def rank_documents(
    searcher: Searcher,
    questions: Sequence[Question],
    document_of: Mapping[str, str],
    asked: Callable[[str], str],
    progress: Progress,
) -> dict[str, Run]:
    """System to run over documents; ``document_of`` names the document of a passage id.

    ``asked`` makes a query of a question's text. Every ranker names ``DEPTH`` passages.
    """
    runs: dict[str, dict[str, list[tuple[str, float]]]] = {OURS: {}, BM25: {}, COSINE: {}}
    for n, question in enumerate(questions, start=1):
        text = asked(question.text)
        found = searcher.search(text, 2 * DEPTH, depth=DEPTH)
        ranked = {
            # Copies stand further down for readers; a judge may have marked any of them.
            OURS: [(name, s.score) for s in found for name in (s.passage_id, *s.duplicates)],
            BM25: _by(found, lambda s: s.signals.bm25),
            COSINE: _cosines(searcher, text, found),
        }
        for system, hits in ranked.items():
            runs[system][question.question_id] = of_documents(hits, document_of)
        progress("queries", n, len(questions))
    return dict(runs)


def of_documents(
    hits: Iterable[tuple[str, float]], document_of: Mapping[str, str]
) -> list[tuple[str, float]]:
    """The documents of ranked passages, each where its best passage is."""
    return strict_run((document_of[passage], score) for passage, score in hits)[:KEPT]


def _by(
    found: Sequence[Scored], score: Callable[[Scored], float | None]
) -> list[tuple[str, float]]:
    """The hits that a ranker scored above 0, best first, ties in the order of our ranks."""
    scored = [(hit.passage_id, value) for hit in found if (value := score(hit) or 0.0) > 0]
    return sorted(scored, key=lambda pair: -pair[1])[:DEPTH]


def _cosines(searcher: Searcher, text: str, found: Sequence[Scored]) -> list[tuple[str, float]]:
    generation = searcher.generation
    # A query that the model cannot read is searched by BM25 first: the cosines' own list is apart.
    legible = legibility(text, generation.manifest.languages[0], searcher.embedder.card)
    if legible * searcher.dense_weight:
        return _by(found, lambda s: s.signals.dense)
    scores, rows = generation.dense.search(searcher.embedder.embed_query(text), DEPTH)
    return [
        (generation.passage_ids[row], score)
        for row, score in zip(rows.tolist(), scores.tolist(), strict=True)
    ]
