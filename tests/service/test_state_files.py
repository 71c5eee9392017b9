"""Files of the state folder: made once by many, whole after a crash, and plain about trouble."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from footnoted.errors import ReadOnly, StorageError
from footnoted.service.state_files import StateFile

COUNTS = (("CREATE TABLE counts (n INTEGER NOT NULL) STRICT", "INSERT INTO counts VALUES (0)"),)
COUNT = """
import sys
from pathlib import Path
from footnoted.service.state_files import StateFile
file = StateFile(Path(sys.argv[1]), ((
    "CREATE TABLE counts (n INTEGER NOT NULL) STRICT", "INSERT INTO counts VALUES (0)"
),))
for _ in range(50):
    with file.transaction() as connection:
        n = connection.execute("SELECT n FROM counts").fetchone()[0]
        connection.execute("UPDATE counts SET n = ?", (n + 1,))
"""


def test_several_processes_make_and_change_one_file(tmp_path: Path) -> None:
    path = tmp_path / "state" / "counts.sqlite"
    started = [subprocess.Popen([sys.executable, "-c", COUNT, str(path)]) for _ in range(4)]
    assert [process.wait(60) for process in started] == [0] * 4
    assert StateFile(path, COUNTS).rows("SELECT n FROM counts")[0]["n"] == 200


def test_threads_take_turns_and_a_failure_undoes_what_was_begun(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "counts.sqlite", COUNTS)

    def add(n: int) -> None:
        with file.transaction() as connection:
            connection.execute("UPDATE counts SET n = n + 1")
            if n % 2:
                raise ValueError(n)

    with ThreadPoolExecutor(8) as pool:
        failed = [future.exception() for future in [pool.submit(add, n) for n in range(40)]]
    assert sum(error is not None for error in failed) == 20
    assert file.rows("SELECT n FROM counts")[0]["n"] == 20


def test_a_newer_version_is_reached_with_everything_kept(tmp_path: Path) -> None:
    path = tmp_path / "counts.sqlite"
    old = StateFile(path, COUNTS)
    with old.transaction() as connection:
        connection.execute("UPDATE counts SET n = 7")
    old.close()
    newer = (*COUNTS, ("ALTER TABLE counts ADD COLUMN of TEXT NOT NULL DEFAULT 'x'",))
    (row,) = StateFile(path, newer).rows("SELECT * FROM counts")
    assert (row["n"], row["of"]) == (7, "x")
    with pytest.raises(StorageError, match="newer Footnoted"):
        StateFile(path, COUNTS).rows("SELECT 1")


def test_nothing_is_made_for_who_only_reads(tmp_path: Path) -> None:
    assert StateFile(tmp_path / "no" / "counts.sqlite", COUNTS).rows("SELECT 1") == []
    assert not (tmp_path / "no").exists()


def test_a_damaged_file_and_one_that_cannot_be_made_are_told_without_their_folder(
    tmp_path: Path,
) -> None:
    damaged = tmp_path / "damaged.sqlite"
    damaged.write_bytes(b"this is no database, and was never one" * 100)
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be used") as broken:
        StateFile(damaged, COUNTS).rows("SELECT 1")
    (tmp_path / "a-folder.sqlite").mkdir()
    with (
        pytest.raises(ReadOnly, match="cannot be written") as unwritten,
        StateFile(tmp_path / "a-folder.sqlite", COUNTS).transaction(),
    ):
        pass
    for error in (broken.value, unwritten.value):
        assert str(tmp_path) not in f"{error} {error.about} {error.hint}"
