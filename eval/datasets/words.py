"""Claims whose unsupported words are marked: how well missing words tell them.

The task is WiCE's (Kamoi et al. 2023): of a partly supported claim, which words does the cited page
not support? The floor says: those whose stem the page does not hold. A resample draws claims, for
the words of one claim hang together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from footnoted.eval.datasets.kinds import DatasetKind, word_files
from footnoted.eval.datasets.lines import read_lines
from footnoted.eval.datasets.results import DatasetEvaluation
from footnoted.eval.refusals import auroc
from footnoted.eval.runs import EvalReport
from footnoted.eval.statistics import Floats, Interval, bootstrap_statistic
from footnoted.index.tokens import fold, query_tokens
from footnoted.service.indexing import Progress

ALL_WORDS = "every word"
_LANGUAGE = "en"


class MarkedClaim(NamedTuple):
    """The words of a claim, which of them are marked as unsupported, and the page's sentences."""

    claim_id: str
    part: str
    words: tuple[str, ...]
    unsupported: tuple[bool, ...]
    evidence: tuple[str, ...]


def evaluate_words(folder: Path, *, seed: int, progress: Progress) -> DatasetEvaluation:
    """Measure the floor on every file of marked claims, together and apart.

    ``word_auroc``, ``word_precision``, ``word_recall`` and ``word_f1`` are over the words of all
    claims. The baseline marks every word.
    """
    claims = load_marked_claims(folder)
    found = []
    for n, claim in enumerate(claims, start=1):
        found.append(missing_words(claim, _LANGUAGE))
        progress("claims", n, len(claims))
    parts = dict.fromkeys(claim.part for claim in claims)
    every = [(True,) * len(claim.words) for claim in claims]
    values = {
        claim.claim_id: word_f1(np.array(marks), np.array(claim.unsupported))
        for claim, marks in zip(claims, found, strict=True)
    }
    report = EvalReport(
        folder.resolve().name,
        None,
        _measures(claims, found, seed),
        (),
        item_values={"claim_word_f1": values},
    )
    return DatasetEvaluation(
        DatasetKind.WORDS,
        report,
        baselines={ALL_WORDS: _measures(claims, every, seed)},
        parts={part: _of_part(part, claims, found, seed) for part in parts},
        notes=(f"{len(claims)} claims, {sum(len(c.words) for c in claims)} words.",),
    )


def load_marked_claims(folder: Path) -> tuple[MarkedClaim, ...]:
    """The claims of all files of ``folder``, each file a part.

    ``InputError``, with the line, for a word without its mark or a claim without words.
    """
    claims = []
    for path in word_files(folder):
        for line in read_lines(path):
            words, marks = line.texts("claim_tokens"), line.flags("non_supported_spans")
            if len(words) != len(marks) or not words:
                raise line.wrong(f"there are {len(words)} words and {len(marks)} marks")
            claim_id = f"{path.stem}-{line.number}"
            claims.append(MarkedClaim(claim_id, path.stem, words, marks, line.texts("evidence")))
    return tuple(claims)


def missing_words(claim: MarkedClaim, language: str) -> tuple[bool, ...]:
    """For each word, whether its stem stands nowhere in the evidence.

    Punctuation and the words that a query leaves out never miss.
    """
    held = {term for sentence in claim.evidence for term in fold(sentence, language)}
    telling = set(query_tokens(" ".join(claim.words), [language]))
    marks = []
    for word in claim.words:
        terms = telling.intersection(fold(word, language))
        marks.append(bool(terms) and not held & terms)
    return tuple(marks)


def word_f1(marked: np.ndarray, unsupported: np.ndarray) -> float:
    """F1 of marking the unsupported words; both booleans, shape ``(n,)``; 0 where none is."""
    either = int(marked.sum() + unsupported.sum())
    return 2 * int((marked & unsupported).sum()) / either if either else 0.0


def _of_part(
    part: str, claims: Sequence[MarkedClaim], found: Sequence[tuple[bool, ...]], seed: int
) -> dict[str, Interval]:
    rows = [n for n, claim in enumerate(claims) if claim.part == part]
    return _measures([claims[n] for n in rows], [found[n] for n in rows], seed)


def _measures(
    claims: Sequence[MarkedClaim], marks: Sequence[tuple[bool, ...]], seed: int
) -> dict[str, Interval]:
    given = [np.array(one, bool) for one in marks]
    gold = [np.array(claim.unsupported, bool) for claim in claims]

    def pooled(measure: Callable[[np.ndarray, np.ndarray], float]) -> Callable[[Floats], float]:
        def statistic(drawn: Floats) -> float:
            rows = np.asarray(drawn, np.int64).tolist()
            return measure(
                np.concatenate([given[n] for n in rows]), np.concatenate([gold[n] for n in rows])
            )

        return statistic

    measures: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
        "word_f1": word_f1,
        "word_precision": lambda got, want: int((got & want).sum()) / max(int(got.sum()), 1),
        "word_recall": lambda got, want: int((got & want).sum()) / max(int(want.sum()), 1),
    }
    marked = np.concatenate(gold)
    if marked.any() and not marked.all():
        measures = {"word_auroc": _auroc} | measures
    claim_numbers = np.arange(len(claims))
    return {
        name: bootstrap_statistic(pooled(measure), claim_numbers, seed=seed)
        for name, measure in measures.items()
    }


def _auroc(marked: np.ndarray, unsupported: np.ndarray) -> float:
    """0.5, which is chance, in a resample without both kinds of words."""
    both = unsupported.any() and not unsupported.all()
    return auroc(marked, unsupported) if both else 0.5
