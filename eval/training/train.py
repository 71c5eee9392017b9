"""Fine-tuning the upper layers: the loop, its checkpoints and its record."""

from __future__ import annotations

import copy
import json
import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch.nn import functional

from footnoted.eval.training.batches import Inputs, Targets, draw_batches, make_batch
from footnoted.eval.training.encoder import LowerEncoder, Stored
from footnoted.eval.training.model import Reader
from footnoted.eval.training.squad import NO_CLAIM, Pair
from footnoted.index.models import LOWER_LAYERS

ENCODER_LAYERS = 6
CHECKPOINT = "checkpoint.pt"
RECORD = "record.json"
_SPAN_WEIGHT = 0.5
_SUPPORT_WEIGHT = 0.5
_CLIP = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a run depends on besides the data; ``shares`` are parts of the rows.

    The learning rate rises over the ``warmup`` part of the run and falls to nothing at its end,
    which comes with the last row or after ``minutes``, evaluations included. A run that the time
    ends is not repeatable to the digit.
    """

    lower_layers: int = LOWER_LAYERS
    rows: int = 100_000
    learning_rate: float = 2e-4
    warmup: float = 0.06
    weight_decay: float = 0.01
    seed: int = 7
    minutes: float = 600.0
    evaluate_every: int = 600
    save_every: int = 100
    say_every: int = 50
    shares: Mapping[str, float] = field(
        default_factory=lambda: {
            "answer": 0.24,
            "unanswerable": 0.16,
            "elsewhere": 0.16,
            "swapped": 0.04,
            "claim": 0.10,
            "claim_swapped": 0.08,
            "claim_elsewhere": 0.06,
            "claim_two": 0.06,
            "claim_half": 0.04,
            "wice": 0.02,
            "wice_rest": 0.02,
            "wice_elsewhere": 0.02,
        }
    )


@dataclass(frozen=True, slots=True)
class Data:
    """What is trained on: pairs, and the lower states of the windows that they number."""

    pairs: Sequence[Pair]
    encoder: LowerEncoder
    store: Stored


class Losses(NamedTuple):
    """The losses of a batch, by head."""

    answerable: Any
    span: Any
    support: Any

    def sum(self) -> Any:
        """What is trained on: each head by its weight."""
        return self.answerable + _SPAN_WEIGHT * self.span + _SUPPORT_WEIGHT * self.support


class Watch(NamedTuple):
    """What happens beside the training: measuring, what to do then (with the step), and words."""

    evaluate: Callable[[Reader], Mapping[str, Any]]
    on_evaluated: Callable[[Reader, Mapping[str, Any], int], None]
    say: Callable[[str], None]


def train(plan: Plan, data: Data, folder: Path, watch: Watch, begin: Path | None = None) -> Reader:
    """Train as ``plan`` says, going on from the checkpoint in ``folder`` if there is one.

    Without one, from the weights of the reader in the file ``begin``, else from the encoder's.
    """
    torch.manual_seed(plan.seed)
    lengths = data.store.lengths().tolist()
    batches = draw_batches(data.pairs, lengths, plan.shares, plan.rows, plan.seed)
    run = _Run(plan, new_reader(plan, data.encoder, begin), len(batches))
    run.load(folder)
    last = run.progress >= 1.0
    while not last:
        rng = random.Random(plan.seed * 1_000_003 + run.steps)  # noqa: S311 - not for secrets
        chosen = [data.pairs[number] for number in batches[run.steps]]
        run.step(*make_batch(chosen, data.encoder, data.store, rng))
        last = run.progress >= 1.0
        if run.steps % plan.say_every == 0:
            watch.say(run.summary(plan.say_every))
        due = run.steps % plan.evaluate_every == 0 or last
        if due:
            outcome = watch.evaluate(run.reader)
            run.note(outcome)
            watch.on_evaluated(run.reader, outcome, run.steps)
        if run.steps % plan.save_every == 0 or due:
            run.save(folder)
    return run.reader


class _Run:
    """What changes while training goes on, and how it is written down.

    A bfloat16 copy of the reader does the arithmetic, the reader keeps the exact weights: half
    the memory traffic, and the processor's bfloat16 units, at no loss in what is summed up.
    """

    def __init__(self, plan: Plan, reader: Reader, total: int) -> None:
        self.reader = reader
        self.steps = 0
        self._plan, self._total = plan, total
        self._exact = list(reader.parameters())
        self._optimizer = torch.optim.AdamW(
            _groups(reader, plan), lr=plan.learning_rate, fused=True
        )
        self._copy = copy.deepcopy(reader).bfloat16()
        self._rough = list(self._copy.parameters())
        self._losses: list[Losses] = []
        self._log: list[dict[str, Any]] = []
        self._earlier = 0.0
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Time spent since the first step, over all processes that had a part."""
        return self._earlier + time.monotonic() - self._began

    @property
    def progress(self) -> float:
        """In [0, 1]: the part of the steps or of the time that is used up, whichever is more."""
        timed = self.seconds / (60 * self._plan.minutes)
        return min(max(self.steps / self._total, timed), 1.0)

    def step(self, inputs: Inputs, targets: Targets) -> None:
        """One update by one batch."""
        share = min(self.progress / self._plan.warmup, 1.0 - self.progress)
        for group in self._optimizer.param_groups:
            group["lr"] = self._plan.learning_rate * min(max(share, 0.01), 1.0)
        with torch.no_grad():
            torch._foreach_copy_(self._rough, self._exact)  # pyright: ignore[reportArgumentType]
        logits = self._copy(inputs.states.bfloat16(), inputs.segments, inputs.attention_mask)
        losses = losses_of(logits, targets)
        losses.sum().backward()
        for exact, rough in zip(self._exact, self._rough, strict=True):
            exact.grad = rough.grad.float()  # pyright: ignore[reportOptionalMemberAccess]
            rough.grad = None
        torch.nn.utils.clip_grad_norm_(self._exact, _CLIP)
        self._optimizer.step()
        self._losses.append(Losses(*(float(loss.detach()) for loss in losses)))
        self.steps += 1

    def summary(self, last: int) -> str:
        """A line for whoever waits: steps, time, and the mean losses of the ``last`` steps."""
        losses = " ".join(f"{name} {loss}" for name, loss in self._mean_losses(last).items())
        return (
            f"{self.steps}/{self._total} steps, {self.seconds:.0f} s, "
            f"{self.progress:.1%}, losses {losses}"
        )

    def note(self, outcome: Mapping[str, Any]) -> None:
        """Add an evaluation to the record, with the mean losses since the one before."""
        done = {"step": self.steps, "seconds": round(self.seconds, 1)}
        losses = self._mean_losses(len(self._losses))
        self._log.append({**done, "losses": losses, **outcome})
        self._losses = []

    def load(self, folder: Path) -> None:
        """Go on where the checkpoint in ``folder`` ends; nothing where there is none."""
        if not (folder / CHECKPOINT).is_file():
            return
        saved = torch.load(folder / CHECKPOINT, weights_only=True)
        self.reader.load_state_dict(saved["reader"])
        self._optimizer.load_state_dict(saved["optimizer"])
        self.steps = saved["step"]
        record = json.loads((folder / RECORD).read_text())
        self._earlier, self._log = record["seconds"], record["log"]

    def save(self, folder: Path) -> None:
        """The checkpoint last, so that one which is there has its record; files whole or not."""
        state = {
            "reader": self.reader.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "step": self.steps,
        }
        record = {"plan": asdict(self._plan), "seconds": self.seconds, "log": self._log}
        _replace(folder / RECORD, lambda path: path.write_text(json.dumps(record, indent=1)))
        _replace(folder / CHECKPOINT, lambda path: torch.save(state, path))

    def _mean_losses(self, last: int) -> dict[str, float]:
        recent = self._losses[-last:]
        return {
            name: round(sum(getattr(losses, name) for losses in recent) / max(len(recent), 1), 4)
            for name in Losses._fields
        }


def new_reader(plan: Plan, encoder: LowerEncoder, begin: Path | None = None) -> Reader:
    """A reader whose layers are the encoder's upper ones, or those of the reader in ``begin``.

    Heads that the latter lacks are new.
    """
    from safetensors.torch import load_file  # noqa: PLC0415

    reader = Reader(ENCODER_LAYERS - plan.lower_layers)
    reader.load_upper(load_file(encoder.folder / "model.safetensors"), plan.lower_layers)
    if begin is not None:
        reader.load_state_dict(torch.load(begin, weights_only=True), strict=False)
    return reader


def losses_of(logits: tuple[Any, ...], targets: Targets) -> Losses:
    """Binary cross-entropy of answerability; mean cross-entropies of start and end, of support."""
    answerable, start, end, support = logits
    placed = _mean_cross_entropy(start, targets.start) + _mean_cross_entropy(end, targets.end)
    return Losses(
        functional.binary_cross_entropy_with_logits(answerable, targets.answerable),
        placed / 2,
        _mean_cross_entropy(support, targets.support),
    )


def _mean_cross_entropy(logits: Any, targets: Any) -> Any:
    """Over the rows that have a target; nothing where none has."""
    summed = functional.cross_entropy(logits, targets, reduction="sum")
    return summed / max(int((targets != NO_CLAIM).sum()), 1)


def _groups(reader: Reader, plan: Plan) -> list[dict[str, Any]]:
    """Matrices decay; vectors (biases, norms) do not."""
    matrices = [p for p in reader.parameters() if p.ndim > 1]
    vectors = [p for p in reader.parameters() if p.ndim <= 1]
    return [
        {"params": matrices, "weight_decay": plan.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    aside = path.with_name(f".{path.name}.tmp")
    write(aside)
    os.replace(aside, path)  # noqa: PTH105 - the same in any spelling
