"""The body of any web page, from HTML nodes to the blocks of an article, its signs taken out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import ClassVar

from selectolax.lexbor import LexborNode

from footnoted.domain import Reference
from footnoted.ingest.markers import Line, LineBuilder, note_group
from footnoted.ingest.markers import Sign as Mark
from footnoted.ingest.mediawiki.apparatus import BLOCKS
from footnoted.ingest.mediawiki.lines import LineReader, table_around
from footnoted.ingest.mediawiki.nodes import attribute, hidden
from footnoted.ingest.web_article.notes import Notes, with_following
from footnoted.ingest.web_article.signs import bare, shown

_APPARATUS_TAGS = frozenset({"nav", "footer", "aside", "form", "dialog", "hr", "figure"})
_APPARATUS_ROLES = frozenset(
    {"navigation", "banner", "contentinfo", "complementary", "search", "doc-toc"}
)
_APPARATUS = re.compile(
    r"(?:^|[-_\s])(?:toc|table-of-contents|breadcrumbs?|share|sharing|social|related(?:-posts)?"
    r"|sidebar|newsletter|cookies?|comments?|comment-list|pagination|post-navigation|advert"
    r"|byline|author|dateline|post-meta|entry-meta|article-meta"
    r"|screen-reader-text|sr-only|visually-hidden|noprint)(?:$|\s)",
    re.IGNORECASE,
)
_ANCHOR = re.compile(r"[#¶§🔗⚓\s]*")
_OPEN = re.compile(r"\s*[\[(（［【]\s*$")
_CLOSE = re.compile(r"^\s*[\])）］】]")
_BETWEEN = re.compile(r"[\s,;\[\]()–—-]*|\s*(?:and|&|und|et)\s*")
_RANGE = re.compile(r"[\s\]\[]*[–—-][\s\]\[]*")
_MOST_IN_RANGE = 50


@dataclass(frozen=True, slots=True)
class _Sign:
    """A sign in a line; ``item`` is its note's place among the references."""

    mark: Mark
    place: int | None
    raised: bool


@dataclass(slots=True)
class Reader(LineReader):
    """Reads nodes into blocks; ``references`` are by the ``mem_id`` of their elements."""

    line_tags: ClassVar[frozenset[str]] = BLOCKS | {"figure", "figcaption"}
    silent_tags: ClassVar[frozenset[str]] = frozenset({"pre", "figure", "figcaption"})
    notes: Notes
    references: Mapping[int, Reference]
    _pieces: list[str | _Sign] = field(default_factory=list)
    _ordered: list[Reference] = field(init=False)
    _places: dict[int, int] = field(init=False)
    _left_out: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        self._ordered = list(self.references.values())
        self._places = {key: place for place, key in enumerate(self.references)}
        notes = (part for item in self.notes.items for part in with_following(item))
        self._left_out = frozenset(part.mem_id for part in notes)

    def _take_whole(self, node: LexborNode) -> bool:
        """Deal with a node that is no mere container; false for one to walk into."""
        if node.mem_id in self._left_out or hidden(node):
            return True
        if node.tag == "a":
            return self._link(node)
        return self._apparatus(node)

    def _link(self, node: LexborNode) -> bool:
        sign = self.notes.signs.get(node.mem_id)
        if sign is None:
            own = attribute(node, "href").startswith("#")
            return own and _ANCHOR.fullmatch(shown(node)) is not None
        words = shown(node)
        if not words:
            return True
        if not sign.raised:
            self._pieces.append(words)
        reference = self.references.get(sign.item or 0)
        label = bare(words)
        group = "" if label[:1].isdecimal() or not sign.raised else note_group(label)
        targets = (reference.reference_id,) if reference is not None else ()
        place = self._places.get(sign.item or 0)
        self._pieces.append(_Sign(Mark(label, group, targets), place, sign.raised))
        return True

    def _apparatus(self, node: LexborNode) -> bool:
        """Whether ``node`` belongs to the page rather than to the article: it holds no sign."""
        named = f"{attribute(node, 'class')} {attribute(node, 'id')}"
        return (
            node.tag in _APPARATUS_TAGS
            or attribute(node, "role") in _APPARATUS_ROLES
            or (node.tag != "body" and _APPARATUS.search(named) is not None)
        ) and not any(self.notes.raises(link) for link in node.css("a"))

    def _write(self, words: str) -> None:
        self._pieces.append(words)

    def _blank(self) -> bool:
        return not self._pieces

    def _is_row(self, row: LexborNode) -> bool:
        return _tabular(row)

    def _finish(self) -> Line:
        builder = LineBuilder()
        for piece in self._spread(_without_brackets(_joined(self._pieces))):
            if isinstance(piece, str):
                builder.write(piece)
            else:
                builder.mark(piece.mark)
        self._pieces = []
        return builder.finish()

    def _spread(self, pieces: list[str | _Sign]) -> list[str | _Sign]:
        """``[2]–[5]`` means 3 and 4, too, where the notes are counted as their labels say."""
        spread: list[str | _Sign] = []
        for piece in pieces:
            last = spread[-2] if len(spread) > 1 else None
            if (
                isinstance(piece, _Sign)
                and isinstance(last, _Sign)
                and isinstance(between := spread[-1], str)
                and last.raised
                and piece.raised
                and _BETWEEN.fullmatch(between)
            ):
                spread[-1:] = self._between(last, piece) if _RANGE.fullmatch(between) else []
            spread.append(piece)
        return spread

    def _between(self, first: _Sign, last: _Sign) -> list[str | _Sign]:
        if first.place is None or last.place is None or last.place - first.place > _MOST_IN_RANGE:
            return []
        inner = self._ordered[first.place + 1 : last.place]
        labels = [first.mark.label, *(r.label for r in inner), last.mark.label]
        if not all(label.isdecimal() for label in labels):
            return []
        if any(int(b) - int(a) != 1 for a, b in pairwise(labels)):
            return []
        return [_Sign(Mark(r.label, r.group, (r.reference_id,)), None, True) for r in inner]


def _joined(pieces: list[str | _Sign]) -> list[str | _Sign]:
    """``pieces`` with neighbouring words put together, and words between every two signs."""
    joined: list[str | _Sign] = [""]
    for piece in pieces:
        last = joined[-1]
        if isinstance(piece, str) and isinstance(last, str):
            joined[-1] = last + piece
        elif isinstance(piece, _Sign) and isinstance(last, _Sign):
            joined += ["", piece]
        else:
            joined.append(piece)
    return [*joined, ""] if isinstance(joined[-1], _Sign) else joined


def _without_brackets(pieces: list[str | _Sign]) -> list[str | _Sign]:
    """``pieces`` without the brackets around raised signs; words and signs take turns in it."""
    cleaned = list(pieces)
    start = 1
    while start < len(cleaned):
        end = start
        while end + 2 < len(cleaned) and _cluster(cleaned, end):
            end += 2
        before, after = cleaned[start - 1], cleaned[end + 1]
        assert isinstance(before, str)
        assert isinstance(after, str)
        opened, closed = _OPEN.search(before), _CLOSE.match(after)
        if opened and closed and _raised(cleaned[start]) and _raised(cleaned[end]):
            cleaned[start - 1] = before[: opened.start()]
            cleaned[end + 1] = after[closed.end() :]
        start = end + 2
    return cleaned


def _cluster(pieces: list[str | _Sign], at: int) -> bool:
    """Whether the sign at ``at`` and the next one stand side by side."""
    between = pieces[at + 1]
    return (
        isinstance(between, str)
        and _BETWEEN.fullmatch(between) is not None
        and _raised(pieces[at])
        and _raised(pieces[at + 2])
    )


def _raised(piece: str | _Sign) -> bool:
    return isinstance(piece, _Sign) and piece.raised


def _tabular(row: LexborNode) -> bool:
    table = table_around(row)
    return (
        table is not None
        and table.css_first("th") is not None
        and len(table.css("table")) <= 1  # the node itself is among them
        and table.css_first("h1, h2, h3, p + p") is None
    )
