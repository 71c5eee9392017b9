"""Colours as CSS writes them (CSS Color 4), for telling text that has the colour of its paper."""

from __future__ import annotations

import colorsys
import re
from functools import cache
from typing import NamedTuple

from footnoted.ingest.styles.colour_names import NAMES

_SAME = 6  # of 255 in each channel: no eye tells such colours apart
_HEX = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_FUNCTION = re.compile(r"(rgb|hsl)a?\(([^()]*)\)")
_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(%|deg|)")
_OTHER = re.compile(
    r"(?:hwb|lab|lch|oklab|oklch|color|color-mix|light-dark)\(.*\)"
    r"|canvas|canvastext|linktext|buttonface|buttontext|field|fieldtext|graytext|highlight",
)


class Colour(NamedTuple):
    """Red, green and blue from 0 to 255; ``alpha`` from 0 (not there) to 1 (covers all)."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0


WHITE = Colour(255, 255, 255)
BLACK = Colour(0, 0, 0)
TRANSPARENT = Colour(0, 0, 0, 0)


def colour_of(value: str) -> Colour | None:
    """The colour that ``value`` (in lower case) names; ``None`` for any other word or function."""
    if _HEX.fullmatch(value):
        digits = value[1:] if len(value) > 5 else "".join(2 * digit for digit in value[1:])
        red, green, blue, alpha = (int(f"{digits}ff"[at : at + 2], 16) for at in (0, 2, 4, 6))
        return Colour(red, green, blue, alpha / 255)
    if (match := _FUNCTION.fullmatch(value)) is not None:
        return _computed(match[1], _NUMBER.findall(match[2]))
    if value == "transparent":
        return TRANSPARENT
    return _named().get(value)


def is_colour(value: str) -> bool:
    """Whether a browser would take ``value`` for a colour, known to ``colour_of`` or not."""
    return value == "currentcolor" or colour_of(value) is not None or bool(_OTHER.fullmatch(value))


def over(front: Colour | None, behind: Colour | None) -> Colour | None:
    """The colour that is seen where ``front`` lies on ``behind``; ``None`` where it is unknown."""
    if front is None or front.alpha >= 1:
        return front
    if behind is None:
        return None
    mixed = (a * front.alpha + b * (1 - front.alpha) for a, b in zip(front, behind, strict=True))
    red, green, blue, _ = mixed
    return Colour(red, green, blue)


def alike(one: Colour | None, other: Colour | None) -> bool:
    """Whether nobody could tell two opaque colours apart; unknown ones differ."""
    if one is None or other is None:
        return False
    return all(abs(a - b) <= _SAME for a, b in zip(one[:3], other[:3], strict=True))


def _computed(space: str, numbers: list[tuple[str, str]]) -> Colour | None:
    if len(numbers) not in (3, 4):
        return None
    values = [float(number) for number, _ in numbers]
    units = [unit for _, unit in numbers]
    alpha = 1.0
    if len(values) == 4:
        alpha = min(1.0, max(0.0, values[3] / (100 if units[3] == "%" else 1)))
    if space == "rgb":
        factors = (2.55 if unit == "%" else 1 for unit in units)
        scaled = [value * factor for value, factor in zip(values, factors, strict=True)]
        red, green, blue = (min(255.0, max(0.0, value)) for value in scaled[:3])
        return Colour(red, green, blue, alpha)
    hue, saturation, light = values[0] / 360 % 1, values[1] / 100, values[2] / 100
    mixed = colorsys.hls_to_rgb(hue, min(1.0, max(0.0, light)), min(1.0, max(0.0, saturation)))
    red, green, blue = (255 * channel for channel in mixed)
    return Colour(red, green, blue, alpha)


@cache
def _named() -> dict[str, Colour]:
    found = {}
    for entry in NAMES.split():
        name, _, digits = entry.partition("=")
        found[name] = Colour(*bytes.fromhex(digits))
    return found
