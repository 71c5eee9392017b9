"""Texts without case, accents, signs and spaces, and the way back to their characters.

Browsers compare text by its base letters alone (Unicode Collation, level 1: ``résumé`` is found
where ``RESUME`` was sought, and ``１９`` where ``١٩`` was). What is equal to any of them is equal
here too, and more besides: signs, spaces and word ends are left out. So words that occur once in a
folded text occur at most once for every browser.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from footnoted.domain import Span

_CHUNK = 64  # characters folded at once on the way back
_UNWRITTEN = re.compile(r"[\W_\u0640]+")  # the tatweel only stretches a word
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")
_ASCII_SIGNS = {code: None for code in range(128) if not chr(code).isalnum()}
# Letters that collate as others without decomposing into them; katakana as hiragana.
_LETTERS: dict[int, str | int] = {
    **dict(zip(map(ord, "øđħłŧıðƀɨʉɍŋĸ"), "odhltidbiurnq", strict=True)),
    ord("æ"): "ae",
    ord("œ"): "oe",
    ord("þ"): "th",
    **{code: code - 0x60 for code in range(0x30A1, 0x30F7)},
}


def fold(text: str) -> str:
    """The base letters and digits of ``text``, and nothing else."""
    if text.isascii():
        return text.lower().translate(_ASCII_SIGNS)
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    text = _UNWRITTEN.sub("", text.translate(_LETTERS))
    return _OTHER_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text)


class Folded:
    """A text folded, less the spans ``without``; offsets lead both ways."""

    def __init__(self, text: str, without: Sequence[Span] = ()) -> None:
        self._text = text
        edges = [0, *(edge for span in without for edge in (span.start, span.end)), len(text)]
        kept = [(a, b) for a, b in list(pairwise(edges))[::2] if a < b]
        self._chunks = [
            (at, min(at + _CHUNK, end)) for start, end in kept for at in range(start, end, _CHUNK)
        ]
        self._starts = [start for start, _ in self._chunks]
        folded = [fold(text[start:end]) for start, end in self._chunks]
        self._ends: list[int] = []
        length = 0
        for part in folded:
            length += len(part)
            self._ends.append(length)
        self.text = "".join(folded)

    def offset(self, position: int) -> int:
        """How many folded characters come from before ``position`` of the text."""
        index = bisect_right(self._starts, position) - 1
        if index < 0:
            return 0
        before = self._ends[index - 1] if index else 0
        start, end = self._chunks[index]
        return before + len(fold(self._text[start : min(position, end)]))

    def position(self, offset: int) -> int:
        """Where in the text the folded character at ``offset`` comes from."""
        index = bisect_right(self._ends, offset)
        left = offset - (self._ends[index - 1] if index else 0)
        start, end = self._chunks[index]
        for position in range(start, end):
            left -= len(fold(self._text[position]))
            if left < 0:
                return position
        raise AssertionError("a chunk folds as its characters do")

    def occurrences(self, needle: str, most: int = 100) -> list[int]:
        """The offsets of ``needle`` (folded), overlapping ones too; at most ``most`` of them."""
        found: list[int] = []
        at = self.text.find(needle)
        while at >= 0 and len(found) < most:
            found.append(at)
            at = self.text.find(needle, at + 1)
        return found
