"""A generation in Milvus must answer as the same generation in files does."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from footnoted.index.embedder import OnnxEmbedder
from footnoted.index.generations import Generation, build_generation, open_generation
from footnoted.index.milvus.connection import Connection, connect
from footnoted.index.milvus.generation import open_indexes, write_rows
from footnoted.index.milvus.place import read_place
from footnoted.index.retrieval import Searcher
from footnoted.index.rows import IndexRow
from footnoted.index.tokens import fold, query_tokens

pytest.importorskip("pymilvus", reason="the Milvus backend needs pip install 'footnoted[milvus]'")
server_manager = pytest.importorskip(
    "milvus_lite.server_manager", reason="tests of the Milvus backend need pip install milvus-lite"
)

TRADES = ("ferryman", "baker", "mason", "weaver", "clerk", "miller", "smith", "potter")
DEEDS = ("repaired", "painted", "measured", "sold", "inherited", "rebuilt", "copied", "locked")
THINGS = ("bridge", "quay", "lantern", "archive", "orchard", "granary", "clock", "ledger")
PLACES = ("Upper Brunsel", "Kanvik", "Straße am Ufer", "Õismäe", "São Tiago", "Zürich-Nord")
QUERIES = (
    "Who repaired the bridge in Kanvik?",
    "the lantern on the quay",
    "2 May 1934",
    "Strasse am Ufer",
    "من بنى الجسر؟",
    "図書館はどこですか",
    "🦆 granary",
    "the of and",
    "zzxqy",
    "orchard OR ledger AND (clock^2 id:7)",
)
DIFFERENT, SAME = 100, 12
SIZE = DIFFERENT + SAME + 28
FILTERS = {
    "a document": np.arange(40, 90),
    "every third": np.arange(0, SIZE, 3),
    "twice and unsorted": np.array([70, 3, 70, 9, 8, 7]),
    "none": np.zeros(0, np.int64),
    "beyond the end": np.array([SIZE - 1, SIZE, SIZE + 7]),
}


def made_up_rows() -> list[IndexRow]:
    """Passages of 10 to 100 words, a dozen that are the same, other scripts, odd ones."""
    draw = np.random.default_rng(5)

    def pick(words: tuple[str, ...]) -> str:
        return words[int(draw.integers(len(words)))]

    texts = []
    for number in range(DIFFERENT):
        sentences = (
            f"In {1700 + int(draw.integers(300))} the {pick(TRADES)} of {pick(PLACES)}"
            f" {pick(DEEDS)} the {pick(THINGS)} and the {pick(THINGS)}."
            for _ in range(8 if number % 8 == 0 else 1)
        )
        texts.append((" ".join(sentences), "en"))
    texts += [("The notice was printed again without any change.", "en")] * SAME
    texts += [(f"بنى المهندس سالم الجسر رقم {n} فوق النهر.", "ar") for n in range(12)]
    texts += [(f"図書館は川の近くにあります。第{n}号。", "ja") for n in range(10)]
    texts += [("🦆", "en"), ("— … —", "en"), ("a", "en"), ("The mayor came on 2 May 1934.", "en")]
    texts += [("Straße am Ufer 12 / 13", "de"), ("12,000 – 13.5 – 2023-10-25", "en")]
    return [IndexRow(f"p{n}", text, "", language) for n, (text, language) in enumerate(texts)]


@dataclass(frozen=True)
class Both:
    """The same generation twice, and where Milvus has its."""

    files: Generation
    milvus: Generation
    embedder: OnnxEmbedder
    connection: Connection
    uri: str


@pytest.fixture(scope="module")
def both(embedder: OnnxEmbedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("backends")
    rows = made_up_rows()
    path = build_generation(folder / "index", rows, embedder, corpus_id="c", revision_id="r")
    files = open_generation(path, embedder, "c")
    uri = str(folder / "milvus.db")
    connection = connect(uri)
    vectors = files.dense.vectors(np.arange(len(rows)))
    tokens = [fold(row.indexed_text, row.language) for row in rows]
    for corpus in ("neighbour", "c"):  # another corpus in the same collection changes nothing
        (folder / corpus).mkdir()
        turned = vectors if corpus == "c" else vectors[::-1]
        write_rows(
            folder / corpus,
            connection,
            corpus_id=corpus,
            generation_id=path.name,
            vectors=turned,
            tokens=tokens if corpus == "c" else tokens[::-1],
        )
    dense, lexical = open_indexes(folder / "c", connection)
    assert read_place(folder / "c").collection == read_place(folder / "neighbour").collection
    milvus = dataclasses.replace(files, path=folder / "c", dense=dense, lexical=lexical)
    yield Both(files, milvus, embedder, connection, uri)
    connection.client.close()
    server_manager.server_manager_instance.release_server(uri)


Ranked = tuple[NDArray[np.float32], NDArray[np.int64]]


def assert_same(found: Ranked, expected: Ranked, tolerance: float) -> None:
    """The same scores and rows in the same order; rows whose scores tie, in any.

    Where a list ends within a tie, either side may have kept others of the tied rows.
    """
    assert (found[0].dtype, found[1].dtype) == (np.float32, np.int64)
    assert np.allclose(found[0], expected[0], rtol=tolerance, atol=tolerance)
    bounds = np.flatnonzero(np.abs(np.diff(expected[0])) > 2 * tolerance) + 1
    ours, theirs = np.split(found[1], bounds), np.split(expected[1], bounds)
    for mine, other in zip(ours[:-1], theirs[:-1], strict=True):
        assert sorted(mine.tolist()) == sorted(other.tolist())
    assert len(ours[-1]) == len(theirs[-1]) == len(set(ours[-1].tolist()))
    if len(theirs[-1]) == 1:
        assert ours[-1].tolist() == theirs[-1].tolist()


@pytest.mark.parametrize("k", [0, 1, 10, 100, 5000])
def test_the_nearest_vectors_are_the_same(both: Both, k: int) -> None:
    for query in QUERIES:
        vector = both.embedder.embed_query(query)
        found = both.milvus.dense.search(vector, k)
        assert_same(found, both.files.dense.search(vector, k), 1e-6)


@pytest.mark.parametrize("k", [0, 1, 10, 100, 5000])
def test_bm25_is_the_same(both: Both, k: int) -> None:
    for query in QUERIES:
        terms = query_tokens(query, both.files.manifest.languages)
        found = both.milvus.lexical.search(terms, k)
        assert_same(found, both.files.lexical.search(terms, k), 1e-5)
        for term in terms:
            frequency = both.milvus.lexical.document_frequency(term)
            assert frequency == both.files.lexical.document_frequency(term)


@pytest.mark.parametrize("rows", FILTERS.values(), ids=FILTERS.keys())
def test_filters_let_the_same_rows_through(both: Both, rows: NDArray[np.int64]) -> None:
    for query in QUERIES[:6]:
        vector = both.embedder.embed_query(query)
        terms = query_tokens(query, both.files.manifest.languages)
        found = both.milvus.dense.search(vector, 10, rows)
        assert_same(found, both.files.dense.search(vector, 10, rows), 1e-6)
        found = both.milvus.lexical.search(terms, 10, rows)
        assert_same(found, both.files.lexical.search(terms, 10, rows), 1e-5)


def test_given_rows_have_the_same_scores_and_vectors(both: Both) -> None:
    rows = np.array([99, 3, 3, DIFFERENT + 4, DIFFERENT, 0], np.int64)
    vector = both.embedder.embed_query(QUERIES[0])
    terms = query_tokens(QUERIES[0], ["en"])
    milvus, files = both.milvus, both.files
    dense = milvus.dense.scores_for(vector, rows)
    assert np.allclose(dense, files.dense.scores_for(vector, rows), atol=1e-6)
    bm25 = milvus.lexical.scores_for(terms, rows)
    assert np.allclose(bm25, files.lexical.scores_for(terms, rows), rtol=1e-4)
    assert bm25[3] == 0
    assert np.array_equal(milvus.dense.vectors(rows), files.dense.vectors(rows))
    assert milvus.dense.vectors(rows[:0]).shape == (0, both.embedder.dim)
    assert (len(milvus.dense), len(milvus.lexical), milvus.dense.dim) == (SIZE, SIZE, 384)


def test_equal_passages_come_in_row_order_wherever_the_list_ends(both: Both) -> None:
    vector = both.embedder.embed_query("The notice was printed again without any change.")
    for k in range(1, 14):
        rows = both.milvus.dense.search(vector, k)[1].tolist()
        assert rows[:SAME] == list(range(DIFFERENT, DIFFERENT + SAME))[:k]


def test_the_whole_search_finds_the_same_passages(both: Both) -> None:
    files, milvus = (Searcher(side, both.embedder) for side in (both.files, both.milvus))
    shared = []
    for query in QUERIES:
        expected = {hit.passage_id for hit in files.search(query, 10)}
        shared.append(len(expected & {hit.passage_id for hit in milvus.search(query, 10)}) / 10)
    assert min(shared) >= 0.9
    only = [f"p{n}" for n in range(30, 60)]
    expected_ids = [hit.passage_id for hit in files.search("the bridge", 5, allowed=only)]
    assert [h.passage_id for h in milvus.search("the bridge", 5, allowed=only)] == expected_ids


def test_threads_get_their_own_answers(both: Both) -> None:
    searcher = Searcher(both.milvus, both.embedder)
    alone = {query: searcher.search(query, 10) for query in QUERIES}
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda query: searcher.search(query, 10), QUERIES * 4))
    assert together == [alone[query] for query in QUERIES * 4]
