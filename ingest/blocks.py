"""From a walk through markup to blocks of text, and from blocks to one normalised text.

A block is a heading, a paragraph, a list item or a table row. Headings stand on lines of their
own, so that their offsets can be checked; items of one list, and rows of one table, follow each
other line by line; all else is set apart by a blank line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from footnoted.domain import Section
from footnoted.ingest.normalise import normalise, normalise_line

HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LISTS = frozenset({"ul", "ol", "dl", "table"})
_ITEMS = frozenset({"li", "dt", "dd", "tr"})
_CELLS = frozenset({"td", "th"})
_PARAGRAPHS = frozenset(
    {"p", "div", "pre", "blockquote", "section", "article", "main", "body", "header", "figure"}
    | {"figcaption", "address", "details", "summary", "caption", "center", "hgroup", "hr"}
)
BREAKING = _LISTS | _ITEMS | _CELLS | _PARAGRAPHS | HEADINGS.keys()
_WHITE = re.compile(r"\s+")
_CELL_END = " | "
_LONGEST_CELL = 250  # characters; a longer cell is a column of a page, not a value


class Block(NamedTuple):
    """A stretch of text on lines of its own; ``level`` is above 0 for a heading.

    Neighbours of the same ``group`` above 0 (one list, one table) have no blank line between them.
    """

    text: str
    level: int = 0
    group: int = 0


def assemble(blocks: Iterable[Block]) -> tuple[str, tuple[Section, ...]]:
    """One normalised text of ``blocks``, and its headings with their offsets.

    Each block is normalised once, by itself: the line ends between blocks neither compose nor
    collapse with what they separate, so the whole is normalised, too.
    """
    parts: list[str] = []
    headings: list[Section] = []
    length, last_group = 0, 0
    for block in blocks:
        text = normalise_line(block.text) if block.level else normalise(block.text)
        if not text:
            continue
        gap = "" if not parts else "\n" if block.group and block.group == last_group else "\n\n"
        if block.level:
            headings.append(Section(text, block.level, length + len(gap)))
        parts += (gap, text)
        length += len(gap) + len(text)
        last_group = block.group
    return "".join(parts), tuple(headings)


class BlockBuilder:
    """Collects blocks while somebody walks through a tree and tells of tags and text.

    Tags are HTML's. White space is kept in ``pre`` where ``preformatted`` says that ``pre`` means
    what it does in a page, and is one space elsewhere.
    """

    def __init__(self, *, preformatted: bool) -> None:
        self._blocks: list[Block] = []
        self._buffer: list[str] = []
        self._preformatted = preformatted
        self._kept = self._lists = self._rows = self._group = self._level = 0
        # Where in the blocks the outermost row, and each of its cells, begin.
        self._row_start = 0
        self._cell_starts: list[int] = []
        self._nested_row = False

    def text(self, characters: str) -> None:
        """Add characters to the block that is being collected."""
        kept = self._kept and self._preformatted
        self._buffer.append(characters if kept else _WHITE.sub(" ", characters))

    def open(self, tag: str) -> None:
        """Go into an element."""
        if tag == "br":
            self._buffer.append("\n")
        elif tag in BREAKING:
            self._flush()
            self._level = HEADINGS.get(tag, 0)
            if tag in _LISTS:
                self._group += self._lists == 0
                self._lists += 1
            elif tag == "tr":
                self._open_row()
            elif tag in _CELLS:
                self._cell_starts.append(len(self._blocks))
            self._kept += tag == "pre"

    def close(self, tag: str) -> None:
        """Leave an element."""
        if tag in BREAKING:
            self._flush()
            self._level = 0
            self._lists -= tag in _LISTS
            self._kept -= tag == "pre"
            if tag == "tr":
                self._rows -= 1
                if self._rows == 0 and not self._nested_row:
                    self._close_row()

    def blocks(self) -> list[Block]:
        """What was collected; call it after the walk."""
        self._flush()
        return self._blocks

    def _open_row(self) -> None:
        self._nested_row = self._rows > 0
        if self._rows == 0:
            self._row_start, self._cell_starts = len(self._blocks), []
        self._rows += 1

    def _close_row(self) -> None:
        """One line of a row of data; a row that lays out a page stays as its blocks."""
        row = self._blocks[self._row_start :]
        ends = [*self._cell_starts[1:], len(self._blocks)]
        cells = (
            [
                _WHITE.sub(" ", " ".join(block.text for block in self._blocks[start:end])).strip()
                for start, end in zip(self._cell_starts, ends, strict=True)
            ]
            if self._cell_starts
            else []
        )
        if any(block.level for block in row) or any(len(cell) > _LONGEST_CELL for cell in cells):
            self._blocks[self._row_start :] = [block._replace(group=0) for block in row]
        elif any(cells):
            line = _CELL_END.join(cell for cell in cells if cell)
            self._blocks[self._row_start :] = [Block(line, group=self._group)]

    def _flush(self) -> None:
        text = "".join(self._buffer)
        self._buffer = []
        if text.strip():
            self._blocks.append(Block(text, self._level, self._group if self._lists else 0))
