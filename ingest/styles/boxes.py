"""Whether a style takes an element with everything in it out of a reader's sight.

Lengths are in CSS pixels, roughly: no page is laid out, so a share of the page's width stands for
a share of anything.
"""

from __future__ import annotations

import re

from footnoted.ingest.styles.declarations import Values

FAR = -900.0  # pixels to the left of or above the page
_FAR_RIGHT = 5_000.0  # nobody scrolls as far; a row of slides may well reach half of it
_FAINT = 0.05
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?")
_LENGTH = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)([a-z]+|%|)")
_SUM = re.compile(r"([+-]?)\s*([+-]?[\d.]+(?:e[+-]?\d+)?)([a-z]+|%|)((?:\s*[*/]\s*[\d.]+)*)")
_FACTOR = re.compile(r"([*/])\s*([\d.]+)")
_CALC = re.compile(r"calc\(([^()]*)\)")
_FUNCTION = re.compile(r"([a-z0-9]+)\(((?:[^()]|\([^()]*\))*)\)")
_RECTANGLE = re.compile(r"rect\((?:\s*[01](?:px)?\s*[, ]?){4}\)")
_NOTHING_LEFT = re.compile(
    r"(?:inset\(\s*(?:[5-9]\d|100)(?:\.\d+)?%|(?:circle|ellipse)\(\s*0(?:px|%)?\s*(?:0(?:px|%)?\s*)?(?:at|\))"
    r"|polygon\((?:\s*0(?:px|%)?[\s,]*)+\)|rect\(\s*0(?:px)?\s+0(?:px)?\s+0)"
)
_TURNED_AWAY = re.compile(r"rotate[xy]\(\s*[+-]?(?:90deg|\.25turn|0\.25turn)\s*\)")
_UNITS = {"": 1.0, "px": 1.0, "em": 16.0, "rem": 16.0, "ex": 8.0, "ch": 8.0, "pt": 4 / 3}
_UNITS |= {"pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78, "q": 0.945, "lh": 19.0, "rlh": 19.0}
_UNITS |= {f"{kind}v{side}": 12.8 for kind in ("", "s", "l", "d") for side in ("w", "i", "max")}
_UNITS |= {f"{kind}v{side}": 7.2 for kind in ("", "s", "l", "d") for side in ("h", "b", "min")}


def pixels(value: str, percent: float = 12.8) -> float | None:
    """A length, a number or a simple ``calc()`` in pixels; ``None`` for what is none of them.

    ``percent`` is what one hundredth stands for.
    """
    if (match := _LENGTH.fullmatch(value)) is not None:
        unit = percent if match[2] == "%" else _UNITS.get(match[2])
        return None if unit is None else float(match[1]) * unit
    if (calc := _CALC.fullmatch(value)) is None:
        return None
    total = 0.0
    for sign, number, unit_name, factors in _SUM.findall(calc[1]):
        unit = percent if unit_name == "%" else _UNITS.get(unit_name)
        if unit is None or number.count(".") > 1 or not any(map(str.isdigit, number)):
            return None
        term = float(number) * unit * (-1 if sign == "-" else 1)
        for operator, factor in _FACTOR.findall(factors):
            if factor.count(".") > 1 or not any(map(str.isdigit, factor)):
                return None
            by = float(factor)
            term = term * by if operator == "*" else term / by if by else 0.0
        total += term
    return total if _SUM.search(calc[1]) else None


def is_gone(style: Values) -> bool:
    """Whether nothing of an element with this style, or of what is in it, can be seen."""
    return (
        style.get("display") == "none"
        or style.get("content-visibility") == "hidden"
        or _is_faint(style)
        or _is_far(style)
        or _is_shrunk(style)
        or _is_cut(style)
    )


def _is_faint(style: Values) -> bool:
    said = [style.get("opacity", ""), *_arguments(style.get("filter", ""), "opacity")]
    shares = (pixels(one.strip(), 0.01) for one in said)
    return any(share is not None and share <= _FAINT for share in shares)


def _is_far(style: Values) -> bool:
    """Whether it is moved out of the page: up, to the left, or endlessly to the right."""
    transform = style.get("transform", "")
    moved = style.get("translate", "").split(" ")
    both = (_arguments(transform, "translate"), _arguments(transform, "translate3d"), moved)
    left = [*_arguments(transform, "translatex"), *(one for pair in both for one in pair[:1])]
    top = [*_arguments(transform, "translatey"), *(one for pair in both for one in pair[1:2])]
    right, bottom = list[str](), list[str]()
    if style.get("position") in ("absolute", "fixed", "relative"):
        sides = _four(style.get("inset", ""))
        top.append(style.get("top", sides[0]))
        right.append(style.get("right", sides[1]))
        bottom.append(style.get("bottom", sides[2]))
        left.append(style.get("left", sides[3]))
    aside = [pixels(one) for one in left] + [_minus(pixels(one)) for one in right]
    above = [pixels(one) for one in top] + [_minus(pixels(one)) for one in bottom]
    # A column may be drawn over its neighbour by a margin of -100 %, and is seen there.
    margin = _four(style.get("margin", ""))
    aside.append(pixels(style.get("margin-left", margin[3]), 1.0))
    above.append(pixels(style.get("margin-top", margin[0]), 1.0))
    return any(shift is not None and shift <= FAR for shift in (*aside, *above)) or any(
        shift is not None and shift >= _FAR_RIGHT for shift in aside
    )


def _is_shrunk(style: Values) -> bool:
    """Whether it is scaled to nothing or turned to its edge."""
    transform = style.get("transform", "")
    scales = [
        one
        for name in ("scale", "scalex", "scaley", "scale3d")
        for one in _arguments(transform, name)
    ]
    scales += style.get("scale", "").split(" ")
    matrix = _arguments(transform, "matrix")
    scales += [one for one in matrix[::3][:2] if matrix[1].strip() in ("0", "-0")]
    factors = (pixels(one.strip(), 0.01) for one in scales)
    return any(factor is not None and abs(factor) <= 0.01 for factor in factors) or bool(
        _TURNED_AWAY.search(transform)
    )


def _is_cut(style: Values) -> bool:
    """Whether the part of it that is shown has no size."""
    if style.get("position") in ("absolute", "fixed") and _RECTANGLE.match(style.get("clip", "")):
        return True
    if _NOTHING_LEFT.match(style.get("clip-path", "")):
        return True
    over = (style.get("overflow", ""), style.get("overflow-x", ""), style.get("overflow-y", ""))
    if not any(word in ("hidden", "clip") for one in over for word in one.split(" ")):
        return False
    sides = ("width", "height", "max-width", "max-height")
    sizes = [pixels(style.get(side, "")) for side in sides]
    # Words that begin behind the edge of what cuts them off.
    indent = style.get("text-indent", "").partition(" ")[0]
    outside = indent.endswith("%") and (pixels(indent, 1.0) or 0) >= 100
    return outside or any(size is not None and size <= 1 for size in sizes)


def _arguments(value: str, function: str) -> list[str]:
    return [
        part.strip()
        for name, inner in _FUNCTION.findall(value)
        if name == function
        for part in inner.split(",")
    ]


def _four(value: str) -> tuple[str, str, str, str]:
    """Top, right, bottom and left of a shorthand of one to four values."""
    parts = value.split(" ") if "(" not in value else [value]
    top = parts[0]
    right = parts[1] if len(parts) > 1 else top
    bottom = parts[2] if len(parts) > 2 else top
    return top, right, bottom, parts[3] if len(parts) > 3 else right


def _minus(value: float | None) -> float | None:
    return None if value is None else -value
