"""Numbers written in words, English and Arabic: ``twenty-five thousand``, ``خمسة وعشرون``.

The grammar is the one that both languages share: small numbers add up, a hundred multiplies what
stands before it, a thousand closes a group. What does not fit begins another number, so that
``nineteen eighty`` is two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from footnoted.service.facts.wordings import Word, listed, words

_ENGLISH = listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = listed("twenty thirty forty fifty sixty seventy eighty ninety")
_ORDINALS = listed(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
    "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
)
_TENTHS = listed("twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth")
# Each as `letters` writes it; several spellings by case and gender.
_ARABIC = (
    "صفر", "واحد واحده", "اثنان اثنين اثنتان اثنتين", "ثلاثه ثلاث", "اربعه اربع", "خمسه خمس",
    "سته ست", "سبعه سبع", "ثمانيه ثماني ثمان", "تسعه تسع", "عشره عشر",
)  # fmt: skip
_ARABIC_TENS = (
    "عشرون عشرين", "ثلاثون ثلاثين", "اربعون اربعين", "خمسون خمسين", "ستون ستين", "سبعون سبعين",
    "ثمانون ثمانين", "تسعون تسعين",
)  # fmt: skip
_ARABIC_ORDINALS = listed("الاول الثاني الثالث الرابع الخامس السادس السابع الثامن التاسع العاشر")

SMALL: dict[str, int] = (
    {word: n for n, word in enumerate(_ENGLISH)}
    | {word: 10 * n for n, word in enumerate(_TENS, 2)}
    | {word: n for n, forms in enumerate(_ARABIC) for word in forms.split()}
    | {word: 10 * n for n, forms in enumerate(_ARABIC_TENS, 2) for word in forms.split()}
)
ORDINAL: dict[str, int] = (
    {word: n for n, word in enumerate(_ORDINALS, 1)}
    | {word: 10 * n for n, word in enumerate(_TENTHS, 2)}
    | {word: n for n, word in enumerate(_ARABIC_ORDINALS, 1)}
)
SCALES: dict[str, int] = (
    {"hundred": 100, "dozen": 12, "thousand": 10**3, "million": 10**6, "billion": 10**9}
    | {"trillion": 10**12, "مئه": 100, "مايه": 100, "مايتان": 200, "مايتين": 200}
    | {"ميتان": 200, "ميتين": 200, "ميه": 100, "الف": 10**3, "الاف": 10**3, "الفا": 10**3}
    | {"الفان": 2000, "الفين": 2000, "مليون": 10**6, "ملايين": 10**6, "مليونا": 10**6}
    | {"مليار": 10**9, "مليارات": 10**9, "bn": 10**9, "mn": 10**6}
)
_TEN_AFTER = frozenset({"عشر", "عشره"})
_BETWEEN = re.compile(r"\s{1,3}|-|\s+and\s+|\s+and\s+a\s+", re.IGNORECASE)
_HUNDRED = 100
_THOUSAND = 1_000


class WrittenNumber(NamedTuple):
    """A number in words at ``[start, end)``; ``weak`` for one that may only be a manner of speech.

    ``first`` and ``one`` are weak: ``at first``, ``one of them``.
    """

    start: int
    end: int
    value: Decimal
    ordinal: bool
    weak: bool


def written_numbers(text: str) -> Iterator[WrittenNumber]:
    """The numbers of ``text`` (as ``plain`` gives it) that are written in words, in order."""
    found = words(text)
    at = 0
    while at < len(found):
        taken = _longest(text, found, at)
        if taken is None:
            at += 1
            continue
        number, at = taken
        yield number


def _longest(text: str, found: Sequence[Word], first: int) -> tuple[WrittenNumber, int] | None:
    """The longest number that begins with the word ``first``, and the word behind it."""
    sum_ = _Sum()
    ordinal = False
    at = first
    while at < len(found) and not ordinal:
        word = found[at].letters
        if at > first and not _joined(text, found[at - 1], found[at]):
            break
        if word == "and" and at > first:
            at += 1
            continue
        if at == first and word in ("a", "an", "half") and _is_scale(found, at + 1):
            sum_.add(Decimal(1))
            at += word == "half"  # half a million
        elif at > first and word == "a" and at + 1 < len(found) and found[at + 1].letters == "half":
            sum_.add(Decimal("0.5"))  # two and a half million
            at += 1
        elif (at > first and word.startswith("و") and sum_.take(word[1:])) or sum_.take(word):
            pass
        elif word in ORDINAL and sum_.fits(ORDINAL[word]):
            sum_.add(Decimal(ORDINAL[word]))
            ordinal = True
        else:
            break
        at += 1
    while at > first and found[at - 1].letters == "and":
        at -= 1
    if at == first or sum_.empty:
        return None
    value = sum_.value / 2 if found[first].letters == "half" else sum_.value
    weak = at == first + 1 and value == 1
    return WrittenNumber(found[first].start, found[at - 1].end, value, ordinal, weak), at


def _is_scale(found: Sequence[Word], at: int) -> bool:
    following = [word.letters for word in found[at : at + 2]]
    return bool(following) and (
        following[0] in SCALES or (following[0] in ("a", "an") and following[-1] in SCALES)
    )


def _joined(text: str, before: Word, after: Word) -> bool:
    return _BETWEEN.fullmatch(text[before.end : after.start]) is not None


class _Sum:
    """The number that the words read so far make."""

    def __init__(self) -> None:
        self._closed = Decimal(0)  # the groups of thousands that are complete
        self._open: Decimal | None = None
        self._last_scale = Decimal(10) ** 15

    @property
    def empty(self) -> bool:
        return self._open is None and not self._closed

    @property
    def value(self) -> Decimal:
        return self._closed + (self._open or 0)

    def fits(self, small: int) -> bool:
        """Whether ``small`` can follow: tens after hundreds, units after tens but not ten."""
        if self._open is None:
            return small < self._last_scale
        if not small:
            return False
        rest = self._open % _HUNDRED
        return not rest or (rest % 10 == 0 and rest > 10 and small < 10)

    def add(self, small: Decimal) -> None:
        self._open = (self._open or 0) + small

    def take(self, word: str) -> bool:
        """Take a word into the number; whether it could be."""
        if word in _TEN_AFTER and self._open is not None and 0 < self._open % _HUNDRED < 10:
            self.add(Decimal(10))
        elif word in SMALL and (self.fits(SMALL[word]) or self._arabic_units_first(word)):
            self.add(Decimal(SMALL[word]))
        elif word in SCALES and (self._open is not None or not word.isascii()):
            self._multiply(Decimal(SCALES[word]))
        else:
            return False
        return True

    def _arabic_units_first(self, word: str) -> bool:
        """Arabic says the units before the tens: five and twenty."""
        tens = SMALL[word]
        rest = (self._open or 0) % _HUNDRED
        return not word.isascii() and tens >= 20 and tens % 10 == 0 and 0 < rest < 10

    def _multiply(self, scale: Decimal) -> None:
        if scale < _THOUSAND:
            hundreds, rest = divmod(self._open or Decimal(0), _THOUSAND)
            self._open = hundreds * _THOUSAND + (rest or 1) * scale
            return
        self._closed += (self._open or 1) * scale
        self._open = None
        self._last_scale = scale
