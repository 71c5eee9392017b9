"""The claims of served articles, judged before somebody asks about them.

The first answer that shows a claim has the claim ledger judge it: a few hundredths of a second for
most, a tenth for a claim with many long sources; what it finds is kept as long as the generation
is served. A thread does so beforehand, while nobody asks: one claim at a time, with rests between
them, and nothing of a corpus is held meanwhile. Under unending questions it never comes to it, and
each judges what it shows, as it would without this.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from functools import partial
from itertools import count
from queue import SimpleQueue
from typing import Self

from footnoted.domain import Claim
from footnoted.service.assistant import Assistant
from footnoted.service.corroboration import FINDINGS_KEPT
from footnoted.service.served import ServedCorpus

QUIET_SECONDS = 0.5
"""How long nobody must have asked anything, of any corpus, before a claim is judged."""
RESTS = 3
"""How many times as long as a claim took the thread rests after it: a quarter of a core is used."""
_LEAVE_SECONDS = 10.0

_logger = logging.getLogger(__name__)


class JudgingAhead:
    """Judges the claims of these corpora, of each generation that they come to be answered from.

    To be closed before they are.
    """

    def __init__(self, corpora: Iterable[ServedCorpus]) -> None:
        self._corpora = tuple(corpora)
        self._waiting: SimpleQueue[ServedCorpus | None] = SimpleQueue()
        self._ending = threading.Event()
        # What a library may hang in must not keep the process: it ends without this thread.
        self._thread = threading.Thread(target=self._run, name="judging ahead", daemon=True)
        self._told = ""

    def __enter__(self) -> Self:
        """Begin, in a while: who is made ready just now comes first."""
        for corpus in self._corpora:
            corpus.when_replaced(partial(self._waiting.put, corpus))
            self._waiting.put(corpus)
        try:
            self._thread.start()
        except RuntimeError as error:  # the system gives this process no more threads
            _logger.error("No claim is judged ahead: no thread could be started (%s).", error)
        return self

    def __exit__(self, *_: object) -> None:
        """End, after the claim that is being judged, if one is."""
        self._ending.set()
        self._waiting.put(None)
        if self._thread.ident is not None:
            self._thread.join(_LEAVE_SECONDS)
        if self._thread.is_alive():
            _logger.error("A claim is still being judged ahead; it is left alone.")

    def _run(self) -> None:
        self._ending.wait(QUIET_SECONDS)
        while (corpus := self._waiting.get()) is not None:
            self._judge_all(corpus)

    def _judge_all(self, corpus: ServedCorpus) -> None:
        """Judge the claims of the generation in use, until there is none, or another one."""
        generation = None
        for n in count():
            if not self._is_quiet():
                return
            begun = time.monotonic()
            generation = self._judge(corpus, n, generation)
            if generation is None:
                return
            self._ending.wait(RESTS * (time.monotonic() - begun))

    def _judge(self, corpus: ServedCorpus, n: int, of: str | None) -> str | None:
        """Judge the ``n``-th claim, and give the generation; ``None`` where there is no such claim.

        Nor is there one in another generation than ``of``, if that is given. When this returns,
        nothing here refers to what was read.
        """
        generation, about = None, "what is left"
        try:
            with corpus.aside() as assistant:
                if assistant is None:
                    return None
                claims = _wanted(assistant)
                found = assistant.searcher.generation.path.name
                if n >= len(claims) or of not in (None, found):
                    return None
                generation, about = found, f"claim {claims[n].claim_id}"
                assistant.finding(claims[n])
        except BaseException as error:  # noqa: BLE001 - the next may do, after a panic too
            self._tell(corpus.name, about, error)
        return generation

    def _tell(self, name: str, about: str, error: BaseException) -> None:
        """Log that a claim was not judged; with a trace, unless the last error was the same."""
        told = f"{type(error).__name__}: {error}"
        trace = error if told != self._told else None
        self._told = told
        _logger.error("%s: %s was not judged ahead: %s", name, about, told, exc_info=trace)

    def _is_quiet(self) -> bool:
        """Wait until nobody has asked anything for a while; ``False`` once this is to end."""
        while not self._ending.is_set():
            quiet = min(corpus.quiet_for() for corpus in self._corpora)
            if quiet >= QUIET_SECONDS:
                return True
            self._ending.wait(QUIET_SECONDS - quiet)
        return False


def _wanted(assistant: Assistant) -> list[Claim]:
    """The claims of the article that cite anything, as many as stay judged; no answer asks more."""
    article = assistant.corpus.article
    claims = article.claims if article is not None else ()
    return [claim for claim in claims if claim.reference_ids][:FINDINGS_KEPT]
