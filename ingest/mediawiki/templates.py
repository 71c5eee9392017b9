"""Citation templates that Parsoid keeps beside what they print, in ``data-mw``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from selectolax.lexbor import LexborNode

from footnoted.ingest.mediawiki.nodes import attribute, data_mw
from footnoted.ingest.wikitext.balance import balance
from footnoted.ingest.wikitext.citations import Cited, cited_work, names_citation

if TYPE_CHECKING:
    from mwparserfromhell.wikicode import Wikicode

_MOST_CHARACTERS = 20_000  # of a parameter; a longer one is no word of a citation


def citation_template(cite: LexborNode) -> Cited | None:
    """The work that the template which printed ``cite`` describes; ``None`` where none is kept.

    A template's words stand on the first element that it made (``<style>`` as often as
    ``<cite>``); what else it made bears the same ``about`` (Specs/HTML, "Transclusions").
    """
    about = attribute(cite, "about")
    node: LexborNode | None = cite
    while node is not None:
        for name, written in _templates(node):
            if names_citation(name):
                return cited_work(name, {key: _parsed(value) for key, value in written.items()})
        if not about:
            return None
        node = node.prev
        while node is not None and not node.is_element_node:
            node = node.prev
        if node is not None and attribute(node, "about") != about:
            return None
    return None


def _templates(node: LexborNode) -> Iterator[tuple[str, dict[str, str]]]:
    """The templates in ``data-mw``: their names, and their parameters as written."""
    parts = data_mw(node).get("parts")
    for part in parts if isinstance(parts, list) else ():
        template = _inner(part, "template")
        name = str(_inner(template, "target").get("wt", ""))
        params = _inner(template, "params")
        written = {
            key.strip().replace(" ", "_").lower(): str(_inner(params, key).get("wt", ""))
            for key in params
        }
        yield " ".join(name.replace("_", " ").split()).casefold(), written


def _inner(value: Any, key: str) -> dict[str, Any]:
    inner = value.get(key) if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else {}


def _parsed(value: str) -> Wikicode:
    import mwparserfromhell  # noqa: PLC0415 - only pages of Parsoid need it

    return mwparserfromhell.parse(balance(value[:_MOST_CHARACTERS]), skip_style_tags=True)
