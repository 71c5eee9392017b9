"""Our own small reader: what a passage says to a question or a claim, read together; no torch.

It goes on where the encoder's lower layers end, which have read question and passage apart
(DeFormer, Cao et al., ACL 2020): a passage's lower states are made once and kept, and a question
costs only the upper layers. ``eval.training`` makes it; its card says from what.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession

from footnoted.errors import ModelError
from footnoted.index.embedder import LowerStates
from footnoted.index.models import file_sha256
from footnoted.index.sessions import open_session, processors
from footnoted.protocols import Vectors

SHIPPED = Path(__file__).parent / "weights"
READER_FILE = "reader.onnx"
MANIFEST = "manifest.json"
INPUTS = ("states", "segments", "attention_mask")
OUTPUTS = ("answerable", "spans", "support")
LONGEST_SPAN = 20
"""Tokens of an answer; more than nearly all that people ask for."""
_PASSAGES = 192  # whose lower states are kept, 0.09 MB each
_QUESTIONS = 8  # whose readings are kept: reranking, answer and audit want the same


class FoundSpan(NamedTuple):
    """A likely answer: ``[start, end)`` of the passage's text, in code points.

    ``score`` is the sum of its logits less that of no answer: above 0, the answer is likelier.
    """

    score: float
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What one passage says to a question or a claim.

    ``relevance`` is a logit: that the passage answers, or holds a part of the claim. ``support``
    has the probabilities that the passage says nothing, a part, and all of a claim. ``logits
    (tokens, 2)`` are those of an answer's start and end at each token of the passage, ``places
    (tokens, 2)`` where these stand in its text, ``no_answer`` the sum of both for no answer.
    """

    relevance: float
    support: tuple[float, float, float]
    no_answer: float
    logits: Vectors
    places: NDArray[np.int32]

    @property
    def end(self) -> int:
        """How far the text was read: a model's length ends before some passages do."""
        return int(self.places[:, 1].max(initial=0))

    def best_span(self, start: int = 0, end: int | None = None) -> FoundSpan | None:
        """The likeliest answer within ``[start, end)`` of the text; ``None`` where no token is."""
        ends = self.places[:, 1]
        inside = self.places[:, 0] >= start
        if end is not None:
            inside &= ends <= end
        score, first, last = best_span(self.logits[inside], self.places[inside])
        return FoundSpan(score - self.no_answer, first, last) if last > first else None


class _Passage(NamedTuple):
    """A passage's lower states in half the memory (8 bits lose more) and its tokens' places."""

    states: NDArray[np.float16]
    places: NDArray[np.int32]


class LowerEncoder(Protocol):
    """What makes the lower states that the reader was trained on."""

    def lower_states(self, text: str) -> LowerStates: ...


class Reader:
    """The reader in ``path``, on the CPU; safe to share between threads."""

    def __init__(self, path: Path, encoder: LowerEncoder, threads: int = 0) -> None:
        """``threads`` read passages side by side, 0 for every processor; ``ModelError``."""
        self._path = path
        self._threads = threads or processors()
        self._question = lru_cache(maxsize=_QUESTIONS)(encoder.lower_states)
        self._passage = lru_cache(maxsize=_PASSAGES)(partial(_halved, encoder))
        self._readings: Callable[[str], dict[str, Reading]]
        self._readings = lru_cache(maxsize=_QUESTIONS)(_none_read)

    @cached_property
    def _session(self) -> InferenceSession:
        """Opened with the first passage: a search needs none."""
        return open_session(self._path, threads=1)

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """What each of ``passages`` says to ``question``, which may be a claim."""
        known = self._readings(question)
        new = [text for text in dict.fromkeys(passages) if text not in known]
        if not new:
            return [known[text] for text in passages]
        read = partial(self._read, self._question(question).states)
        if len(new) > 1 and self._threads > 1:
            with ThreadPoolExecutor(self._threads) as pool:
                known |= zip(new, pool.map(read, new), strict=True)
        else:
            known |= {text: read(text) for text in new}
        return [known[text] for text in passages]

    def score(self, question: str, texts: Sequence[str]) -> Vectors:
        """The relevance of each text, shape ``(len(texts),)``, float32: this is a reranker."""
        return np.array([r.relevance for r in self.read(question, texts)], np.float32)

    def _read(self, question: Vectors, text: str) -> Reading:
        passage = self._passage(text)
        states = np.concatenate([question, passage.states], dtype=np.float32)[None]
        segments = np.ones(states.shape[:2], np.int64)
        segments[0, : len(question)] = 0
        feeds = dict(zip(INPUTS, (states, segments, np.ones_like(segments)), strict=True))
        made: Any = self._session.run(list(OUTPUTS), feeds)
        answerable, spans, support = (output[0] for output in made)
        if not all(np.isfinite(output).all() for output in made):
            raise ModelError(
                "The reader made numbers that are not finite.",
                about=str(self._path),
                hint="Install Footnoted again, or ask with --fast, without the reader.",
            )
        return Reading(
            float(answerable),
            _softmax(support),
            float(spans[0].sum()),
            spans[len(question) :],
            passage.places,
        )


def open_reader(encoder: LowerEncoder, threads: int = 0, folder: Path = SHIPPED) -> Reader:
    """The reader in ``folder``, by default the one that is shipped.

    ``ModelError`` when its file is not the one that the folder's manifest names.
    """
    path = folder / READER_FILE
    expected = json.loads((folder / MANIFEST).read_text("utf-8"))[READER_FILE]["sha256"]
    found = file_sha256(path) if path.is_file() else "no file at all"
    if found != expected:
        raise ModelError(
            f"The reader {path} is not the one that was shipped: expected SHA-256 {expected}, "
            f"found {found}.",
            about=str(path),
            hint="Install Footnoted again, or ask with --fast, without the reader.",
        )
    return Reader(path, encoder, threads)


def best_span(logits: Vectors, spans: np.ndarray[Any, Any]) -> tuple[float, int, int]:
    """The score, first and last code point of the best span of at most ``LONGEST_SPAN`` tokens.

    ``logits (tokens, 2)`` are those of starts and ends, ``spans (tokens, 2)`` the tokens' code
    points; special tokens have none. Minus infinity and ``(0, 0)`` where there is no other token.
    """
    real = np.flatnonzero(spans[:, 1] > spans[:, 0])
    if not real.size:
        return float("-inf"), 0, 0
    starts, ends = logits[real, 0], logits[real, 1]
    sums = starts[:, None] + ends[None, :]
    at = np.arange(len(real))
    apart = at[None, :] - at[:, None]
    sums[(apart < 0) | (apart >= LONGEST_SPAN)] = -np.inf
    first, last = divmod(int(np.argmax(sums)), len(real))
    score = float(sums[first, last])
    return score, int(spans[real[first], 0]), int(spans[real[last], 1])


def _softmax(logits: Vectors) -> tuple[float, float, float]:
    shares = np.exp(logits - logits.max())
    none, part, whole = (shares / shares.sum()).tolist()
    return none, part, whole


def _halved(encoder: LowerEncoder, text: str) -> _Passage:
    made = encoder.lower_states(text)
    return _Passage(made.states.astype(np.float16), made.spans)


def _none_read(_: str) -> dict[str, Reading]:
    return {}
