"""A build that is killed at any moment leaves a whole generation in use, and nothing for long."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from footnoted.index.current import BUILDING, current, list_generations, previous
from footnoted.index.generations import (
    build_generation,
    open_generation,
    rollback,
    verify_generation,
)
from footnoted.index.rows import IndexRow
from footnoted.index.tokens import fold

KILLS = 20
ROWS = 60

# Reads "FOLDER NUMBER" a line, forks a child that builds that revision, and waits for it at the
# next line. A forked child is killed while it builds, not while it imports; until it is waited for,
# its id is nobody else's.
BUILDERS = f"""
import os, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from conftest import WordHashEmbedder
from footnoted.index.generations import build_generation
from footnoted.index.rows import IndexRow
while line := sys.stdin.readline():
    folder, number = line.split()
    child = os.fork()
    if child:
        print(child, flush=True)
        sys.stdin.readline()
        os.waitpid(child, 0)
        print("ended", flush=True)
        continue
    rows = [IndexRow(f"p{{n}}", f"stone {{n}} of row {{number if n % 3 else 0}}", "", "en")
            for n in range({ROWS})]
    build_generation(Path(folder), rows, WordHashEmbedder(), corpus_id="wall",
                     revision_id=f"r{{number}}")
    os._exit(0)
"""


class Builders:
    """Starts builds, each in a process of its own."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-c", BUILDERS, str(Path(__file__).parent)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def build(self, folder: Path, number: int, *, killed_after: float | None = None) -> float:
        """Build revision ``number``; the seconds that it took, or was given."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(f"{folder} {number}\n")
        self._server.stdin.flush()
        child = int(self._server.stdout.readline())
        started = time.monotonic()
        if killed_after is not None:
            time.sleep(killed_after)
            os.kill(child, signal.SIGKILL)
        self._server.stdin.write("wait\n")
        self._server.stdin.flush()
        assert self._server.stdout.readline() == "ended\n"
        return time.monotonic() - started

    def close(self) -> None:
        self._server.communicate(timeout=20)


@pytest.fixture
def builders() -> Iterator[Builders]:
    started = Builders()
    yield started
    started.close()


def names(index_dir: Path) -> list[str]:
    return sorted(path.name for path in (index_dir / "generations").iterdir())


@pytest.mark.timeout(120)
def test_twenty_kills_leave_a_whole_generation_in_use(
    tmp_path: Path, builders: Builders, word_hash: Callable[..., Any]
) -> None:
    builders.build(tmp_path, 0)
    builders.build(tmp_path, 1)
    takes = builders.build(tmp_path, 2)
    chance = random.Random(7)
    seen: Counter[str] = Counter()
    for number in range(3, 3 + KILLS):
        before = current(tmp_path)
        assert before is not None
        builders.build(tmp_path, number, killed_after=takes * chance.uniform(0, 1.2))
        path = current(tmp_path)
        assert path is not None
        verify_generation(path)
        generation = open_generation(path, word_hash(), "wall")
        revision = generation.manifest.revision_id
        assert generation.passage_ids == tuple(f"p{n}" for n in range(ROWS))
        found = generation.lexical.search(fold(revision.removeprefix("r"), "en"), 99)[1]
        assert len(found) >= ROWS * 2 // 3, "these are the rows of that very revision"
        generation.close()
        seen["begun"] += any(name.startswith(BUILDING) for name in names(tmp_path))
        seen["switched"] += path != before
        assert path == before or revision == f"r{number}"
        for listed in list_generations(tmp_path):
            verify_generation(listed)  # what is not whole has no name that counts
        kept = previous(tmp_path)
        assert kept is not None
        assert kept != path
    assert seen["begun"] >= 3, "no kill came while a generation was being written"
    assert seen["switched"] < KILLS, "every build was done before it was killed"

    old = current(tmp_path)
    assert old is not None
    builders.build(tmp_path, 99)
    new = current(tmp_path)
    assert new is not None
    assert names(tmp_path) == sorted((old.name, new.name)), "leftovers stay"
    assert rollback(tmp_path) == old


@pytest.mark.parametrize("left", [".building-x", ".removing-20200101T000000000000Z-abcdef"])
def test_what_killed_builds_and_removals_left_goes(
    tmp_path: Path, word_hash: Callable[..., Any], left: str
) -> None:
    folder = tmp_path / "generations" / left / "lexical"
    folder.mkdir(parents=True)
    (folder / "half").write_bytes(b"half")
    assert list_generations(tmp_path) == []
    rows = [IndexRow("p", "a stone", "", "en")]
    path = build_generation(tmp_path, rows, word_hash(), corpus_id="wall", revision_id="r")
    assert names(tmp_path) == [path.name]
