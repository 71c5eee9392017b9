"""A text as words that can be compared, with the breaks between them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

# A break is a comma, colon, semicolon, dash or bracket: what stands between two can be left out.
# Full stops are none (they abbreviate as well), nor are quotation marks.
_BREAKS = frozenset(",;:()[]–—،؛、，；：（）")
_EDGES = "".join(_BREAKS) + ".!?'\"“”„‘’«»‹›؟。！？「」『』।॥"
# Dashes without blanks, and the signs of scripts that write none; a range of numbers stays whole.
_APART = re.compile(r"(—|(?<!\d)–|–(?!\d)|[、，；：（）。！？「」『』])")
_SAME_SIGNS = str.maketrans({"’": "'", "ʼ": "'", "‐": "-", "‑": "-", "−": "-", "\u00ad": None})


class Word(NamedTuple):
    """A word in its one form for comparison, and what stood before and in it."""

    text: str
    after_break: bool
    has_digit: bool
    has_capital: bool


@lru_cache(maxsize=256)  # one quote is compared with every sentence that cites it
def split_words(text: str) -> tuple[Word, ...]:
    """The words of ``text``: what stands between blanks, without the punctuation around it.

    Case, compatibility forms (NFKC) and kinds of apostrophe and hyphen are levelled; accents,
    endings and the signs inside a number are not.
    """
    words: list[Word] = []
    broken = False
    # Apart first: NFKC makes a comma of the full-width one, which needs no blank.
    for chunk in unicodedata.normalize("NFKC", _APART.sub(r" \1 ", text)).split():
        core = chunk.strip(_EDGES)
        before, _, after = chunk.partition(core) if core else (chunk, "", "")
        broken = broken or not _BREAKS.isdisjoint(before)
        if core:
            level = core.casefold().translate(_SAME_SIGNS)
            digit, capital = any(map(str.isnumeric, core)), any(map(str.isupper, core))
            words.append(Word(level, broken, digit, capital))
            broken = False
        broken = broken or not _BREAKS.isdisjoint(after)
    return tuple(words)
