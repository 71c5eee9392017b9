"""What an opened index of vectors holds, measured in processes of its own, two at a time.

``python -m footnoted.eval.bench.scale_memory FOLDER QUESTIONS`` opens the index, asks it every
vector of a ``.npy`` file, prints a JSON line, and waits for its standard input to end.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from footnoted.domain import Json
from footnoted.errors import FootnotedError
from footnoted.eval.bench.memory import memory_of
from footnoted.index.vector_files import DENSE_FILE, open_vectors
from footnoted.index.vector_plan import VectorFacts

FACTS_FILE = "facts.json"
K = 10

_MAPPING = re.compile(r"^[0-9a-f]+-[0-9a-f]+ ")


@dataclass(frozen=True, slots=True)
class Held:
    """Megabytes (10^6 bytes) that one of two processes holds for an index after all questions.

    ``resident`` is what the process grew by; ``shared`` the mapped pages that the other one holds
    as well, ``private`` those that it does not.
    """

    resident: float
    shared: float
    private: float

    def to_json(self) -> Json:
        return {"resident": self.resident, "shared": self.shared, "private": self.private}


def keep_facts(folder: Path, facts: VectorFacts, dim: int) -> None:
    """Write beside an index what opening it takes."""
    (folder / FACTS_FILE).write_text(json.dumps(facts.to_json() | {"dim": dim}), "utf-8")


def held(folder: Path, questions: Path, env: Mapping[str, str]) -> Held:
    """What the second of two processes with the index in ``folder`` holds.

    ``FootnotedError``, with its last words, when one fails.
    """
    command = (sys.executable, "-m", __name__, str(folder), str(questions))
    first = _start(command, env)
    second = _start(command, env)
    try:
        _line(first, command)
        _line(second, command)  # now both hold what their questions read
        assert second.stdin is not None
        second.stdin.write("\n")
        second.stdin.flush()
        told = json.loads(_line(second, command))
    finally:
        for process in (first, second):
            process.communicate()  # closes its input, which ends it
    return Held(told["resident"], told["shared"], told["private"])


def mapped(name: str, smaps: str) -> tuple[float, float]:
    """Megabytes, shared and private, of the mappings of files called ``name`` in a smaps text."""
    shared = private = 0
    counted = False
    for line in smaps.splitlines():
        if _MAPPING.match(line):
            counted = line.endswith(f"/{name}")
        elif counted:
            field, _, value = line.partition(":")
            if field in {"Shared_Clean", "Shared_Dirty"}:
                shared += int(value.split()[0])
            elif field in {"Private_Clean", "Private_Dirty"}:
                private += int(value.split()[0])
    return shared * 1024 / 1e6, private * 1024 / 1e6


def main(folder: Path, questions: Path) -> None:
    """Open, ask, say what is held."""
    told = json.loads((folder / FACTS_FILE).read_text("utf-8"))
    asked = np.load(questions)
    own = Path("/proc/self")
    pid = int(own.resolve().name)
    before = memory_of(pid).rss
    index = open_vectors(folder, VectorFacts.from_json(told), told["dim"], bound=0)
    for question in asked:
        index.search(question, K)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    shared, private = mapped(DENSE_FILE, (own / "smaps").read_text("utf-8"))
    resident = memory_of(pid).rss - before
    document = {"resident": resident, "shared": shared, "private": private}
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()
    sys.stdin.read()


def _start(command: tuple[str, ...], env: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=env,
        encoding="utf-8",
    )


def _line(process: subprocess.Popen[str], command: tuple[str, ...]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        assert process.stderr is not None
        words = process.stderr.read().strip().splitlines()[-1:] or ["it said nothing"]
        raise FootnotedError(
            f"A process that was to be measured failed: {words[0]}",
            about=" ".join(command),
            hint="Run that command by itself to see all it says.",
        )
    return line


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
