"""One corpus in one process, as the Python API has it: the counterpart of the plain script.

``python -m footnoted.eval.bench.footnoted_worker serve`` reads a question a line and
writes a JSON line with the milliseconds of ``Assistant.ask``;
``… build FOLDER`` builds an index of the corpus in FOLDER. The corpus is the setting's.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from footnoted.index.generations import build_generation
from footnoted.service import indexing
from footnoted.service.assistant import Assistant
from footnoted.settings import load_settings


def build(assistant: Assistant, folder: Path) -> None:
    """Index every passage of the corpus into ``folder``, taking no vector from another index."""
    info = assistant.corpus.info
    build_generation(
        folder,
        indexing.rows_of(assistant.corpus),
        indexing.embedder_for(load_settings(), lambda _: None),
        corpus_id=info.corpus_id,
        revision_id=info.revision_id,
    )


def serve(assistant: Assistant) -> None:
    """Answer the questions of standard input until it ends."""
    assistant.load()
    for question in map(str.strip, sys.stdin):
        started = time.perf_counter()
        document = assistant.ask(question)
        ms = (time.perf_counter() - started) * 1000
        print(json.dumps({"ms": ms, "status": document["status"]}), flush=True)


if __name__ == "__main__":
    with Assistant.open() as opened:
        if sys.argv[1] == "build":
            build(opened, Path(sys.argv[2]))
        else:
            serve(opened)
