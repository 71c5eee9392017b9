"""Which texts are copies of each other: one agency report that several sites printed.

Texts are compared by their shingles, runs of eight words (Broder, "On the resemblance and
containment of documents", 1997). A quarter of the hashed shingles, the same quarter in every
text, finds the candidates; all of them decide.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Hashes: TypeAlias = NDArray[np.uint64]

_SHINGLE = 8  # words
_FEWEST_WORDS = 60
# Of the shorter text's shingles. Editors cut the end, change the head and correct a few words; a
# long quote in two reports of one event is far less than half of either.
_CONTAINED = 0.6
_SAMPLED = 4  # one shingle in so many finds candidates
# A copy shares about .6 of the sample or more. So low a bound misses one in a thousand of the
# shortest texts that barely are copies, and practically none of the others.
_LIKELY = 0.1
_UNSPACED = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Tibetan, Burmese, Khmer
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # kana and Han
    "\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[{_UNSPACED}]|(?:(?![{_UNSPACED}_])\w)+")
_DRAWN_OUT = "\u0640"  # the Arabic tatweel only stretches a word


def folded_words(text: str) -> list[str]:
    """The words of ``text`` in order, without case, accents, vowel signs and punctuation.

    Scripts that put no space between words give one word for each character.
    """
    decomposed = unicodedata.normalize("NFKD", text).casefold().replace(_DRAWN_OUT, "")
    bare = "".join(c for c in decomposed if not unicodedata.category(c).startswith("M"))
    return _WORD.findall(unicodedata.normalize("NFC", bare))


def copies(texts: Mapping[str, str]) -> dict[str, str]:
    """The ids of ``texts`` whose words are another's, each with the id of the first that has them.

    The order of ``texts`` decides which of two is the first. Texts of fewer than 60 words are
    neither copies nor copied: too many short notes agree by chance.
    """
    found: dict[str, str] = {}
    originals: list[tuple[str, Hashes]] = []
    holders: dict[int, list[int]] = defaultdict(list)  # a sampled hash to places in originals
    for name, text in texts.items():
        hashes = _shingles(text)
        if hashes is None:
            continue
        sample = _sample(hashes)
        first = next(_copied(hashes, sample, originals, holders), None)
        if first is not None:
            found[name] = originals[first][0]
            continue
        for value in sample:
            holders[value].append(len(originals))
        originals.append((name, hashes))
    return found


def _copied(
    hashes: Hashes,
    sample: list[int],
    originals: list[tuple[str, Hashes]],
    holders: Mapping[int, list[int]],
) -> Iterator[int]:
    """The places in ``originals`` of the texts that ``hashes`` is a copy of, the first first."""
    import numpy as np  # noqa: PLC0415

    shared = Counter(place for value in sample if value in holders for place in holders[value])
    for place in sorted(shared):
        other = originals[place][1]
        shorter = min(len(hashes), len(other))
        if shared[place] * _SAMPLED < _LIKELY * shorter:
            continue
        common = np.intersect1d(hashes, other, assume_unique=True)
        if len(common) >= _CONTAINED * shorter:
            yield place


def _sample(hashes: Hashes) -> list[int]:
    chosen: list[int] = hashes[hashes % _SAMPLED == 0].tolist()
    return chosen


def _shingles(text: str) -> Hashes | None:
    """The different shingles of ``text`` as sorted 64-bit hashes; ``None`` for a short text.

    The same words have the same hashes on every machine and in every run.
    """
    import numpy as np  # noqa: PLC0415

    words = folded_words(text)
    if len(words) < _FEWEST_WORDS:
        return None
    numbers = {word: _number(word) for word in set(words)}
    sequence = np.array([numbers[word] for word in words], dtype=np.uint64)
    size = len(words) - _SHINGLE + 1
    total = np.zeros(size, dtype=np.uint64)
    for place in range(_SHINGLE):
        # Mixed between the words, or the same words in another order would be the same shingle.
        total = (total ^ sequence[place : place + size]) * np.uint64(0x9E3779B97F4A7C15)
        total ^= total >> np.uint64(29)
    return np.unique(total)


def _number(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
