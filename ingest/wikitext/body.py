"""The body of an article in wikitext, from the parser's nodes to the blocks of an article."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from footnoted.ingest.claims import Block, Heading, Prose, Row
from footnoted.ingest.markers import Flag, Line, LineBuilder, Sign
from footnoted.ingest.wikitext.citations import is_citation, read_citation
from footnoted.ingest.wikitext.harvard import IN_TEXT, SHORT, print_short
from footnoted.ingest.wikitext.infobox import is_infobox, read_infobox
from footnoted.ingest.wikitext.remarks import remark
from footnoted.ingest.wikitext.words import (
    caption,
    flow,
    is_file,
    name_of,
    parameters,
    plain,
)

if TYPE_CHECKING:
    from mwparserfromhell.nodes import Heading as Title
    from mwparserfromhell.nodes import Node, Tag, Template, Wikilink
    from mwparserfromhell.wikicode import Wikicode

_LINES = re.compile(r"(\n+)")
_PAGES = ("1", "p", "page", "pp", "pages", "at", "loc")
_TABULAR = re.compile(r"wikitable|sortable|prettytable|tracklist|vcalendar")


@dataclass(slots=True)
class Reader:
    """Reads nodes into blocks; ``breaks`` makes each line its own, as in infoboxes.

    ``signs`` are the footnote signs of a node, by the node's ``id``.
    """

    signs: Mapping[int, Sequence[Sign]]
    breaks: bool = False
    captions: bool = True
    blocks: list[Block] = field(default_factory=list)
    _line: LineBuilder = field(default_factory=LineBuilder)
    _item: bool = False
    _captions: list[Prose] = field(default_factory=list)

    def read(self, nodes: Iterable[Node]) -> list[Block]:
        """The blocks that ``nodes`` print."""
        self._walk(nodes)
        self._flush()
        return self.blocks

    def _walk(self, nodes: Iterable[Node]) -> None:
        from mwparserfromhell import nodes as kinds  # noqa: PLC0415 - heavy

        for part in flow(nodes):
            if isinstance(part, str):
                self._write(part)
            elif isinstance(part, kinds.Tag):
                self._tag(part)
            elif isinstance(part, kinds.Template):
                self._template(part)
            elif isinstance(part, kinds.Wikilink):
                self._picture(part)
            elif isinstance(part, kinds.Heading):
                self._heading(part)

    def _write(self, words: str) -> None:
        """Words as in the wikitext: an empty line ends a paragraph, one line end a list item."""
        for piece in _LINES.split(words):
            if not piece.startswith("\n"):
                self._line.write(piece)
            elif len(piece) > 1 or self._item or self.breaks:
                self._flush()
            else:
                self._line.write(" ")

    def _heading(self, heading: Title) -> None:
        self._flush()
        inner = Reader(self.signs, captions=False)
        inner._walk(heading.title.nodes)
        self.blocks.append(Heading(inner._line.finish(), max(1, int(heading.level) - 1)))

    def _tag(self, tag: Tag) -> None:
        kind = str(tag.tag).strip().lower()
        if kind == "ref":
            self._sign(tag)
        elif kind == "br":
            self._flush() if self.breaks else self._line.write(" ")
        elif kind in ("li", "dt", "dd"):
            # "; term : meaning" is one line; "**" is two tags at one place.
            if kind != "dd" or self._line.blank or not self._item:
                self._flush()
            else:
                self._line.write(": ")
            self._item = True
        elif kind == "hr":
            self._flush()
        elif kind == "table":
            self._flush()
            self._table(tag)
        elif kind != "references" and tag.contents is not None:
            self._walk(tag.contents.nodes)

    def _table(self, table: Tag) -> None:
        """A row of data is one line; the cells of a table that lays out the page are paragraphs."""
        style = " ".join(plain(a.value) for a in table.attributes if a.value is not None)
        rows: list[list[Tag]] = [[]]
        for node in table.contents.filter_tags(recursive=False):
            if str(node.tag).strip() == "tr":
                rows.append([c for c in node.contents.filter_tags(recursive=False) if _is_cell(c)])
            elif _is_cell(node):
                rows[-1].append(node)
        headed = any(str(cell.tag).strip() == "th" for row in rows for cell in row)
        for row in rows:
            if _TABULAR.search(style) or headed:
                self._row(row)
            else:
                for cell in row:
                    self._flush()
                    self._walk(cell.contents.nodes)
                    self._flush()

    def _row(self, cells: Sequence[Tag]) -> None:
        nested: list[Block] = []
        for cell in cells:
            inner = Reader(self.signs, captions=self.captions)
            blocks = inner.read(cell.contents.nodes)
            lines = [
                b.line for b in blocks if isinstance(b, Prose) and not b.whole and not b.silent
            ]
            nested += [b for b in blocks if not (isinstance(b, Prose) and b.line in lines)]
            for n, line in enumerate(lines):
                if line.words:
                    self._line.write(" " if n else "" if self._line.blank else " | ")
                last = 0
                for position, mark in line.marks:
                    self._line.write(line.words[last:position])
                    self._line.mark(mark)
                    last = position
                self._line.write(line.words[last:])
        self._add(tight=True, whole=True)
        self.blocks += nested

    def _template(self, template: Template) -> None:
        name = name_of(template)
        if is_infobox(template):
            self._flush()
            self.blocks += read_infobox(template, self._value)
        elif name == "rp":
            self._locate(template)
        elif flag := remark(template):
            self._remark(template, flag)
        elif id(template) in self.signs:
            if name in IN_TEXT:
                self._write(print_short(template))
            self._sign(template)
        elif name in SHORT:
            self._line.mark(Sign(print_short(template).strip("()"), ""))
        elif is_citation(template):
            self._write(read_citation(template).text)
        else:
            self._signs_within(template)

    def _locate(self, template: Template) -> None:
        given = parameters(template)
        if page := next((v for key in _PAGES if (v := plain(given.get(key)))), ""):
            self._line.locate(page)

    def _remark(self, template: Template, flag: str) -> None:
        """A flag on the words before it; some remarks enclose the words that they mean."""
        words = parameters(template).get("1") or parameters(template).get("text")
        if words and name_of(template).endswith(("span", "nécessaire", "souhaitée")):
            self._walk(words.nodes)
        self._line.mark(Flag(flag))

    def _value(self, value: Wikicode) -> list[Block]:
        return Reader(self.signs, breaks=True, captions=False).read(value.nodes)

    def _signs_within(self, template: Template) -> None:
        """A template that we do not know prints who knows what; its footnotes are kept."""
        for value in parameters(template).values():
            for node in value.filter(recursive=True):
                if id(node) in self.signs:
                    self._sign(node)

    def _sign(self, node: Node) -> None:
        for sign in self.signs.get(id(node), ()):
            self._line.mark(sign)

    def _picture(self, link: Wikilink) -> None:
        """Captions are no claims, but those with footnotes stay in the text beside their signs."""
        words = caption(link)
        if not self.captions or words is None or not is_file(link):
            return
        if not any(id(node) in self.signs for node in words.filter(recursive=True)):
            return
        blocks = Reader(self.signs, captions=False).read(words.nodes)
        lines = [block.line for block in blocks if not isinstance(block, Row)]
        self._captions += [Prose(line, silent=True) for line in lines if not line.empty]

    def _flush(self) -> None:
        self._add(tight=self._item, whole=False)
        self._item = False

    def _add(self, *, tight: bool, whole: bool) -> None:
        line = self._line.finish()
        if any(c.isalnum() for c in line.words):
            self.blocks.append(Prose(line, tight, whole))
        elif line.marks:
            self.blocks.append(Prose(Line("", tuple(m._replace(position=0) for m in line.marks))))
        self.blocks += self._captions
        self._captions = []


def _is_cell(tag: Tag) -> bool:
    return str(tag.tag).strip() in ("td", "th")
