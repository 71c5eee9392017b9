"""The examples of the documentation: commands with what they print, and Python, in order."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

_BLOCK = re.compile(
    r"(?:<!-- not run: (?P<why>[^>]+?) -->\n+)?^```(?P<language>\w+)\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_EXIT_CODE = re.compile(r"#.*\bexit code (\d+)")
RUN = ("console", "python")


class Block(NamedTuple):
    """A fenced block; ``why`` is the reason for which it cannot be run, if it cannot."""

    language: str
    code: str
    why: str | None


class Command(NamedTuple):
    """A line after ``$``, the exit code that it says it has, and the lines shown below it."""

    line: str
    code: int
    shown: tuple[str, ...]


def blocks(page: Path) -> list[Block]:
    """Every fenced block of a page with a language, in order."""
    found = _BLOCK.finditer(page.read_text("utf-8"))
    return [Block(match["language"], match["code"], match["why"]) for match in found]


def commands_of(block: Block) -> list[Command]:
    """The commands of a console block; a line that ends with a backslash goes on."""
    found: list[Command] = []
    for entry in re.split(r"^\$ ", block.code.replace("\\\n", ""), flags=re.MULTILINE)[1:]:
        line, *shown = entry.rstrip().split("\n")
        said = _EXIT_CODE.search(line)
        found.append(Command(line, int(said[1]) if said else 0, tuple(shown)))
    return found


def missing_line(shown: tuple[str, ...], printed: str) -> str | None:
    """The first line shown that was not printed, in their order; ``…`` stands for anything."""
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    for line in shown:
        wanted = ".*".join(re.escape(part) for part in " ".join(line.split()).split("…"))
        at = next((n for n, have in enumerate(lines) if re.fullmatch(wanted, have)), None)
        if at is None:
            return line
        lines = lines[at + (line.strip() != "…") :]
    return None
