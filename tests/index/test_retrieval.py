"""Search over a small corpus of our own, with the real model."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from footnoted.errors import QuestionError, UsageError
from footnoted.index.embedder import OnnxEmbedder
from footnoted.index.generations import build_generation, open_generation
from footnoted.index.retrieval import RERANK, Searcher
from footnoted.index.rows import IndexRow
from footnoted.index.tokens import fold, query_tokens

PASSAGES = {
    "toll": "A cart paid two pence to cross; people on foot went over for nothing.",
    "flood": "In the flood of 1931 the middle arch fell into the river.",
    "hammer": "The museum keeps the iron hammer of the mason who laid the first stone.",
    "lantern": "A lantern burns on the quay every night until the last boat is in.",
    "mayor": "The mayor, Edda Brunsel, opened the new span on 2 May 1934.",
    "arabic": "بنى المهندس سالم الجسر الجديد فوق النهر في ثلاث سنوات.",
    "arabic2": "تغلق المكتبة أبوابها في المساء.",
    "bread": "The baker sells rye bread and salted butter.",
}


@pytest.fixture(scope="module")
def searcher(embedder: OnnxEmbedder, tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    rows = [
        IndexRow(name, text, "", "ar" if name.startswith("arabic") else "en")
        for name, text in PASSAGES.items()
    ]
    index_dir = tmp_path_factory.mktemp("index")
    path = build_generation(index_dir, rows, embedder, corpus_id="c", revision_id="r")
    return Searcher(open_generation(path, embedder, "c"), embedder)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("How much was charged for a wagon?", "toll"),
        ("Which disaster destroyed part of the bridge?", "flood"),
        ("Brunsel", "mayor"),
        ("1934", "mayor"),
        ("من بنى الجسر؟", "arabic"),
        ("متى تغلق المكتبات؟", "arabic2"),
    ],
)
def test_the_passage_that_answers_comes_first(searcher: Searcher, query: str, first: str) -> None:
    assert searcher.search(query, 3)[0].passage_id == first


def test_hits_are_ranked_with_strictly_falling_scores_and_all_signals(searcher: Searcher) -> None:
    query = "Who opened the new span?"
    hits = searcher.search(query, 100)
    assert sorted(hit.passage_id for hit in hits) == sorted(PASSAGES)
    assert [hit.rank for hit in hits] == list(range(1, len(PASSAGES) + 1))
    assert all(a.score > b.score for a, b in itertools.pairwise(hits))
    generation, embedder = searcher.generation, searcher.embedder
    vector, tokens = embedder.embed_query_tokens(query)  # type: ignore[attr-defined]
    terms = query_tokens(query, ["en", "ar"])
    for hit in hits:
        row = generation.row_of[hit.passage_id]
        signals = hit.signals
        assert signals.dense == pytest.approx(
            float(vector @ embedder.embed_passages([PASSAGES[hit.passage_id]])[0]), abs=1e-4
        )
        assert signals.bm25 == pytest.approx(
            float(generation.lexical.scores_for(terms, np.array([row]))[0])
        )
        assert generation.tokens is not None
        assert signals.maxsim == pytest.approx(
            float((tokens.vectors @ generation.tokens.vectors(row).T).max(axis=1).mean()), abs=1e-5
        )
        assert signals.rerank is None
    assert searcher.search(query, 100) == hits
    assert searcher.search(query, 2)[0].passage_id == hits[0].passage_id
    assert len(searcher.search(query, 2)) == 2


def test_only_allowed_passages_are_found(searcher: Searcher) -> None:
    hits = searcher.search("flood of 1931", 9, allowed={"bread", "toll", "unknown"})
    assert sorted(hit.passage_id for hit in hits) == ["bread", "toll"]
    assert searcher.search("flood", 9, allowed=[]) == []


def test_the_weight_of_the_dense_side_can_be_set(searcher: Searcher) -> None:
    query = "hammer hammer: what did a wagon pay?"
    assert fold("hammer", "en")[0] in fold(PASSAGES["hammer"], "en")
    lexical = searcher.search(query, 8, dense_weight=0.0)
    dense = searcher.search(query, 8, dense_weight=1.0)
    assert lexical[0].passage_id == "hammer"
    rank = {hit.passage_id: hit.rank for hit in dense}
    assert [h.score for h in lexical] != [h.score for h in dense]
    assert rank["toll"] <= next(h.rank for h in lexical if h.passage_id == "toll")


@pytest.mark.parametrize("query", ["the of and", "?!…", "🙂", "a" * 5000, "to " * 3000])
def test_odd_queries_still_rank_every_passage(searcher: Searcher, query: str) -> None:
    assert len(searcher.search(query, 100)) == len(PASSAGES)


def test_a_query_in_a_script_that_the_model_cannot_read_is_left_to_the_words(
    searcher: Searcher,
) -> None:
    hits = searcher.search("الجسر", 8)
    assert hits[0].passage_id == "arabic"
    assert all(hit.signals.bm25 == 0 for hit in hits[1:])
    assert all(hit.signals.maxsim is None for hit in hits)


@pytest.mark.parametrize("k", [0, -1])
def test_k_below_one_makes_no_sense(searcher: Searcher, k: int) -> None:
    with pytest.raises(UsageError):
        searcher.search("bridge", k)


def test_a_blank_query_cannot_be_asked(searcher: Searcher) -> None:
    with pytest.raises(QuestionError):
        searcher.search(" \n", 3)


def test_each_word_of_a_query_finds_its_match_in_a_passage(searcher: Searcher) -> None:
    query = "Did the mayor open a submarine?"
    tokens = searcher.query_tokens(query)
    assert tokens is not None
    found = searcher.cosines(query, "mayor")
    assert found.shape[0] == len(tokens.tokens)
    best = dict(zip(tokens.tokens, found.max(axis=1).tolist(), strict=True))
    assert best["mayor"] > best["submarine"] + 0.1
    assert searcher.cosines(query, "unknown").shape == (len(tokens.tokens), 0)
    searcher.search(query, 3)  # MaxSim has compared the passage now
    assert np.allclose(searcher.cosines(query, "mayor"), found, atol=1e-6)


def test_only_the_best_are_reranked_and_the_rest_follow(
    tmp_path: Path, word_hash: Callable[..., Any]
) -> None:
    rows = [IndexRow(f"p{n}", f"bridge number {n} " + "stone " * n, "", "en") for n in range(80)]
    embedder = word_hash()
    path = build_generation(tmp_path, rows, embedder, corpus_id="c", revision_id="r")
    searcher = Searcher(open_generation(path, embedder), embedder)
    hits = searcher.search("bridge number 7", 80, depth=10)
    assert len(hits) == 80
    assert [hit.signals.maxsim is not None for hit in hits] == [True] * RERANK + [False] * 50
    assert hits[0].passage_id == "p7"
    assert len(searcher.search("bridge", 5, depth=2)) == 5


def test_a_model_without_token_vectors_ranks_by_the_fused_score(
    tmp_path: Path, word_hash: Callable[..., Any]
) -> None:
    embedder = word_hash(token_dim=0)
    rows = [IndexRow(text, text, "", "en") for text in ("red stone", "blue stone", "old wood")]
    path = build_generation(tmp_path, rows, embedder, corpus_id="c", revision_id="r")
    searcher = Searcher(open_generation(path, embedder), embedder)
    hits = searcher.search("blue stone", 3)
    assert [hit.passage_id for hit in hits] == ["blue stone", "red stone", "old wood"]
    assert all(hit.signals.maxsim is None for hit in hits)
    assert searcher.query_tokens("blue stone") is None
