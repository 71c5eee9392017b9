"""Search where the index is odd: copies everywhere, no token vectors, a reranker that disagrees."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from footnoted.errors import ModelError
from footnoted.index.diversity import Origin
from footnoted.index.generations import build_generation, open_generation
from footnoted.index.matching import MatchFinder
from footnoted.index.retrieval import Reranking, Searcher
from footnoted.index.rows import IndexRow
from footnoted.protocols import Vectors


class Texts:
    """Rows as their own documents, each of one sentence."""

    def __init__(self, rows: Sequence[IndexRow]) -> None:
        self.rows = {row.passage_id: row for row in rows}

    def text(self, passage_id: str) -> str:
        return self.rows[passage_id].indexed_text

    def begins(self, passage_id: str) -> int:
        context = self.rows[passage_id].context
        return len(context) + 1 if context else 0

    def origin(self, passage_id: str) -> Origin:
        return Origin(passage_id, "source", self.rows[passage_id].language)

    def sentences(self, passage_id: str) -> tuple[str, ...]:
        return (self.rows[passage_id].text,)


Opened = Callable[..., tuple[Searcher, Texts]]


@pytest.fixture
def opened(tmp_path: Path, word_hash: Callable[..., Any]) -> Opened:
    def open_rows(
        texts: Sequence[str], reranking: Reranking | None = None, token_dim: int = 64
    ) -> tuple[Searcher, Texts]:
        rows = [IndexRow(f"p{n}", text, "", "en") for n, text in enumerate(texts)]
        embedder = word_hash(token_dim=token_dim)
        embedder._word = lru_cache(maxsize=None)(embedder._word)
        path = build_generation(tmp_path, rows, embedder, corpus_id="c", revision_id="r")
        known = Texts(rows)
        generation = open_generation(path, embedder)
        return Searcher(generation, embedder, texts=known, reranking=reranking), known

    return open_rows


def test_ten_thousand_copies_leave_room_for_the_rest_and_all_come_back(opened: Opened) -> None:
    copies = ["the toll of the bridge was two pence"] * 10_000
    others = [f"the bridge was painted by worker number {n}" for n in range(9)]
    searcher, _ = opened([*copies, *others], token_dim=0)
    hits = searcher.search("the toll of the bridge", 8)
    assert hits[0].passage_id == "p0"
    assert {hit.passage_id for hit in hits[1:]} < {f"p{n}" for n in range(10_000, 10_009)}
    assert len(hits[0].duplicates) == 9_999
    everything = searcher.search("the toll of the bridge", 20_000)
    assert len(everything) == 10_009
    assert everything[10].duplicate_of == "p0"
    assert len({hit.passage_id for hit in everything}) == 10_009


@pytest.mark.parametrize("query", ["the of and", "?!…", "本の名前", "الجسر", "🙂"])
def test_odd_queries_find_every_passage_once(opened: Opened, query: str) -> None:
    texts = ["red stone", "the of and", "old wood", "old wood"]
    searcher, known = opened(texts)
    hits = searcher.search(query, 100)
    assert sorted(hit.passage_id for hit in hits) == ["p0", "p1", "p2", "p3"]
    assert hits[-1].duplicate_of in ("p2", "p3")
    assert len(MatchFinder(searcher, known).find(query, ["p0", "p1"])) == 2


def test_rows_may_be_given_instead_of_ids(opened: Opened) -> None:
    searcher, _ = opened(["red stone", "blue stone", "old wood"])
    by_rows = searcher.search("stone", 9, allowed=np.array([0, 2]))
    assert by_rows == searcher.search("stone", 9, allowed={"p0", "p2"})
    assert sorted(hit.passage_id for hit in by_rows) == ["p0", "p2"]
    assert searcher.search("stone", 9, allowed=np.zeros(0, np.int64)) == []


class LikesWood:
    """Scores by a word that the query does not hold, and remembers what it read."""

    def __init__(self, value: float = 1.0) -> None:
        self.value = value
        self.read: list[str] = []

    def score(self, _: str, texts: Sequence[str]) -> Vectors:
        self.read = list(texts)
        return np.array([self.value if "wood" in text else -3 for text in texts], np.float32)


def test_a_reranker_reads_the_best_once_and_moves_them(opened: Opened) -> None:
    scorer = LikesWood()
    texts = ["blue stone", "blue stone", "blue stone wall of wood", "wood", *["far away"] * 3]
    searcher, _ = opened(texts, Reranking(scorer, depth=2, weight=0.9))
    hits = searcher.search("blue stone", 7)
    assert scorer.read == ["blue stone", "blue stone wall of wood"]
    assert [hit.passage_id for hit in hits[:2]] == ["p2", "p0"]
    assert [hit.signals.rerank for hit in hits[:3]] == [1.0, -3.0, None]
    assert hits[1].duplicates == ("p1",)
    assert all(a.score > b.score for a, b in itertools.pairwise(hits))
    searcher, _ = opened(texts, Reranking(scorer, depth=2, weight=0.0))
    assert searcher.search("blue stone", 1)[0].passage_id == "p0"


def test_a_broken_reranker_is_said_to_be_one(opened: Opened) -> None:
    searcher, _ = opened(["red wood", "red stone"], Reranking(LikesWood(float("nan"))))
    with pytest.raises(ModelError, match="not finite"):
        searcher.search("red", 2)


def test_the_matched_words_stand_where_they_say(opened: Opened) -> None:
    searcher, known = opened(["It was painted blue in 1931, a blue bridge.", "Nothing here"])
    first, second = MatchFinder(searcher, known).find(
        "Was the blue Bridge of 1932 closed?", ["p0", "p1"]
    )
    text = known.text("p0")
    assert [(m.query, m.passage) for m in first] == [("blue", "blue"), ("Bridge", "bridge")]
    assert all(text[m.start : m.end] == m.passage and m.cosine > 0.99 for m in first)
    assert second == ()


def test_matches_are_of_the_passage_itself_not_of_what_stands_before_it(
    tmp_path: Path, word_hash: Callable[..., Any]
) -> None:
    rows = [IndexRow("p", "The bridge fell.", "Bridge of Tarn", "en")]
    embedder = word_hash(token_dim=64)
    path = build_generation(tmp_path, rows, embedder, corpus_id="c", revision_id="r")
    searcher = Searcher(open_generation(path, embedder), embedder)
    ((match,),) = MatchFinder(searcher, Texts(rows)).find("bridge of Tarn", ["p"])
    assert match == ("bridge", "bridge", 4, 10, match.cosine)


def test_without_token_vectors_nothing_is_matched(opened: Opened) -> None:
    searcher, known = opened(["blue stone"], token_dim=0)
    assert MatchFinder(searcher, known).find("blue stone", ["p0"]) == [()]
