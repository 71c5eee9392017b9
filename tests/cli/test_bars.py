"""Bars of long work: a stage each, and the busiest hosts of a stage under it."""

from __future__ import annotations

import io
import re

from rich.console import Console

from footnoted.cli.bars import PARTS, progress


def drawn(*steps: tuple[str, int, int]) -> list[str]:
    """The lines that stand on the terminal after the last of ``steps``."""
    out = io.StringIO()
    terminal = Console(file=out, force_terminal=True, width=70, height=40, color_system=None)
    with progress(enabled=True, out=terminal) as show:
        for step in steps:
            show(*step)
    frame = out.getvalue().rpartition("\x1b[2K")[2]  # after the last line that was wiped
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|[━╸╺]", "", frame)
    return [" ".join(line.split()) for line in plain.splitlines()]


def test_a_stage_and_its_parts_have_bars_and_a_finished_part_has_none() -> None:
    lines = drawn(
        ("sources read", 0, 5),
        ("sources read/one.example", 0, 3),
        ("sources read/two.example", 0, 2),
        ("sources read", 2, 5),
        ("sources read/two.example", 2, 2),
        ("sources read/one.example", 1, 3),
    )
    assert lines == ["sources read 2/5", "one.example 1/3"]


def test_of_hundreds_of_hosts_a_few_are_shown_and_the_busiest_comes_next() -> None:
    hosts = [(f"sources read/h{n}.example", 0, 1) for n in range(200)]
    start = [("sources read", 0, 300), *hosts[:100], ("sources read/busy.example", 0, 9)]
    lines = drawn(*start, *hosts[100:], ("sources read/h2.example", 1, 1))
    names = [line.split()[0] for line in lines[1:]]
    assert len(names) == PARTS
    assert names == [*(f"h{n}.example" for n in (0, 1, 3, 4, 5)), "busy.example"]


def test_a_hosts_name_does_not_steer_the_terminal() -> None:
    assert "a\\x1b[2J.example" in drawn(("s", 0, 1), ("s/a\x1b[2J.example", 0, 1))[-1]


def test_where_nobody_looks_nothing_is_drawn() -> None:
    out = io.StringIO()
    with progress(enabled=False, out=Console(file=out, force_terminal=True)) as show:
        show("index", 1, 2)
    assert not out.getvalue().replace("\n", "")
