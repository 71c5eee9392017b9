"""Takes out of a parsed page what its reader cannot see: text for machines only.

Such text hides instructions and fakes quotes, so it goes before anything is extracted. Seen are
inline styles, the ``hidden`` attribute and the page's own ``<style>`` blocks, with their cascade;
not seen are external stylesheets and what scripts do, so a page can still hide text that way.
``aria-hidden`` stays: it hides from screen readers what everybody else sees.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

Colour: TypeAlias = tuple[int, int, int]
# Inline or not, ids, classes, tags, order of appearance (Selectors 4, section 17).
_Specificity: TypeAlias = tuple[int, int, int, int, int]

_NEVER_SHOWN = "template, noscript, script, dialog:not([open])"
# Matching one rule costs time in proportion to the page: a bound for pages made to be slow.
_RULE_CHARACTERS = 1_000_000_000
_FEWEST_RULES, _MOST_RULES = 200, 5_000
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_CSS_TOKEN = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[{}]", re.DOTALL)
_SCREEN = re.compile(r"(?:only\s+)?(?:all|screen)?\s*", re.IGNORECASE)
_SPECIFIC = re.compile(r"(#[\w-]+)|(\.[\w-]+|\[[^\]]*\]|:[\w-]+)|([\w-]+)")
_LENGTH = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(px|em|rem|pt|vw|vh|%|)")
_TRANSLATED = re.compile(r"translate(?:x|y|3d)?\(([^)]*)\)")
_SCALED = re.compile(r"scale(?:x|y|3d)?\(\s*0*\.?0*\s*[,)]")
_CLIPPED = re.compile(r"rect\((?:\s*[01](?:px)?\s*[, ]?){4}\)|inset\(\s*(?:50|100)%")
_NUMBERS = re.compile(r"[\d.]+")
_HEX = re.compile(r"#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})\b")
_PIXELS = {
    "": 1.0,
    "px": 1.0,
    "em": 16.0,
    "rem": 16.0,
    "pt": 1.33,
    "vw": 12.8,
    "vh": 7.2,
    "%": 12.8,
}
_FAR = -900.0  # pixels to the left of or above the page
_SAME = 6  # of 255 in each channel: no eye tells such colours apart
_WHITE: Colour = (255, 255, 255)
_NAMED: dict[str, Colour] = {"white": _WHITE, "black": (0, 0, 0), "snow": (255, 250, 250)}
_NAMED |= {
    "red": (255, 0, 0),
    "blue": (0, 0, 255),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
}
_TELLING = re.compile(
    r"display|visibility|opacity|font|font-size|color|background|background-color|background-image"
    r"|(?:-webkit-)?background-clip|position|left|right|top|bottom|margin-left|margin-top"
    r"|text-indent|clip|clip-path|transform|width|height|overflow"
)


class _Inherited(NamedTuple):
    """What an element's own text looks like, as far as its ancestors decided it."""

    invisible: bool = False
    no_size: bool = False
    outdented: bool = False
    colour: Colour | None = None
    background: Colour | None = None

    @property
    def unseen(self) -> bool:
        return (
            self.invisible or self.no_size or self.outdented or _alike(self.colour, self.background)
        )


class _Declared(NamedTuple):
    weight: tuple[bool, _Specificity]
    values: dict[str, str]


def remove_hidden(tree: LexborHTMLParser) -> None:
    """Change ``tree`` so that only what a reader of the page can see is left in it."""
    for node in tree.css(_NEVER_SHOWN):
        node.decompose()
    root = tree.root
    if root is None:
        return
    declared = _declared_by_rules(tree)
    # Without an external stylesheet the page is white where nothing says otherwise.
    paper = None if tree.css_first("link[rel~=stylesheet i]") else _WHITE
    doomed: list[LexborNode] = []
    waiting: list[tuple[LexborNode, _Inherited]] = [(root, _Inherited(background=paper))]
    while waiting:  # no recursion: markup may be nested thousands deep
        node, above = waiting.pop()
        style = _style_of(node, declared)
        if style and node.tag not in ("html", "body") and _gone(style):
            doomed.append(node)
            continue
        look = _inherit(node, style, above)
        child = node.first_child
        while child is not None:
            if child.is_element_node:
                waiting.append((child, look))
            elif look.unseen and child.is_text_node:
                doomed.append(child)
            child = child.next
    for node in doomed:
        node.decompose()


def _style_of(node: LexborNode, declared: dict[int, list[_Declared]]) -> dict[str, str]:
    """The cascaded declarations of one element (CSS Cascade 4, without layers)."""
    attributes = node.attributes
    style: dict[str, str] = {}
    if "hidden" in attributes and (attributes["hidden"] or "").lower() != "until-found":
        style["display"] = "none"
    for name, attribute in (("background", "bgcolor"), ("color", "color")):
        value = attributes.get(attribute)
        if value and (attribute == "bgcolor" or node.tag == "font"):
            style[name] = value.lower()
    applying = list(declared.get(node.mem_id, ()))
    if inline := attributes.get("style"):
        applying += _declarations(inline, (1, 0, 0, 0, 0))
    for one in sorted(applying, key=lambda one: one.weight):
        style.update(one.values)
    return style


def _inherit(node: LexborNode, style: dict[str, str], above: _Inherited) -> _Inherited:
    # A link has a colour of its own in every browser.
    colour = None if node.tag == "a" else above.colour
    if not style:
        return above if colour == above.colour else above._replace(colour=colour)
    background = _background(style, above.background)
    if "color" in style:
        colour = _colour(style["color"])
        if colour is None and _transparent(style["color"]):
            clipped = style.get("-webkit-background-clip", style.get("background-clip"))
            colour = None if clipped == "text" else background
    if node.tag in ("html", "body"):  # pages hide themselves until their script has run
        return above._replace(colour=colour, background=background)
    visibility = style.get("visibility")
    invisible = above.invisible if visibility is None else visibility in ("hidden", "collapse")
    size = _pixels(style.get("font-size", style.get("font", "")))
    relative = style.get("font-size", "").endswith(("em", "%")) and above.no_size
    no_size = above.no_size if size is None or relative else size <= 1
    indent = _pixels(style.get("text-indent", ""))
    outdented = above.outdented if indent is None else indent <= _FAR
    return _Inherited(invisible, no_size, outdented, colour, background)


def _gone(style: dict[str, str]) -> bool:
    """Whether this style hides an element with everything in it."""
    opacity = _pixels(style.get("opacity", ""))
    if style.get("display") == "none" or (opacity is not None and opacity <= 0.05):
        return True
    transform = style.get("transform", "")
    shifts = [_pixels(part.strip()) for part in ",".join(_TRANSLATED.findall(transform)).split(",")]
    if style.get("position") in ("absolute", "fixed"):
        shifts += [_pixels(style.get(side, "")) for side in ("left", "right", "top", "bottom")]
        if _CLIPPED.match(style.get("clip", "")):
            return True
    shifts += [_pixels(style.get(side, "")) for side in ("margin-left", "margin-top")]
    if any(shift is not None and shift <= _FAR for shift in shifts) or _SCALED.search(transform):
        return True
    if _CLIPPED.match(style.get("clip-path", "")):
        return True
    sides = (_pixels(style.get("width", "")), _pixels(style.get("height", "")))
    cut = style.get("overflow", "") in ("hidden", "clip")
    return cut and any(side is not None and side <= 1 for side in sides)


def _declared_by_rules(tree: LexborHTMLParser) -> dict[int, list[_Declared]]:
    """What the page's own style blocks declare, by element."""
    declared: dict[int, list[_Declared]] = defaultdict(list)
    size = len(tree.html or "") + 1
    limit = min(_MOST_RULES, max(_FEWEST_RULES, _RULE_CHARACTERS // size))
    order = 0
    for block in tree.css("style"):
        if not _SCREEN.fullmatch(block.attributes.get("media") or ""):
            continue
        for selectors, body in _rules(block.text_lexbor()):
            for selector in selectors.split(","):
                ids, classes, tags = (
                    sum(bool(part[kind]) for part in _SPECIFIC.findall(selector))
                    for kind in range(3)
                )
                both = _declarations(body, (0, ids, classes, tags, order))
                if not both or order >= limit:
                    continue
                order += 1
                for node in _matching(tree, selector):
                    declared[node.mem_id] += both
    return declared


def _matching(tree: LexborHTMLParser, selector: str) -> list[LexborNode]:
    try:
        return tree.css(selector)
    except SelectolaxError:  # a pseudo-element, or a selector newer than the engine: hides nothing
        return []


def _rules(css: str) -> Iterator[tuple[str, str]]:
    """Selectors and declarations of each rule that holds on a screen, unconditional ones only."""
    css = _COMMENT.sub(" ", css)
    conditions: list[bool] = []
    prelude, start = "", 0
    for token in _CSS_TOKEN.finditer(css):
        if token[0] == "{":
            prelude, start = css[start : token.start()].rpartition(";")[2].strip(), token.end()
            conditions.append(_holds(prelude))
        elif token[0] == "}":
            if conditions and not prelude.startswith("@") and prelude and all(conditions):
                yield prelude, css[start : token.start()]
            if conditions:
                conditions.pop()
            prelude, start = "", token.end()


def _holds(prelude: str) -> bool:
    if not prelude.startswith("@"):
        return True
    name, _, condition = prelude[1:].partition(" ")
    return name == "layer" or (name == "media" and bool(_SCREEN.fullmatch(condition)))


def _declarations(css: str, specificity: _Specificity) -> list[_Declared]:
    """The declarations that tell something of visibility, plain and ``!important`` ones apart."""
    found: dict[bool, dict[str, str]] = {False: {}, True: {}}
    for declaration in _COMMENT.sub(" ", css).split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip().lower(), value.strip().lower()
        important = value.endswith("important") and "!" in value
        if value and _TELLING.fullmatch(name):
            found[important][name] = value.rpartition("!")[0].strip() if important else value
    return [
        _Declared((important, specificity), found[important])
        for important in found
        if found[important]
    ]


def _background(style: dict[str, str], behind: Colour | None) -> Colour | None:
    """The colour behind an element's text; ``None`` where an image or a gradient may be."""
    said = [style[name] for name in ("background", "background-image") if name in style]
    if any("url(" in value or "gradient" in value for value in said):
        return None
    for name in ("background-color", "background"):
        if (
            name in style
            and not _transparent(style[name])
            and style[name] not in ("none", "inherit")
        ):
            return _colour(style[name])
    return behind


def _colour(value: str) -> Colour | None:
    """An opaque colour that we can read; ``None`` for every other value."""
    if (match := _HEX.search(value)) is not None:
        digits = match[1] if len(match[1]) > 4 else "".join(2 * digit for digit in match[1])
        return (int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16))
    if value.startswith("rgb"):
        numbers = [float(number) for number in _NUMBERS.findall(value) if number.strip(".")]
        if len(numbers) >= 3 and "%" not in value and "var(" not in value:
            return (int(numbers[0]), int(numbers[1]), int(numbers[2]))
        return None
    return _NAMED.get(value.split(" ", 1)[0])


def _transparent(value: str) -> bool:
    if value.startswith("rgba"):
        numbers = _NUMBERS.findall(value)
        return len(numbers) == 4 and numbers[3].strip("0.") == ""
    return value == "transparent"


def _alike(one: Colour | None, other: Colour | None) -> bool:
    if one is None or other is None:
        return False
    return all(abs(a - b) <= _SAME for a, b in zip(one, other, strict=True))


def _pixels(value: str) -> float | None:
    """A length or plain number in pixels, roughly; ``None`` for what is none."""
    match = _LENGTH.match(value)
    return float(match[1]) * _PIXELS[match[2]] if match else None
