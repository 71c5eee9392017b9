"""Passages and claims for the benchmark of BM25, from the development sets.

The sets' documents are cut into windows of words. Where these are too few, altered copies follow:
in each, every third word or so is exchanged for one drawn from all words of all windows. Lengths
and the frequencies of words, which is what BM25's work depends on, stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from footnoted.errors import InputError
from footnoted.eval.datasets.beir import load_beir
from footnoted.eval.datasets.kinds import CORPUS
from footnoted.eval.datasets.lines import read_by_id

CLAIMS = "wice-dev-passages"
SETS = (
    *(CLAIMS, "clapnq-dev-A", "squad2-dev-A", "nq-oracle", "selqa-dev", "expertqa-val"),
    *("realtimeqa-2022a", "famus-dev", "quotesum-dev", "train/squad11-train"),
)
WINDOW = 100  # words of a passage
CLAIM = 25  # words of a claim
EXCHANGED = 0.3


def bench_passages(bench: Path, count: int, seed: int) -> tuple[list[str], int]:
    """``count`` passages, and how many of them are altered copies.

    Raises ``InputError`` for a set that is missing from ``bench`` or broken.
    """
    windows = _windows(bench)[:count]
    wanted = count - len(windows)
    rng = np.random.default_rng(seed)
    every = [word for window in windows for word in window]
    copies: list[list[str]] = []
    while len(copies) < wanted:
        copies += [_altered(window, every, rng) for window in windows[: wanted - len(copies)]]
    return [" ".join(words) for words in (*windows, *copies)], wanted


def bench_claims(bench: Path) -> list[str]:
    """The first 25 words of every claim that has so many."""
    queries = (question.text.split() for question in load_beir(bench / CLAIMS).questions)
    return [" ".join(words[:CLAIM]) for words in queries if len(words) >= CLAIM]


def _windows(bench: Path) -> list[list[str]]:
    found: list[list[str]] = []
    for name in SETS:
        path = bench / name / CORPUS
        if not path.is_file():
            raise InputError(
                f"There is no file {path}.", about=str(path),
                hint="Name the folder that holds the development sets.",
            )  # fmt: skip
        for line in read_by_id(path).values():
            found += _cut((line.optional_text("text") or "").split())
    return found


def _cut(words: Sequence[str]) -> Iterable[list[str]]:
    return (list(words[start : start + WINDOW]) for start in range(0, len(words), WINDOW))


def _altered(words: Sequence[str], every: Sequence[str], rng: np.random.Generator) -> list[str]:
    drawn: list[int] = rng.integers(len(every), size=len(words)).tolist()
    kept: list[bool] = (rng.random(len(words)) >= EXCHANGED).tolist()
    return [word if keep else every[at] for word, keep, at in zip(words, kept, drawn, strict=True)]
