"""The rules of a style sheet, one by one: nested ones unfolded, conditions turned into readers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from footnoted.ingest.styles.declarations import Declared, declarations, split, without_comments
from footnoted.ingest.styles.media import VIEWPORTS, Viewport, seen_by

_SIGN = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|\\.|[()\[\]{};]", re.DOTALL)
_LONGEST_SELECTOR = 2_000  # characters; nesting may double its length at each level
_DEEPEST = 30
_KEYFRAMES = re.compile(r"@(?:-webkit-)?keyframes\s+[\"']?([\w-]+)", re.IGNORECASE)
_SHOWN = re.compile(r"opacity\s*:\s*(?:[1-9]|0?\.[1-9])", re.IGNORECASE)
_WHERE = re.compile(r":where\([^()]*\)")
_SPECIFIC = re.compile(
    r"(#(?:[\w-]|\\.)+)|(\.(?:[\w-]|\\.)+|\[[^\]]*\]|(?<!:):(?!is\b|not\b|has\b)[\w-]+)|([\w-]+)"
)
# A name within brackets may be one of several.
_NAMED = re.compile(r"[.#]((?:[^\W]|[-_]|\\.)+)")


class Specificity(NamedTuple):
    """How exactly a selector names its elements (Selectors 4, section 17)."""

    ids: int
    classes: int
    tags: int


@dataclass(frozen=True, slots=True)
class Rule:
    """Selectors and what they declare, for those readers for whom its conditions hold.

    ``order`` counts the rules of a page in the order of their beginnings; ``layered`` ones give
    way to all others.
    """

    selectors: tuple[str, ...]
    declared: tuple[Declared, ...]
    readers: frozenset[Viewport]
    order: int
    layered: bool


@dataclass(slots=True)
class _Block:
    """A block that is being read; ``own`` is what it declares itself, so far."""

    selectors: tuple[str, ...]
    readers: frozenset[Viewport]
    layered: bool = False
    order: int = 0
    keyframes: str | None = None
    start: int = 0
    own: list[str] = field(default_factory=list)


class StyleSheet(NamedTuple):
    """Its rules, and the names of the animations that make transparent elements appear."""

    rules: tuple[Rule, ...]
    appearing: frozenset[str]


def parse(css: str, readers: frozenset[Viewport] = VIEWPORTS, first: int = 0) -> StyleSheet:
    """The rules of ``css``, which ``readers`` get, counted from ``first``; no broken ones.

    CSS Syntax 3, CSS Nesting 1; of conditions, ``@media`` is asked, ``@supports`` believed where
    it is not negated, and ``@container`` and ``@scope`` are taken not to hold.
    """
    css = without_comments(css)
    rules: list[Rule] = []
    appearing: set[str] = set()
    open_blocks = [_Block((), readers)]
    brackets = start = 0
    for sign in _SIGN.finditer(css):
        match sign[0]:
            case "(" | "[":
                brackets += 1
            case ")" | "]":
                brackets = max(0, brackets - 1)
            case ";" if not brackets:
                open_blocks[-1].own.append(css[start : sign.start()])
                start = sign.end()
            case "{":
                prelude = css[start : sign.start()].strip()
                block = _opened(prelude, open_blocks[-1], first, len(open_blocks))
                first, brackets, start = first + 1, 0, sign.end()
                block.start = start
                open_blocks.append(block)
            case "}":
                brackets = 0
                if len(open_blocks) > 1:
                    block = open_blocks.pop()
                    block.own.append(css[start : sign.start()])
                    if block.keyframes and _SHOWN.search(css, block.start, sign.start()):
                        appearing.add(block.keyframes)
                    rules += _closed(block)
                start = sign.end()
    return StyleSheet(tuple(sorted(rules, key=lambda rule: rule.order)), frozenset(appearing))


def specificity(selector: str) -> Specificity:
    """The specificity of one selector; the arguments of ``:is`` count together."""
    found = _SPECIFIC.findall(_WHERE.sub("", selector))
    return Specificity(*(sum(bool(part[kind]) for part in found) for kind in range(3)))


def names_in(selector: str) -> frozenset[str] | None:
    """The classes and ids without which nothing on a page matches; ``None`` if unclear."""
    if "(" in selector or "\\" in selector or "[" in selector:
        return None
    return frozenset(_NAMED.findall(selector))


def _opened(prelude: str, outer: _Block, order: int, depth: int) -> _Block:
    nothing = replace(outer, readers=frozenset(), own=[], keyframes=None, order=order)
    if depth > _DEEPEST:
        return nothing
    inner = replace(nothing, readers=outer.readers)
    if not prelude.startswith("@"):
        selectors = tuple(one.strip() for one in split(prelude, ","))
        return replace(inner, selectors=_nested(outer.selectors, selectors))
    name, _, condition = prelude[1:].partition(" ")
    name, bracket, rest = name.partition("(")
    condition = f"{bracket}{rest} {condition}".strip()
    match name.lower():
        case "media":
            inner.readers &= seen_by(condition)
        case "layer":
            inner.layered = True
        case "supports" if not condition.lower().startswith("not"):
            pass
        case _:
            animation = _KEYFRAMES.match(prelude)
            nothing.keyframes = animation[1].lower() if animation is not None else None
            return nothing
    return inner


def _nested(parents: tuple[str, ...], selectors: tuple[str, ...]) -> tuple[str, ...]:
    if not parents:
        return selectors
    parent = f":is({', '.join(parents)})"
    found = (
        one.replace("&", parent) if "&" in one else f"{parent} {one}" for one in selectors if one
    )
    return tuple(one for one in found if len(one) <= _LONGEST_SELECTOR)


def _closed(block: _Block) -> Iterator[Rule]:
    if block.readers and block.selectors:
        declared = tuple(declarations(";".join(block.own)))
        if declared:
            yield Rule(block.selectors, declared, block.readers, block.order, block.layered)
