"""What Prometheus is told: requests, their times by route and stage, refusals, the queue.

Labels are names of ours (route templates, statuses, stages, corpora), never a user's words. With
several workers each counts in a file of its own, in a folder that they share, and whoever is
asked adds them up (prometheus-client's multiprocess mode); a worker that replaces a dead one
goes on with the file of its number, so counters never fall and files do not pile up.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

import footnoted

SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)


class Exposition(NamedTuple):
    """A body of metrics, and its content type."""

    body: bytes
    media_type: str


class Metrics:
    """The counters of one process; ``folder`` is where several workers keep theirs together."""

    def __init__(self, folder: Path | None = None) -> None:
        """With a ``folder``, ``share`` must have been called first."""
        self._folder = folder
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "footnoted_requests",
            "Requests, by route template, method and status (499: the client left).",
            ("route", "method", "status"),
            registry=registry,
        )
        self._request_seconds = Histogram(
            "footnoted_request_seconds",
            "Seconds from a request's arrival to the end of its reply, by route template.",
            ("route",),
            registry=registry,
            buckets=SECONDS,
        )
        self._stage_seconds = Histogram(
            "footnoted_stage_seconds",
            "Seconds that a stage of an answer took.",
            ("stage",),
            registry=registry,
            buckets=SECONDS,
        )
        self._answers = Counter(
            "footnoted_answers",
            "Questions that were answered or refused, by corpus.",
            ("corpus", "status"),
            registry=registry,
        )
        self._refusals = Counter(
            "footnoted_refusals", "Refusals by reason.", ("corpus", "reason"), registry=registry
        )
        self._turned_away = Counter(
            "footnoted_turned_away",
            "Requests that were not worked on or given up, by why.",
            ("why",),
            registry=registry,
        )
        self._working = Gauge(
            "footnoted_requests_working",
            "Requests that are being worked on.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._waiting = Gauge(
            "footnoted_requests_waiting",
            "Requests that wait in line.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        Gauge(
            "footnoted_build_info",
            "The version that answers.",
            ("version",),
            registry=registry,
            multiprocess_mode="livemax",
        ).labels(footnoted.__version__).set(1)
        self.queue(0, 0)  # where a dead worker left other numbers
        if folder is None:
            prometheus_client.ProcessCollector(registry=registry)

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request that has ended."""
        self._requests.labels(route, method, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def answer(self, corpus: str, document: Mapping[str, Any]) -> None:
        """Count an answer document of ``corpus``, and the time of its stages."""
        self._answers.labels(corpus, document["status"]).inc()
        if document["status"] == "refused":
            self._refusals.labels(corpus, document["reason"]).inc()
        for stage, milliseconds in document["timings_ms"].items():
            self._stage_seconds.labels(stage).observe(milliseconds / 1000)

    def turned_away(self, why: str) -> None:
        """Count a request that was not answered, and why."""
        self._turned_away.labels(why).inc()

    def queue(self, working: int, waiting: int) -> None:
        """How many requests are worked on, and how many wait, from now on."""
        self._working.set(working)
        self._waiting.set(waiting)

    def exposition(self, accept: str, *others: Collector) -> Exposition:
        """All metrics, those of ``others`` too, in the format that ``accept`` prefers."""
        registry = CollectorRegistry()
        if self._folder is None:
            registry.register(self._registry)
        else:
            MultiProcessCollector(registry, str(self._folder))  # type: ignore[no-untyped-call]
        for other in others:
            registry.register(other)
        encode, media_type = prometheus_client.exposition.choose_encoder(accept)
        return Exposition(encode(registry), media_type)


def share(folder: Path, number: int) -> None:
    """Have this process, worker ``number``, count in files of ``folder`` from now on.

    Must come before ``Metrics``: prometheus-client chooses for a whole process.
    """
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    from prometheus_client import values  # noqa: PLC0415

    values.ValueClass = values.MultiProcessValue(lambda: number)  # type: ignore[no-untyped-call]
