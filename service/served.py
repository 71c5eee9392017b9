"""A corpus as a server answers from it: always from the index generation that is in use.

Another process ingests, rebuilds, rolls back or forgets, and puts another generation in use. The
next request sees that and has it opened beside the old one, which answers until the new one is
ready, and is closed when the last request that reads it has ended. No request waits, but for one
thing: where the old generation was withdrawn, something in it was to be forgotten. Nothing is
answered from it any more, be there a new one or not.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, Unpack

from footnoted.documents import CorpusState
from footnoted.errors import FootnotedError, IndexBroken
from footnoted.index.current import CURRENT, being_built, current
from footnoted.index.embedder import TextEmbedder
from footnoted.service.asking import Steps
from footnoted.service.assistant import Assistant
from footnoted.service.editions import Edition, stamp
from footnoted.service.filters import Narrowing
from footnoted.service.indexing import folder_of, open_corpus_as_indexed
from footnoted.service.shelf import Told
from footnoted.settings import Settings

RETRY_SECONDS = 30.0
"""How long a generation that could not be opened is left alone, unless another is put in use."""
PATIENCE_SECONDS = 5.0
"""How long after a withdrawal requests wait for the generation that somebody is building."""
GRACE_SECONDS = 2.0
"""How long they wait where nobody builds: forgetting reads the corpus before it does."""
_LOOK_AGAIN_SECONDS = 0.05

_Arguments = ParamSpec("_Arguments")
_Told = TypeVar("_Told")
_logger = logging.getLogger(__name__)


def _asked(
    method: Callable[Concatenate[Assistant, _Arguments], _Told],
) -> Callable[Concatenate[ServedCorpus, _Arguments], _Told]:
    """The assistant's method, asked of the edition in use."""

    @wraps(method)
    def ask(corpus: ServedCorpus, /, *values: _Arguments.args, **named: _Arguments.kwargs) -> _Told:
        with corpus.reading() as assistant:
            return method(assistant, *values, **named)

    return ask


class ServedCorpus:
    """One corpus that stays up to date; threads may share it. It never builds an index."""

    def __init__(
        self,
        assistant: Assistant,
        settings: Settings,
        embedder: TextEmbedder,
        notify: Callable[[str], None],
    ) -> None:
        """``assistant`` is loaded, and from now on this object's to close."""
        self.name = assistant.corpus.info.corpus_name
        self._folder = assistant.corpus.folder
        self._current = folder_of(assistant.corpus, settings) / CURRENT
        self._settings = settings
        self._embedder = embedder
        self._notify = notify
        self._turn = threading.Lock()  # guards all that follows
        self._edition = Edition(assistant)
        self._seen: tuple[int, ...] | None = None
        self._opening: threading.Thread | None = None
        self._problem: str | None = None
        self._tried = 0.0
        self._withdrawn_at: float | None = None
        self._requests = 0
        self._asked_at = 0.0
        self._when_replaced: Callable[[], None] = lambda: None

    @classmethod
    def open(
        cls, name: str, settings: Settings, embedder: TextEmbedder, notify: Callable[[str], None]
    ) -> ServedCorpus:
        """The corpus of this name or in this folder, loaded, its index built if there is none."""
        assistant = Assistant.open(name, settings=settings, notify=notify, embedder=embedder)
        try:
            assistant.load()
        except BaseException:
            assistant.close()
            raise
        return cls(assistant, settings, embedder, notify)

    ask = _asked(Assistant.ask)
    search = _asked(Assistant.search)
    sources = _asked(Assistant.sources)
    source = _asked(Assistant.source)
    capture = _asked(Assistant.capture)
    export = _asked(Assistant.export)
    article = _asked(Assistant.article)
    passage = _asked(Assistant.passage)
    claim = _asked(Assistant.claim)
    verify = _asked(Assistant.verify)

    def ask_in_steps(
        self,
        question: str,
        k: int | None = None,
        only: str | None = None,
        reference: str | None = None,
        *,
        history: Sequence[str] = (),
        write: bool = False,
        **narrowing: Unpack[Narrowing],
    ) -> Steps:
        """What the assistant tells as it comes, all of it from one edition."""
        with self.reading() as assistant:
            yield from assistant.ask_in_steps(
                question, k, only, reference, history=history, write=write, **narrowing
            )

    @contextmanager
    def held(self) -> Iterator[Told]:
        """The edition in use: all calls in the block are answered from it."""
        with self.reading() as assistant:
            yield assistant

    def info(self) -> CorpusState:
        """What the assistant says, and what is wrong with the index in use, if anything is.

        It names no source, and is told though the corpus cannot be asked.
        """
        with suppress(IndexBroken):  # the problem says it
            self._look()
        with self._held() as edition:
            return {**edition.assistant.info(), "problem": self._problem}

    def load(self) -> None:
        """Raise what keeps this corpus from being asked, if anything does."""
        with self.reading() as assistant:
            assistant.load()

    @contextmanager
    def reading(self) -> Iterator[Assistant]:
        """The assistant of the generation in use, which stays open while the block runs.

        Raises ``IndexBroken`` when what was answered from was withdrawn, and nothing took its
        place.
        """
        with self._turn:
            self._requests += 1
        try:
            self._look()
            with self._held() as edition:
                yield edition.assistant
        finally:
            with self._turn:
                self._requests -= 1
                self._asked_at = time.monotonic()

    @contextmanager
    def aside(self) -> Iterator[Assistant | None]:
        """What ``reading`` gives, for work that nobody waits for; ``None`` where that would wait.

        It is no request: it opens nothing newer, and ``quiet_for`` does not see it.
        """
        with self._held() as edition:
            withdrawn = stamp(self._current) is None or edition.withdrawn
            yield None if withdrawn else edition.assistant

    def quiet_for(self) -> float:
        """Seconds since the last request ended; 0 during one, and while a generation is opened."""
        with self._turn:
            busy = self._requests or self._opening is not None
            return 0.0 if busy else time.monotonic() - self._asked_at

    def when_replaced(self, call: Callable[[], None]) -> None:
        """Have ``call`` called whenever another generation is answered from; it must not wait."""
        self._when_replaced = call

    def close(self) -> None:
        """Close the corpus, when what is being opened is open."""
        with self._turn:
            opening = self._opening
        if opening is not None:
            opening.join()
        self._edition.assistant.close()

    @contextmanager
    def _held(self) -> Iterator[Edition]:
        with self._turn:
            edition = self._edition
            edition.readers += 1
        try:
            yield edition
        finally:
            with self._turn:
                edition.readers -= 1
                last = edition.replaced and not edition.readers
            if last:
                edition.close()

    def _look(self) -> None:
        """Have the generation in use opened, if it is another than when last looked."""
        if self._follow() and not self._edition.withdrawn:
            self._withdrawn_at = None
        else:
            self._await_another()

    def _follow(self) -> bool:
        """Whether a generation is in use; if it is another than when last looked, it is opened."""
        seen = stamp(self._current)
        if seen == self._seen and self._problem is None and self._opening is None:
            return seen is not None
        with self._turn:
            waited = time.monotonic() - self._tried >= RETRY_SECONDS
            if seen is None:
                self._seen = None  # whichever comes next, it is looked at
            elif self._opening is None and (seen != self._seen or waited):
                self._seen, self._tried = seen, time.monotonic()
                self._begin()
        return seen is not None

    def _begin(self) -> None:
        """Begin to open the generation in use; only in turn."""
        opening = threading.Thread(target=self._open, name=f"open {self.name}")
        try:
            opening.start()
        except RuntimeError as error:  # the system gives this process no more threads
            self._problem = self._told(f"No thread could be started to open it ({error}).")
        else:
            self._opening = opening

    def _await_another(self) -> None:
        """Wait until the withdrawn edition is replaced; ``IndexBroken`` when it is not in time."""
        with self._turn:
            if self._withdrawn_at is None and self._problem is None and self._opening is None:
                self._seen = None  # what was whole when last looked is not any more
        while True:
            in_use = self._follow()
            if (opening := self._opening) is not None:
                opening.join()
            if in_use and not self._edition.withdrawn:
                self._withdrawn_at = None
                return
            now = time.monotonic()
            with self._turn:
                begun = self._withdrawn_at = self._withdrawn_at or now
                failed = self._problem is not None and in_use
            building = now >= begun + GRACE_SECONDS and being_built(self._current.parent)
            over = now >= begun + (PATIENCE_SECONDS if building else GRACE_SECONDS)
            if over or (failed and stamp(self._current) == self._seen):
                raise self._withdrawal(in_use=in_use, building=building)
            time.sleep(_LOOK_AGAIN_SECONDS)

    def _withdrawal(self, *, in_use: bool, building: bool) -> IndexBroken:
        """Why nothing is answered after a withdrawal; it is the problem from now on."""
        hint = "`footnoted index rebuild` makes a new index from the corpus."
        missing = stamp(self._edition.corpus_file) is None
        if missing:
            why = f"{self._edition.corpus_file} is gone, or cannot be seen."
            hint = "Put the corpus back, or start the server without it."
        elif in_use and self._problem is not None:
            why = f"a source was forgotten, and the new index cannot be opened. {self._problem}"
        elif building:
            why = "a source is being forgotten, and the new index is still being built."
            hint = "Ask again in a moment."
        else:
            why = "its index was withdrawn to forget a source, and no new one is there."
        error = IndexBroken(f"{self.name} cannot be asked: {why}", about=self.name, hint=hint)
        if missing or not in_use:
            with self._turn:
                self._problem = self._told(str(error))
        return error

    def _open(self) -> None:
        """Open the generation in use and answer from it, or keep the problem."""
        problem = None
        try:
            if self._edition.generation != current(self._current.parent):
                self._replace(self._newer())
        except (FootnotedError, OSError) as error:
            problem = self._told(str(error))
        except BaseException as error:  # noqa: BLE001 - a thread ends here, a library's panic too
            what = f"Opening it failed unexpectedly ({type(error).__name__}: {error})."
            problem = self._told(what, error)
        finally:
            with self._turn:
                self._problem, self._opening = problem, None

    def _told(self, problem: str, cause: BaseException | None = None) -> str:
        """``problem``, which the log says too unless it is the last one; with ``cause``'s trace."""
        if problem != self._problem:
            _logger.error(
                "%s has generation %s open, and cannot follow its index: %s",
                self.name,
                self._edition.generation.name,
                problem,
                exc_info=cause,
            )
        return problem

    def _newer(self) -> Edition:
        corpus = open_corpus_as_indexed(self._folder, self._settings)
        assistant = Assistant(corpus, self._settings, self._notify, self._embedder, build=False)
        try:
            assistant.load()
        except BaseException:
            assistant.close()
            raise
        return Edition(assistant)

    def _replace(self, new: Edition) -> None:
        with self._turn:
            old, self._edition = self._edition, new
            old.replaced = True
            unread = not old.readers
        if unread:
            old.close()
        info = new.assistant.corpus.info
        self._notify(
            f"{self.name} is now answered from generation {new.generation.name} "
            f"(revision {info.revision_id})."
        )
        self._when_replaced()
