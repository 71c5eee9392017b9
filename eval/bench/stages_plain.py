"""BM25 over plain tokens: what our folding of words is compared with.

Words are runs of two or more letters and digits in lower case, as the usual BM25 packages cut
them; passages, formula and index are the same as ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from footnoted.index.lexical import LexicalIndex, build_lexical

_WORD = re.compile(r"\w\w+")


def plain_tokens(text: str) -> list[str]:
    """The words of ``text`` in lower case, in order, repeats kept; single letters are left out."""
    return _WORD.findall(text.lower())


def plain_index(folder: Path, texts: Sequence[str]) -> LexicalIndex:
    """An index of the plain tokens of ``texts``, built in an existing empty folder."""
    build_lexical(folder, map(plain_tokens, texts))
    return LexicalIndex(folder)
