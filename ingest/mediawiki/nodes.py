"""What every part of the MediaWiki reader asks of an HTML node."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple
from urllib.parse import unquote

from selectolax.lexbor import LexborNode

_NEVER = (
    "script style template noscript head link meta title iframe object svg audio video source "
    "map button input select textarea form annotation"
)
_NEVER_SHOWN = frozenset(_NEVER.split())
_INVISIBLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
# Mobile pages fold sections and tables away with the same style.
_FOLDED = ("pcs-", "pagelib_", "mw-collapsible", "collapsible", "mf-section", "NavContent")
_FOOTNOTE = re.compile(r"cite[_-]note")


class Event(NamedTuple):
    """A step of a walk through a page; ``words`` are those of a text node."""

    kind: Literal["open", "close", "text"]
    node: LexborNode
    words: str = ""


def walk(root: LexborNode, skip: Callable[[LexborNode], bool]) -> Iterator[Event]:
    """The nodes below ``root`` in the order of the page, save those that ``skip`` refuses.

    Without recursion: a malformed page nests thousands of elements.
    """
    stack = [root.iter(include_text=True)]
    parents: list[LexborNode] = []
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
            if parents:
                yield Event("close", parents.pop())
        elif node.is_text_node:
            yield Event("text", node, node.text_content or "")
        elif node.is_element_node and not skip(node):
            yield Event("open", node)
            parents.append(node)
            stack.append(node.iter(include_text=True))


def attribute(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ""


def classes(node: LexborNode) -> list[str]:
    return attribute(node, "class").split()


def hidden(node: LexborNode) -> bool:
    """Whether a reader of the page does not see ``node`` at all."""
    if node.tag in _NEVER_SHOWN:
        return True
    attributes = node.attributes
    if "hidden" in attributes:
        return True
    if _INVISIBLE.search(attributes.get("style") or "") is None:
        return False
    return node.tag != "section" and not any(
        name.startswith(_FOLDED) for name in (attributes.get("class") or "").split()
    )


def footnote_fragment(node: LexborNode) -> str | None:
    """The fragment of a link to a footnote, as written; ``None`` for any other node."""
    if node.tag != "a":
        return None
    _, _, fragment = attribute(node, "href").partition("#")
    return fragment if _FOOTNOTE.match(unquote(fragment)) else None


def data_mw(node: LexborNode) -> dict[str, Any]:
    """What Parsoid keeps of the wikitext in ``data-mw``; empty where there is nothing readable."""
    raw = attribute(node, "data-mw")
    if not raw:
        return {}
    try:
        value = json.loads(raw)
    except ValueError:  # a cut or altered page; the visible HTML says enough
        return {}
    return value if isinstance(value, dict) else {}
