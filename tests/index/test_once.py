from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from footnoted.errors import DiskFull
from footnoted.index.once import write_once


def test_a_folder_is_written_once_and_then_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "ours"
    write_once(folder, lambda empty: (empty / "a").write_text("first") and None)
    write_once(folder, lambda empty: (empty / "a").write_text("second") and None)
    assert (folder / "a").read_text() == "first"
    assert [path.name for path in folder.parent.iterdir() if path != folder] == [".ours.lock"]


def _fill(_: Path) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def _interrupt(empty: Path) -> None:
    (empty / "half").write_text("")
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("write", "expected"), [(_fill, DiskFull), (_interrupt, KeyboardInterrupt)]
)
def test_what_fails_leaves_nothing(
    write: Callable[[Path], None], expected: type[BaseException], tmp_path: Path
) -> None:
    with pytest.raises(expected):
        write_once(tmp_path / "ours", write)
    assert [path.name for path in tmp_path.iterdir()] == [".ours.lock"]


def test_what_a_killed_process_left_is_cleared_away(tmp_path: Path) -> None:
    killed = tmp_path / ".ours.abc.tmp"
    killed.mkdir()
    (killed / "half").write_text("half")
    write_once(tmp_path / "ours", lambda empty: (empty / "a").write_text("whole") and None)
    assert not killed.exists()
    assert [path.name for path in (tmp_path / "ours").iterdir()] == ["a"]


def test_the_second_waits_for_the_first(tmp_path: Path) -> None:
    started, written = threading.Event(), []

    def write(empty: Path) -> None:
        started.set()
        time.sleep(0.2)  # long enough for the second to write as well, did it not wait
        written.append(empty)

    second = threading.Thread(target=write_once, args=(tmp_path / "ours", written.append))
    first = threading.Thread(target=write_once, args=(tmp_path / "ours", write))
    first.start()
    assert started.wait(10)
    second.start()
    first.join(10)
    second.join(10)
    assert len(written) == 1
