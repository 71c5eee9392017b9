"""What a page's own styles say of whether, and in which line, an element is drawn at all."""

from __future__ import annotations

from collections.abc import Mapping

from selectolax.lexbor import LexborHTMLParser, LexborNode

from footnoted.ingest.styles.cascade import Cascade
from footnoted.ingest.styles.declarations import Values
from footnoted.ingest.styles.media import DESK, VIEWPORTS
from footnoted.ingest.styles.stylesheets import Rule

_DRAWING = frozenset({"display", "visibility", "content-visibility", "position", "all"})


class DrawingStyles(Cascade):
    """The cascade of the few properties that a search heeds; ``readers`` are told apart by them.

    Most rules of a page are about colours and sizes, and finding the elements that a rule is about
    is what a cascade spends its time on.
    """

    def __init__(self, tree: LexborHTMLParser) -> None:
        super().__init__(tree)
        self.readers = sorted(VIEWPORTS) if self.conditional else [DESK]

    def styles_of(self, node: LexborNode, attributes: Mapping[str, str | None]) -> list[Values]:
        """``style_of`` for each of the ``readers``; nothing for an element without any style."""
        if (
            node.mem_id not in self._declared
            and "style" not in attributes
            and "hidden" not in attributes
        ):
            return []
        return [self.style_of(node, reader) for reader in self.readers]

    def _find(self, tree: LexborHTMLParser, rules: list[Rule]) -> None:
        drawing = [
            rule for rule in rules if any(declared.name in _DRAWING for declared in rule.declared)
        ]
        super()._find(tree, drawing)
