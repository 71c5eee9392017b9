"""Vectors of texts, and of their tokens, through ONNX Runtime: neither torch nor transformers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from footnoted.errors import ModelError
from footnoted.index.batches import batches, padded
from footnoted.index.models import (
    INT8_FILE,
    LOWER_STATES,
    ONNX_FILE,
    PROJECTION_FILE,
    TOKENIZER_FILE,
    ModelCard,
    export_folder,
    find_model,
    read_card,
)
from footnoted.index.products import cosines
from footnoted.index.sessions import open_session, part_with, processors
from footnoted.index.token_vectors import TokenVectors, joined, kept, spans
from footnoted.protocols import Embedder, Vectors

_DEVICE_TOKENS = 65536  # padded tokens a batch: what keeps a GPU busy, under 2 GB of its memory
_AHEAD = 32  # passages read before the first of them is collected: 13 MB of token vectors
_SENTENCE = "sentence_embedding"
_TOKENS = "token_embeddings"


class LowerStates(NamedTuple):
    """A text's hidden states after the lower layers, and where its tokens stand in it.

    ``states`` has the shape ``(tokens, dim)``, float32, special tokens included; ``spans`` the
    shape ``(tokens, 2)``, in code points, empty for special tokens.
    """

    states: Vectors
    spans: NDArray[np.int32]


OnExport: TypeAlias = Callable[[str], None]
Precision: TypeAlias = Literal["int8", "float32"]


class TextEmbedder(Embedder, Protocol):
    """An embedder that knows its model's card and counts tokens: every one that we open."""

    card: ModelCard
    precision: Precision

    @property
    def max_tokens(self) -> int: ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, uncut, special ones included."""
        ...


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


class Graph(Protocol):
    """What computes an export's outputs: a session of ONNX Runtime, or torch on a device."""

    def run(self, outputs: Any, feeds: Any, /) -> Any: ...


class OnnxEmbedder:
    """An exported sentence-transformers model, run on the CPU, or elsewhere by another ``graph``.

    Queries and passages go through the graph whose matrices are in 8 bits, where the export has
    one. Each passage is read alone, several at once: no padding, the same vectors whatever is
    embedded beside it, and 8-bit scales of its own. docs/decisions/0013 has the measurements.
    """

    def __init__(
        self,
        folder: Path,
        threads: int = 0,
        graph: Graph | None = None,
        precision: Precision = "int8",
    ) -> None:
        """``threads`` embed passages side by side, 0 for every processor; ``ModelError`` if broken.

        ``graph`` runs the same modules in place of the exported graphs. ``precision`` float32 is
        that of the model itself; a model without a graph in 8 bits has no other.
        """
        self.card = read_card(folder)
        self._folder = folder
        self._threads = threads
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        self._projection = _projection(folder / PROJECTION_FILE)
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        rounded = graph is None and precision == "int8" and INT8_FILE in self.card.files
        self.precision: Precision = "int8" if rounded else "float32"
        self._device = graph
        # It runs in whichever thread asks. For a question two threads are no faster than one: they
        # wait for each other, and a second question for both.
        file = folder / (INT8_FILE if rounded else ONNX_FILE)
        self._graph: Graph = graph or open_session(file, threads=1)
        self._lower = part_with(self._graph, LOWER_STATES)

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
        """Shape ``(len(texts), dim)``, float32, unit norm; of a long text, of all its pieces."""
        return self._embed_passages(texts, [_SENTENCE])[0]

    def embed_query(self, text: str) -> Vectors:
        """Shape ``(dim,)``, float32, unit norm."""
        encodings = self._encode([text], self.card.query_prompt)
        (vectors,) = self._run(self._graph, encodings, [_SENTENCE])
        first: Vectors = vectors[0]
        return first

    def embed_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """The token vectors of each passage."""
        return self.embed_with_tokens(texts)[1]

    def embed_with_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenVectors]]:
        """Passage vectors ``(len(texts), dim)`` and each passage's token vectors, in one pass."""
        return self._embed_passages(texts, [_SENTENCE, _TOKENS])

    def embed_query_tokens(self, text: str) -> tuple[Vectors, TokenVectors]:
        """A query's vector ``(dim,)`` and its token vectors, in one pass."""
        prompt = self.card.query_prompt
        (encoding,) = self._encode([text], prompt)
        vectors, states = self._run(self._graph, [encoding], [_SENTENCE, _TOKENS])
        first: Vectors = vectors[0]
        return first, self._token_vectors(encoding, states[0], len(prompt))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each passage, uncut, special ones and the prompt's included."""
        special = self._tokenizer.num_special_tokens_to_add(is_pair=False)
        return [
            len(plain.ids) + special for plain in self._encoded(texts, self.card.passage_prompt)
        ]

    def token_spans(self, text: str) -> tuple[tuple[int, int], ...]:
        """Where the tokens of a passage stand in it, one for each row of its token vectors."""
        prompt = len(self.card.passage_prompt)
        pieces = self._pieces(self._encoded([text], self.card.passage_prompt)[0])
        return tuple(span for piece in pieces for span in spans(piece, kept(piece, prompt), prompt))

    @property
    def has_lower_states(self) -> bool:
        """Whether the graph shows what its lower layers make: that of a BERT model in 8 bits."""
        return self._lower is not None

    def lower_states(self, text: str) -> LowerStates:
        """What the model's lower layers make of a text, cut at its length; no prompt before it.

        ``ValueError`` where the graph does not show it.
        """
        if self._lower is None:
            raise ValueError(f"the graph of {self.name} does not show its lower layers")
        (encoding,) = self._encode([text], "")
        (states,) = self._run(self._lower, [encoding], [LOWER_STATES])
        return LowerStates(states[0], np.array(encoding.offsets, np.int32))

    def _embed_passages(
        self, texts: Sequence[str], outputs: list[str]
    ) -> tuple[Vectors, list[TokenVectors]]:
        """A text that is longer than the model reads is read in pieces: its vector is their mean,
        by length, its token vectors are those of all. Token vectors only where they are asked for.
        """
        prompt = self.card.passage_prompt
        pieces = [self._pieces(encoding) for encoding in self._encoded(texts, prompt)]
        flat = list(chain.from_iterable(pieces))
        vectors = np.zeros((len(flat), self.dim), np.float32)
        tokens: dict[int, TokenVectors] = {}
        for at, (made, *states) in self._passages(flat, outputs):
            vectors[at] = made
            for piece, state in zip(at, states[0] if states else (), strict=bool(states)):
                tokens[piece] = self._token_vectors(flat[piece], state, len(prompt))
        if len(flat) == len(texts):
            return vectors, [tokens[piece] for piece in range(len(tokens))]
        ends = np.cumsum([len(several) for several in pieces])
        runs = [range(end - len(several), end) for several, end in zip(pieces, ends, strict=True)]
        lengths = np.array([len(piece.ids) for piece in flat], np.float32)
        return (
            np.stack([_mean(vectors[run], lengths[run]) for run in runs]),
            [joined([tokens[piece] for piece in run]) for run in runs] if tokens else [],
        )

    def _passages(
        self, encodings: Sequence[Encoding], outputs: list[str]
    ) -> Iterator[tuple[list[int], list[Vectors]]]:
        """What the model makes of the passages, with the rows among them that it belongs to."""
        if self._device is not None:
            for rows in batches([len(e.ids) for e in encodings], _DEVICE_TOKENS):
                yield rows, self._run(self._device, [encodings[row] for row in rows], outputs)
            return
        run = partial(self._run, self._graph, outputs=outputs)
        with ThreadPoolExecutor(self._threads or processors()) as pool:
            for start in range(0, len(encodings), _AHEAD):
                ahead = [[encoding] for encoding in encodings[start : start + _AHEAD]]
                for row, made in enumerate(pool.map(run, ahead), start):
                    yield [row], made

    def _token_vectors(self, encoding: Encoding, states: Vectors, prompt: int) -> TokenVectors:
        keep = kept(encoding, prompt)
        vectors = states[keep]
        if self._projection is not None:
            vectors = cosines(vectors, self._projection.T)
            norms = np.linalg.norm(vectors, axis=1, keepdims=True)
            vectors = vectors / np.maximum(norms, np.finfo(np.float32).tiny)
        named = encoding.tokens
        tokens = tuple(named[at] for at in keep)
        return TokenVectors(vectors, tokens, tuple(spans(encoding, keep, prompt)))

    def _encode(self, texts: Sequence[str], prompt: str) -> list[Encoding]:
        """The texts as the model reads them, each cut at its length."""
        return [self._pieces(encoding)[0] for encoding in self._encoded(texts, prompt)]

    def _encoded(self, texts: Sequence[str], prompt: str) -> list[Encoding]:
        whole = [prompt + text for text in texts]
        if self.card.lowercase:
            whole = [text.lower() for text in whole]
        if len(whole) == 1:  # a batch wakes threads
            return [self._tokenizer.encode(whole[0], add_special_tokens=False)]
        encodings: list[Encoding] = self._tokenizer.encode_batch(whole, add_special_tokens=False)
        return encodings

    def _pieces(self, plain: Encoding) -> list[Encoding]:
        """A text's tokens in pieces that the model can read, each with the special ones."""
        # The tokenizer's own truncation is a setting of the shared object, not of a call.
        room = self.max_tokens - self._tokenizer.num_special_tokens_to_add(is_pair=False)
        if len(plain.ids) <= room:
            return [self._tokenizer.post_process(plain)]
        plain.truncate(room)
        return [self._tokenizer.post_process(piece) for piece in (plain, *plain.overflowing)]

    def _run(
        self,
        graph: Graph,
        encodings: Sequence[Encoding],
        outputs: list[str],
    ) -> list[Vectors]:
        feeds = padded(encodings, self.card.pad_id)
        made: Any = graph.run(outputs, {name: feeds[name] for name in self.card.inputs})
        results: list[Vectors] = made
        if not np.isfinite(results[0]).all():
            raise ModelError(
                f"The model {self.name} made vectors that are not finite numbers.",
                about=str(self._folder),
                hint=f"Remove {self._folder} to export it anew, or name another model.",
            )
        return results


def open_embedder(
    model: str,
    cache_dir: Path,
    threads: int = 0,
    on_export: OnExport | None = None,
    *,
    device: str = "cpu",
    precision: Precision = "int8",
) -> TextEmbedder:
    """The embedder of ``model``; the first time, it is exported into ``cache_dir`` (seconds).

    ``on_export`` is then told so, in words. Models that cannot be exported run in torch. So do all
    on another ``device`` than ``cpu`` (``cuda``, ``cuda:1``, ``mps``): it gives the same vectors,
    so an index made on a GPU can be searched without one. ``precision`` is that of the CPU.
    ``ModelError`` where torch sees no such device.
    """
    if device != "cpu":
        from footnoted.index.torch_models import check_device  # noqa: PLC0415 - imports torch: 8 s

        check_device(device)
    source = find_model(model)
    folder = export_folder(cache_dir, source)
    if not folder.is_dir():
        from footnoted.index.export import export_model  # noqa: PLC0415 - imports torch: 8 s

        if on_export is not None:
            on_export(f"Preparing the model {source.name}: once, into {folder}")
        export_model(source, folder)
    card = read_card(folder)
    if card.runtime == "onnx" and device == "cpu":
        return OnnxEmbedder(folder, threads, precision=precision)
    from footnoted.index.torch_embedder import (  # noqa: PLC0415 - imports torch: 8 s
        SentenceTransformersEmbedder,
        TorchGraph,
        load_model,
    )

    loaded = load_model(source, device)
    if card.runtime == "onnx":
        return OnnxEmbedder(folder, threads, TorchGraph(loaded, device))
    if on_export is not None:
        on_export(card.note)
    return SentenceTransformersEmbedder(loaded, card)


def _projection(path: Path) -> Vectors | None:
    if not path.is_file():
        return None
    matrix: Vectors = np.load(path, allow_pickle=False)
    return matrix


def _mean(vectors: Vectors, weights: Vectors) -> Vectors:
    """The mean of unit vectors, of unit norm; of a single one, itself."""
    mean: Vectors = vectors[0]
    if len(vectors) > 1:
        mean = (vectors * weights[:, None]).sum(axis=0)
        mean = mean / np.maximum(np.linalg.norm(mean), np.finfo(np.float32).tiny)
    return mean
