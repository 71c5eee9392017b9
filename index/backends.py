"""Where the vectors and terms of a generation lie: in its own files, or in a Milvus server.

What a generation was written to is told by its folder, never by the settings: one that lies in
files can be opened while new ones go to Milvus, and the other way round.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from footnoted.errors import FetchError, StorageError, UsageError
from footnoted.index.lexical import LexicalIndex, build_lexical
from footnoted.index.milvus.place import in_milvus, read_place
from footnoted.index.vector_files import open_vectors, write_vectors
from footnoted.index.vector_plan import EXACT, VectorFacts
from footnoted.protocols import TermIndex, VectorIndex, Vectors

if TYPE_CHECKING:
    from footnoted.index.milvus.connection import Connection

LEXICAL_FOLDER = "lexical"
OUT_OF_REACH = (FetchError, StorageError, UsageError)
"""What a backend raises where it cannot get at what lies outside a generation's folder."""


@dataclass(frozen=True, slots=True)
class Backend:
    """New generations go to the Milvus at ``milvus_uri``, or into files where that is empty.

    ``memory_mb`` (10^6 bytes; ``None``: what they need) is what vectors in files may take.
    """

    milvus_uri: str = ""
    milvus_token: str = ""
    memory_mb: int | None = None

    def ready(self) -> None:
        """Raise what keeps new generations from being written, as ``connect`` and Milvus do."""
        if self.milvus_uri:
            _ask(_connected(self.milvus_uri, self.milvus_token))

    def write(
        self,
        folder: Path,
        vectors: Vectors,
        tokens: Iterable[Sequence[str]],
        *,
        corpus_id: str,
        generation_id: str,
    ) -> VectorFacts:
        """Write a new generation's vectors and folded tokens, row 0 first; what was made of them.

        Raises ``OSError``, and as ``connect`` and Milvus do.
        """
        if self.milvus_uri:
            from footnoted.index.milvus.generation import write_rows  # noqa: PLC0415

            write_rows(
                folder,
                self._connection(folder),
                corpus_id=corpus_id,
                generation_id=generation_id,
                vectors=vectors,
                tokens=tokens,
            )
            return EXACT
        facts = write_vectors(folder, vectors, self.memory_mb)
        (folder / LEXICAL_FOLDER).mkdir()
        build_lexical(folder / LEXICAL_FOLDER, tokens)
        return facts

    def open(self, folder: Path, facts: VectorFacts, dim: int) -> tuple[VectorIndex, TermIndex]:
        """Both indexes of a whole generation; ``IndexBroken`` where they are not as written."""
        if in_milvus(folder):
            from footnoted.index.milvus.generation import open_indexes  # noqa: PLC0415

            return open_indexes(folder, self._connection(folder))
        return open_vectors(folder, facts, dim), LexicalIndex(folder / LEXICAL_FOLDER)

    def verify(self, folder: Path) -> None:
        """``IndexBroken`` unless what lies outside the folder's files is as it was written."""
        if in_milvus(folder):
            from footnoted.index.milvus.generation import verify_rows  # noqa: PLC0415

            verify_rows(folder, self._connection(folder))

    def reach(self, folder: Path) -> None:
        """Raise what would keep ``remove`` from its work, one of ``OUT_OF_REACH``."""
        if in_milvus(folder):
            read_place(folder)
            _ask(self._connection(folder))

    def remove(self, folder: Path) -> None:
        """Remove what lies outside a folder that is to be removed next, whole or not."""
        if in_milvus(folder):
            from footnoted.index.milvus.generation import remove_rows  # noqa: PLC0415

            remove_rows(folder, self._connection(folder))

    def _connection(self, folder: Path) -> Connection:
        if not self.milvus_uri:
            raise UsageError(
                f"The index {folder} lies in Milvus, and no server is named.",
                about=str(folder),
                hint="Set FOOTNOTED_MILVUS_URI to the server that it was written to.",
            )
        return _connected(self.milvus_uri, self.milvus_token)


FILES = Backend()


@lru_cache(maxsize=8)
def _connected(uri: str, token: str) -> Connection:
    """One connection a server and process: corpora and threads share it."""
    from footnoted.index.milvus.connection import connect  # noqa: PLC0415

    return connect(uri, token)


def _ask(connection: Connection) -> None:
    """Raise ``FetchError`` or ``StorageError`` unless the server still answers."""
    from footnoted.index.milvus.connection import CONNECT_SECONDS, translated  # noqa: PLC0415

    with translated(connection.address):
        _ = connection.client.list_collections(timeout=CONNECT_SECONDS)
