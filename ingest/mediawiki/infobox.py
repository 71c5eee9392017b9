"""Infoboxes of MediaWiki pages, tables and Fandom's own: each row a label and its values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from footnoted.ingest.claims import Block, Heading, Prose, Row
from footnoted.ingest.infobox import NAME
from footnoted.ingest.markers import Line, Marked
from footnoted.ingest.mediawiki.apparatus import apparatus
from footnoted.ingest.mediawiki.nodes import classes, hidden

_NAMES = frozenset(
    {"infobox-above", "infobox-subheader", "infobox-title", "above", "fn", "nickname"}
)
_PICTURES = frozenset({"infobox-image", "infobox-caption", "infobox-full-image", "maptable"})
_PORTABLE_LABELS = frozenset({"pi-data-label", "pi-smart-data-label"})
_PORTABLE = _PORTABLE_LABELS | {"pi-title", "pi-header", "pi-data-value", "pi-smart-data-value"}
_BULLETS = "•·–-"


def read_infobox(table: LexborNode, read_cell: Callable[[LexborNode], list[Block]]) -> list[Block]:
    """The rows of an infobox.

    Its own headings and other names become the row ``Name``; a cell as wide as the box belongs
    to the heading above it, and a label with a bullet (``• Total``) to the label above it.
    """
    if table.tag == "aside":
        return _read_portable(table, read_cell)
    box = _Box()
    caption = table.css_first("caption")
    if caption is not None:
        box.names += _lines(read_cell(caption))
    for row in table.css("tr"):
        if _enclosing(row) != table.mem_id or hidden(row):
            continue
        cells = [c for c in row.iter() if c.tag in ("th", "td") and not hidden(c)]
        read = [(cell, read_cell(cell)) for cell in cells if not _picture(cell)]
        # The rows of a box within the box are rows of the box.
        box.rows += [block for _, blocks in read for block in blocks if isinstance(block, Row)]
        match [(cell, _lines(blocks)) for cell, blocks in read]:
            case [(cell, lines)]:
                box.add_wide(cell, lines)
            case [(_, label), *rest]:
                box.add_labelled(_joined(label), [line for _, lines in rest for line in lines])
    return [*box.name_rows(), *box.rows]


def is_infobox(node: LexborNode) -> bool:
    """Whether ``node`` is an infobox: a table, or an ``aside`` as on the wikis of Fandom."""
    names = classes(node)
    if node.tag == "aside":
        return "portable-infobox" in names
    return node.tag == "table" and "infobox" in " ".join(names)


def _read_portable(
    infobox: LexborNode, read_cell: Callable[[LexborNode], list[Block]]
) -> list[Block]:
    """The rows of a portable infobox; a row of labels goes before the row of their values."""
    box = _Box()
    labels: list[Line] = []
    for part in infobox.css("[class*='pi-']"):
        kinds = _PORTABLE.intersection(classes(part))
        if not kinds or hidden(part):
            continue
        lines = _lines(read_cell(part))
        if "pi-title" in kinds:
            box.names += lines
        elif "pi-header" in kinds:
            box.header, labels = _joined(lines).words, []
        elif kinds & _PORTABLE_LABELS:
            labels.append(_joined(lines))
        else:
            box.add_labelled(labels.pop(0) if labels else Line(""), lines)
    return [*box.name_rows(), *box.rows]


@dataclass(slots=True)
class _Box:
    """The rows so far, and the heading and label under which the next one stands."""

    rows: list[Row] = field(default_factory=list)
    names: list[Line] = field(default_factory=list)
    header: str = ""
    parent: str = ""

    def add_wide(self, cell: LexborNode, lines: list[Line]) -> None:
        if _NAMES.intersection(classes(cell)) or not (self.rows or self.header or self.names):
            self.names += lines
        elif cell.tag == "th":
            self.header = self.parent = _joined(lines).words
        elif self.header or self.rows:
            self.add_row(Line(self.header or self.parent or NAME), lines)
        else:
            self.names += lines

    def add_labelled(self, label: Line, values: list[Line]) -> None:
        if label.words[:1] in tuple(_BULLETS) and self.parent:
            label = _prefixed(label, self.parent)
        elif label.words:
            self.parent = label.words
        if label.words and values:
            self.add_row(_without_colon(label), values)
        else:
            self.add_row(Line(self.header or self.parent or NAME), [*values, label])

    def name_rows(self) -> list[Row]:
        """The names once each; a line such as ``Motto:`` is the label of those that follow."""
        rows: dict[str, list[Line]] = {}
        label = NAME
        for line in self.names:
            if line.words.endswith(":") and not line.marks:
                label = line.words.rstrip(": ")
            elif line.marks or line.words not in [known.words for known in rows.get(label, [])]:
                rows.setdefault(label, []).append(line)
        return [Row(Line(label), tuple(lines)) for label, lines in rows.items()]

    def add_row(self, label: Line, values: list[Line]) -> None:
        if any(not value.empty for value in values):
            self.rows.append(Row(label, tuple(values)))


def _picture(cell: LexborNode) -> bool:
    """A cell of nothing but pictures, maps and their captions."""
    if _PICTURES.intersection(classes(cell)) or apparatus(cell):
        return True
    return (
        cell.css_first("img, figure") is not None
        and cell.css_first("sup, li") is None
        and (
            cell.parent is not None
            and len([c for c in cell.parent.iter() if c.tag in ("th", "td")]) == 1
        )
    )


def _enclosing(row: LexborNode) -> int | None:
    node = row.parent
    while node is not None and node.tag != "table":
        node = node.parent
    return None if node is None else node.mem_id


def _lines(blocks: list[Block]) -> list[Line]:
    """The values of a cell: one a line; what stands in brackets goes with the value before it."""
    lines: list[Line] = []
    for block in blocks:
        match block:
            case Prose(line) | Heading(line):
                goes_on = line.words[:1] in "([,;–" if line.words else True
                if lines and goes_on:
                    lines[-1] = _joined([lines[-1], line])
                elif not line.empty:
                    lines.append(line)
    return lines


def _joined(lines: list[Line]) -> Line:
    words = ""
    marks: list[Marked] = []
    for line in lines:
        space = " " if words and line.words else ""
        start = len(words) + len(space)
        marks += [Marked(start + position, mark) for position, mark in line.marks]
        words += space + line.words
    return Line(words, tuple(marks))


def _prefixed(label: Line, parent: str) -> Line:
    part = label.words.lstrip(_BULLETS + " ")
    return Line(f"{parent} – {part}", tuple(Marked(len(parent) + 3, m.mark) for m in label.marks))


def _without_colon(label: Line) -> Line:
    words = label.words.rstrip(" :：")
    return Line(words, tuple(Marked(min(m.position, len(words)), m.mark) for m in label.marks))
