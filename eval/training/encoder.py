"""The frozen lower layers: a text's hidden states after the first layers of the encoder.

Question and passage pass through them apart from each other (DeFormer, Cao et al. 2020), so that
a passage's states can be made before anybody asks. Positions begin at 0 and the token type is 0
for both, as in the encoder that makes our vectors.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from footnoted.index.models import find_model
from footnoted.settings import DEFAULT_MODEL

MAX_TOKENS = 256  # special ones included; a window of 80 words has about 110
WIDTH = 384
_BATCH_TOKENS = 6144


class LowerEncoder:
    """The tokenizer and the first ``layers`` layers of the default model, in torch."""

    def __init__(self, layers: int) -> None:
        from transformers import BertModel  # noqa: PLC0415 - slow to import

        self.layers = layers
        self.folder = model_folder()
        self._tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        whole: Any = BertModel.from_pretrained(self.folder, add_pooling_layer=False)
        whole.encoder.layer = whole.encoder.layer[:layers]
        self._model = whole.eval()

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """Tokens with special ones and code-point offsets, cut at ``MAX_TOKENS``."""
        encodings: list[Encoding] = self._tokenizer.encode_batch(list(texts))
        return encodings

    def states(self, encodings: Sequence[Encoding]) -> Any:
        """Shape ``(texts, longest, 384)``; bfloat16 arithmetic, float32 outcome, rows padded."""
        lengths = [len(e.ids) for e in encodings]
        ids = torch.zeros(len(lengths), max(lengths), dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, encoding in enumerate(encodings):
            ids[row, : lengths[row]] = torch.tensor(encoding.ids)
            mask[row, : lengths[row]] = 1
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            out = self._model(input_ids=ids, attention_mask=mask).last_hidden_state
        return out.float()


class StoredText(NamedTuple):
    """A text's states ``(tokens, 384)``, float16, and its tokens' code points ``(tokens, 2)``."""

    states: NDArray[np.float16]
    spans: NDArray[np.int32]


class Stored(Protocol):
    """The lower states of many texts, by number."""

    def __len__(self) -> int: ...

    def __getitem__(self, number: int) -> StoredText: ...

    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each text."""
        ...


class StateStore:
    """The lower states of many texts in one file that is mapped into memory."""

    def __init__(self, folder: Path) -> None:
        self._starts = np.load(folder / "starts.npy")
        self._spans = np.load(folder / "spans.npy")
        shape = (int(self._starts[-1]), WIDTH)
        self._states = np.memmap(folder / "states.f16", np.float16, mode="r", shape=shape)

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, number: int) -> StoredText:
        rows = slice(int(self._starts[number]), int(self._starts[number + 1]))
        return StoredText(self._states[rows], self._spans[rows])

    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each text."""
        lengths: NDArray[np.int64] = np.diff(self._starts)
        return lengths


class JoinedStores:
    """Several stores, the texts of each numbered on from those before it."""

    def __init__(self, stores: Sequence[Stored]) -> None:
        self._stores = stores
        self._ends = np.cumsum([len(store) for store in stores])

    def __len__(self) -> int:
        return int(self._ends[-1])

    def __getitem__(self, number: int) -> StoredText:
        at = int(np.searchsorted(self._ends, number, "right"))
        return self._stores[at][number - int(self._ends[at - 1] if at else 0)]

    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each text."""
        return np.concatenate([store.lengths() for store in self._stores])


def store_states(encoder: LowerEncoder, texts: Sequence[str], folder: Path) -> StateStore:
    """The store of ``texts`` in ``folder``; made anew unless one of the same texts is there."""
    note = {"layers": encoder.layers, "texts": len(texts), "code_points": sum(map(len, texts))}
    done = folder / "done.json"
    if not (done.is_file() and json.loads(done.read_text()) == note):
        folder.mkdir(parents=True, exist_ok=True)
        done.unlink(missing_ok=True)
        _write_states(encoder, texts, folder)
        done.write_text(json.dumps(note))
    return StateStore(folder)


def _write_states(encoder: LowerEncoder, texts: Sequence[str], folder: Path) -> None:
    encodings = encoder.encode(texts)
    lengths = [len(e.ids) for e in encodings]
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    np.save(folder / "starts.npy", starts)
    np.save(
        folder / "spans.npy", np.concatenate([np.array(e.offsets, np.int32) for e in encodings])
    )
    shape = (int(starts[-1]), WIDTH)
    stored = np.memmap(folder / "states.f16", np.float16, mode="w+", shape=shape)
    for rows in batches_by_length(lengths, _BATCH_TOKENS):
        states = encoder.states([encodings[row] for row in rows]).to(torch.float16).numpy()
        for row, state in zip(rows, states, strict=True):
            stored[starts[row] : starts[row + 1]] = state[: lengths[row]]
    stored.flush()


def batches_by_length(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Row numbers, shortest first, in batches of at most ``budget`` padded tokens (or one row)."""
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lambda row: lengths[row]):
        if batch and lengths[row] * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def model_folder() -> Path:
    """Where the default model's package keeps its weights."""
    folder = find_model(DEFAULT_MODEL).folder
    if folder is None:
        raise FileNotFoundError(f"the package of {DEFAULT_MODEL} holds no model folder")
    return folder
