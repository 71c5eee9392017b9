"""How well a reader tells answerable questions from others, and finds the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from footnoted.eval.refusals import auroc
from footnoted.eval.tokens import contains_answer
from footnoted.eval.training.batches import Inputs, join
from footnoted.eval.training.benchmarks import Asking
from footnoted.eval.training.encoder import LowerEncoder, StoredText, batches_by_length
from footnoted.eval.training.squad import NOT_SUPPORTED, SUPPORTED
from footnoted.index.reader import best_span

Forward: TypeAlias = Callable[[Inputs], tuple[Any, ...]]
"""From the inputs to the logits ``answerable``, ``start``, ``end`` and ``support``, as arrays."""

_BATCH_TOKENS = 4096


class Prepared(NamedTuple):
    """A benchmark with its lower states: of each question, and of each of its texts."""

    asked: tuple[Asking, ...]
    questions: tuple[NDArray[np.float16], ...]
    texts: tuple[tuple[StoredText, ...], ...]


class Reading(NamedTuple):
    """The reader's opinion of one question or claim and one text; the span counts code points.

    ``span`` is the sum of the best span's two logits, less those of "no answer"; ``supported`` the
    logit of full support less that of none.
    """

    answerable: float
    span: float
    start: int
    end: int
    supported: float

    @property
    def both(self) -> float:
        """Each head weighs the same: the span's score is a sum of two logits."""
        return self.answerable + self.span / 2


class Scores(NamedTuple):
    """AUROC by each score, the best text of a question or claim counting; the best span's recall.

    ``recall`` is the share of the answerable questions whose best text's best span holds an
    alternative of any group of answers, or lies in one.
    """

    questions: int
    answerable: float
    span: float
    both: float
    supported: float
    recall: float


def prepare(asked: Sequence[Asking], encoder: LowerEncoder) -> Prepared:
    """The lower states of every question and text, once for all later measurements."""
    texts = sorted({text for asking in asked for text in asking.texts})
    stored = dict(zip(texts, _lower(texts, encoder), strict=True))
    questions = _lower([asking.question for asking in asked], encoder)
    return Prepared(
        tuple(asked),
        tuple(question.states for question in questions),
        tuple(tuple(stored[text] for text in asking.texts) for asking in asked),
    )


def measure(prepared: Prepared, forward: Forward, language: str | None = None) -> Scores:
    """The scores of a reader on a benchmark, or on its questions of one language."""
    pairs = [
        (asking, reading)
        for asking, reading in zip(prepared.asked, read_all(prepared, forward), strict=True)
        if language is None or asking.language == language
    ]
    labels = [asking.answerable for asking, _ in pairs]
    by_score = [
        auroc([max(getattr(r, score) for r in readings) for _, readings in pairs], labels)
        for score in ("answerable", "span", "both", "supported")
    ]
    recall = np.mean([_found(asking, r) for asking, r in pairs if asking.answerable])
    return Scores(len(pairs), by_score[0], by_score[1], by_score[2], by_score[3], float(recall))


def read_all(prepared: Prepared, forward: Forward) -> list[list[Reading]]:
    """Every question's readings, in the order of its texts."""
    rows = [(q, t) for q, texts in enumerate(prepared.texts) for t in range(len(texts))]
    asked = [prepared.questions[q] for q, _ in rows]
    texts = [prepared.texts[q][t] for q, t in rows]
    lengths = [len(q) + len(t.states) for q, t in zip(asked, texts, strict=True)]
    readings: list[list[Reading]] = [[] for _ in prepared.asked]
    read: dict[int, Reading] = {}
    for batch in batches_by_length(lengths, _BATCH_TOKENS):
        inputs = join([asked[row] for row in batch], [texts[row] for row in batch])
        answerable, starts, ends, support = (np.asarray(logits) for logits in forward(inputs))
        for at, row in enumerate(batch):
            here = slice(len(asked[row]), lengths[row])
            placed = np.stack([starts[at, here], ends[at, here]], axis=1)
            score, first, last = best_span(placed, texts[row].spans)
            span = (score - float(starts[at, 0] + ends[at, 0]), first, last)
            supported = float(support[at][SUPPORTED] - support[at][NOT_SUPPORTED])
            read[row] = Reading(float(answerable[at]), *span, supported)
    for row, (question, _) in enumerate(rows):
        readings[question].append(read[row])
    return readings


def torch_forward(reader: Any) -> Forward:
    """A reader in torch, as a function from inputs to arrays; bfloat16 arithmetic."""

    def forward(inputs: Inputs) -> tuple[Any, ...]:
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            out = reader(inputs.states.bfloat16(), inputs.segments, inputs.attention_mask)
        return tuple(logits.float().numpy() for logits in out)

    return forward


def _lower(texts: Sequence[str], encoder: LowerEncoder) -> list[StoredText]:
    encodings = encoder.encode(texts)
    lengths = [len(encoding.ids) for encoding in encodings]
    lower: dict[int, StoredText] = {}
    for rows in batches_by_length(lengths, _BATCH_TOKENS):
        states = encoder.states([encodings[row] for row in rows]).to(torch.float16).numpy()
        for row, state in zip(rows, states, strict=True):
            spans = np.array(encodings[row].offsets, np.int32)
            lower[row] = StoredText(state[: lengths[row]].copy(), spans)
    return [lower[row] for row in range(len(texts))]


def _found(asking: Asking, readings: Sequence[Reading]) -> bool:
    at = max(range(len(readings)), key=lambda n: readings[n].both)
    span = asking.texts[at][readings[at].start : readings[at].end]
    return bool(span.strip()) and any(
        contains_answer(span, answer, asking.language)
        or contains_answer(answer, span, asking.language)
        for group in asking.answers
        for answer in group
    )
