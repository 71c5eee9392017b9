"""Vectors of texts, and of their tokens, through ONNX Runtime: neither torch nor transformers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np
from onnxruntime import InferenceSession
from tokenizers import Encoding, Tokenizer

from footnoted.errors import ModelError
from footnoted.index.models import (
    ONNX_FILE,
    PROJECTION_FILE,
    QUERY_FILE,
    TOKENIZER_FILE,
    ModelCard,
    export_folder,
    find_model,
    read_card,
)
from footnoted.index.products import cosines
from footnoted.index.sessions import open_session
from footnoted.protocols import Embedder, Vectors

_BATCH_TOKENS = 4096  # padded tokens a batch: keeps ONNX Runtime's arena under about 150 MB
_SENTENCE = "sentence_embedding"
_TOKENS = "token_embeddings"

OnExport: TypeAlias = Callable[[str], None]


class TextEmbedder(Embedder, Protocol):
    """An embedder that knows its model's card and counts tokens: every one that we open."""

    card: ModelCard

    @property
    def max_tokens(self) -> int: ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, uncut, special ones included."""
        ...


class TokenVectors(NamedTuple):
    """The words and word pieces of one text without special tokens, cut at the model's length.

    ``vectors`` has shape ``(len(tokens), token_dim)``, float32, unit norm; ``spans`` are the
    tokens' code points in the text.
    """

    vectors: Vectors
    tokens: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]


@runtime_checkable
class TokenEmbedder(TextEmbedder, Protocol):
    """An embedder that also makes a vector for each token, for late interaction."""

    def embed_with_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenVectors]]:
        """Passage vectors ``(len(texts), dim)`` and each passage's token vectors."""
        ...

    def embed_query_tokens(self, text: str) -> tuple[Vectors, TokenVectors]:
        """A query's vector ``(dim,)`` and its token vectors."""
        ...

    def token_spans(self, text: str) -> tuple[tuple[int, int], ...]:
        """Where the tokens of a passage stand in it, one for each row of its token vectors."""
        ...


class OnnxEmbedder:
    """An exported sentence-transformers model, run on the CPU.

    Queries go through a graph of their own where the export has one: in 8 bits, and faster. That
    for passages is then loaded with the first of them: answering never needs it.
    """

    def __init__(self, folder: Path, threads: int = 0) -> None:
        """``threads`` 0 leaves the number to ONNX Runtime; ``ModelError`` for a broken export."""
        self.card = read_card(folder)
        self._folder = folder
        self._threads = threads
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        self._projection = _projection(folder / PROJECTION_FILE)
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        graph = QUERY_FILE if QUERY_FILE in self.card.files else ONNX_FILE
        self._for_queries = open_session(folder / graph, threads)

    @property
    def name(self) -> str:
        return self.card.name

    @property
    def dim(self) -> int:
        return self.card.dim

    @property
    def max_tokens(self) -> int:
        return self.card.max_length

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Shape ``(len(texts), dim)``, float32, unit norm; a text beyond ``max_tokens`` is cut."""
        vectors = np.zeros((len(texts), self.dim), np.float32)
        encodings = self._encode(texts, self.card.passage_prompt)
        for rows in _batches([len(e.ids) for e in encodings]):
            batch = [encodings[row] for row in rows]
            (vectors[rows],) = self._run(self._for_passages, batch, [_SENTENCE])
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """Shape ``(dim,)``, float32, unit norm."""
        encodings = self._encode([text], self.card.query_prompt)
        (vectors,) = self._run(self._for_queries, encodings, [_SENTENCE])
        first: Vectors = vectors[0]
        return first

    def embed_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """The token vectors of each passage."""
        return self.embed_with_tokens(texts)[1]

    def embed_with_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenVectors]]:
        """Passage vectors ``(len(texts), dim)`` and each passage's token vectors, in one pass."""
        return self._both(self._for_passages, texts, self.card.passage_prompt)

    def embed_query_tokens(self, text: str) -> tuple[Vectors, TokenVectors]:
        """A query's vector ``(dim,)`` and its token vectors, in one pass."""
        vectors, tokens = self._both(self._for_queries, [text], self.card.query_prompt)
        first: Vectors = vectors[0]
        return first, tokens[0]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, uncut, special ones included."""
        texts = [text.lower() for text in texts] if self.card.lowercase else list(texts)
        return [len(encoding.ids) for encoding in self._tokenizer.encode_batch(texts)]

    def token_spans(self, text: str) -> tuple[tuple[int, int], ...]:
        """Where the tokens of a passage stand in it, one for each row of its token vectors."""
        prompt = len(self.card.passage_prompt)
        (encoding,) = self._encode([text], self.card.passage_prompt)
        return tuple(_spans(encoding, _kept(encoding, prompt), prompt))

    @cached_property
    def _for_passages(self) -> InferenceSession:
        if QUERY_FILE not in self.card.files:
            return self._for_queries
        return open_session(self._folder / ONNX_FILE, self._threads)

    def _both(
        self, session: InferenceSession, texts: Sequence[str], prompt: str
    ) -> tuple[Vectors, list[TokenVectors]]:
        vectors = np.zeros((len(texts), self.dim), np.float32)
        tokens: dict[int, TokenVectors] = {}
        encodings = self._encode(texts, prompt)
        for rows in _batches([len(e.ids) for e in encodings]):
            batch = [encodings[row] for row in rows]
            vectors[rows], states = self._run(session, batch, [_SENTENCE, _TOKENS])
            for row, encoding, state in zip(rows, batch, states, strict=True):
                tokens[row] = self._token_vectors(encoding, state, len(prompt))
        return vectors, [tokens[row] for row in range(len(texts))]

    def _token_vectors(self, encoding: Encoding, states: Vectors, prompt: int) -> TokenVectors:
        keep = _kept(encoding, prompt)
        vectors = states[keep]
        if self._projection is not None:
            vectors = cosines(vectors, self._projection.T)
            norms = np.linalg.norm(vectors, axis=1, keepdims=True)
            vectors = vectors / np.maximum(norms, np.finfo(np.float32).tiny)
        named = encoding.tokens
        tokens = tuple(named[at] for at in keep)
        return TokenVectors(vectors, tokens, tuple(_spans(encoding, keep, prompt)))

    def _encode(self, texts: Sequence[str], prompt: str) -> list[Encoding]:
        whole = [prompt + text for text in texts]
        if self.card.lowercase:
            whole = [text.lower() for text in whole]
        encodings: list[Encoding] = self._tokenizer.encode_batch(whole)
        return [
            self._cut(text, encoding) if len(encoding.ids) > self.max_tokens else encoding
            for text, encoding in zip(whole, encodings, strict=True)
        ]

    def _cut(self, text: str, encoding: Encoding) -> Encoding:
        # The tokenizer's own truncation is a setting of the shared object, not of a call; a copy
        # by way of its post-processor keeps the closing special token, as training did.
        plain = self._tokenizer.encode(text, add_special_tokens=False)
        plain.truncate(self.max_tokens - (len(encoding.ids) - len(plain.ids)))
        return self._tokenizer.post_process(plain)

    def _run(
        self,
        session: InferenceSession,
        encodings: Sequence[Encoding],
        outputs: list[str],
    ) -> list[Vectors]:
        shape = (len(encodings), max(len(encoding.ids) for encoding in encodings))
        ids = np.full(shape, self.card.pad_id, np.int64)
        mask = np.zeros(shape, np.int64)
        types = np.zeros(shape, np.int64)
        for row, encoding in enumerate(encodings):
            length = len(encoding.ids)
            ids[row, :length] = encoding.ids
            mask[row, :length] = 1
            types[row, :length] = encoding.type_ids
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        made: Any = session.run(outputs, {name: feeds[name] for name in self.card.inputs})
        results: list[Vectors] = made
        if not np.isfinite(results[0]).all():
            raise ModelError(
                f"The model {self.name} made vectors that are not finite numbers.",
                about=str(self._folder),
                hint=f"Remove {self._folder} to export it anew, or name another model.",
            )
        return results


def open_embedder(
    model: str, cache_dir: Path, threads: int = 0, on_export: OnExport | None = None
) -> TextEmbedder:
    """The embedder of ``model``; the first time, it is exported into ``cache_dir`` (seconds).

    ``on_export`` is then told so, in words. Models that cannot be exported run in torch.
    """
    source = find_model(model)
    folder = export_folder(cache_dir, source)
    if not folder.is_dir():
        from footnoted.index.export import export_model  # noqa: PLC0415 - imports torch: 8 s

        if on_export is not None:
            on_export(f"Preparing the model {source.name}: once, into {folder}")
        export_model(source, folder)
    card = read_card(folder)
    if card.runtime == "onnx":
        return OnnxEmbedder(folder, threads)
    from footnoted.index.torch_embedder import (  # noqa: PLC0415 - imports torch: 8 s
        SentenceTransformersEmbedder,
        load_model,
    )

    if on_export is not None:
        on_export(card.note)
    return SentenceTransformersEmbedder(load_model(source), card)


def _projection(path: Path) -> Vectors | None:
    if not path.is_file():
        return None
    matrix: Vectors = np.load(path, allow_pickle=False)
    return matrix


def _kept(encoding: Encoding, prompt: int) -> list[int]:
    """The tokens that are words of the text: neither special ones nor the prompt's."""
    offsets = encoding.offsets  # a new list at every access
    special = encoding.special_tokens_mask
    return [at for at, (_, end) in enumerate(offsets) if not special[at] and end > prompt]


def _spans(encoding: Encoding, keep: Sequence[int], prompt: int) -> Iterator[tuple[int, int]]:
    offsets = encoding.offsets
    for at in keep:
        start, end = offsets[at]
        yield max(start - prompt, 0), end - prompt


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Row numbers in batches of like lengths, none above the budget unless one row alone is."""
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lambda row: -lengths[row]):
        # The first row of a batch is its longest: that is what the others are padded to.
        if batch and lengths[batch[0]] * (len(batch) + 1) > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
