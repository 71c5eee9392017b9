"""Takes out of a parsed page what its reader cannot see: text for machines only.

Such text hides instructions and fakes quotes, so it goes before anything is extracted. Seen are
the page's own styles, wherever they stand in it, and what browsers never show; not seen are
external style sheets and what scripts do, so a page can still hide text that way. What one reader
sees, at a desk or with a phone, stays. So does ``aria-hidden``, which hides from screen readers
what everybody else sees, and ``details``, which every reader can open.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from footnoted.ingest.styles.boxes import FAR, is_gone, pixels
from footnoted.ingest.styles.cascade import Cascade
from footnoted.ingest.styles.colours import (
    BLACK,
    WHITE,
    Colour,
    alike,
    colour_of,
    is_colour,
    over,
)
from footnoted.ingest.styles.declarations import Values, resolved, split
from footnoted.ingest.styles.media import DESK, VIEWPORTS, Viewport

_NEVER_SHOWN = (
    "template, noscript, dialog:not([open]), [popover], datalist, noembed, noframes, canvas, audio,"
    " video, iframe, annotation, annotation-xml, svg > title, svg > desc, svg > metadata, svg defs"
)
_PICTURES = frozenset({"img", "picture", "video", "canvas", "svg", "iframe", "object", "embed"})
_IMAGES = ("url(", "gradient(", "image(", "image-set(", "element(", "cross-fade(")
_SMALLEST = 2.0  # pixels of a font's size
_MEDIUM = 16.0
_FAINT = 0.05
_SIZES = {"xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0}
_SIZES |= {"x-large": 24.0, "xx-large": 32.0, "xxx-large": 48.0, "initial": _MEDIUM}
_RELATIVE_SIZES = {"smaller": 0.83, "larger": 1.2}
_BY_BACKGROUND = "background"
_INHERITED = frozenset({"inherit", "unset", "revert", "revert-layer"})


class _Look(NamedTuple):
    """What an element's own text looks like, as far as its ancestors decided it.

    A colour of ``None`` is one that we do not know; ``fill`` is the value that says what letters
    are painted with; ``size`` is the font's, in pixels.
    """

    background: Colour | None
    colour: Colour | None = None
    invisible: bool = False
    outdented: bool = False
    size: float = _MEDIUM
    opacity: float = 1.0
    fill: str = "currentcolor"
    variables: Mapping[str, str] = {}

    @property
    def ink(self) -> Colour | None:
        return self.colour if self.fill == "currentcolor" else colour_of(self.fill)

    @property
    def unseen(self) -> bool:
        return (
            self.invisible
            or self.outdented
            or self.size <= _SMALLEST
            or self.opacity <= _FAINT
            or alike(over(self.ink, self.background), self.background)
        )


def remove_hidden(tree: LexborHTMLParser) -> None:
    """Change ``tree`` so that only what a reader of the page can see is left in it."""
    remove_scripts(tree)
    remove_unseen(tree)


def remove_scripts(tree: LexborHTMLParser) -> None:
    """Change ``tree`` so that no script is left in it."""
    for node in tree.css("script"):
        node.decompose()


def remove_unseen(tree: LexborHTMLParser) -> None:
    """The same as ``remove_hidden``, but scripts stay: some hold what a page says of itself."""
    for node in tree.css(_NEVER_SHOWN):
        node.decompose()
    root = tree.root
    if root is None:
        return
    cascade = Cascade(tree)
    # Without an external stylesheet the page is white where nothing says otherwise.
    external = "link[rel~=stylesheet i]:not([href^='data:' i])"
    paper = None if tree.css_first(external) is not None else WHITE
    readers = sorted(VIEWPORTS) if cascade.conditional else [DESK]
    unseen = [_unseen(root, _Look(paper), cascade, reader) for reader in readers]
    for node in _unseen_by_all(root, unseen):
        node.decompose()


def _unseen(root: LexborNode, look: _Look, cascade: Cascade, reader: Viewport) -> set[int]:
    """The elements, with all that is in them, and the single texts that ``reader`` cannot see."""
    found: set[int] = set()
    waiting: list[tuple[LexborNode, _Look]] = [(root, look)]
    while waiting:  # no recursion: markup may be nested thousands deep
        node, above = waiting.pop()
        style = cascade.style_of(node, reader)
        variables = _variables(style, above.variables)
        style = resolved(style, variables)
        if style and node.tag not in ("html", "body") and is_gone(style):
            found.add(node.mem_id)
            continue
        look = _inherit(node, style, above)._replace(variables=variables)
        child = node.first_child
        while child is not None:
            if child.is_element_node:
                waiting.append((child, look))
            elif child.is_text_node and look.unseen:
                found.add(child.mem_id)
            child = child.next
    return found


def _unseen_by_all(root: LexborNode, unseen: list[set[int]]) -> list[LexborNode]:
    """The highest nodes that none of the readers can see, by what each of them cannot see."""
    found: list[LexborNode] = []
    waiting = [(root, frozenset[int]())]
    while waiting:
        node, covered = waiting.pop()
        covered |= {reader for reader, nodes in enumerate(unseen) if node.mem_id in nodes}
        if len(covered) == len(unseen):
            found.append(node)
            continue
        child = node.first_child
        while child is not None:
            waiting.append((child, covered))
            child = child.next
    return found


def _variables(style: Values, above: Mapping[str, str]) -> Mapping[str, str]:
    own = {name: value for name, value in style.items() if name.startswith("--")}
    return {**above, **own} if own else above


def _inherit(node: LexborNode, style: Values, above: _Look) -> _Look:
    # A link has a colour of its own in every browser.
    colour = None if node.tag == "a" else above.colour
    if not style:
        return above if colour is above.colour else above._replace(colour=colour)
    colour = _ink(style, colour, above.colour)
    background = _background(node, style, colour, above.background)
    fill = style.get("-webkit-text-fill-color", "inherit")
    fill = above.fill if fill in _INHERITED else fill
    if style.get("background-clip") == "text":
        fill = _BY_BACKGROUND
    if node.tag in ("html", "body"):  # pages hide themselves until their script has run
        return above._replace(colour=colour, background=background, fill=fill)
    visibility = style.get("visibility", "inherit")
    indent = style.get("text-indent", "inherit").partition(" ")[0]
    outdent = pixels(indent)
    return above._replace(
        colour=colour,
        background=background,
        invisible=(
            above.invisible if visibility in _INHERITED else visibility in ("hidden", "collapse")
        ),
        outdented=(
            above.outdented if outdent is None and indent in _INHERITED else (outdent or 0) <= FAR
        ),
        size=_font_size(style, above.size),
        opacity=above.opacity * _opacity(style),
        fill=fill,
    )


def _ink(style: Values, own: Colour | None, above: Colour | None) -> Colour | None:
    value = style.get("color")
    if value is None:
        return own
    if value == "currentcolor" or value in _INHERITED:
        return above
    return BLACK if value in ("initial", "canvastext") else colour_of(value)


def _background(
    node: LexborNode, style: Values, ink: Colour | None, behind: Colour | None
) -> Colour | None:
    """The colour behind an element's text; ``None`` where an image or a gradient may be."""
    if style.get("position") in ("absolute", "fixed") and _lies_on_picture(node):
        behind = None
    short = style.get("background", "")
    if any(sign in f"{short} {style.get('background-image', '')}" for sign in _IMAGES):
        return None
    said = style.get("background-color") or next(filter(is_colour, split(short, " ")), "initial")
    if said == "initial" or said in _INHERITED:  # what shows through, where it is "inherit"
        return behind
    return over(ink if said == "currentcolor" else colour_of(said), behind)


def _lies_on_picture(node: LexborNode) -> bool:
    """Whether a picture stands beside the element, so that its words may be laid over it."""
    parent = node.parent
    beside = parent.first_child if parent is not None else None
    while beside is not None:
        inner = beside.first_child
        while inner is not None and not inner.is_element_node:
            inner = inner.next
        if beside.tag in _PICTURES or (inner is not None and inner.tag in _PICTURES):
            return True
        beside = beside.next
    return False


def _font_size(style: Values, above: float) -> float:
    value = style.get("font-size")
    if value is None:
        parts = (part.partition("/")[0] for part in style.get("font", "").split(" "))
        value = next(filter(_is_size, parts), "inherit")
    if value in _SIZES:
        return _SIZES[value]
    if value in _RELATIVE_SIZES:
        return above * _RELATIVE_SIZES[value]
    size = pixels(value, above / 100)
    if size is None:
        return above
    in_ems = value.endswith("em") and not value.endswith("rem")
    return max(0.0, size * above / _MEDIUM if in_ems else size)


def _is_size(part: str) -> bool:
    """Whether a part of the ``font`` shorthand is its size; a number of hundreds is a weight."""
    return part in _SIZES or part == "0" or (part[:1] in "0123456789." and part[-1:].isalpha())


def _opacity(style: Values) -> float:
    share = pixels(style.get("opacity", ""), 0.01)
    return 1.0 if share is None else min(1.0, max(0.0, share))
