"""A trained reader as the ONNX file that is shipped: its matrices in 8 bits."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch

from footnoted.eval.training.batches import Inputs
from footnoted.eval.training.evaluate import Forward
from footnoted.eval.training.model import FAR, HEADS, WIDTH, Reader
from footnoted.index.bert_graph import reader_graph
from footnoted.index.reader import INPUTS, OUTPUTS

_ALIKE = 0.98  # least correlation of the rounded reader's logits with the exact one's


def export_reader(reader: Reader, path: Path) -> None:
    """Write ``reader`` to ``path``, whole or not at all.

    ``ArithmeticError`` when the rounded logits of random rows say other things than torch's.
    """
    weights = {name: value.detach().numpy() for name, value in reader.state_dict().items()}
    aside = path.with_name(f".{path.name}.tmp")
    onnx.save_model(reader_graph(weights, HEADS), aside)
    _check(reader.eval(), aside)
    os.replace(aside, path)  # noqa: PTH105 - the same in any spelling


def onnx_forward(path: Path, threads: int = 2) -> Forward:
    """An exported reader, as a function from inputs to arrays."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def forward(inputs: Inputs) -> tuple[Any, ...]:
        feeds = {name: getattr(inputs, name).numpy() for name in INPUTS}
        answerable, spans, support = map(np.asarray, session.run(list(OUTPUTS), feeds))
        outside = feeds["segments"] * feeds["attention_mask"] == 0
        outside[:, 0] = False  # "no answer"
        spans[outside] = FAR
        return answerable, spans[:, :, 0], spans[:, :, 1], support

    return forward


def sample_inputs(rows: int, question: int, passage: int, seed: int = 0) -> Inputs:
    """Random states of the given sizes (tokens), the last row's passage half as long."""
    length = question + passage
    generator = torch.Generator().manual_seed(seed)
    mask = torch.ones(rows, length, dtype=torch.long)
    mask[-1, question + passage // 2 :] = 0
    segments = torch.zeros(rows, length, dtype=torch.long)
    segments[:, question:] = 1
    return Inputs(torch.randn(rows, length, WIDTH, generator=generator), segments * mask, mask)


def _check(reader: Reader, path: Path) -> None:
    """The exported file must do what the reader does, but for what 8 bits lose."""
    inputs = sample_inputs(8, 9, 77, seed=1)
    with torch.no_grad():
        expected = [logits.numpy() for logits in reader(*inputs)]
    for ours, theirs in zip(expected, onnx_forward(path)(inputs), strict=True):
        inside = ours > FAR / 2
        if ours.shape != theirs.shape or not np.array_equal(inside, theirs > FAR / 2):
            raise ArithmeticError("the exported reader has outputs of another shape than torch's")
        if np.corrcoef(ours[inside], theirs[inside])[0, 1] < _ALIKE:
            raise ArithmeticError("the exported reader says other things than torch's")
