"""Served corpora as operators see them: what was asked of each, and what each answers from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Any, cast

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from footnoted.documents import AnswerDocument
from footnoted.errors import FootnotedError
from footnoted.service.asking import Steps
from footnoted.service.operations.metrics import Metrics
from footnoted.service.shelf import Answers, Shelf

noted: ContextVar[dict[str, str] | None] = ContextVar("noted", default=None)
"""What is to be said of a request in its line of the log: which corpus, how it ended."""


class Watched:
    """A corpus whose answers are counted; everything else is the corpus's own."""

    def __init__(self, corpus: Answers, name: str, metrics: Metrics) -> None:
        self._corpus = corpus
        self._name = name
        self._metrics = metrics

    def __getattr__(self, name: str) -> Any:
        note(corpus=self._name)
        return getattr(self._corpus, name)

    def ask(self, *values: Any, **named: Any) -> AnswerDocument:
        """What the corpus answers; counted by its status, reason and stages."""
        document = self._corpus.ask(*values, **named)
        self._count(document)
        return document

    def ask_in_steps(self, *values: Any, **named: Any) -> Steps:
        """What the corpus tells as it comes; counted when it is whole."""
        for step in self._corpus.ask_in_steps(*values, **named):
            if step.name == "answer":
                self._count(step.document)
            yield step

    def _count(self, document: Mapping[str, Any]) -> None:
        self._metrics.answer(self._name, document)
        note(corpus=self._name, outcome=document["reason"] or document["status"])


def note(**facts: str) -> None:
    """Have the line of this request say so."""
    notes = noted.get()
    if notes is not None:
        notes |= facts


def watched(corpora: Mapping[str, Answers], metrics: Metrics) -> dict[str, Answers]:
    """The corpora, each with its answers counted."""
    return {name: cast(Answers, Watched(corpus, name, metrics)) for name, corpus in corpora.items()}


class InUse(Collector):
    """What the corpora of a shelf are answered from, when somebody wants to know."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing beforehand: asking every corpus is for a scrape."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The generation in use, whether anything is wrong with it, and the sources' states."""
        generation = GaugeMetricFamily(
            "footnoted_generation_info",
            "The index generation that a corpus is answered from.",
            labels=("corpus", "generation", "revision"),
        )
        healthy = GaugeMetricFamily(
            "footnoted_corpus_healthy",
            "1 where nothing is wrong with a corpus's index, else 0.",
            labels=("corpus",),
        )
        sources = GaugeMetricFamily(
            "footnoted_sources",
            "References of a corpus's article, by the state of their source.",
            labels=("corpus", "access"),
        )
        for name, corpus in self._shelf.corpora.items():
            info = corpus.info()
            names = (name, info["generation"] or "", info["revision"])
            generation.add_metric(names, 1)
            counts, sound = _states(corpus)
            healthy.add_metric((name,), float(sound and info.get("problem") is None))
            for access, number in counts.items():
                sources.add_metric((name, access), number)
        yield from (generation, healthy, sources)


def _states(corpus: Answers) -> tuple[Mapping[str, int], bool]:
    """How many sources are in each state; none, and false, where the corpus cannot be asked."""
    try:
        counts: Mapping[str, int] = corpus.sources()["counts"]["access"]
    except FootnotedError:
        return {}, False
    return counts, True
