"""The reader: upper layers that see question and passage together, and its three heads.

DeFormer (Cao et al., ACL 2020): the encoder's own upper layers go on from the lower states of
both texts, side by side, with a learned segment vector added to each. Answerability is read off
the question's first token; start and end off every token of the passage, and "no answer" off the
question's first token, as BERT does for SQuAD 2.0 (Devlin et al. 2019). What a passage makes of a
claim that stands in the question's place (supported, in part, not) has a pool of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.nn import functional

WIDTH = 384
HEADS = 12
INNER = 1536
QUESTION, PASSAGE = 0, 1
FAR = -1e4  # a logit that no softmax keeps, and that bfloat16 and int8 can hold


class Layer(nn.Module):  # type: ignore[misc] # torch is untyped to us
    """A post-norm transformer layer as in BERT, query, key and value in one matrix."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.inner = nn.Linear(WIDTH, INNER)
        self.outer = nn.Linear(INNER, WIDTH)
        self.outer_norm = nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, x: Any, bias: Any) -> Any:
        """``x``: ``(batch, length, 384)``; ``bias``: added to the attention logits."""
        batch, length = x.shape[0], x.shape[1]
        qkv = self.qkv(x).view(batch, length, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        query, key, value = qkv[0], qkv[1], qkv[2]
        # Written out: torch's fused kernel has a slow backward pass in bfloat16 on CPUs.
        logits = (query / math.sqrt(WIDTH / HEADS)) @ key.transpose(-1, -2) + bias
        mixed = logits.softmax(-1).to(value.dtype) @ value
        x = self.norm(x + self.out(mixed.transpose(1, 2).reshape(batch, length, WIDTH)))
        return self.outer_norm(x + self.outer(functional.gelu(self.inner(x))))


class Reader(nn.Module):  # type: ignore[misc]
    """Upper layers, segment vectors and heads; ``layers`` is how many of them there are."""

    def __init__(self, layers: int) -> None:
        super().__init__()
        self.segments = nn.Embedding(2, WIDTH)
        nn.init.normal_(self.segments.weight, std=0.02)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))
        self.pool = nn.Linear(WIDTH, WIDTH)
        self.answerable = nn.Linear(WIDTH, 1)
        self.span = nn.Linear(WIDTH, 2)
        self.claim_pool = nn.Linear(WIDTH, WIDTH)
        self.support = nn.Linear(WIDTH, 3)

    def forward(self, states: Any, segments: Any, attention_mask: Any) -> tuple[Any, ...]:
        """Logits: ``answerable (batch,)``, ``start`` and ``end (batch, length)``, ``support``.

        ``support (batch, 3)`` is for none, for a part, for all of a claim.
        ``states (batch, length, 384)`` holds the question's and then the passage's lower states,
        ``segments`` 0 and 1 for them. Position 0 of ``start`` and ``end`` means "no answer"; all
        other positions outside the passage hold -10000.
        """
        x = states + self.segments(segments)
        bias = (1.0 - attention_mask.to(states.dtype))[:, None, None, :] * FAR
        for layer in self.layers:
            x = layer(x, bias)
        first = x[:, 0]
        answerable = self.answerable(torch.tanh(self.pool(first))).squeeze(-1)
        allowed = segments * attention_mask
        allowed = torch.cat([torch.ones_like(allowed[:, :1]), allowed[:, 1:]], dim=1)
        spans = self.span(x).float() + (1.0 - allowed.to(torch.float32))[:, :, None] * FAR
        support = self.support(torch.tanh(self.claim_pool(first)))
        return answerable.float(), spans[:, :, 0], spans[:, :, 1], support.float()

    def load_upper(self, weights: Mapping[str, Any], first: int) -> None:
        """Begin from an encoder's ``state_dict``: its layers ``first``, ``first + 1``, …"""
        names = {
            "out": "attention.output.dense",
            "norm": "attention.output.LayerNorm",
            "inner": "intermediate.dense",
            "outer": "output.dense",
            "outer_norm": "output.LayerNorm",
        }
        for number, layer in enumerate(self.layers, start=first):
            prefix = f"encoder.layer.{number}."
            for kind in ("weight", "bias"):
                own = {ours: weights[f"{prefix}{theirs}.{kind}"] for ours, theirs in names.items()}
                parts = [
                    weights[f"{prefix}attention.self.{part}.{kind}"]
                    for part in ("query", "key", "value")
                ]
                own["qkv"] = torch.cat(parts)
                for name, value in own.items():
                    getattr(getattr(layer, name), kind).data.copy_(value)
