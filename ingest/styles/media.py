"""Media queries (Media Queries 4), asked for two readers: one at a desk and one with a phone.

What is hidden from one of them the other may see, and then it is no hidden text.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from footnoted.ingest.styles.declarations import split


class Viewport(NamedTuple):
    """What a reader looks at, in CSS pixels."""

    width: int
    height: int
    pointer: bool


DESK = Viewport(1280, 720, pointer=True)
PHONE = Viewport(390, 844, pointer=False)
VIEWPORTS = frozenset({DESK, PHONE})
_LONGEST = 1_000  # characters of one list of queries; nobody needs as many
_AND, _OR = re.compile(r"\s+and\s+"), re.compile(r"\s+or\s+")
_BOUND = re.compile(r"(min|max)-(?:device-)?(width|height):\s*([\d.]+)(px|r?em|)")
_RANGE = re.compile(
    r"(?:([\d.]+)(px|r?em|)\s*(<=?|>=?)\s*)?(width|height)(?:\s*(<=?|>=?)\s*([\d.]+)(px|r?em|))?"
)
_PIXELS = {"px": 1.0, "": 1.0, "em": 16.0, "rem": 16.0}
_POINTING = ("hover", "hover: hover", "any-hover: hover", "pointer: fine", "any-pointer: fine")
_TOUCHING = ("hover: none", "any-hover: none", "pointer: coarse")
# What is asked of every reader alike, and the answer.
_SAID = {
    "color": True,
    "scripting: enabled": True,
    "scripting: none": False,
    "update: fast": True,
    "grid: 0": True,
    "monochrome": False,
    "monochrome: 0": True,
    "prefers-color-scheme: light": True,
    "prefers-color-scheme: dark": False,
    "prefers-reduced-motion: no-preference": True,
    "prefers-reduced-motion: reduce": False,
    "prefers-contrast: no-preference": True,
    "forced-colors: none": True,
    "forced-colors: active": False,
}


@cache
def seen_by(queries: str) -> frozenset[Viewport]:
    """The readers for whom the list of media queries holds; none where we cannot tell."""
    queries = " ".join(queries.lower().split())
    if len(queries) > _LONGEST:
        return frozenset()
    return frozenset(
        one for one in VIEWPORTS if any(_holds(query.strip(), one) for query in split(queries, ","))
    )


def _holds(query: str, reader: Viewport) -> bool:
    negated = query.startswith("not ")
    query = query.removeprefix("not ").removeprefix("only ")
    if negated and not query.startswith("(") and _AND.search(query) is None:
        said = _part(query, reader)
    else:
        parts = [_part(part, reader) for part in _AND.split(query)]
        said = None if None in parts else all(parts)
    # Not the opposite of what we do not know, either.
    return False if said is None else said is not negated


def _part(part: str, reader: Viewport) -> bool | None:
    """Whether one part of a query holds: a type of medium, or a feature in brackets."""
    part = part.strip()
    if not part.startswith("("):
        return part in ("", "all", "screen") if re.fullmatch(r"[a-z]*", part) else None
    inner = part[1:-1].strip()
    if _OR.search(inner):
        answers = [_part(one, reader) for one in _OR.split(inner)]
        return True if True in answers else None if None in answers else False
    return _feature(inner, reader)


def _feature(feature: str, reader: Viewport) -> bool | None:
    name, colon, value = feature.partition(":")
    feature = f"{name.strip()}: {value.strip()}" if colon else feature
    if feature in _SAID:
        return _SAID[feature]
    own = {
        "orientation: landscape": reader.width >= reader.height,
        "orientation: portrait": reader.width < reader.height,
        **dict.fromkeys(_POINTING, reader.pointer),
        **dict.fromkeys(_TOUCHING, not reader.pointer),
    }
    if feature in own:
        return own[feature]
    if (bound := _BOUND.fullmatch(feature)) is not None:
        side = reader.width if bound[2] == "width" else reader.height
        limit = _pixels(bound[3], bound[4])
        return side >= limit if bound[1] == "min" else side <= limit
    if (bounds := _RANGE.fullmatch(feature)) is not None:
        side = reader.width if bounds[4] == "width" else reader.height
        below = bounds[3] is None or _compare(_pixels(bounds[1], bounds[2]), bounds[3], side)
        return below and (
            bounds[5] is None or _compare(side, bounds[5], _pixels(bounds[6], bounds[7]))
        )
    return None


def _compare(one: float, sign: str, other: float) -> bool:
    if one == other:
        return sign.endswith("=")
    return one < other if sign.startswith("<") else one > other


def _pixels(number: str, unit: str) -> float:
    return float(number) * _PIXELS[unit] if number.count(".") < 2 and number != "." else 0.0
