"""A citation as one line of text, as somebody would paste it into a draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from footnoted.service.display import instant_in_words, reference_words


def as_text(citation: Mapping[str, Any]) -> str:
    """The quote, its source, its address, the day of its capture, and the citation's id."""
    parts = [f"“{citation['quote'].strip()}”", reference_words(citation["csl"], citation["title"])]
    if citation["url"]:
        parts.append(citation["url"])
    if citation["captured_at"]:
        parts.append(f"(captured {instant_in_words(citation['captured_at'])})")
    return " ".join((*parts, f"[{citation['citation_id']}]"))
