"""A model's modules as an ONNX graph: traced, and written as it is loaded."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import onnxruntime
import torch

OUTPUTS = ("sentence_embedding", "token_embeddings")
_OPSET = 18
_TWO_LENGTHS = ("Who built the bridge over the river?", "The town.")  # one of them is padded


class _Modules(torch.nn.Module):  # type: ignore[misc]  # torch is not followed
    """The model's modules over positional inputs, as the exporter wants them."""

    def __init__(self, model: Any, inputs: tuple[str, ...]) -> None:
        super().__init__()
        self.parts = torch.nn.ModuleList(list(model))
        self.inputs = inputs

    def forward(self, *tensors: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features: dict[str, Any] = dict(zip(self.inputs, tensors, strict=True))
        features["modality"] = "text"
        for part in self.parts:
            features = part(features)
        unit = torch.nn.functional.normalize
        return (
            unit(features["sentence_embedding"], dim=-1),
            unit(features["token_embeddings"], dim=-1),
        )


def trace(model: Any, inputs: tuple[str, ...], path: Path) -> None:
    """Write the model's modules as one graph whose two outputs have unit norm."""
    features = model.preprocess(list(_TWO_LENGTHS))
    axes = {name: {0: "batch", 1: "tokens"} for name in (*inputs, "token_embeddings")}
    with warnings.catch_warnings(), torch.no_grad():
        # The exporter that traces is called legacy; the new one takes 12 s and needs onnxscript.
        for message in ("You are using the legacy", "The feature will be removed"):
            warnings.filterwarnings("ignore", message=message, category=DeprecationWarning)
        warnings.filterwarnings("ignore", message="Exporting aten::index", category=UserWarning)
        warnings.filterwarnings("ignore", category=torch.jit.TracerWarning)
        torch.onnx.export(
            _Modules(model, inputs).eval(),
            tuple(features[name] for name in inputs),
            str(path),
            input_names=list(inputs),
            output_names=list(OUTPUTS),
            dynamic_axes={**axes, "sentence_embedding": {0: "batch"}},
            opset_version=_OPSET,
            dynamo=False,
        )


def optimise(source: Path, target: Path, weights: str, *, fuse: bool = True) -> None:
    """Write the graph, its weights in a file ``weights`` beside it: mapped, not parsed.

    ``fuse`` has ONNX Runtime join its nodes.
    """
    levels = onnxruntime.GraphOptimizationLevel
    options = onnxruntime.SessionOptions()
    # EXTENDED holds on every CPU; ALL does not.
    options.graph_optimization_level = (
        levels.ORT_ENABLE_EXTENDED if fuse else levels.ORT_DISABLE_ALL
    )
    options.log_severity_level = 3
    options.optimized_model_filepath = str(target)
    prefix = "session.optimized_model_external_initializers"
    options.add_session_config_entry(f"{prefix}_file_name", weights)
    options.add_session_config_entry(f"{prefix}_min_size_in_bytes", "1024")
    onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])
