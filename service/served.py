"""A corpus as a server answers from it: always from the index generation that is in use.

Another process ingests, rebuilds, rolls back or forgets, and puts another generation in use. The
next request sees that and has it opened beside the old one, which answers until the new one is
ready, and is closed when the last request that reads it has ended. No request waits, but for one
thing: where the old generation was removed from the disk, something in it was to be forgotten.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Concatenate, ParamSpec

from footnoted.domain import Json
from footnoted.errors import FootnotedError, IndexBroken
from footnoted.index.current import CURRENT, current
from footnoted.index.embedder import TextEmbedder
from footnoted.service.assistant import Assistant
from footnoted.service.indexing import folder_of, open_corpus_as_indexed
from footnoted.settings import Settings

RETRY_SECONDS = 30.0
"""How long a generation that could not be opened is left alone, unless another is put in use."""

_Arguments = ParamSpec("_Arguments")
_logger = logging.getLogger(__name__)


class _Edition:
    """An open assistant, and how many requests read it just now."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.generation = assistant.searcher.generation.path
        self.readers = 0
        self.replaced = False

    @property
    def withdrawn(self) -> bool:
        """Whether its generation was removed from the disk, which only forgetting does to it."""
        return not self.generation.is_dir()


def _asked(
    method: Callable[Concatenate[Assistant, _Arguments], Json],
) -> Callable[Concatenate[ServedCorpus, _Arguments], Json]:
    """The assistant's method, asked of the edition in use."""

    @wraps(method)
    def ask(corpus: ServedCorpus, /, *values: _Arguments.args, **named: _Arguments.kwargs) -> Json:
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
        self._edition = _Edition(assistant)
        self._seen: tuple[int, ...] | None = None
        self._opening: threading.Thread | None = None
        self._problem: str | None = None
        self._tried = 0.0

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
    article = _asked(Assistant.article)
    passage = _asked(Assistant.passage)
    verify = _asked(Assistant.verify)

    def info(self) -> Json:
        """What the assistant says, and why the generation in use could not be opened, if so."""
        with self.reading() as assistant:
            return assistant.info() | {"problem": self._problem}

    def load(self) -> None:
        """Raise what keeps this corpus from being asked, if anything does."""
        with self.reading() as assistant:
            assistant.load()

    @contextmanager
    def reading(self) -> Iterator[Assistant]:
        """The assistant of the generation in use, which stays open while the block runs."""
        self._look()
        with self._turn:
            edition = self._edition
            edition.readers += 1
        try:
            yield edition.assistant
        finally:
            with self._turn:
                edition.readers -= 1
                last = edition.replaced and not edition.readers
            if last:
                edition.assistant.close()

    def close(self) -> None:
        """Close the corpus, when what is being opened is open."""
        with self._turn:
            opening = self._opening
        if opening is not None:
            opening.join()
        self._edition.assistant.close()

    def _look(self) -> None:
        """Have the generation in use opened, if it is another than when last looked."""
        try:
            found = self._current.stat()
        except OSError:
            return  # none is in use while a source is being forgotten
        seen = (found.st_ino, found.st_mtime_ns, found.st_size)
        if seen == self._seen and self._problem is None and self._opening is None:
            return
        with self._turn:
            waited = time.monotonic() - self._tried >= RETRY_SECONDS
            if self._opening is None and (seen != self._seen or waited):
                self._seen, self._tried = seen, time.monotonic()
                self._opening = threading.Thread(target=self._open, name=f"open {self.name}")
                self._opening.start()
            opening, edition = self._opening, self._edition
        if not edition.withdrawn:
            return
        if opening is not None:
            opening.join()
        if self._edition.withdrawn and self._problem is not None:
            raise IndexBroken(
                f"{self.name} cannot be asked: a source was forgotten, and the new index cannot "
                f"be opened. {self._problem}",
                about=self.name,
                hint="`footnoted index rebuild` makes a new index from the corpus.",
            )

    def _open(self) -> None:
        """Open the generation in use and answer from it, or keep the problem."""
        problem = None
        try:
            if self._edition.generation != current(self._current.parent):
                self._replace(self._newer())
        except (FootnotedError, OSError) as error:
            problem = str(error)
            if problem != self._problem:
                _logger.error(
                    "%s is still answered from generation %s: the one in use cannot be opened: %s",
                    self.name,
                    self._edition.generation.name,
                    problem,
                )
        finally:
            with self._turn:
                self._problem, self._opening = problem, None

    def _newer(self) -> _Edition:
        corpus = open_corpus_as_indexed(self._folder, self._settings)
        assistant = Assistant(corpus, self._settings, self._notify, self._embedder)
        try:
            assistant.load()
        except BaseException:
            assistant.close()
            raise
        return _Edition(assistant)

    def _replace(self, new: _Edition) -> None:
        with self._turn:
            old, self._edition = self._edition, new
            old.replaced = True
            unread = not old.readers
        if unread:
            old.assistant.close()
        info = new.assistant.corpus.info
        self._notify(
            f"{self.name} is now answered from generation {new.generation.name} "
            f"(revision {info.revision_id})."
        )
