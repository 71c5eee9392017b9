"""Processes that open the same generation and model share the memory of both, page for page."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from footnoted.index.generations import build_generation
from footnoted.index.rows import IndexRow
from footnoted.index.token_vectors import TokenVectors
from footnoted.settings import DEFAULT_MODEL

ROWS = 4000
TOKENS = 12  # of each passage
WORKER = """
import sys
import numpy as np
from pathlib import Path
from footnoted.index.embedder import open_embedder
from footnoted.index.generations import open_generation
from footnoted.index.tokens import fold
generation = open_generation(Path(sys.argv[1]))
embedder = open_embedder(sys.argv[2], Path(sys.argv[3]), threads=1)
embedder.embed_query("Which stone of the wall is the heaviest?")
assert len(generation.dense.search(np.ones(384, np.float32), 5)[1]) == 5
assert len(generation.lexical.search(fold("stone 17", "en"), 5000)[1]) == len(generation.lexical)
assert generation.tokens is not None
assert sum(len(generation.tokens.packed(row)) for row in range(len(generation.tokens))) > 0
print("read", flush=True)
sys.stdin.read()
"""


class Mapped(NamedTuple):
    """How much of a file a process has mapped into its memory, in kB."""

    rss: int = 0
    pss: int = 0
    shared_clean: int = 0
    private_clean: int = 0
    private_dirty: int = 0


def mapped_files(pid: int) -> dict[str, Mapped]:
    """What /proc/PID/smaps says of each mapped file, by its path."""
    found: dict[str, Mapped] = defaultdict(Mapped)
    path = ""
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if header := re.match(r"[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \d+ *(.*)$", line):
            path = header[1]
        elif (field := re.match(r"(\w+): +(\d+) kB$", line)) and (
            name := field[1].lower()
        ) in Mapped._fields:
            before = found[path]
            found[path] = before._replace(**{name: getattr(before, name) + int(field[2])})
    return found


@contextmanager
def workers(generation: Path, cache_dir: Path) -> Iterator[list[int]]:
    """The ids of two processes that have read all of the generation and have the model loaded."""
    command = [sys.executable, "-c", WORKER, str(generation), DEFAULT_MODEL, str(cache_dir)]
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            for _ in range(2)
        ]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "read\n"
        yield [process.pid for process in processes]


@pytest.fixture
def generation(word_hash: Any, tmp_path: Path) -> Path:
    """A generation of some thousand rows, of the default model's sizes."""
    draw = np.random.default_rng(5)

    class Random(word_hash):  # type: ignore[misc]
        def embed_with_tokens(self, texts: Sequence[str]) -> Any:
            vectors = draw.standard_normal((len(texts), self.dim)).astype(np.float32)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            spans = tuple((n, n + 1) for n in range(TOKENS))
            words = ("stone",) * TOKENS
            shape = (len(texts), TOKENS, self.card.token_dim)
            tokens = draw.standard_normal(shape).astype(np.float32)
            return vectors, [TokenVectors(one, words, spans) for one in tokens]

    rows = [IndexRow(f"p{n}", f"stone {n} of row {n // 40} weighs", "", "en") for n in range(ROWS)]
    return build_generation(
        tmp_path, rows, Random(dim=384, token_dim=64), corpus_id="wall", revision_id="r"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from Linux's /proc")
def test_two_processes_share_what_they_have_mapped(
    generation: Path, cache_dir: Path, record_property: Any
) -> None:
    with workers(generation, cache_dir) as started:
        memory = [mapped_files(process) for process in started]
    lexical = {str(path) for path in (generation / "lexical").iterdir()}
    models = str((cache_dir / "models").resolve())
    for files in memory:
        for name in ("dense.faiss", "tokens.i8"):
            size = (generation / name).stat().st_size // 1024
            found = files[str(generation / name)]
            assert size > 2000
            assert found.rss >= 0.95 * size, "all of it was read"
            assert found.shared_clean == found.rss, name
            assert found.private_dirty == found.private_clean == 0
            assert found.pss <= 0.55 * found.rss
        terms = [files[path] for path in files if path in lexical]
        assert len(terms) >= 4
        weights = [files[path] for path in files if path.startswith(models)]
        assert weights, "the model's weights are mapped"
        assert sum(found.rss for found in weights) > 500
        for part in (terms, weights):  # each process may have a few pages that no other touched
            assert sum(found.shared_clean for found in part) > 0.8 * sum(f.rss for f in part)
            assert not any(found.private_dirty for found in part)
    index = [m for files in memory for path, m in files.items() if path.startswith(str(generation))]
    record_property("index_rss_kb", sum(m.rss for m in index))
    record_property("index_pss_kb", sum(m.pss for m in index))
    assert sum(m.pss for m in index) <= 0.55 * sum(m.rss for m in index)
