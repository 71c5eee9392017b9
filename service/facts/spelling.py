"""Spellings of one name: diacritics, hyphens, articles, and the ways that Arabic is transliterated.

Two spellings are one when their consonants agree and no vowel of one is far from that of the other:
``Mohamed`` and ``Muhammad``, ``Kata'ib`` and ``Kataeb``, but not ``Peterson`` and ``Petersen``.
A word in Arabic script is compared by its consonants alone, for it writes few vowels.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from footnoted.service.facts.wordings import letters, listed

_LEAST_CONSONANTS = 2
_LEAST_LETTERS = 5  # of a name whose spelling may vary: `Kent` is not `Kant`
_ARTICLES = frozenset({"al", "el", "an", "ar", "as", "ad", "at", "ash", "ul", "ال", "the", "of"})
_LINKS = frozenset(
    listed("of for the de da di du del della van von der den la le y and in & bin ibn")
)
_PIECE = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|&")
_DIGRAPHS = (("dh", "d"), ("gh", "g"), ("kh", "k"), ("th", "t"), ("ph", "f"), ("ck", "k"))
_LETTERS = str.maketrans({"q": "k", "ı": "i", "ø": "o", "ł": "l", "đ": "d", "ß": "s", "æ": "e"})
_VOWELS = frozenset("aeiouyw")
_CLOSE = frozenset(
    {frozenset(pair) for pair in ("ae", "ei", "iy", "ou", "ey", "uw", "ow", "ay", "ai")}
)
_FROM_ARABIC = {
    "ا": "", "ب": "b", "ت": "t", "ث": "t", "ج": "j", "ح": "h", "خ": "k", "د": "d", "ذ": "d",
    "ر": "r", "ز": "z", "س": "s", "ش": "sh", "ص": "s", "ض": "d", "ط": "t", "ظ": "z", "ع": "",
    "غ": "g", "ف": "f", "ق": "k", "ك": "k", "ل": "l", "م": "m", "ن": "n", "ه": "h", "و": "",
    "ي": "", "ء": "", "پ": "p", "چ": "j", "گ": "g", "ک": "k", "ی": "",
}  # fmt: skip
_PEOPLE = frozenset({"i", "n", "an", "ian", "ean", "ese", "ish", "s", "is", "ns", "ans", "ians"})
_LEAST_STEM = 4
# Names of one thing that no rule of spelling tells.
_ONE_NAME = (
    ("us", "u.s", "usa", "u.s.a", "united states", "america", "american", "americans"),
    ("uk", "u.k", "united kingdom", "britain", "british", "great britain"),
    ("un", "u.n", "united nations"),
    ("eu", "e.u", "european union"),
    ("uae", "u.a.e", "united arab emirates", "emirati"),
    ("france", "french"),
    ("germany", "german", "germans"),
    ("netherlands", "dutch"),
    ("spain", "spanish"),
)


class Sounds(NamedTuple):
    """A word of a name: its folded letters, its consonants, and the vowels before each and last."""

    letters: str
    consonants: str
    vowels: tuple[str, ...] | None


def sounds_of(name: str) -> tuple[Sounds, ...]:
    """The words of ``name`` by sound, links and Arabic articles left out."""
    pieces = [_folded(piece) for piece in _PIECE.findall(_joined_forms(name))]
    telling = [p for p in pieces if p and p not in _ARTICLES and p not in _LINKS]
    return tuple(_sounds(piece) for piece in telling)


@lru_cache(maxsize=1 << 15)
def parts_alike(one: Sounds, other: Sounds, *, loosely: bool = False) -> bool:
    """Whether two words are spellings of one, or a country and its people.

    ``loosely`` lets short words vary too: beside a part of the name that agrees.
    """
    if one.letters == other.letters or _one_place(one.letters, other.letters):
        return True
    if one.consonants != other.consonants or not one.consonants:
        return False
    if one.vowels is None or other.vowels is None:
        return loosely or len(one.consonants) > _LEAST_CONSONANTS or one.vowels is other.vowels
    short = min(len(one.letters), len(other.letters)) < _LEAST_LETTERS
    if not loosely and (short or len(one.consonants) < _LEAST_CONSONANTS):
        return False
    return all(map(_close, one.vowels, other.vowels))


def acronym_of(name: str) -> frozenset[str]:
    """What may stand for ``name``: the initials of its words, with and without the links."""
    pieces = [p for p in _PIECE.findall(name.replace("-", " ")) if p]
    telling = [p for p in pieces if p.lower() not in _LINKS]
    forms = {"".join(p[0] for p in group).upper() for group in (pieces, telling)}
    return frozenset(form for form in forms if len(form) > 1)


def _joined_forms(name: str) -> str:
    """``name`` with names of several words, which have one form, as that: United States, U.S."""
    lowered = re.sub(r"\s+", " ", name)
    for forms in _ONE_NAME:
        for form in forms:
            if " " in form or "." in form:
                lowered = re.sub(rf"(?i)(?<!\w){re.escape(form)}\.?(?!\w)", forms[0], lowered)
    return lowered


@lru_cache(maxsize=1 << 14)
def _folded(piece: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", piece) if not unicodedata.combining(c))
    word = letters(bare).replace("'", "").replace("’", "")
    word = re.sub(r"(?<=[^\W\d_])s$", "s", word)
    for forms in _ONE_NAME:
        if word in forms:
            return forms[0]
    return word


@lru_cache(maxsize=1 << 14)
def _sounds(word: str) -> Sounds:
    if any("\u0600" <= c <= "\u08ff" for c in word):
        bare = word.removeprefix("ال") if len(word) > _LEAST_STEM else word
        consonants = "".join(_FROM_ARABIC.get(c, "") for c in bare)
        return Sounds(word, re.sub(r"(.)\1+", r"\1", consonants), None)
    plain = re.sub(r"(?:bollah|bullah|ballah)$", "balah", word.translate(_LETTERS))
    for digraph, letter in _DIGRAPHS:
        plain = plain.replace(digraph, letter)
    plain = re.sub(r"(.)\1+", r"\1", plain)
    plain = re.sub(r"(?<=[aeiou])h$", "", plain)
    runs = re.split(r"[^aeiouyw]", plain)
    consonants = re.sub(r"[aeiouyw]", "", plain)
    return Sounds(word, consonants, tuple(runs))


def _close(one: str, other: str) -> bool:
    """Whether two runs of vowels may be spellings of one: `ai` and `ay`, `o` and `u`."""
    if one == other:
        return True
    if not one or not other:
        return False
    return one[0] == other[0] or frozenset((one[0], other[0])) in _CLOSE


def _one_place(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    stem = short.removesuffix("e").removesuffix("a")
    if len(stem) < _LEAST_STEM - 1 or not long.startswith(stem):
        return False
    return long.removeprefix(short) in _PEOPLE or (
        stem != short and long.removeprefix(stem) in ("ian", "ians", "an", "ans", "i", "is")
    )
