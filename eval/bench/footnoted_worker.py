"""Footnoted in one process, as the Python API has it: the counterpart of the plain script.

``python -m footnoted.eval.bench.footnoted_worker serve ask|search CLIENTS`` reads a JSON list of
questions a line, puts them to ``Assistant.ask`` or to retrieval alone, CLIENTS at once, and writes
a JSON line with the milliseconds of each; the corpus is the setting's.
``… build PASSAGES.jsonl FOLDER`` builds an index in FOLDER and writes the seconds that it took.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from footnoted.index.generations import IndexRow, build_generation
from footnoted.service import indexing
from footnoted.service.assistant import Assistant
from footnoted.service.retrieving import PassageRetriever
from footnoted.settings import load_settings

SHOWN = 8  # passages, as the plain script shows


def write_rows(path: Path, rows: Sequence[IndexRow]) -> None:
    """Write the passages that both sides build their index of, a JSON object a line."""
    path.write_text("".join(json.dumps(dataclasses.asdict(row)) + "\n" for row in rows), "utf-8")


def build(passages: Path, folder: Path) -> float:
    """The seconds of indexing ``passages``, from text to flushed files; the model is loaded."""
    lines = passages.read_text("utf-8").splitlines()
    rows = [IndexRow(**json.loads(line)) for line in lines]
    embedder = indexing.embedder_for(load_settings(), lambda _: None)
    embedder.embed_passages(["The graph for passages is loaded with the first of them."])
    started = time.perf_counter()
    build_generation(folder, rows, embedder, corpus_id="bench", revision_id="bench")
    return time.perf_counter() - started


def serve(assistant: Assistant, what: str, clients: int) -> None:
    """Answer the questions of standard input until it ends."""
    assistant.load()
    put = retrieval(assistant) if what == "search" else assistant.ask

    def timed(question: str) -> str:
        started = time.perf_counter()
        put(question)
        return json.dumps({"ms": (time.perf_counter() - started) * 1000})

    with ThreadPoolExecutor(clients) as pool:
        for line in sys.stdin:
            for answered in pool.map(timed, json.loads(line)):
                print(answered, flush=True)


def retrieval(assistant: Assistant) -> Callable[[str], list[str]]:
    """A question to the texts of its best passages, which is all that the plain script does."""
    corpus = assistant.corpus
    retriever = PassageRetriever(corpus, assistant.searcher, indexing.contexts(corpus))

    def retrieved(question: str) -> list[str]:
        passages = (hit.passage for hit in retriever.retrieve(question, SHOWN))
        return [p.span.of(corpus.documents[p.document_id].text) for p in passages]

    return retrieved


def main(command: str, first: str, second: str) -> None:
    """Run one of the two commands."""
    if command == "build":
        print(json.dumps({"seconds": build(Path(first), Path(second))}))
        return
    with Assistant.open() as assistant:
        serve(assistant, first, int(second))


if __name__ == "__main__":
    main(*sys.argv[1:])
