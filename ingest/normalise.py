"""The one normalisation that every stored text has gone through, exactly once.

Unicode NFC, one kind of line end and of space, and no characters that are invisible or steer a
terminal or the direction of text (they hide instructions and fake quotes). Joiners that carry
meaning in Persian, Indic scripts and emoji (ZWNJ, ZWJ) stay.
"""

from __future__ import annotations

import re
import unicodedata

_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)
# More than one variation selector on a sign spells out hidden bytes; a joiner between Latin letters
# splits a word for programs and for nobody else.
_HIDDEN_IN_WORDS = re.compile(
    "(?<=[\ufe00-\ufe0f\U000e0100-\U000e01ef])[\ufe00-\ufe0f\U000e0100-\U000e01ef]+"
    "|(?<=[A-Za-z])[\u200c\u200d]+(?=[A-Za-z])"
)
_SPACES = re.compile(r"[^\S\n]+")
_AROUND_NEWLINE = re.compile(r" ?\n ?")
_BLANK_LINES = re.compile(r"\n{3,}")


def normalise(text: str) -> str:
    """``text`` with paragraphs kept (at most one blank line between two) and its ends trimmed.

    Idempotent: normalising a normalised text changes nothing.
    """
    text = _HIDDEN_IN_WORDS.sub("", _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text)))
    text = unicodedata.normalize("NFC", text)
    text = _AROUND_NEWLINE.sub("\n", _SPACES.sub(" ", text))
    return _BLANK_LINES.sub("\n\n", text).strip()


def normalise_line(text: str) -> str:
    """``text`` on a single line: every run of white space is one space."""
    return normalise(text.replace("\n", " ").replace("\r", " ")).replace("\n", " ")
