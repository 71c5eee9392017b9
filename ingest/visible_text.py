"""From the bytes of a web page to the text that a browser's search looks through, block by block.

This is not what a reader should read (``extract_html``) nor what a reader can see (``hidden``): a
browser finds words that are white on white, clipped to one pixel or folded away, in menus and in
buttons, and does not find what ``display`` and ``visibility`` keep from being drawn. Words count
here unless the page's own styles hide them so from everybody, at a desk or with a phone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from footnoted.domain import Span
from footnoted.ingest.extract import Form, declared_charset, form_of
from footnoted.ingest.styles.media import VIEWPORTS, Viewport

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

    from footnoted.ingest.styles.declarations import Values
    from footnoted.ingest.styles.drawing import DrawingStyles

BLOCK_END = "\n"
OBJECT = "\N{OBJECT REPLACEMENT CHARACTER}"
_WORD_BREAK = "\N{ZERO WIDTH SPACE}"
# Chromium finds folded words, and unfolds them, but sees no words before them as their context;
# and what one reader does not see is no context for another.
_FOLD = f"{BLOCK_END}{OBJECT}{BLOCK_END}"

_READER = re.compile(r";\s*reader=(\w+)$")
_PAGE_READERS = frozenset({"mediawiki_html", "web_article"})
_DECLARED = re.compile(
    rb"(?:<meta[^>]+charset|<\?xml[^>]+encoding)\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE
)
_DECLARED_WITHIN = 4096  # bytes
_WHITE = re.compile(r"[ \t\n\r\f]+")  # what CSS collapses: no-break spaces stay
_OF_PRE = re.compile(r"[ \t]*[\n\r\f][ \t\n\r\f]*|\t[ \t]*|  +")
_NEVER = frozenset(
    re.findall(
        r"\S+",
        "area base basefont col colgroup datalist frame frameset head link meta noembed noframes "
        "noscript param rp script source style template title track annotation annotation-xml "
        "desc metadata defs",
    )
)
_DRAWN = frozenset(
    re.findall(
        r"\S+",
        "audio canvas embed iframe img meter object picture progress svg math video",
    )
)
_FILLED = frozenset(
    {"button", "email", "number", "reset", "search", "submit", "tel", "text", "url"}
)
_INLINE = frozenset(
    re.findall(
        r"\S+",
        "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr q s "
        "samp small span strike strong sub sup time tt u var",
    )
)
_SAME_LINE = frozenset({"inline", "contents", "none"})
_PREFORMATTED = frozenset({"pre", "textarea", "listing", "xmp"})
_RUBY = frozenset({"ruby", "rb", "rt", "rtc", "rbc"})
_ALL = frozenset(VIEWPORTS)


@dataclass(frozen=True, slots=True)
class VisibleText:
    """A page's searchable text on one string.

    Blocks end with ``BLOCK_END``, which also stands for every line break that CSS keeps; white
    space is collapsed. ``OBJECT`` stands within a block where something may part its words for a
    search: a picture, a control, words out of the flow. ``notes`` are the spans of raised signs,
    ``readings`` those of the small letters over ruby, each in order.
    """

    text: str
    notes: tuple[Span, ...] = ()
    readings: tuple[Span, ...] = ()


class _Sight(NamedTuple):
    """Which readers see an element's words: those it is drawn for, unless made invisible."""

    drawn: frozenset[Viewport] = _ALL
    visible: frozenset[Viewport] = _ALL
    kept: bool = False

    @property
    def by(self) -> frozenset[Viewport]:
        return self.drawn & self.visible


def visible_text(body: bytes, media_type: str, url: str | None) -> VisibleText | None:
    """The searchable text of the page ``body``; ``None`` for what is no HTML page.

    ``None`` also where a search cannot be foretold from the bytes: markup nested beyond what
    browsers show, and declarative shadow trees, whose words stand elsewhere than in the page.
    """
    reader = _READER.search(media_type)
    if reader is not None and reader[1] not in _PAGE_READERS:
        return None
    if reader is None and form_of(body, media_type, url) is not Form.HTML:
        return None
    # lexbor and the styles are wanted by pages only.
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415

    from footnoted.ingest.extract_text import decode  # noqa: PLC0415
    from footnoted.ingest.nesting import is_overnested  # noqa: PLC0415
    from footnoted.ingest.styles.drawing import DrawingStyles  # noqa: PLC0415

    said = _DECLARED.search(body[:_DECLARED_WITHIN])
    html = decode(body, declared_charset(media_type), said[1].decode() if said else None, about=url)
    if is_overnested(html) or "shadowrootmode" in html:
        return None
    tree = LexborHTMLParser(html)
    if tree.body is None:
        return None
    return _Walk(DrawingStyles(tree), may_float=_may_float(tree)).over(tree.body)


def _may_float(tree: LexborHTMLParser) -> bool:
    """Whether some style, seen or not, may make a letter float."""
    if tree.css_first("link[rel~=stylesheet i]") is not None:
        return True
    return any("float" in style.text_lexbor() for style in tree.css("style"))


class _Walk:
    """Collects a page's text, element by element."""

    def __init__(self, cascade: DrawingStyles, *, may_float: bool) -> None:
        self._cascade = cascade
        self._may_float = may_float
        self._parts: list[str] = []
        self._length = 0
        self._last = BLOCK_END
        self._notes: list[Span] = []
        self._readings: list[Span] = []

    def over(self, root: LexborNode) -> VisibleText:
        """Everything below ``root``; without recursion, for markup nests thousands deep."""
        waiting: list[tuple[LexborNode, _Sight] | _End] = [(root, _Sight())]
        while waiting:
            step = waiting.pop()
            if isinstance(step, _End):
                self._leave(step)
                continue
            node, sight = step
            if node.is_text_node:
                self._write(node.text_content or "", sight)
            elif node.is_element_node:
                waiting += self._enter(node, sight)
        return VisibleText("".join(self._parts), tuple(self._notes), tuple(self._readings))

    def _enter(self, node: LexborNode, above: _Sight) -> Iterator[tuple[LexborNode, _Sight] | _End]:
        """Go into an element: what is to be done next, in reverse."""
        tag = node.tag or ""
        if tag in _NEVER:
            return
        attributes = node.attributes
        if "popover" in attributes or (tag == "dialog" and "open" not in attributes):
            return
        styles = self._cascade.styles_of(node, attributes)
        sight = self._sight(tag, styles, above)
        if not sight.drawn:
            return
        edge = self._edge(node, tag, styles, sight, above)
        self._break(edge)
        if tag in ("input", "textarea"):
            self._write_control(attributes, sight)
        if tag not in _DRAWN or tag in ("svg", "math"):
            yield _End(edge, tag, self._length)
            child = node.last_child
            while child is not None:
                yield child, sight
                child = child.prev
        elif edge == BLOCK_END:
            self._break(OBJECT)
            self._break(BLOCK_END)

    def _sight(self, tag: str, styles: list[Values], above: _Sight) -> _Sight:
        kept = above.kept or tag in _PREFORMATTED
        if not any(styles):
            return above if kept is above.kept else above._replace(kept=kept)
        drawn, visible = above.drawn, above.visible
        for number, style in enumerate(styles):
            whom = _ALL if len(styles) == 1 else frozenset({self._cascade.readers[number]})
            if style.get("display") == "none" or style.get("content-visibility") == "hidden":
                drawn -= whom
            if (visibility := style.get("visibility", "inherit")) in ("hidden", "collapse"):
                visible -= whom
            elif visibility in ("visible", "initial"):
                visible |= whom
        return _Sight(drawn, visible, kept)

    def _edge(
        self, node: LexborNode, tag: str, styles: list[Values], sight: _Sight, above: _Sight
    ) -> str:
        """What stands at the edges of an element: nothing for one that only marks words."""
        if tag in _RUBY or (tag in _DRAWN and tag not in ("svg", "math")) or "-" in tag:
            return OBJECT
        if tag == "details" or (node.attributes.get("hidden") or "").lower() == "until-found":
            return _FOLD
        if tag not in _INLINE:
            return _WORD_BREAK if tag == "wbr" else BLOCK_END if sight.by == above.by else _FOLD
        if any(
            style.get("display", "inline") not in _SAME_LINE
            or style.get("position") in ("absolute", "fixed")
            for style in styles
        ) or "float" in (node.attributes.get("style") or ""):
            return BLOCK_END
        if sight.by != above.by or (self._may_float and self._is_initial(node)):
            return OBJECT
        return ""

    def _is_initial(self, node: LexborNode) -> bool:
        """Whether an element holds just the first letter of a block, as drop capitals do."""
        if self._last != BLOCK_END:
            return False
        words = (node.text() or "").strip()
        return sum(map(str.isalpha, words)) == 1 and len(words) <= 2

    def _leave(self, end: _End) -> None:
        if self._length > end.start:
            if end.tag == "sup":
                self._notes.append(Span(end.start, self._length))
            elif end.tag == "rt":
                self._readings.append(Span(end.start, self._length))
        self._break(_FOLD if end.tag == "summary" else end.edge)

    def _write_control(self, attributes: dict[str, str | None], sight: _Sight) -> None:
        if (attributes.get("type") or "text").lower() in _FILLED:
            for name in ("value", "placeholder"):
                self._write(attributes.get(name) or "", sight)
                self._break(BLOCK_END)

    def _write(self, words: str, sight: _Sight) -> None:
        if not sight.by:
            return
        words = words.replace(OBJECT, " ")
        words = _OF_PRE.sub(BLOCK_END, words) if sight.kept else _WHITE.sub(" ", words)
        if self._last in " \n":
            words = words.lstrip(" \n" if self._last == BLOCK_END else " ")
        self._add(words)

    def _break(self, edge: str) -> None:
        for sign in edge:
            self._part(sign)

    def _part(self, sign: str) -> None:
        if sign == BLOCK_END and self._last == " ":
            self._parts[-1] = self._parts[-1][:-1]
            self._length -= 1
            self._last = next((part[-1] for part in reversed(self._parts) if part), BLOCK_END)
        if sign != self._last:
            self._add(sign)

    def _add(self, words: str) -> None:
        if words:
            self._parts.append(words)
            self._length += len(words)
            self._last = words[-1]


class _End(NamedTuple):
    """The end of an element: what stands there, and where its words begin."""

    edge: str
    tag: str
    start: int
