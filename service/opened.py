"""The corpus behind what is served, for what the documents of its interface do not hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from footnoted.errors import UsageError
from footnoted.ingest.corpus import Corpus
from footnoted.service.shelf import Answers


@contextmanager
def opened(served: Answers) -> Iterator[Corpus]:
    """The corpus as it is served now, which stays open while the block runs.

    ``UsageError`` where it is kept elsewhere, so that its texts are not at hand.
    """
    with served.held() as told:
        corpus = getattr(told, "corpus", None)
        if not isinstance(corpus, Corpus):
            name = str(told.info()["name"])
            raise UsageError(
                f"The texts of {name} are not kept by this server.",
                about=name,
                hint="Ask the server that keeps them.",
            )
        yield corpus
