"""One open edition of a served corpus: an assistant on one index generation, and its readers."""

from __future__ import annotations

import gc
from pathlib import Path

from footnoted.ingest.database import FILE_NAME
from footnoted.service.assistant import Assistant


class Edition:
    """An open assistant, and how many requests read it just now."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.generation = assistant.searcher.generation.path
        self.corpus_file = assistant.corpus.folder / FILE_NAME
        self.readers = 0
        self.replaced = False

    @property
    def withdrawn(self) -> bool:
        """Whether its generation or its corpus cannot be seen any more on the disk."""
        return stamp(self.generation) is None or stamp(self.corpus_file) is None

    def close(self) -> None:
        """Close the assistant, and let go of what it has in memory and mapped."""
        self.assistant.close()
        gc.collect()  # caches of methods refer to their owners, and these to the generation


def stamp(path: Path) -> tuple[int, ...] | None:
    """What changes when a file is replaced; ``None`` where it cannot be seen."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
