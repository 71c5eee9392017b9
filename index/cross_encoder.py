"""Scores of passages read together with a question, through ONNX Runtime; no torch.

A cross-encoder sees both texts at once, and so ranks better than vectors, at the price of one
pass through the model for each passage (Nogueira and Cho, "Passage Re-ranking with BERT",
arXiv:1901.04085).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from tokenizers import Encoding, Tokenizer

from footnoted.errors import ModelError
from footnoted.index.batches import batches, padded
from footnoted.index.embedder import OnExport
from footnoted.index.models import (
    ONNX_FILE,
    TOKENIZER_FILE,
    ModelCard,
    ModelSource,
    export_folder,
    find_model,
    read_card,
)
from footnoted.index.sessions import open_session
from footnoted.protocols import Vectors

SCORE = "score"
_BATCH_TOKENS = 4096  # padded tokens a batch, as for vectors: keeps ONNX Runtime's arena small


class CrossEncoder(Protocol):
    """A model that reads a question and a text together."""

    card: ModelCard

    @property
    def name(self) -> str:
        """The model, as a user would name it."""
        ...

    @property
    def max_tokens(self) -> int:
        """Tokens of question and text together, special ones included; what is longer is cut."""
        ...

    def score(self, question: str, texts: Sequence[str]) -> Vectors:
        """Shape ``(len(texts),)``, float32, unbounded; higher is better.

        These are logits: in the same order as a model's own activation would put them, but
        without its ties near 0 and 1. A sigmoid makes probabilities of them.
        """
        ...


class OnnxCrossEncoder:
    """An exported cross-encoder, run on the CPU; safe to share between threads."""

    def __init__(self, folder: Path, threads: int = 0) -> None:
        """``threads`` 0 leaves the number to ONNX Runtime; ``ModelError`` for a broken export."""
        self.card = read_card(folder)
        self._folder = folder
        # Its truncation, of whichever text is longer, was saved with it.
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        self._session = open_session(folder / ONNX_FILE, threads)

    @property
    def name(self) -> str:
        return self.card.name

    @property
    def max_tokens(self) -> int:
        return self.card.max_length

    def score(self, question: str, texts: Sequence[str]) -> Vectors:
        """Shape ``(len(texts),)``, float32, unbounded; higher is better."""
        scores = np.zeros(len(texts), np.float32)
        asked = self.card.query_prompt + question
        pairs = [(asked, text) for text in texts]
        encodings: list[Encoding] = self._tokenizer.encode_batch(pairs)
        for rows in batches([len(encoding.ids) for encoding in encodings], _BATCH_TOKENS):
            scores[rows] = self._run([encodings[row] for row in rows])
        return finite(scores, self.card, self._folder)

    def _run(self, encodings: Sequence[Encoding]) -> Vectors:
        feeds = padded(encodings, self.card.pad_id)
        made: Any = self._session.run([SCORE], {name: feeds[name] for name in self.card.inputs})
        scores: Vectors = made[0]
        return scores


def open_cross_encoder(
    model: str,
    cache_dir: Path,
    threads: int = 0,
    on_export: OnExport | None = None,
    device: str = "cpu",
) -> CrossEncoder:
    """The cross-encoder ``model``: a folder, or a name of the hub.

    The first time, it is exported into ``cache_dir`` (seconds), and ``on_export`` is told so, in
    words. Models that cannot be exported run in torch, and so do all on another ``device`` than
    ``cpu``. ``ModelError`` for what cannot be loaded, does not score pairs, or makes scores that
    are not finite.
    """
    if device != "cpu":
        from footnoted.index.torch_models import check_device  # noqa: PLC0415 - imports torch: 8 s

        check_device(device)
    source = find_model(model)
    folder = pair_folder(cache_dir, source)
    if not folder.is_dir():
        from footnoted.index.cross_encoder_export import (  # noqa: PLC0415 - imports torch: 8 s
            export_cross_encoder,
        )

        if on_export is not None:
            on_export(f"Preparing the reranker {source.name}: once, into {folder}")
        export_cross_encoder(source, folder)
    card = read_card(folder)
    if card.runtime == "onnx" and device == "cpu":
        return OnnxCrossEncoder(folder, threads)
    from footnoted.index.cross_encoder_torch import (  # noqa: PLC0415 - imports torch: 8 s
        TorchCrossEncoder,
        load_cross_encoder,
    )

    if card.note and on_export is not None:
        on_export(card.note)
    return TorchCrossEncoder(load_cross_encoder(source, device), card)


def pair_folder(cache_dir: Path, source: ModelSource) -> Path:
    """Where the export of ``source`` as a cross-encoder belongs, beside those for vectors."""
    folder = export_folder(cache_dir, source)
    return folder.with_name(f"{folder.name}-pairs")


def finite(scores: Vectors, card: ModelCard, where: Path | str) -> Vectors:
    """``scores`` themselves; ``ModelError`` when one of them is not a finite number."""
    if not np.isfinite(scores).all():
        raise ModelError(
            f"The reranker {card.name} made scores that are not finite numbers.",
            about=str(where),
            hint=f"Remove {where} to export it anew, or name another reranker.",
        )
    return scores
