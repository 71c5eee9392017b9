"""Clients that ask a server over HTTP, each its next question when it has its answer."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count

from footnoted.eval.bench.measures import Latencies, latencies

_ANSWER_SECONDS = 120


@dataclass(slots=True)
class Load:
    """What so many clients were answered: milliseconds of each answer, and what was no answer.

    ``turned_away`` counts replies of 503 with ``Retry-After``; all else that is not 200 has
    ``failed``.
    """

    clients: int
    seconds: float = 0.0
    ms: list[float] = field(default_factory=list)
    turned_away: int = 0
    failed: list[str] = field(default_factory=list)

    @property
    def answered(self) -> int:
        """How many replies there were, errors among them."""
        return len(self.ms) + self.turned_away + len(self.failed)

    @property
    def per_second(self) -> float:
        """Answers in a second."""
        return len(self.ms) / self.seconds

    @property
    def percentiles(self) -> Latencies:
        """The percentiles of at least one answer."""
        return latencies(self.ms)


class Clients:
    """Closed-loop clients on kept connections, from ``start`` until ``stop``.

    No question comes twice, however long they ask: what was asked before is remembered by some.
    """

    def __init__(
        self, port: int, questions: Sequence[str], clients: int, path: str = "/v1/ask"
    ) -> None:
        self.load = Load(clients)
        self._port = port
        self._path = path
        self._questions = questions
        self._next = count()
        self._turn = threading.Lock()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(clients)]
        self._started = 0.0

    def start(self) -> None:
        """Begin to ask."""
        self._started = time.perf_counter()
        for thread in self._threads:
            thread.start()

    def stop(self) -> Load:
        """Ask no more, and say what was answered, when the last answers are there."""
        self._stop.set()
        for thread in self._threads:
            thread.join(_ANSWER_SECONDS)
        self.load.seconds = time.perf_counter() - self._started
        return self.load

    def _ask(self) -> None:
        with closing(self._connection()) as connection:
            while not self._stop.is_set():
                with self._turn:
                    body = json.dumps({"question": self._question(next(self._next))})
                started = time.perf_counter()
                try:
                    connection.request(
                        "POST", self._path, body, {"Content-Type": "application/json"}
                    )
                    response = connection.getresponse()
                    told = response.read()
                except (OSError, http.client.HTTPException) as error:
                    self._count(None, 0.0, f"{type(error).__name__}: {error}")
                    connection.close()  # the next request opens it again
                    continue
                spent = (time.perf_counter() - started) * 1000
                self._count(response, spent, told[:200].decode("utf-8", "replace"))

    def _question(self, n: int) -> str:
        turn, which = divmod(n, len(self._questions))
        question = self._questions[which]
        return f"{question} ({turn})" if turn else question

    def _count(self, response: http.client.HTTPResponse | None, ms: float, told: str) -> None:
        with self._turn:
            if response is not None and response.status == http.HTTPStatus.OK:
                self.load.ms.append(ms)
            elif (
                response is not None
                and response.status == http.HTTPStatus.SERVICE_UNAVAILABLE
                and response.getheader("Retry-After")
            ):
                self.load.turned_away += 1
            else:
                status = response.status if response is not None else "no reply"
                self.load.failed.append(f"{status}: {told}")

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=_ANSWER_SECONDS)


def put_load(port: int, questions: Sequence[str], clients: int, seconds: float) -> Load:
    """What ``clients`` were answered in about ``seconds``."""
    asking = Clients(port, questions, clients)
    asking.start()
    time.sleep(seconds)
    return asking.stop()
