"""From the nodes of a page to its lines: where a paragraph, a heading or a table row ends."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar

from selectolax.lexbor import LexborNode

from footnoted.ingest.claims import Block, Heading, Prose
from footnoted.ingest.markers import Line
from footnoted.ingest.mediawiki.apparatus import BLOCKS
from footnoted.ingest.mediawiki.nodes import walk

_HEADING = re.compile("h[1-6]")


@dataclass(slots=True, kw_only=True)
class LineReader(ABC):
    """Reads nodes into blocks; what a line is made of is its subclass's matter.

    A table row of data is one line, whatever its cells hold; so is a heading.
    """

    line_tags: ClassVar[frozenset[str]] = BLOCKS
    silent_tags: ClassVar[frozenset[str]] = frozenset()
    blocks: list[Block] = field(default_factory=list)
    _row: LexborNode | None = None
    _heading: LexborNode | None = None
    _tight: bool = False
    _silent: bool = False

    def read(self, root: LexborNode) -> list[Block]:
        """The blocks below ``root``."""
        for event in walk(root, self._take_whole):
            match event.kind:
                case "text":
                    self._write(event.words)
                case "open":
                    self._open(event.node)
                case "close":
                    self._close(event.node)
        self._flush()
        return self.blocks

    @abstractmethod
    def _take_whole(self, node: LexborNode) -> bool:
        """Deal with a node that is no mere container; false for one to walk into."""

    @abstractmethod
    def _write(self, words: str) -> None:
        """Add ``words`` to the line."""

    @abstractmethod
    def _blank(self) -> bool:
        """Whether nothing stands in the line yet."""

    @abstractmethod
    def _finish(self) -> Line:
        """The line; the next one is empty."""

    @abstractmethod
    def _is_row(self, row: LexborNode) -> bool:
        """Whether a ``<tr>`` is one line: a row of data, not of a table that lays out the page."""

    def _break(self) -> None:
        """A ``<br>`` outside of table rows."""
        self._write(" ")

    def _add(self, *, tight: bool, whole: bool) -> None:
        """Make a block of the line."""
        line = self._finish()
        if any(character.isalnum() for character in line.words):
            self.blocks.append(Prose(line, tight, whole, self._silent))
        elif line.marks:
            self.blocks.append(Prose(Line("", line.marks)))
        if not line.empty:
            self._silent = False

    def _open(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if self._row is not None:
            if tag in ("td", "th"):
                self._write("" if self._blank() else " | ")
            elif tag in BLOCKS or tag == "br":
                self._write(" ")
        elif tag == "br":
            self._break()
        elif _HEADING.fullmatch(tag):
            self._flush()
            self._heading = node
        elif tag == "tr" and self._is_row(node):
            self._flush()
            self._row = node
        elif tag in self.line_tags:
            self._flush()
            self._tight = tag in ("li", "dt", "dd") and node.prev is not None
            self._silent = tag in self.silent_tags

    def _close(self, node: LexborNode) -> None:
        if self._heading is not None:
            if node.mem_id == self._heading.mem_id:
                self._heading = None
                level = max(1, int((node.tag or "h2")[1]) - 1)
                self.blocks.append(Heading(self._finish(), level))
        elif self._row is not None:
            if node.mem_id == self._row.mem_id:
                self._row = None
                self._add(tight=True, whole=True)
        elif node.tag in self.line_tags:
            self._flush()

    def _flush(self) -> None:
        """End the line, unless it goes on as a heading or a row."""
        if self._heading is None and self._row is None:
            self._add(tight=self._tight, whole=False)


def table_around(row: LexborNode) -> LexborNode | None:
    """The table that ``row`` stands in; ``None`` for one that only lays out the page."""
    table = row.parent
    while table is not None and table.tag != "table":
        table = table.parent
    if table is None or table.attributes.get("role") == "presentation":
        return None
    return table
