"""Progress on standard error: a bar for each stage, and under it for some of its parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from footnoted.cli.render import console, printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

PARTS = 6  # bars of parts at a time: hundreds of hosts would push everything else off the screen


@contextmanager
def progress(
    *, enabled: bool, out: Console | None = None
) -> Iterator[Callable[[str, int, int], None]]:
    """Gives what is called with a stage, how much is done, and of how much; silent if not enabled.

    A part of a stage is named ``stage/part``. The bar of a part goes when it is done, and makes
    room for the one that has most left to do.
    """
    from rich.progress import (  # only long commands need it
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
    )

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=out or console(stderr=True), disable=not enabled) as shown:
        yield _Bars(shown).show


class _Bars:
    def __init__(self, shown: Progress) -> None:
        self._shown = shown
        self._stages: dict[str, TaskID] = {}
        self._parts: dict[str, TaskID] = {}
        self._waiting: dict[str, tuple[int, int]] = {}  # parts without a bar: done, of how much

    def show(self, name: str, done: int, total: int) -> None:
        stage, _, part = name.partition("/")
        if not part:
            if stage not in self._stages:
                self._stages[stage] = self._shown.add_task(printable(stage), total=total)
            self._shown.update(self._stages[stage], completed=done, total=total)
            return
        if name in self._parts:
            self._shown.update(self._parts[name], completed=done, total=total)
        else:
            self._waiting[name] = (done, total)
        if done >= total:
            self._waiting.pop(name, None)
            if (bar := self._parts.pop(name, None)) is not None:
                self._shown.remove_task(bar)
        while self._waiting and len(self._parts) < PARTS:
            busiest = max(self._waiting, key=lambda n: self._waiting[n][1] - self._waiting[n][0])
            done, total = self._waiting.pop(busiest)
            words = "  " + printable(busiest.partition("/")[2])
            self._parts[busiest] = self._shown.add_task(words, total=total, completed=done)
