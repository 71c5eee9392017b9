"""The body of a MediaWiki page, from HTML nodes to the blocks of an article."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from footnoted.ingest.claims import Block, Prose, Row
from footnoted.ingest.markers import Flag, Line, LineBuilder, Sign, note_group, slug
from footnoted.ingest.mediawiki.apparatus import CAPTIONS, apparatus, pictures
from footnoted.ingest.mediawiki.infobox import is_infobox
from footnoted.ingest.mediawiki.labels import sign_shown
from footnoted.ingest.mediawiki.lines import LineReader, table_around
from footnoted.ingest.mediawiki.nodes import (
    attribute,
    classes,
    data_mw,
    footnote_fragment,
    hidden,
    walk,
)
from footnoted.ingest.normalise import normalise_line

Resolve = Callable[[str], tuple[str, ...]]
"""From a link's fragment to the id of the footnote that it means."""

_REMARKS = {
    "permanent_dead_link": "dead_link",
    "not_in_citation_given": "failed_verification",
    "not_in_citation": "failed_verification",
    "not_in_source": "failed_verification",
}
_LOCATOR = re.compile(r"[:：]\s*(.+)")


@dataclass(slots=True)
class Reader(LineReader):
    """Reads nodes into blocks; ``breaks`` makes each ``<br>`` begin a new line, as in infoboxes."""

    resolve: Resolve
    group_of: Callable[[str], str]
    infobox: Callable[[LexborNode], list[Block]] | None = None
    breaks: bool = False
    captions: bool = True
    _line: LineBuilder = field(default_factory=LineBuilder)
    _captions: list[Prose] = field(default_factory=list)

    def _take_whole(self, node: LexborNode) -> bool:
        """Deal with a node that is no mere container; false for one to walk into."""
        if self._mark(node):
            return True
        if self.infobox and is_infobox(node):
            self._flush()
            self.blocks += self.infobox(node)
            return True
        if hidden(node) and node.tag != "math":
            return True
        if apparatus(node):
            if pictures(node) and not self.captions:
                return False  # a picture within a picture's caption
            self._keep_captions(node)
            return True
        return self._formula(node)

    def _keep_captions(self, node: LexborNode) -> None:
        """Captions are no claims, but those with footnotes stay in the text beside their signs."""
        if not self.captions or not pictures(node):
            return
        captions = node.css(CAPTIONS) or [node]
        known = {caption.mem_id for caption in captions}
        for caption in captions:
            if _within(caption, known) or not _signed(caption):
                continue
            reader = Reader(self.resolve, self.group_of, captions=False)
            lines = [block.line for block in reader.read(caption) if not isinstance(block, Row)]
            self._captions += [Prose(line, silent=True) for line in lines if not line.empty]

    def _mark(self, node: LexborNode) -> bool:
        """Write down a footnote sign, its page or an editors' remark."""
        if node.tag == "sup":
            names = classes(node)
            links = [a for a in node.css("a") if footnote_fragment(a) is not None]
            if links:
                for link in links:
                    self._line.mark(self._sign(link, node))
                return True
            if "Inline-Template" in names or "Template-Fact" in names:
                self._line.mark(Flag(_remark(node)))
                return True
            return "reference" in names and self._unlinked(node)
        # Outside a raised sign, only links to this page's own footnotes: others lead elsewhere.
        fragment = footnote_fragment(node)
        if fragment is not None and self.resolve(fragment):
            self._line.mark(self._sign(node, node))
            return True
        return False

    def _sign(self, link: LexborNode, around: LexborNode) -> Sign:
        label = sign_shown(normalise_line(_shown(link)))
        targets = self.resolve(footnote_fragment(link) or "")
        group = attribute(link, "data-mw-group")
        if not group:
            attrs = data_mw(around).get("attrs")
            group = str(attrs.get("group", "")) if isinstance(attrs, dict) else ""
        if not group and targets:
            group = self.group_of(targets[0])
        if not group and not label[:1].isdecimal():
            group = note_group(label)
        return Sign(label, group, targets)

    def _unlinked(self, node: LexborNode) -> bool:
        """A sign without a link: the page of the sign before it, or an orphan."""
        printed = _shown(node)
        if locator := _LOCATOR.fullmatch(printed):
            return self._line.locate(locator[1].strip()) or True
        if re.fullmatch(r"\[[^\[\]]{1,20}\]", printed):
            label = printed.strip("[] ")
            self._line.mark(Sign(label, "" if label.isdecimal() else note_group(label)))
            return True
        return False

    def _formula(self, node: LexborNode) -> bool:
        if node.tag != "math" and "mwe-math-element" not in classes(node):
            return False
        source = node if node.tag == "math" else node.css_first("math, img[alt]")
        tex = "" if source is None else attribute(source, "alttext") or attribute(source, "alt")
        tex = re.sub(r"^\{\\(?:display|text)style\s*(.*)\}$", r"\1", tex.strip(), flags=re.DOTALL)
        if tex:
            self._line.write(f" {tex} ")
        return bool(tex)

    def _write(self, words: str) -> None:
        self._line.write(words)

    def _blank(self) -> bool:
        return self._line.blank

    def _finish(self) -> Line:
        return self._line.finish()

    def _break(self) -> None:
        if self.breaks:
            self._flush()
        else:
            self._line.write(" ")

    def _is_row(self, row: LexborNode) -> bool:
        return not self.breaks and _tabular(row)

    def _add(self, *, tight: bool, whole: bool) -> None:
        LineReader._add(self, tight=tight, whole=whole)
        # Pictures float: their captions wait for the end of the paragraph that they stand in.
        self.blocks += self._captions
        self._captions = []


def _signed(node: LexborNode) -> bool:
    return any(footnote_fragment(link) is not None for link in node.css("sup a"))


def _within(node: LexborNode, outer: set[int]) -> bool:
    """Whether one of the nodes around ``node`` is in ``outer``."""
    around = node.parent
    while around is not None and around.mem_id not in outer:
        around = around.parent
    return around is not None


def _tabular(row: LexborNode) -> bool:
    table = table_around(row)
    if table is None:
        return False
    names = set(classes(table))
    return bool(names & {"wikitable", "sortable", "tracklist", "prettytable", "vcalendar"}) or (
        table.css_first("th") is not None
    )


def _shown(node: LexborNode) -> str:
    return "".join(event.words for event in walk(node, hidden) if event.kind == "text").strip()


def _remark(node: LexborNode) -> str:
    if "Template-Fact" in classes(node):
        return "citation_needed"
    name = slug(_shown(node).strip("[]"))
    return _REMARKS.get(name, name) or "remark"
