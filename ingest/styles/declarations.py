"""The declarations of CSS that tell whether words can be seen, as a browser would understand them.

What a browser does not understand it ignores, and keeps what was declared before: so must we, or
``display: none; display: bogus`` would hide words from everybody but us.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping
from typing import NamedTuple

from footnoted.ingest.styles.colours import is_colour

Values = dict[str, str]
"""Property to value, both in lower case, custom properties excepted."""

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:([0-9a-f]{1,6})\s?|(.))", re.IGNORECASE | re.DOTALL)
_SIGN = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|\\.|[()\[\]{};, ]", re.DOTALL)
_IMPORTANT = re.compile(r"\s*!\s*important\s*\Z", re.IGNORECASE)
_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,((?:[^()]|\([^()]*\))*))?\)")
_MOST_VARIABLES = 6  # in one value: they may be made to grow without end
_LONGEST = 300  # characters of a value that is looked at; what hides is shorter
_GLOBAL = "inherit|initial|unset|revert|revert-layer"
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_UNIT = r"(?:px|r?em|ex|ch|lh|rlh|cap|ic|pt|pc|cm|mm|in|q|[sld]?v(?:w|h|min|max|i|b)|%)"
_LENGTH = rf"{_NUMBER}{_UNIT}|[+-]?0+(?:\.0*)?|(?:calc|min|max|clamp)\(.*\)"
_BOX = rf"auto|{_LENGTH}"
_SIZE = rf"{_BOX}|(?:min|max|fit)-content|none|stretch|fit-content\(.*\)"
_SIDES = ("left", "right", "top", "bottom")
_OVERFLOW = "visible|hidden|clip|scroll|auto|overlay"
_SHAPE = "url|inset|circle|ellipse|polygon|path|rect|xywh|shape"
_KNOWN: Mapping[str, str] = {
    "display": (
        r"(?:none|contents|block|inline|flow|flow-root|flex|grid|table(?:-[a-z-]+)?|list-item|math"
        r"|inline-(?:block|flex|grid|table)|run-in|ruby(?:-[a-z-]+)?|-webkit-(?:inline-)?(?:box|flex))"
        r"(?: (?:block|inline|flow|flow-root|flex|grid|table|ruby|list-item))*"
    ),
    "visibility": "visible|hidden|collapse",
    "content-visibility": "visible|auto|hidden",
    "opacity": rf"{_NUMBER}%?|(?:calc|min|max|clamp)\(.*\)",
    "position": "static|relative|absolute|fixed|sticky|-webkit-sticky",
    "font-size": rf"{_LENGTH}|(?:x{{1,3}}|)-?(?:small|large)|medium|smaller|larger|math",
    "text-indent": rf"(?:{_LENGTH})(?: (?:hanging|each-line))*",
    "overflow": rf"(?:{_OVERFLOW})(?: (?:{_OVERFLOW}))?",
    "overflow-x": _OVERFLOW,
    "overflow-y": _OVERFLOW,
    "transform": (
        r"none|(?:(?:matrix|translate|scale|rotate|skew|perspective)(?:3d|[xyz])?"
        r"\((?:[^()]|\([^()]*\))*\)\s*)+"
    ),
    "scale": rf"none|{_NUMBER}%?(?: {_NUMBER}%?)*",
    "translate": rf"none|(?:{_LENGTH})(?: (?:{_LENGTH}))*",
    "filter": r"none|(?:[a-z-]+\((?:[^()]|\([^()]*\))*\)\s*)+",
    "clip": r"auto|rect\(.*\)",
    "clip-path": rf"none|(?:{_SHAPE})\(.*\).*|[a-z]+-box",
    "margin": rf"(?:{_BOX})(?: (?:{_BOX}))*",
    "inset": rf"(?:{_BOX})(?: (?:{_BOX}))*",
    "all": _GLOBAL,
    **{f"margin-{side}": _BOX for side in _SIDES},
    **dict.fromkeys(_SIDES, _BOX),
    **{f"{bound}{side}": _SIZE for bound in ("", "max-") for side in ("width", "height")},
}
_PATTERNS = {name: re.compile(f"(?:{pattern}|{_GLOBAL})") for name, pattern in _KNOWN.items()}
_COLOURS = frozenset({"color", "background-color", "-webkit-text-fill-color"})
# What is not worth knowing the grammar of.
_TAKEN = frozenset(
    {"font", "background", "background-image", "background-clip", "-webkit-background-clip"}
    | {"animation", "animation-name", "-webkit-animation", "-webkit-animation-name"}
)
# Another name of the same property.
_MEANT = {"-webkit-clip-path": "clip-path", "-webkit-transform": "transform"}
_MEANT |= {"inset-inline-start": "left", "inset-inline-end": "right"}
_MEANT |= {"inset-block-start": "top", "inset-block-end": "bottom"}
_MEANT |= {"-webkit-background-clip": "background-clip", "-webkit-filter": "filter"}
_MEANT |= {"-webkit-animation": "animation", "-webkit-animation-name": "animation-name"}
_SHORT = {
    "font": ("font-size",),
    "background": ("background-color", "background-image", "background-clip"),
    "overflow": ("overflow-x", "overflow-y"),
    "margin": tuple(f"margin-{side}" for side in _SIDES),
    "inset": _SIDES,
    "animation": ("animation-name",),
}


class Declared(NamedTuple):
    """One declaration, understood; ``important`` is not part of its value."""

    name: str
    value: str
    important: bool


def without_comments(css: str) -> str:
    """``css`` less its comments, and less the signs that hide it from browsers of 1996."""
    return _COMMENT.sub(" ", css).replace("<!--", " ").replace("-->", " ")


def split(css: str, separator: str) -> Iterator[str]:
    """The parts of ``css`` between separators that stand outside strings and brackets."""
    depth = start = 0
    for sign in _SIGN.finditer(css):
        if sign[0] in "([{":
            depth += 1
        elif sign[0] in ")]}":
            depth = max(0, depth - 1)
        elif sign[0] == separator and not depth:
            yield css[start : sign.start()]
            start = sign.end()
    yield css[start:]


def declarations(css: str) -> Iterator[Declared]:
    """What the declarations ``css`` (without comments) say of visibility, in their order."""
    for declaration in split(css, ";"):
        name, colon, value = declaration.partition(":")
        if not colon:
            continue
        name, value = unescape(name).strip(), value.strip()
        important = _IMPORTANT.search(value)
        value = value[: important.start()] if important is not None else value
        if name.startswith("--"):  # it may hold anything, but we follow no long ones
            yield Declared(name, value[:_LONGEST], important is not None)
            continue
        name, value = name.lower(), " ".join(unescape(value).lower().split())
        name = _MEANT.get(name, name)
        if len(value) <= _LONGEST and ("var(" in value or is_understood(name, value)):
            yield Declared(name, value, important is not None)


def is_understood(name: str, value: str) -> bool:
    """Whether a browser would take ``value`` (in lower case) for the property ``name``."""
    if len(value) > _LONGEST:
        return False
    if name in _COLOURS:
        return is_colour(value) or re.fullmatch(_GLOBAL, value) is not None
    pattern = _PATTERNS.get(name)
    return bool(value) and (name in _TAKEN if pattern is None else bool(pattern.fullmatch(value)))


def apply(one: Declared, style: MutableMapping[str, str]) -> None:
    """Let a declaration win over those that ``style`` holds."""
    if one.name == "all":
        for name in [name for name in style if not name.startswith("--")]:
            del style[name]
        return
    for name in _SHORT.get(one.name, ()):
        style.pop(name, None)
    style[one.name] = one.value


def resolved(style: Values, variables: Mapping[str, str]) -> Values:
    """``style`` with its variables replaced (CSS Variables 1); what then makes no sense is gone."""
    if not any("var(" in value for value in style.values()):
        return style
    found: Values = {}
    for name, value in style.items():
        if name.startswith("--") or "var(" not in value:
            found[name] = value
            continue
        known = " ".join(unescape(_replaced(value, variables)).lower().split())
        if is_understood(name, known):
            found[name] = known
    return found


def _replaced(value: str, variables: Mapping[str, str]) -> str:
    for _ in range(_MOST_VARIABLES):
        match = _VARIABLE.search(value)
        if match is None or len(value) > _LONGEST:
            break
        given = variables.get(match[1])
        value = value[: match.start()] + (given or match[2] or "") + value[match.end() :]
    return "" if "var(" in value else value


def unescape(css: str) -> str:
    """``css`` with its escapes (CSS Syntax 3, section 4.3.7) replaced by what they stand for."""
    return _ESCAPE.sub(_escaped, css) if "\\" in css else css


def _escaped(match: re.Match[str]) -> str:
    if match[1] is None:
        return "" if match[2] == "\n" else match[2]
    number = int(match[1], 16)
    return chr(number) if 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"
