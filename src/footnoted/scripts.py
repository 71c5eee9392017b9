"""Which writing system a character, or most of a text, belongs to."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from functools import lru_cache

LATIN = "Latin"
GREEK = "Greek"
CYRILLIC = "Cyrillic"
HEBREW = "Hebrew"
ARABIC = "Arabic"
HAN = "Han"
KANA = "Kana"
HANGUL = "Hangul"
OTHER = "Other"

# (first code point, last code point, script), after Unicode 16's Blocks.txt and Scripts.txt; the
# scripts that nothing here treats apart carry the name of their block.
_RANGES = (
    (0x0041, 0x005A, LATIN),
    (0x0061, 0x007A, LATIN),
    (0x00AA, 0x00AA, LATIN),
    (0x00BA, 0x00BA, LATIN),
    (0x00C0, 0x02B8, LATIN),
    (0x0370, 0x03FF, GREEK),
    (0x0400, 0x052F, CYRILLIC),
    (0x0530, 0x058F, "Armenian"),
    (0x0590, 0x05FF, HEBREW),
    (0x0600, 0x06FF, ARABIC),
    (0x0700, 0x074F, "Syriac"),
    (0x0750, 0x077F, ARABIC),
    (0x0780, 0x07BF, "Thaana"),
    (0x0860, 0x086F, "Syriac"),
    (0x0870, 0x08FF, ARABIC),
    (0x0900, 0x097F, "Devanagari"),
    (0x0980, 0x09FF, "Bengali"),
    (0x0A00, 0x0A7F, "Gurmukhi"),
    (0x0A80, 0x0AFF, "Gujarati"),
    (0x0B00, 0x0B7F, "Oriya"),
    (0x0B80, 0x0BFF, "Tamil"),
    (0x0C00, 0x0C7F, "Telugu"),
    (0x0C80, 0x0CFF, "Kannada"),
    (0x0D00, 0x0D7F, "Malayalam"),
    (0x0D80, 0x0DFF, "Sinhala"),
    (0x0E00, 0x0E7F, "Thai"),
    (0x0E80, 0x0EFF, "Lao"),
    (0x0F00, 0x0FFF, "Tibetan"),
    (0x1000, 0x109F, "Myanmar"),
    (0x10A0, 0x10FF, "Georgian"),
    (0x1100, 0x11FF, HANGUL),
    (0x1200, 0x139F, "Ethiopic"),
    (0x1780, 0x17FF, "Khmer"),
    (0x1800, 0x18AF, "Mongolian"),
    (0x1C80, 0x1C8F, CYRILLIC),
    (0x1C90, 0x1CBF, "Georgian"),
    (0x1D00, 0x1DBF, LATIN),
    (0x1E00, 0x1EFF, LATIN),
    (0x1F00, 0x1FFF, GREEK),
    (0x2C60, 0x2C7F, LATIN),
    (0x2D00, 0x2D2F, "Georgian"),
    (0x2D80, 0x2DDF, "Ethiopic"),
    (0x2DE0, 0x2DFF, CYRILLIC),
    (0x3005, 0x3007, HAN),
    (0x3040, 0x30FF, KANA),
    (0x3130, 0x318F, HANGUL),
    (0x31F0, 0x31FF, KANA),
    (0x3400, 0x4DBF, HAN),
    (0x4E00, 0x9FFF, HAN),
    (0xA640, 0xA69F, CYRILLIC),
    (0xA720, 0xA7FF, LATIN),
    (0xA8E0, 0xA8FF, "Devanagari"),
    (0xAB30, 0xAB6F, LATIN),
    (0xAC00, 0xD7FF, HANGUL),
    (0xF900, 0xFAFF, HAN),
    (0xFB00, 0xFB06, LATIN),
    (0xFB13, 0xFB17, "Armenian"),
    (0xFB1D, 0xFB4F, HEBREW),
    (0xFB50, 0xFDFF, ARABIC),
    (0xFE70, 0xFEFF, ARABIC),
    (0xFF21, 0xFF5A, LATIN),
    (0xFF66, 0xFF9F, KANA),
    (0x20000, 0x323AF, HAN),
)
_UNSPACED = frozenset({HAN, KANA})
_STARTS = tuple(first for first, _, _ in _RANGES)


@lru_cache(maxsize=1 << 14)
def script_of(character: str) -> str:
    """The script of one character; ``Other`` for digits, signs and what the table lacks."""
    point = ord(character)
    at = bisect_right(_STARTS, point) - 1
    if at < 0 or point > _RANGES[at][1]:
        return OTHER
    return _RANGES[at][2]


@lru_cache(maxsize=1 << 10)
def main_script(text: str) -> str:
    """The script of most words of ``text``; ``Other`` where it has no letters.

    Words, not letters: a long foreign name does not make a question foreign. In the scripts
    that write no spaces each sign counts as a word.
    """
    counts: Counter[str] = Counter()
    before = ""
    for character in text:
        script = script_of(character) if character.isalpha() else ""
        if script and (script != before or script in _UNSPACED):
            counts[script] += 1
        before = script
    return counts.most_common(1)[0][0] if counts else OTHER
