"""Where every browser agrees that a word begins or ends (UAX 29), and which signs are alike."""

from __future__ import annotations

import unicodedata

# Letters on both sides of these are one word (UAX 29, WB6 to WB7c, WB11 to WB13b).
_JOINING = frozenset("'’‘.:·,;_‧․﹒﹕﹐﹔＇．：，；\"״׳")
_QUOTES = frozenset("\"'`´«»‘’‚‛“”„‟‹›״׳＂＇")
_DASHES = frozenset("-‐‑‒–—―−")


def is_word_edge(text: str, at: int) -> bool:
    """Whether every browser sees a word begin or end at ``text[at]``; ``False`` if in doubt.

    Between letters of scripts that put no spaces between words there is always a doubt.
    """
    if at <= 0 or at >= len(text) or text[at - 1].isspace() or text[at].isspace():
        return True
    before, after = text[at - 1], text[at]
    if _is_of_word(before):
        joined = after in _JOINING and at + 1 < len(text) and _is_of_word(text[at + 1])
        return not _is_of_word(after) and _is_sign(after) and not joined
    if _is_of_word(after):
        joined = before in _JOINING and at > 1 and _is_of_word(text[at - 2])
        return _is_sign(before) and not joined
    return _is_sign(before) and _is_sign(after)


def are_alike(one: str, other: str) -> bool:
    """Whether two signs differ only as typesetters change them."""
    return (
        unicodedata.normalize("NFKC", one) == unicodedata.normalize("NFKC", other)
        or {one, other} <= _QUOTES
        or {one, other} <= _DASHES
    )


def _is_of_word(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M"


def _is_sign(character: str) -> bool:
    """Whether it is punctuation or a simple symbol, and no part of an emoji."""
    category = unicodedata.category(character)
    return category[0] == "P" or category in ("Sc", "Sm") or character in "`´^¨"
