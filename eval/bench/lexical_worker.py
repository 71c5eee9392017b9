"""One BM25 index in one process: ours or bm25s, built, or opened and asked line by line.

``python -m footnoted.eval.bench.lexical_worker SIDE build PASSAGES.jsonl FOLDER`` builds;
``… SIDE serve FOLDER K`` reads JSON lists of queries, one a line, and writes for each query a JSON
line with the rows and the milliseconds of folding and searching. SIDE is ``footnoted`` or
``bm25s``, which is set up as its documentation shows: English stop words, Snowball stems. Each side
imports only what it needs.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

Ask: TypeAlias = Callable[[str, int], list[int]]
"""From a query and k to the rows of the best passages, best first."""

OURS = "footnoted"
BM25S = "bm25s"


def build(side: str, texts: Sequence[str], folder: Path) -> None:
    """Index ``texts``, row 0 first, into an existing empty folder."""
    if side == OURS:
        from footnoted.index.lexical import build_lexical  # noqa: PLC0415
        from footnoted.index.tokens import fold  # noqa: PLC0415

        build_lexical(folder, (fold(text, "en") for text in texts))
        return
    import bm25s  # noqa: PLC0415
    import Stemmer  # noqa: PLC0415

    tokens = bm25s.tokenize(
        list(texts), stopwords="en", stemmer=Stemmer.Stemmer("english"), show_progress=False
    )
    retriever = bm25s.BM25()
    retriever.index(tokens, show_progress=False)
    retriever.save(str(folder))


def opened(side: str, folder: Path) -> Ask:
    """The searching function of the index in ``folder``."""
    return _ours(folder) if side == OURS else _bm25s(folder)


def _ours(folder: Path) -> Ask:
    from footnoted.index.lexical import LexicalIndex  # noqa: PLC0415
    from footnoted.index.tokens import query_tokens  # noqa: PLC0415

    index = LexicalIndex(folder)

    def ask(query: str, k: int) -> list[int]:
        _, rows = index.search(query_tokens(query, ["en"]), k)
        return [int(row) for row in rows]

    return ask


def _bm25s(folder: Path) -> Ask:
    import bm25s  # noqa: PLC0415
    import Stemmer  # noqa: PLC0415

    retriever = bm25s.BM25.load(str(folder), load_corpus=False)
    size, stemmer = int(retriever.scores["num_docs"]), Stemmer.Stemmer("english")

    def ask(query: str, k: int) -> list[int]:
        tokens = bm25s.tokenize([query], stopwords="en", stemmer=stemmer, show_progress=False)
        rows, scores = retriever.retrieve(tokens, k=min(k, size), show_progress=False)
        return [int(row) for row in rows[0][scores[0] > 0]]

    return ask


def serve(ask: Ask, k: int) -> None:
    """Answer the queries of standard input until it ends."""
    for line in sys.stdin:
        for query in json.loads(line):
            started = time.perf_counter()
            rows = ask(query, k)
            ms = (time.perf_counter() - started) * 1000
            print(json.dumps({"ms": ms, "rows": rows}), flush=True)


def main(side: str, command: str, *arguments: str) -> None:
    if command == "build":
        passages, folder = arguments
        with Path(passages).open(encoding="utf-8") as lines:
            build(side, [json.loads(line)["text"] for line in lines], Path(folder))
    else:
        folder, k = arguments
        serve(opened(side, Path(folder)), int(k))


if __name__ == "__main__":
    main(*sys.argv[1:])
