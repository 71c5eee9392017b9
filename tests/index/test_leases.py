"""A generation that somebody reads is not removed, whoever reads it and however they end."""

from __future__ import annotations

import errno
import fcntl
import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from footnoted.errors import IndexBroken
from footnoted.index.current import being_built, list_generations
from footnoted.index.generations import (
    build_generation,
    open_generation,
    revision_in_use,
    rollback,
)
from footnoted.index.leases import lease, remove_unread
from footnoted.index.rows import IndexRow
from footnoted.index.tokens import fold

WordHash = Callable[..., Any]

READER = """
import sys
from pathlib import Path
from footnoted.index.generations import open_generation
from footnoted.index.tokens import fold
generation = open_generation(Path(sys.argv[1]))
print("open", flush=True)
for line in sys.stdin:
    if line == "close\\n":
        generation.close()
    print(generation.lexical.search(fold(line, "en"), 5)[1].tolist(), flush=True)
"""


def build(index_dir: Path, embedder: Any, *texts: str) -> Path:
    rows = [IndexRow(f"p-{text}", text, "", "en") for text in texts]
    return build_generation(index_dir, rows, embedder, corpus_id="bridge", revision_id="r1")


class Reader:
    """Another process that has a generation open."""

    def __init__(self, generation: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", READER, str(generation)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.line() == "open"

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def ask(self, words: str) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{words}\n")
        self.process.stdin.flush()
        return self.line()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def test_another_process_keeps_its_generation_until_it_closes_it_or_is_killed(
    tmp_path: Path, word_hash: WordHash
) -> None:
    first = build(tmp_path, word_hash(), "one")
    reader, other = Reader(first), Reader(first)
    second = build(tmp_path, word_hash(), "one", "two")
    third = build(tmp_path, word_hash(), "three")
    assert list_generations(tmp_path) == [first, second, third]
    assert reader.ask("one") == "[0]"
    reader.ask("close")
    fourth = build(tmp_path, word_hash(), "four")
    assert list_generations(tmp_path) == [first, third, fourth], "one still reads it"
    other.kill()
    fifth = build(tmp_path, word_hash(), "five")
    assert list_generations(tmp_path) == [fourth, fifth]
    assert reader.ask("one") == "[0]", "what is mapped outlives its name"
    reader.kill()


def test_two_readers_in_one_process(tmp_path: Path, word_hash: WordHash) -> None:
    path = build(tmp_path, word_hash(), "one")
    left, right = open_generation(path), open_generation(path)
    hidden = tmp_path / "gone"
    assert not remove_unread(path, through=hidden)
    left.close()
    left.close()
    assert not remove_unread(path, through=hidden)
    assert not hidden.exists()
    right.close()
    assert remove_unread(path, through=hidden)
    assert not path.exists()
    assert not hidden.exists()


def test_a_reader_that_is_forgotten_holds_nothing(tmp_path: Path, word_hash: WordHash) -> None:
    path = build(tmp_path, word_hash(), "one")
    generation = open_generation(path)
    del generation
    gc.collect()
    assert remove_unread(path, through=tmp_path / "gone")


def test_one_that_cannot_be_opened_is_not_held(tmp_path: Path, word_hash: WordHash) -> None:
    path = build(tmp_path, word_hash(), "one")
    (path / "dense.faiss").write_bytes(b"")
    with pytest.raises(IndexBroken) as caught:
        open_generation(path)
    assert caught.value.about == str(path / "dense.faiss")
    assert remove_unread(path, through=tmp_path / "gone")


def test_one_that_is_being_removed_cannot_be_opened(tmp_path: Path, word_hash: WordHash) -> None:
    path = build(tmp_path, word_hash(), "one")
    with (path / "manifest.json").open() as remover:
        fcntl.flock(remover, fcntl.LOCK_EX)
        with pytest.raises(IndexBroken, match="being removed"):
            open_generation(path)
    open_generation(path).close()
    (path / "manifest.json").unlink()
    with pytest.raises(IndexBroken, match="cannot be read"):
        lease(path)
    assert remove_unread(path, through=tmp_path / "gone"), "nobody can open it any more"


def test_an_open_generation_answers_though_its_folder_is_gone(
    tmp_path: Path, word_hash: WordHash
) -> None:
    """Forgetting removes it whoever reads it; nothing may be opened later than at first."""
    texts = [f"stone {n} of the wall" for n in range(300)]
    generation = open_generation(build(tmp_path, word_hash(), *texts))
    shutil.rmtree(tmp_path / "generations")
    assert generation.lexical.search(fold("77", "en"), 3)[1].tolist() == [77]
    rows = np.arange(3)
    assert (generation.lexical.scores_for(fold("wall", "en"), rows) > 0).all()
    vectors = generation.dense.vectors(rows)
    assert generation.dense.search(vectors[2], 1)[1].tolist() == [2]
    assert generation.tokens is not None
    assert generation.tokens.vectors(5).shape == (5, 8)


def test_a_generation_that_was_rolled_back_from_is_never_rolled_back_to(
    tmp_path: Path, word_hash: WordHash
) -> None:
    first = build(tmp_path, word_hash(), "one")
    bad = build(tmp_path, word_hash(), "bad")
    held = open_generation(bad)
    assert rollback(tmp_path) == first
    good = build(tmp_path, word_hash(), "good")
    assert list_generations(tmp_path) == [first, bad, good], "it is still read"
    assert rollback(tmp_path) == first
    held.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a user who owns nothing")
def test_a_lease_needs_no_permission_to_write(tmp_path: Path, word_hash: WordHash) -> None:
    path = build(tmp_path, word_hash(), "one")
    script = (
        "import os, sys; from pathlib import Path; from footnoted.index.leases import lease\n"
        "os.setuid(65534); kept = lease(Path('.'))\n"
        "assert not os.access('.', os.W_OK); print('held', flush=True); sys.stdin.read()"
    )
    path.chmod(0o755)
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "held\n"
        assert not remove_unread(path, through=tmp_path / "gone")


def as_on_nfs(descriptor: int, how: int) -> None:
    """NFS gives an exclusive lock only to who opened the file for writing."""
    mode = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE
    if how & fcntl.LOCK_EX and mode == os.O_RDONLY:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    real_flock(descriptor, how)


real_flock = fcntl.flock


def test_one_is_removed_where_only_writers_are_given_the_lock(
    tmp_path: Path, word_hash: WordHash, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = build(tmp_path, word_hash(), "one")
    monkeypatch.setattr(fcntl, "flock", as_on_nfs)
    reader = lease(path)
    assert not remove_unread(path, through=tmp_path / "gone")
    reader.release()
    assert remove_unread(path, through=tmp_path / "gone")
    assert not path.exists()


def test_one_that_cannot_be_written_stays_where_only_writers_are_given_the_lock(
    tmp_path: Path, word_hash: WordHash, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = build(tmp_path, word_hash(), "one")
    opened = os.open

    def refusing(name: Path, flags: int, **options: Any) -> int:
        if flags & os.O_ACCMODE != os.O_RDONLY:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(name))
        return opened(name, flags, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refusing)
        patch.setattr(fcntl, "flock", as_on_nfs)
        assert not remove_unread(path, through=tmp_path / "gone"), "nobody knows who reads it"
        assert (path / "manifest.json").is_file()
        patch.setattr(fcntl, "flock", real_flock)
        assert remove_unread(path, through=tmp_path / "gone")


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_keeps_nobody_off(
    tmp_path: Path, word_hash: WordHash, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    path = build(tmp_path, word_hash(), "one")

    def refusing(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refusing)
    open_generation(path).close()
    assert not being_built(tmp_path)
    assert revision_in_use(tmp_path, "r2") == "r2"
