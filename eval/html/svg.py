"""From numbers to SVG elements, as markup that may stand in an HTML page.

Lengths are in the units of the drawing's own ``viewBox``. Looks belong to the style sheet: an
element has a class and no colour. Every word is escaped here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, TypeAlias

from markupsafe import Markup

from footnoted.service.display import neutral

Point: TypeAlias = tuple[float, float]
Anchor: TypeAlias = Literal["start", "middle", "end"]

WIDTH = 340.0
_STEPS = (1, 2, 2.5, 5, 10)


class Frame(NamedTuple):
    """The part of a drawing that holds the data: from 0 to ``x_top`` and, upwards, ``y_top``."""

    x_top: float
    y_top: float
    left: float = 46.0
    top: float = 14.0
    width: float = 282.0
    height: float = 190.0

    def x(self, value: float) -> float:
        return self.left + self.width * value / self.x_top

    def y(self, value: float) -> float:
        return self.top + self.height * (1 - value / self.y_top)


class Tick(NamedTuple):
    """A value on an axis, and the words that stand there."""

    value: float
    label: str


def drawing(title: str, description: str, height: float, elements: Iterable[Markup]) -> Markup:
    """The whole drawing, ``WIDTH`` wide; screen readers get its title and description."""
    return Markup(
        '<svg class="plot" role="img" viewBox="0 0 {} {}"><title>{}</title><desc>{}</desc>{}</svg>'
    ).format(
        number(WIDTH),
        number(height),
        neutral(title),
        neutral(description),
        Markup("").join(elements),
    )


def axes(frame: Frame, x: Sequence[Tick], y: Sequence[Tick], x_name: str, y_name: str) -> Markup:
    """A grid line for every tick, the ticks' words, and the names of both axes."""
    right, bottom = frame.left + frame.width, frame.top + frame.height
    middle = frame.top + frame.height / 2
    parts = [line((frame.left, frame.y(t.value)), (right, frame.y(t.value)), "grid") for t in y]
    parts += [words((frame.left - 6, frame.y(t.value) + 3.5), t.label, "tick", "end") for t in y]
    parts += [words((frame.x(t.value), bottom + 14), t.label, "tick", "middle") for t in x]
    parts.append(line((frame.left, bottom), (right, bottom), "axis"))
    parts.append(words((frame.left + frame.width / 2, bottom + 31), x_name, "name", "middle"))
    parts.append(
        Markup('<g transform="rotate(-90 11 {0})">{1}</g>').format(
            number(middle), words((11, middle), y_name, "name", "middle")
        )
    )
    return Markup("").join(parts)


def line(start: Point, end: Point, kind: str) -> Markup:
    """A straight line."""
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
        kind, *map(number, (*start, *end))
    )


def polyline(points: Iterable[Point], kind: str) -> Markup:
    """A line through all points."""
    joined = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    return Markup('<polyline class="{}" points="{}"/>').format(kind, joined)


def bar(x: float, y: float, width: float, height: float, kind: str) -> Markup:
    """A filled rectangle from its upper left corner."""
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        kind, *map(number, (x, y, width, height))
    )


def dot(centre: Point, radius: float, kind: str) -> Markup:
    """A filled circle."""
    return Markup('<circle class="{}" cx="{}" cy="{}" r="{}"/>').format(
        kind, *map(number, (*centre, radius))
    )


def words(at: Point, text: str, kind: str, anchor: Anchor = "start") -> Markup:
    """One line of text whose start, middle or end stands at a point."""
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        kind, *map(number, at), anchor, neutral(text)
    )


def whisker(low: Point, high: Point) -> Markup:
    """An interval that lies level: a line with a short upright at either end."""
    ends = [line((x, y - 3.5), (x, y + 3.5), "whisker") for x, y in (low, high)]
    return Markup("").join([line(low, high, "whisker"), *ends])


def number(value: float) -> str:
    """A length with at most two decimals and no needless zeros; ``ValueError`` unless finite."""
    if not math.isfinite(value):
        raise ValueError(f"{value} has no place in a drawing")
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def round_step(least: float) -> float:
    """The smallest of 1, 2, 2.5 and 5, times a power of ten, that is no less than ``least`` > 0."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in _STEPS if step * power >= least * (1 - 1e-9))


def even_ticks(top: float, parts: int) -> list[Tick]:
    """Ticks at round values from 0 to no further than ``top`` > 0, about ``parts`` of them."""
    step = round_step(top / parts)
    return [Tick(i * step, f"{i * step:g}") for i in range(int(top / step * (1 + 1e-9)) + 1)]


def shortened(text: str, most: int) -> str:
    """``text``, or its beginning with an ellipsis where it is longer than ``most`` characters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
