"""A BERT in 8 bits as a graph of our own making: few nodes, each the fastest of its kind.

What quantising a traced graph leaves is a fifth slower: its attention is thirty nodes that no
fusion knows, and ONNX Runtime's fused skip-and-norm is eight times slower than its plain norm.
The numbers are the same: a matrix is rounded to 8 bits with one scale a column, what meets it on
the fly, with one scale a tensor (``DynamicQuantizeMatMul``); attention and norms stay float32.
The layers are those of "BERT" (Devlin et al. 2019) with absolute positions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from footnoted.index.models import LOWER_LAYERS, LOWER_STATES

_OPSET = 18
_MICROSOFT = "com.microsoft"
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_LARGEST = 127


@dataclass(frozen=True, slots=True)
class Shape:
    """What the weights alone do not say."""

    layers: int
    heads: int
    epsilon: float


def readable(model: Any) -> bool:
    """Whether a sentence-transformers model is a BERT with its mean as the sentence's vector."""
    config = getattr(model[0], "auto_model", model[0]).config
    pooling = next((p.pooling_mode for p in model if getattr(p, "pooling_mode", "")), "")
    absolute = getattr(config, "position_embedding_type", None) in {None, "absolute"}
    return (
        config.model_type == "bert"
        and config.hidden_act == "gelu"
        and absolute
        and str(pooling) == "mean"
        and len(model) <= 3  # transformer, pooling, normalisation
    )


def sentence_graph(model: Any, outputs: tuple[str, str]) -> onnx.ModelProto:
    """The graph of a ``readable`` model; ``outputs`` name its sentence and its token vectors.

    A third output, ``LOWER_STATES``, has the hidden states after ``LOWER_LAYERS``, for the reader,
    where there are as many.
    """
    bert = model[0].auto_model
    config = bert.config
    weights = {name: value.numpy() for name, value in bert.state_dict().items()}
    graph = Graph(weights)
    shape = Shape(config.num_hidden_layers, config.num_attention_heads, config.layer_norm_eps)
    states = graph.encoder(shape)
    sentence, tokens = outputs
    graph.node("LpNormalization", [states], tokens, axis=-1, p=2)
    # Cosines do not see a vector's length, so the sum over the tokens does for their mean.
    counted = graph.node("Cast", ["attention_mask"], to=TensorProto.FLOAT)
    counted = graph.node("Unsqueeze", [counted, graph.constant(np.array([-1]))])
    summed = graph.node("Mul", [states, counted])
    summed = graph.node("ReduceSum", [summed, graph.constant(np.array([1]))], keepdims=0)
    graph.node("LpNormalization", [summed], sentence, axis=-1, p=2)
    dim = config.hidden_size
    every_token: list[str | int] = ["batch", "tokens", dim]
    shapes: dict[str, list[str | int]] = {sentence: ["batch", dim], tokens: every_token}
    if shape.layers >= LOWER_LAYERS:
        shapes[LOWER_STATES] = every_token
    return graph.model(dict.fromkeys(_INPUTS, (TensorProto.INT64, ["batch", "tokens"])), shapes)


def reader_graph(weights: Mapping[str, NDArray[np.float32]], heads: int) -> onnx.ModelProto:
    """The reader's layers and heads in 8 bits, of the weights of ``eval.training``'s ``Reader``.

    Inputs ``states (batch, length, dim)`` float32, ``segments`` and ``attention_mask``
    ``(batch, length)`` int64; outputs the logits ``answerable (batch,)``,
    ``spans (batch, length, 2)`` of starts and ends at every token, ``support (batch, 3)``.
    """
    graph = Graph(_named_as_bert(weights))
    kinds = graph.node("Gather", [graph.constant(weights["segments.weight"]), "segments"])
    states = graph.node("Add", ["states", kinds])
    mask = graph.node("Cast", ["attention_mask"], to=TensorProto.INT32)
    layers = len({name.split(".")[1] for name in weights if name.startswith("layers.")})
    for layer in range(layers):
        states = graph.layer(states, mask, f"encoder.layer.{layer}", Shape(layers, heads, 1e-12))
    first = graph.node("Gather", [states, graph.constant(np.array(0))], axis=1)
    pooled = graph.node("Tanh", [graph.exact(first, "pool")])
    answerable = graph.exact(pooled, "answerable")
    graph.node("Squeeze", [answerable, graph.constant(np.array([-1]))], "answerable")
    graph.exact(states, "span", "spans")
    claimed = graph.node("Tanh", [graph.exact(first, "claim_pool")])
    graph.exact(claimed, "support", "support")
    dim = weights["segments.weight"].shape[1]
    every_token = (TensorProto.INT64, ["batch", "length"])
    return graph.model(
        {
            "states": (TensorProto.FLOAT, ["batch", "length", dim]),
            "segments": every_token,
            "attention_mask": every_token,
        },
        {"answerable": ["batch"], "spans": ["batch", "length", 2], "support": ["batch", 3]},
    )


def _named_as_bert(weights: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    """A reader's weights with its layers' named as BERT's are, the three of attention apart."""
    names = {
        "out": "attention.output.dense",
        "norm": "attention.output.LayerNorm",
        "inner": "intermediate.dense",
        "outer": "output.dense",
        "outer_norm": "output.LayerNorm",
    }
    found = {}
    for name, value in weights.items():
        kind, *rest = name.split(".")
        if kind != "layers":
            found[name] = value
            continue
        layer, part, what = rest
        if part == "qkv":
            for own, third in zip(("query", "key", "value"), np.split(value, 3), strict=True):
                found[f"encoder.layer.{layer}.attention.self.{own}.{what}"] = third
        else:
            found[f"encoder.layer.{layer}.{names[part]}.{what}"] = value
    return found


@dataclass(slots=True)
class Graph:
    """Nodes and constants of a graph in the making; every method returns its result's name."""

    weights: Mapping[str, NDArray[np.float32]]
    _nodes: list[onnx.NodeProto] = field(default_factory=list)
    _constants: list[onnx.TensorProto] = field(default_factory=list)

    def encoder(self, shape: Shape) -> str:
        """The last hidden states, ``(batch, tokens, dim)``, of the graph's three inputs."""
        words = "embeddings.word_embeddings.weight"
        states = self.node("Gather", [self._weight(words), "input_ids"])
        kinds = "embeddings.token_type_embeddings.weight"
        states = self._sum(states, self.node("Gather", [self._weight(kinds), "token_type_ids"]))
        length = self.node("Shape", ["input_ids"], start=1, end=2)
        places = self._weight("embeddings.position_embeddings.weight")
        zero = self.constant(np.array([0]))
        states = self._sum(states, self.node("Slice", [places, zero, length, zero]))
        states = self._norm(states, "embeddings.LayerNorm", shape.epsilon)
        mask = self.node("Cast", ["attention_mask"], to=TensorProto.INT32)
        for layer in range(shape.layers):
            states = self.layer(states, mask, f"encoder.layer.{layer}", shape)
            if layer + 1 == LOWER_LAYERS:
                self.node("Identity", [states], LOWER_STATES)
        return states

    def layer(self, states: str, mask: str, layer: str, shape: Shape) -> str:
        """One layer on ``states``; ``layer`` is what its weights' names begin with."""
        parts = [f"{layer}.attention.self.{part}" for part in ("query", "key", "value")]
        # One product for all three: what meets the matrices is rounded once.
        together = self.dense(states, parts)
        three = self.nodes("Split", [together], 3, axis=-1, num_outputs=3)
        seen = self.node(
            "MultiHeadAttention", [*three, "", mask], domain=_MICROSOFT, num_heads=shape.heads
        )
        seen = self.dense(seen, [f"{layer}.attention.output.dense"])
        norm = f"{layer}.attention.output.LayerNorm"
        states = self._norm(self._sum(seen, states), norm, shape.epsilon)
        wide = self.dense(states, [f"{layer}.intermediate.dense"])
        wide = self.node("Gelu", [wide], domain=_MICROSOFT)
        narrow = self.dense(wide, [f"{layer}.output.dense"])
        return self._norm(self._sum(narrow, states), f"{layer}.output.LayerNorm", shape.epsilon)

    def dense(self, states: str, names: Sequence[str]) -> str:
        """The linear layers ``names`` side by side, in 8 bits."""
        matrix = np.concatenate([self.weights[f"{name}.weight"].T for name in names], axis=1)
        bias = np.concatenate([self.weights[f"{name}.bias"] for name in names])
        peaks = np.abs(matrix).max(axis=0)
        scales = (np.where(peaks, peaks, 1) / _LARGEST).astype(np.float32)
        rounded = np.clip(np.rint(matrix / scales), -_LARGEST, _LARGEST).astype(np.int8)
        zeros = np.zeros(len(scales), np.int8)
        constants = [self.constant(part) for part in (rounded, scales, zeros, bias)]
        return self.node("DynamicQuantizeMatMul", [states, *constants], domain=_MICROSOFT)

    def exact(self, states: str, name: str, output: str = "") -> str:
        """The linear layer ``name`` in float32: the heads are small."""
        matrix = self.constant(self.weights[f"{name}.weight"].T)
        product = self.node("MatMul", [states, matrix])
        return self.node("Add", [product, self._weight(f"{name}.bias")], output)

    def constant(self, values: NDArray[Any]) -> str:
        """These numbers."""
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.array(values, order="C"), name))
        return name

    def node(self, kind: str, inputs: Sequence[str], output: str = "", **options: Any) -> str:
        """The one result of a node, named ``output`` where that matters."""
        name = output or f"value_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [name], **options))
        return name

    def nodes(self, kind: str, inputs: Sequence[str], count: int, **options: Any) -> list[str]:
        """The ``count`` results of a node."""
        names = [f"value_{len(self._nodes)}_{at}" for at in range(count)]
        self._nodes.append(helper.make_node(kind, inputs, names, **options))
        return names

    def model(
        self,
        inputs: Mapping[str, tuple[int, Sequence[str | int]]],
        outputs: Mapping[str, Sequence[str | int]],
    ) -> onnx.ModelProto:
        """The whole, with ``inputs`` of a type and shape and float32 ``outputs`` of a shape."""
        named = helper.make_tensor_value_info
        graph = helper.make_graph(
            self._nodes,
            "bert",
            [named(name, kind, shape) for name, (kind, shape) in inputs.items()],
            [named(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
            self._constants,
        )
        domains = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=domains, ir_version=9)

    def _weight(self, name: str) -> str:
        return self.constant(self.weights[name])

    def _sum(self, left: str, right: str) -> str:
        return self.node("Add", [left, right])

    def _norm(self, states: str, name: str, epsilon: float) -> str:
        scale, bias = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return self.node("LayerNormalization", [states, scale, bias], axis=-1, epsilon=epsilon)
