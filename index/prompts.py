"""The words that a model wants before every query and every passage.

A model says so itself, in ``config_sentence_transformers.json``. Two families that need them were
published before that file could hold them, so they are here; what a model declares comes first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

_PASSAGE_NAMES = ("document", "passage", "corpus")  # the order of sentence-transformers
_CACHED = re.compile(r"models--.+?--(?P<name>[^/\\]+)[/\\]snapshots[/\\][^/\\]+[/\\]?$")


class Prompts(NamedTuple):
    """What stands before a query, and before a passage; empty for nothing."""

    query: str
    passage: str


# E5: Wang et al., "Text Embeddings by Weakly-Supervised Contrastive Pre-training",
# arXiv:2212.03533, and "Multilingual E5 Text Embeddings", arXiv:2402.05672: trained with both
# words, and worse without. Their "instruct" models are another kind and declare their own.
# BGE: Xiao et al., "C-Pack", arXiv:2309.07597, and the model list of FlagOpen/FlagEmbedding: an
# instruction before queries only. BGE-M3 has none.
_UNDECLARED: tuple[tuple[re.Pattern[str], Prompts], ...] = (
    (
        re.compile(r"(multilingual-)?e5-(small|base|large)(-v2|-unsupervised)?"),
        Prompts("query: ", "passage: "),
    ),
    (
        re.compile(r"bge-(small|base|large)-en(-v1\.5)?"),
        Prompts("Represent this sentence for searching relevant passages: ", ""),
    ),
    (
        re.compile(r"bge-(small|base|large)-zh(-v1\.5)?"),
        Prompts("为这个句子生成表示以用于检索相关文章：", ""),
    ),
)


def prompts_for(name: str, declared: Mapping[str, str | None]) -> Prompts:
    """The prompts of the model ``name`` (a hub name or a folder), given those that it declares.

    One that it declares, for either side, leaves no room for the table. sentence-transformers
    writes empty prompts into every model that it saves, so empty ones declare nothing.
    """
    query = declared.get("query") or ""
    passage = next((text for key in _PASSAGE_NAMES if (text := declared.get(key))), "")
    if query or passage:
        return Prompts(query, passage)
    last = _last_part(name).lower()
    known = (prompts for pattern, prompts in _UNDECLARED if pattern.fullmatch(last))
    return next(known, Prompts("", ""))


def _last_part(name: str) -> str:
    """The model's own name, also where the hub's cache has hidden it in the middle of a path."""
    if cached := _CACHED.search(name):
        return cached["name"]
    return re.split(r"[/\\]", name.rstrip("/\\"))[-1]
