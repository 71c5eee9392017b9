"""Main text against human gold: our reader beside plain trafilatura, on the same bytes of a page.

Whole texts are compared as the article-extraction benchmark does
(github.com/scrapinghub/article-extraction-benchmark, ``evaluate.py``): words are runs of letters
and digits, and what is counted, with repetitions, are the runs of four words of both texts.
``token_f1`` is the mean of the pages' F1; the benchmark's tables have ``token_f1_of_means``, the
F1 of its mean precision (over the pages with any text) and mean recall. Segments are looked for as
trafilatura's own evaluation does, white space collapsed. Plain trafilatura runs with the options
that the benchmark's authors gave it, ``include_comments=False`` and its defaults, on the bytes of
the page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from footnoted.domain import Json
from footnoted.eval.comparisons import Difference, compare
from footnoted.eval.extraction.gold import WORD, GoldPage, load_gold
from footnoted.eval.extraction.readings import OURS, PLAIN, Failure, read_pages
from footnoted.eval.runs import EvalReport, Gate, Values, to_document
from footnoted.eval.statistics import Floats, Interval, bootstrap_mean, bootstrap_statistic

SHINGLE = 4
WORKERS = 2


class Overlap(NamedTuple):
    """How one text overlaps with the gold; precision is ``None`` where nothing was extracted."""

    precision: float | None
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class ExtractionReport:
    """Our measures and plain trafilatura's, their paired differences, and the pages that failed.

    ``sources`` holds the ``token_f1`` of both on each set that the pages were taken from. The gate
    is plain trafilatura's token F1.
    """

    report: EvalReport
    plain: Mapping[str, Interval]
    differences: Mapping[str, Difference]
    sources: Mapping[str, Mapping[str, Interval]]
    failures: tuple[Failure, ...]

    def document(self) -> Json:
        """The ``eval`` JSON document of this set."""
        return to_document(self.report) | {
            "baselines": {PLAIN: {name: one._asdict() for name, one in self.plain.items()}},
            "differences": {
                name: {**one.interval._asdict(), "p": one.p, "p_holm": one.p_holm}
                for name, one in self.differences.items()
            },
            "sources": {
                source: {system: one._asdict() for system, one in systems.items()}
                for source, systems in self.sources.items()
            },
            "failures": [failure._asdict() for failure in self.failures],
        }


def evaluate_extraction(
    folder: Path,
    *,
    seed: int,
    progress: Callable[[str, int, int], None],
    workers: int = WORKERS,
    pages: Sequence[GoldPage] | None = None,
) -> ExtractionReport:
    """Read every page of ``folder`` (or only ``pages``) with both systems, and score them.

    A page that a system fails on counts as an empty text. Raises ``InputError`` for broken gold.
    """
    chosen = load_gold(folder) if pages is None else tuple(pages)
    texts, failures = read_pages(chosen, workers=workers, progress=progress)
    values = {system: score_pages(chosen, texts[system]) for system in (OURS, PLAIN)}
    measures = {system: _intervals(found, seed) for system, found in values.items()}
    bar = measures[PLAIN].get("token_f1")
    return ExtractionReport(
        report=EvalReport(
            folder.resolve().name,
            None,
            measures[OURS],
            (),
            () if bar is None else (Gate("token_f1", at_least=bar.value),),
            item_values=values[OURS],
        ),
        plain=measures[PLAIN],
        differences=compare(values[PLAIN], values[OURS], seed=seed),
        sources=_by_source(chosen, values, seed),
        failures=failures,
    )


def score_pages(pages: Iterable[GoldPage], texts: Mapping[str, str]) -> Values:
    """Measure to page id to value in [0, 1], for one system's text of each page.

    ``word_f1`` counts single words where the ``token_`` measures count runs of four.
    ``segments_left`` is the share of unwanted segments, so lower is better.
    """
    values: dict[str, dict[str, float]] = {}
    for page in pages:
        text, found = texts[page.page_id], dict[str, float | None]()
        if page.text is not None:
            shingles = overlap(page.text, text, SHINGLE)
            found["token_f1"], found["token_precision"] = shingles.f1, shingles.precision
            found["token_recall"] = shingles.recall
            found["word_f1"] = overlap(page.text, text, 1).f1
        found["segments_kept"] = _share_within(text, page.wanted)
        found["segments_left"] = _share_within(text, page.unwanted)
        for measure, value in found.items():
            if value is not None:
                values.setdefault(measure, {})[page.page_id] = value
    return values


def overlap(gold: str, text: str, size: int) -> Overlap:
    """How the runs of ``size`` words of ``text`` and of ``gold`` (not without words) overlap."""
    expected, got = _shingles(gold, size), _shingles(text, size)
    shared = (expected & got).total()
    return Overlap(
        shared / got.total() if got else None,
        shared / expected.total(),
        2 * shared / (expected.total() + got.total()),
    )


def _shingles(text: str, size: int) -> Counter[tuple[str, ...]]:
    """A text of fewer words than ``size`` is one run; a text without words has none."""
    words = WORD.findall(text)
    starts = range(max(1, len(words) - size + 1)) if words else ()
    return Counter(tuple(words[start : start + size]) for start in starts)


def _share_within(text: str, segments: Sequence[str]) -> float | None:
    if not segments:
        return None
    line = " ".join(text.split())
    return sum(" ".join(segment.split()) in line for segment in segments) / len(segments)


def _intervals(values: Values, seed: int) -> dict[str, Interval]:
    """The mean of each measure over its pages, and ``token_f1_of_means``."""
    found = {name: bootstrap_mean(list(of.values()), seed=seed) for name, of in values.items()}
    if recall := values.get("token_recall"):
        precision = values.get("token_precision", {})
        found["token_f1_of_means"] = bootstrap_statistic(
            _f1_of_means,
            [precision.get(page_id, np.nan) for page_id in recall],
            list(recall.values()),
            seed=seed,
        )
    return found


def _f1_of_means(precision: Floats, recall: Floats) -> float:
    measured = np.asarray(precision)[~np.isnan(precision)]
    p, r = float(measured.mean()) if measured.size else 0.0, float(np.mean(recall))
    return 2 * p * r / (p + r) if p + r else 0.0


def _by_source(
    pages: Sequence[GoldPage], values: Mapping[str, Values], seed: int
) -> dict[str, dict[str, Interval]]:
    by_source: dict[str, dict[str, Interval]] = {}
    for source in dict.fromkeys(page.source for page in pages if page.text is not None):
        ids = [page.page_id for page in pages if page.source == source and page.text is not None]
        by_source[source] = {
            system: bootstrap_mean([found["token_f1"][page_id] for page_id in ids], seed=seed)
            for system, found in values.items()
        }
    return by_source
