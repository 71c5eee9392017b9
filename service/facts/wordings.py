"""Words as the readers of facts see them: the same length as the text, so that offsets hold."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

_ARABIC_ALIKE = {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي"}
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0610-\u061a\u064b-\u065f\u0670\u0640])*")
_APOSTROPHES = dict.fromkeys("\u2018\u2019\u02bc\u02be\u02bf\u2032`", "'")
_HYPHENS = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
_SPACES = dict.fromkeys("\u00a0\u2007\u2009\u202f", " ")
_ALIKE = str.maketrans(_APOSTROPHES | _HYPHENS | _SPACES | {"\u066b": ".", "\u066c": ","})
_DIACRITICS = re.compile(r"[\u0610-\u061a\u064b-\u065f\u0670\u0640]")


class Word(NamedTuple):
    """A run of letters: where it stands, and the letters lower-cased without Arabic signs."""

    start: int
    end: int
    letters: str


def listed(words: str) -> tuple[str, ...]:
    """The words of a list that is written with spaces."""
    return tuple(words.split())


def plain(text: str) -> str:
    """``text`` in signs that patterns know, as long as it was.

    Digits of every script become ASCII, and so do curly apostrophes, dashes and special spaces.
    """
    shown = text.translate(_ALIKE)
    if shown.isascii():
        return shown
    return "".join(
        str(unicodedata.decimal(c)) if c.isdecimal() and not c.isascii() else c for c in shown
    )


def words(text: str) -> list[Word]:
    """The words of ``text`` in order; hyphens and apostrophes part them."""
    return [Word(m.start(), m.end(), letters(m[0])) for m in _WORD.finditer(text)]


@lru_cache(maxsize=1 << 14)
def letters(word: str) -> str:
    """``word`` in lower case, without Arabic vowel signs, its alternative letters made one."""
    folded = _DIACRITICS.sub("", word.casefold())
    return "".join(_ARABIC_ALIKE.get(c, c) for c in folded)
