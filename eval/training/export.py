"""A trained reader as ONNX files: in float32, and with its matrices in 8 bits."""

from __future__ import annotations

import os
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch

from footnoted.eval.training.batches import Inputs
from footnoted.eval.training.evaluate import Forward
from footnoted.eval.training.model import WIDTH, Reader

INPUTS = ("states", "segments", "attention_mask")
OUTPUTS = ("answerable", "start", "end", "support")
_OPSET = 18
_CLOSE = 2e-3


def export_reader(reader: Reader, full: Path, quantised: Path) -> None:
    """Write ``reader`` to ``full`` and its int8 variant to ``quantised``, each whole or not at all.

    ``ArithmeticError`` when ONNX Runtime's outputs differ from torch's by more than 0.002.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415

    with tempfile.TemporaryDirectory(dir=full.parent) as folder:
        traced, small = Path(folder) / "reader.onnx", Path(folder) / "reader.int8.onnx"
        _trace(reader.eval(), traced)
        _check(reader, traced)
        quantize_dynamic(
            traced,
            small,
            op_types_to_quantize=["MatMul"],
            weight_type=QuantType.QInt8,
            per_channel=True,
            extra_options={"MatMulConstBOnly": True},
        )
        os.replace(traced, full)  # noqa: PTH105
        os.replace(small, quantised)  # noqa: PTH105


def onnx_forward(path: Path, threads: int = 2) -> Forward:
    """An exported reader, as a function from inputs to arrays."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def forward(inputs: Inputs) -> tuple[Any, ...]:
        feeds = {name: getattr(inputs, name).numpy() for name in INPUTS}
        return tuple(session.run(list(OUTPUTS), feeds))

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


def _trace(reader: Reader, path: Path) -> None:
    with warnings.catch_warnings():
        # The exporter that traces is called legacy; the new one needs onnxscript.
        for message in ("You are using the legacy", "The feature will be removed"):
            warnings.filterwarnings("ignore", message=message, category=DeprecationWarning)
        warnings.filterwarnings("ignore", category=torch.jit.TracerWarning)
        torch.onnx.export(
            reader,
            tuple(sample_inputs(2, 12, 40)),
            str(path),
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_axes={
                **{name: {0: "batch", 1: "length"} for name in (*INPUTS, "start", "end")},
                "answerable": {0: "batch"},
                "support": {0: "batch"},
            },
            opset_version=_OPSET,
            dynamo=False,
        )


def _check(reader: Reader, path: Path) -> None:
    """The exported file must do what the reader does, at sizes other than the traced ones."""
    inputs = sample_inputs(3, 9, 77, seed=1)
    with torch.no_grad():
        expected = [logits.numpy() for logits in reader(*inputs)]
    for name, ours, theirs in zip(OUTPUTS, expected, onnx_forward(path)(inputs), strict=True):
        if ours.shape != theirs.shape or float(np.abs(ours - theirs).max()) > _CLOSE:
            raise ArithmeticError(f"the exported reader's {name} differs from torch's")
