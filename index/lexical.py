"""BM25 over folded tokens, in a tantivy index that is built once and then only read.

Scores are tantivy's BM25 (k1 1.2, b 0.75; Robertson and Zaragoza 2009), which rounds passage
lengths above 40 tokens to one byte. Queries are put together from terms: no query language, so no
character of a question has a meaning of its own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import tantivy
from numpy.typing import NDArray

from footnoted.errors import IndexBroken
from footnoted.protocols import Vectors

Rows = NDArray[np.int64]

_TERMS = "terms"
_ROW = "row"
_FREQUENCIES = "freq"
_HEAP = 64 << 20  # bytes; one writer thread needs at least 15 MB
_OS_ERROR = re.compile(r"\(os error (\d+)\)")
_LOCKS = (".tantivy-writer.lock", ".tantivy-meta.lock")
_PRIVATE = ("meta.json", ".managed.json")  # tantivy makes these readable for their owner alone


class LexicalIndex:
    """A finished index: rows are the numbers of the token lists it was built from."""

    def __init__(self, folder: Path) -> None:
        """Opens what ``build_lexical`` wrote; ``IndexBroken`` for anything else."""
        try:
            with _lockable(folder) as opened:
                self._index = tantivy.Index.open(str(opened))
                self._index.config_reader("manual")
                self._searcher = self._index.searcher()
            self._size = self._searcher.num_docs
        except (ValueError, OSError) as error:
            raise IndexBroken(
                f"The lexical index {folder} cannot be read: {error}",
                about=str(folder),
                hint="`footnoted index rebuild` makes a new one from the corpus.",
            ) from error
        self._schema = self._index.schema

    def __len__(self) -> int:
        return int(self._size)

    def search(
        self, tokens: Iterable[str], k: int, allowed: Rows | None = None
    ) -> tuple[Vectors, Rows]:
        """Scores (float32) and rows of the best ``k`` that share a token, best first.

        ``allowed`` limits the rows. Equal scores come in the order of the rows.
        """
        terms = self._terms(tokens)
        limit = min(k, len(self) if allowed is None else len(allowed))
        if not terms or limit <= 0:
            return np.zeros(0, np.float32), np.zeros(0, np.int64)
        query = tantivy.Query.boolean_query(terms)
        if allowed is not None:
            within = [(tantivy.Occur.Must, self._only(allowed)), (tantivy.Occur.Must, query)]
            query = tantivy.Query.boolean_query(within)
        scores, rows = self._hits(query, limit)
        order = np.lexsort((rows, -scores))
        return scores[order], rows[order]

    def scores_for(self, tokens: Iterable[str], rows: Rows) -> Vectors:
        """The score of each of ``rows``, float32, in their order; 0 where no token is shared."""
        # NumPy's unique would load its masked arrays: 50 ms of a cold start.
        distinct = np.array(sorted(set(rows.tolist())), np.int64)
        found, at = self.search(tokens, len(rows), allowed=distinct)
        by_row = dict(zip(at.tolist(), found.tolist(), strict=True))
        return np.array([by_row.get(row, 0.0) for row in rows.tolist()], np.float32)

    def document_frequency(self, token: str) -> int:
        """In how many rows ``token`` occurs."""
        return int(self._searcher.doc_freq(_TERMS, token))

    def _terms(self, tokens: Iterable[str]) -> list[tuple[tantivy.Occur, tantivy.Query]]:
        distinct = dict.fromkeys(tokens)
        term_query = tantivy.Query.term_query
        return [
            (tantivy.Occur.Should, term_query(self._schema, _TERMS, token, _FREQUENCIES))
            for token in distinct
        ]

    def _only(self, rows: Rows) -> tantivy.Query:
        among = tantivy.Query.term_set_query(self._schema, _ROW, rows.tolist())
        return tantivy.Query.const_score_query(among, 0.0)

    def _hits(self, query: tantivy.Query, limit: int) -> tuple[Vectors, Rows]:
        hits = self._searcher.search(query, limit=limit, count=False).hits
        addresses = [address for _, address in hits]
        rows = self._searcher.fast_field_values(_ROW, addresses)
        return np.array([score for score, _ in hits], np.float32), np.array(rows, np.int64)


@contextmanager
def _lockable(folder: Path) -> Iterator[Path]:
    """A folder in which tantivy can open the index: it makes a lock file beside it.

    That is ``folder``, or one of links to its files where another user's is only to be read. The
    links may go when the index is open: the files are mapped by then.
    """
    locks = [lock for name in _LOCKS if (lock := folder / name).exists()]
    if all(os.access(path, os.W_OK) for path in (folder, *locks)):
        yield folder
        return
    with TemporaryDirectory(prefix="footnoted-") as links:
        for path in folder.iterdir():
            if path.name not in _LOCKS:
                (Path(links) / path.name).symlink_to(path.absolute())
        yield Path(links)


def build_lexical(folder: Path, passages: Iterable[Sequence[str]]) -> None:
    """Write the index of these token lists, row 0 first, into an existing empty folder.

    ``OSError`` when the disk refuses, as for any other file.
    """
    try:
        _build(folder, passages)
    except ValueError as error:  # tantivy's only exception
        number = _OS_ERROR.search(str(error))
        if number is None:
            raise
        raise OSError(int(number[1]), str(error), str(folder)) from error


def _build(folder: Path, passages: Iterable[Sequence[str]]) -> None:
    schema = (
        tantivy.SchemaBuilder()
        .add_text_field(_TERMS, tokenizer_name="whitespace", index_option=_FREQUENCIES)
        .add_unsigned_field(_ROW, indexed=True, fast=True)
        .build()
    )
    index = tantivy.Index(schema, str(folder))
    writer = index.writer(_HEAP, num_threads=1)  # one thread: the same rows give the same index
    for row, tokens in enumerate(passages):
        document = tantivy.Document()
        document.add_text(_TERMS, " ".join(tokens))
        document.add_unsigned(_ROW, row)
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    for lock in _LOCKS:
        (folder / lock).unlink(missing_ok=True)
    for path in (folder / name for name in _PRIVATE):
        data = path.read_bytes()
        path.unlink()
        path.write_bytes(data)
