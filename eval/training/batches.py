"""From labelled pairs to training batches: what is drawn, in which order, and as which tensors."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from footnoted.eval.training.encoder import LowerEncoder, Stored, StoredText
from footnoted.eval.training.model import PASSAGE, WIDTH
from footnoted.eval.training.squad import NO_CLAIM, NOT_SUPPORTED, Pair

BATCH = 32
_SORTED_TOGETHER = 64 * BATCH  # pairs whose windows are sorted by length before they are cut up
_WORDS_ALONE = 0.1  # share of the questions of which only the telling words are typed
_LEFT_OUT = re.compile(
    r"\b(?:an?|the|of|in|on|at|by|to|for|is|are|was|were|did|does|do|has|have|had|how|many|much"
    r"|what|which|who|whom|whose|when|where)\b",
    re.IGNORECASE,
)
_WITHOUT_MARK = 0.3  # share of the questions that lose their question mark, as in a search box


class Inputs(NamedTuple):
    """What the reader reads: ``(batch, length, 384)`` and twice ``(batch, length)``."""

    states: Any
    segments: Any
    attention_mask: Any


class Targets(NamedTuple):
    """``(batch,)`` each: 1 or 0; the positions of the answer, 0 where there is none; support.

    -100 stands where the loss has nothing to say: an answer beyond the tokens that were kept,
    the place of a claim, the support of a question.
    """

    answerable: Any
    start: Any
    end: Any
    support: Any


def draw_batches(
    pairs: Sequence[Pair],
    lengths: Sequence[int],
    shares: Mapping[str, float],
    rows: int,
    seed: int,
) -> list[list[int]]:
    """About ``rows`` numbers of pairs in batches of ``BATCH``, windows of like length together.

    ``shares`` are the parts of the origins; an origin is used up before any of its pairs comes
    again. The outcome depends on nothing but the arguments.
    """
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    of_origin: dict[str, list[int]] = {origin: [] for origin in shares}
    for number, pair in enumerate(pairs):
        if pair.origin in of_origin:
            of_origin[pair.origin].append(number)
    drawn: list[int] = []
    for origin, share in shares.items():
        wanted, pool = round(rows * share / sum(shares.values())), of_origin[origin]
        while wanted > 0 and pool:
            part = rng.sample(pool, min(wanted, len(pool)))
            drawn += part
            wanted -= len(part)
    rng.shuffle(drawn)
    batches = []
    for at in range(0, len(drawn), _SORTED_TOGETHER):
        near = sorted(drawn[at : at + _SORTED_TOGETHER], key=lambda n: lengths[pairs[n].window])
        chunks = [near[b : b + BATCH] for b in range(0, len(near), BATCH)]
        rng.shuffle(chunks)
        batches += chunks
    return batches


def make_batch(
    pairs: Sequence[Pair], encoder: LowerEncoder, store: Stored, rng: random.Random
) -> tuple[Inputs, Targets]:
    """The tensors of some pairs; ``rng`` decides how questions are typed."""
    questions = [_typed(pair, rng) for pair in pairs]
    encodings = encoder.encode(questions)
    asked = encoder.states(encodings).to(torch.float16).numpy()
    sizes = [len(encoding.ids) for encoding in encodings]
    texts = [store[pair.window] for pair in pairs]
    inputs = join([a[:n] for a, n in zip(asked, sizes, strict=True)], texts)
    places = [
        _place(pair, text, size) for pair, text, size in zip(pairs, texts, sizes, strict=True)
    ]
    return inputs, Targets(
        torch.tensor([float(pair.answerable) for pair in pairs]),
        torch.tensor([start for start, _ in places]),
        torch.tensor([end for _, end in places]),
        torch.tensor([pair.support for pair in pairs]),
    )


def _typed(pair: Pair, rng: random.Random) -> str:
    """The question as people type it; a claim as it stands."""
    if pair.support != NO_CLAIM:
        return pair.question
    style = rng.random()
    if style < _WORDS_ALONE:
        words = _LEFT_OUT.sub(" ", pair.question.rstrip("? ")).split()
        return " ".join(words) or pair.question
    return pair.question.rstrip("? ") if style < _WORDS_ALONE + _WITHOUT_MARK else pair.question


def join(questions: Sequence[Any], texts: Sequence[StoredText]) -> Inputs:
    """Each question's states and its text's, one after the other, padded; states are float32."""
    sizes = [len(q) + len(t.states) for q, t in zip(questions, texts, strict=True)]
    shape = (len(sizes), max(sizes))
    states = np.zeros((*shape, WIDTH), np.float16)
    segments, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for row, (question, text) in enumerate(zip(questions, texts, strict=True)):
        states[row, : len(question)] = question
        states[row, len(question) : sizes[row]] = text.states
        segments[row, len(question) : sizes[row]] = PASSAGE
        mask[row, : sizes[row]] = 1
    return Inputs(
        torch.from_numpy(states).float(), torch.from_numpy(segments), torch.from_numpy(mask)
    )


def _place(pair: Pair, text: StoredText, offset: int) -> tuple[int, int]:
    """The first and last position of the answer in the joined row."""
    if pair.support > NOT_SUPPORTED:
        return -100, -100
    if not pair.answerable:
        return 0, 0
    starts, ends = text.spans[:, 0], text.spans[:, 1]
    inside = np.flatnonzero((starts < pair.end) & (ends > pair.start) & (ends > starts))
    if not inside.size or ends[inside[-1]] < pair.end:
        return -100, -100
    return offset + int(inside[0]), offset + int(inside[-1])
