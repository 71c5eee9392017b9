"""A corpus that another user owns, in a folder that can only be read, is asked with its index.

The reader is a process that has given up root's rights: to root no folder is read-only.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from footnoted.index import generations
from footnoted.index.embedder import TextEmbedder
from footnoted.service import housekeeping
from footnoted.settings import Settings

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can become a user who owns nothing"
)

NOBODY = 65534

READER = """
import json, os, sys
from pathlib import Path
from footnoted.errors import FootnotedError
from footnoted.index.embedder import open_embedder
from footnoted.service import housekeeping, indexing
from footnoted.service.assistant import Assistant
from footnoted.settings import Settings

folder, cache, models = map(Path, sys.argv[1:])
settings = Settings(corpus=str(folder), cache_dir=cache, data_dir=cache / "data", threads=1)
embedder = open_embedder(settings.model, models, 1, print)
heard = []

def opened():
    return Assistant.open(folder, settings=settings, notify=heard.append, embedder=embedder)

def ask():
    with opened() as assistant:
        return assistant.ask("When was the light lit?")["corpus"]["generation"]

def verify():
    with opened() as assistant:
        return assistant.verify()["ok"]

def rebuild():
    with indexing.open_corpus(folder, settings) as corpus:
        return indexing.build_index(corpus, settings, notify=heard.append, embedder=embedder)

def collect():
    return housekeeping.collect(settings)

ask(), verify()  # as root, who leaves a lock file, and can import what others may not read
os.setgid(65534)
os.setuid(65534)
assert not os.access(folder, os.W_OK)
print("ready", flush=True)
for line in sys.stdin:
    try:
        done = locals()[line.strip()]()
    except FootnotedError as error:
        done = [type(error).__name__, str(error)]
    print(json.dumps({"done": done, "heard": heard}), flush=True)
    heard.clear()
"""


class Reader:
    """Another user's process that asks a corpus which it cannot write."""

    def __init__(self, folder: Path, cache: Path, models: Path) -> None:
        self.temporary = cache / "tmp"
        self.process = subprocess.Popen(
            [sys.executable, "-c", READER, str(folder), str(cache), str(models)],
            env=os.environ | {"TMPDIR": str(self.temporary)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def __call__(self, what: str) -> Any:
        """What came of it, and what was said meanwhile."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        said = json.loads(self.line())
        assert list(self.temporary.glob("footnoted-*")) == [], "links to the index are removed"
        return said["done"], said["heard"]


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that everybody can enter, unlike pytest's."""
    with TemporaryDirectory(prefix="footnoted-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def owned(light: Path, place: Path, cache_dir: Path) -> Settings:
    """Root's settings for a corpus with an index that others can read."""
    folder = shutil.copytree(light, place / "light")
    (folder / "index" / "generations").chmod(0o755)
    return Settings(corpus=str(folder), cache_dir=cache_dir, data_dir=place / "data", threads=1)


@pytest.fixture
def reader(owned: Settings, place: Path, embedder: TextEmbedder, model_cache: Path) -> Any:
    cache = place / "cache"
    (cache / "tmp").mkdir(parents=True)
    for folder in (cache, cache / "tmp"):
        os.chown(folder, NOBODY, NOBODY)
    started = Reader(Path(owned.corpus), cache, model_cache)
    with started.process as process:
        assert started.line() == "ready\n"
        yield started
        process.kill()


def quiet(_: str) -> None:
    pass


def change(generation: Path, **said: Any) -> None:
    path = generation / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | said), "utf-8")


def test_the_owners_index_is_used_and_another_is_built_in_the_cache(
    owned: Settings, reader: Reader, place: Path
) -> None:
    index = Path(owned.corpus) / "index"
    first = generations.current(index)
    assert first is not None
    assert reader("ask") == (first.name, [])
    assert reader("verify") == (True, [])
    assert reader("collect")[0][0] == "ReadOnly"
    cached = place / "cache" / "indexes"
    assert not cached.exists()

    change(first, weights_sha256="0" * 64)
    kind, words = reader("ask")[0]
    assert (kind, "made with the model" in words) == ("IndexBroken", True)
    mine, _ = reader("rebuild")
    assert mine != first.name
    assert reader("ask") == (mine, [])
    assert reader("verify") == (True, [])
    assert len(list(cached.glob(f"*/generations/{mine}"))) == 1
    assert generations.current(index) == first

    second = housekeeping.rebuild(owned, quiet)
    assert reader("ask") == (second, []), "the owner's is the last that was put in use"
    change(index / "generations" / second, folding="another")
    mine, heard = reader("ask")
    assert [words.partition(" of ")[0] for words in heard] == ["Building the index"]
    assert reader("ask") == (mine, [])
    assert len(list(cached.glob(f"*/generations/{mine}"))) == 1


def test_an_index_that_others_may_not_read_is_broken_for_them(
    owned: Settings, reader: Reader
) -> None:
    path = generations.current(Path(owned.corpus) / "index")
    assert path is not None
    (path / "lexical" / "meta.json").chmod(0o600)
    kind, words = reader("ask")[0]
    assert kind == "IndexBroken"
    assert "meta.json, it cannot be read ([Errno 13] Permission denied" in words
    mine, _ = reader("rebuild")
    assert reader("ask") == (mine, [])
