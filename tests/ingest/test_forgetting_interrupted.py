"""Forgetting that is interrupted leaves a whole corpus at any moment; the next writer ends it."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.forgetting_corpus import (
    LATER,
    OTHERS,
    SECRET,
    Web,
    check,
    forget_one,
    make,
    make_original,
    where,
)

from footnoted.domain import Access
from footnoted.errors import CorpusError
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.database import FILE_NAME
from footnoted.ingest.forgetting import forgetting
from footnoted.ingest.forgetting import remains as forgetting_remains
from footnoted.ingest.forgetting.forgetting import find, forgotten, lift
from footnoted.ingest.store import writing
from footnoted.ingest.warc import rewriting as warc_rewriting


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_original(tmp_path_factory.mktemp("forgetting") / "light")


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "light"))


class Killed(BaseException):
    """Not an error: nobody may catch it."""


class Dying:
    """A connection that fails before or after one statement."""

    def __init__(self, connection: sqlite3.Connection, statement: str, *, before: bool) -> None:
        self._connection, self._statement, self._before = connection, statement, before

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, sql: str, *values: Any) -> Any:
        if sql == self._statement and self._before:
            raise Killed
        done = self._connection.execute(sql, *values)
        if sql == self._statement:
            raise Killed
        return done


def dying(real: Callable[..., Any], *, before: bool) -> Callable[..., Any]:
    def step(*values: Any, **named: Any) -> Any:
        if not before:
            real(*values, **named)
        raise Killed

    return step


STEPS: list[tuple[object, str]] = [
    (forgetting_remains, "note"),
    (forgetting_remains.os, "replace"),
    (forgetting, "rewrite"),
    (warc_rewriting, "_copy"),
    (forgetting, "_delete"),
    (forgetting, "_repoint"),
    (forgetting, "_say_so"),
    (forgetting, "_bury"),
    (forgetting_remains, "remove_files"),
    (forgetting, "_publish"),
]


def die_at(patch: pytest.MonkeyPatch, step: int, *, before: bool) -> None:
    if step < len(STEPS):
        module, name = STEPS[step]
        patch.setattr(module, name, dying(getattr(module, name), before=before))
        return
    statement = ("BEGIN IMMEDIATE", "COMMIT", "VACUUM")[step - len(STEPS)]
    real = forgetting.connect_for_writing
    patch.setattr(
        forgetting,
        "connect_for_writing",
        lambda folder: Dying(real(folder), statement, before=before),
    )


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("step", range(len(STEPS) + 3))
def test_a_kill_at_any_step_leaves_a_whole_corpus(folder: Path, step: int, before: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        die_at(patch, step, before=before)
        with pytest.raises(Killed):
            forget_one(folder)
    states = check(folder)
    assert states["2"].access is Access.FETCHED
    committed = states["1"].access is Access.NOT_ATTEMPTED
    with writing(folder) as writer:
        assert find(folder, "1").reference_id
        connection = sqlite3.connect(folder / FILE_NAME, isolation_level=None)
        connection.row_factory = sqlite3.Row
        forgetting_remains.clear(writer.folder, connection)
        connection.close()
    check(folder)
    assert not (folder / forgetting_remains.NOTE).exists()
    assert not list(folder.glob("*.tmp"))
    if committed:
        assert where(folder, SECRET) == set(), "clearing up ended it"
    else:
        assert FILE_NAME in where(folder, SECRET)
        with Corpus.open(folder) as corpus:
            assert forgotten(folder, list(corpus.references.values())) == {}
    forget_one(folder)
    assert where(folder, SECRET) == set()
    assert check(folder)["1"].access is Access.NOT_ATTEMPTED


def test_lifting_ends_what_was_interrupted(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forgetting_remains, "remove_files", dying(print, before=True))
        with pytest.raises(Killed):
            forget_one(folder)
    assert any(name.endswith(".warc.gz") for name in where(folder, SECRET))
    with writing(folder) as writer:
        lift(writer, find(folder, "1"))
    assert where(folder, SECRET) == set()
    check(folder)


def test_new_files_that_an_ingest_came_to_use_stay(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forgetting, "_delete", dying(forgetting._delete, before=True))
        with pytest.raises(Killed):
            forget_one(folder)
    make(folder, Web(), n5=f"Notes on {OTHERS[2]}.\n")  # finds its captures in the new files
    forget_one(folder)
    check(folder)
    assert where(folder, SECRET) == set()


def test_a_process_killed_within_the_transaction(folder: Path) -> None:
    script = textwrap.dedent(
        f"""
        import os, signal
        from pathlib import Path
        from footnoted.ingest.forgetting import forgetting
        from footnoted.ingest.store import writing
        forgetting._say_so = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        folder = Path({str(folder)!r})
        with writing(folder) as writer:
            forgetting.forget(writer, forgetting.find(folder, "1"), {LATER!r})
        """
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert (folder / forgetting_remains.NOTE).exists()
    assert check(folder)["1"].access is Access.FETCHED
    forget_one(folder)
    assert where(folder, SECRET) == set()
    assert check(folder)["1"].access is Access.NOT_ATTEMPTED


@pytest.mark.parametrize(
    "words",
    [
        "{",
        "[]",
        '{"reference_id": "a"}',
        json.dumps({"reference_id": "a", "forgotten_at": "", "old": ["../x"], "new": []}),
    ],
)
def test_a_strange_note_is_an_error(folder: Path, words: str) -> None:
    (folder / forgetting_remains.NOTE).write_text(words)
    with pytest.raises(CorpusError, match="interrupted `footnoted forget`"):
        forget_one(folder)
    check(folder)
