"""Words as the lexical index knows them: the same folding for passages and for queries.

A word is normalised (NFKC, case folded), loses the signs that people leave out when they type,
and is reduced to a stem by the rules of *its own* script: an Arabic name in an English text is
folded as Arabic. Every rule is applied to passages and queries alike, so a rule can merge too
much, but can never keep a word from finding itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from footnoted.index.stems import stem
from footnoted.scripts import HAN, HANGUL, KANA, script_of

MAX_QUERY_TOKENS = 512
FOLDING = "2"
"""Raise it whenever the same text would be folded otherwise: other indexes are then outdated."""

# A word: letters and digits of any script, with the vowel signs of the Indic and South-East Asian
# scripts and free accents, which Python's \w leaves out; inner apostrophes and hyphens belong to
# it, and . , / : - between digits.
_MARKS = "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
_MARKS += "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0900-\u0903\u093a-\u094f"
_MARKS += "\u0981-\u0983\u09bc-\u09cd\u0a01-\u0a03\u0a3c-\u0a4d\u0a81-\u0a83\u0abc-\u0acd"
_MARKS += "\u0b01-\u0b03\u0b3c-\u0b4d\u0b82\u0bbe-\u0bcd\u0c00-\u0c04\u0c3c-\u0c4d\u0c81-\u0c83"
_MARKS += "\u0cbc-\u0ccd\u0d00-\u0d03\u0d3b-\u0d4d\u0d81-\u0d83\u0dca-\u0ddf\u0e31\u0e34-\u0e3a"
_MARKS += "\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u0f71-\u0f84\u102b-\u103e\u17b4-\u17d3"
_WORD = re.compile(rf"\d+(?:[.,:/\-]\d+)+|[^\W_{_MARKS}](?:[^\W_]|[{_MARKS}]|['-](?=[^\W_]))*")
_NUMBER = re.compile(r"\d[\d.,:/\-]*")
_DIGITS = re.compile(r"\d+")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_DOTTED_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?")
_DECIMAL_COMMA = re.compile(r"\d+,\d+")
_JOINTS = re.compile(r"[.,:/\-]")
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2019\u2018\u02bc\u02b9\u2032\u00b4`\uff07", "'"))
_HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u00ad\u2212", "-"))
_TATWEEL = "\u0640"
_ELISION = re.compile(r"^(?:[cdjlmnst]|qu|dell|nell|all|sull|dall|un|quest)'(?=\w)")
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}")  # U.S., a.m.
_SPACED_THOUSANDS = re.compile(r"(?<!\d)\d{1,3}(?:[\u00a0\u2007\u2009\u202f]\d{3})+(?!\d)")
_ARABIC_BESIDE_DIGIT = re.compile(r"(?<=[\u0621-\u064a])(?=\d)|(?<=\d)(?=[\u0621-\u064a])")
_ARABIC_SEPARATORS = str.maketrans({"\u066b": ".", "\u066c": ","})

# Left out of queries only (+1.3 points of nDCG@10 on search questions, +1.7 on experts'
# questions, 0 on the others), so that a passage made of them can still be found by them.
_ENGLISH_STOP_WORDS = (
    "a an and are as at be been but by did do does for from had has have how if in into is it no "
    "not of on or such that the their then there these they this to was were what when where "
    "which who whom whose why will with about"
)
_ELIDING = frozenset({"fr", "it", "ca"})
_DECIMAL_COMMA_LANGUAGES = frozenset(
    {"ca", "da", "de", "el", "es", "et", "eu", "fi", "fr", "hu", "hy", "id", "it", "lt", "nl"}
    | {"no", "nb", "nn", "pl", "pt", "ro", "ru", "sr", "sv", "tr", "uk"}
)
_PARTICLES = frozenset({"al", "el"})  # the Arabic article in names: al-Hamidawi is Hamidawi
_UNSPACED = frozenset({HAN, KANA, HANGUL, "Thai", "Lao", "Khmer", "Myanmar"})


def fold(text: str, language: str) -> list[str]:
    """The index tokens of ``text``, in order, repeats kept; ``language`` is a code like ``en``.

    Numbers keep their dots and hyphens, lose thousands separators and give their parts as well;
    letters against such a number (``1.5m``) are a word of their own;
    hyphenated words give their parts and the whole; unspaced scripts give pairs of characters.
    """
    base = language.lower().replace("_", "-").split("-")[0]
    # Nothing that the rules of Unicode change can stand in ASCII but one apostrophe.
    folded = text.replace("`", "'").lower() if text.isascii() else _normalised(text)
    if "." in folded:
        folded = _INITIALS.sub(lambda match: match[0].replace(".", ""), folded)
    return [term for word in _WORD.findall(folded) for term in _terms(word, base)]


def _normalised(text: str) -> str:
    joined = _SPACED_THOUSANDS.sub(lambda match: "".join(_DIGITS.findall(match[0])), text)
    folded = unicodedata.normalize("NFKC", joined).translate(_APOSTROPHES).translate(_HYPHENS)
    folded = folded.replace(_TATWEEL, "").translate(_ARABIC_SEPARATORS).casefold()
    # The conjunctions, prepositions and units that Arabic writes against a number.
    return _ARABIC_BESIDE_DIGIT.sub(" ", folded)


def query_tokens(text: str, languages: Sequence[str]) -> list[str]:
    """The distinct tokens of a query, folded as each of the index's ``languages`` would fold it.

    The first language is the query's own; of an English query the words that say nothing are
    left out, unless nothing else is there. At most ``MAX_QUERY_TOKENS``, the first ones.
    """
    distinct = list(dict.fromkeys(term for language in languages for term in fold(text, language)))
    return (_telling(distinct, languages) or distinct)[:MAX_QUERY_TOKENS]


def _telling(terms: list[str], languages: Sequence[str]) -> list[str]:
    if not languages or not languages[0].lower().startswith("en"):
        return terms
    return [term for term in terms if term not in _stop_terms()]


@lru_cache(maxsize=1)
def _stop_terms() -> frozenset[str]:
    return frozenset(fold(_ENGLISH_STOP_WORDS, "en"))


@lru_cache(maxsize=1 << 16)
def _terms(word: str, language: str) -> tuple[str, ...]:
    word = _ascii_digits(word)
    if _NUMBER.fullmatch(word):
        return _number_terms(word, language)
    if "'" in word:
        word = _without_apostrophes(word, language)
    parts = [part for part in word.split("-") if part]
    terms = [term for part in parts if part not in _PARTICLES for term in _part(part, language)]
    if len(parts) > 1:
        terms.extend(_part("".join(parts), language))
    return tuple(terms) or tuple(term for part in parts for term in _part(part, language))


def _number_terms(word: str, language: str) -> tuple[str, ...]:
    """``70,000`` is ``70000``; ``2023-10-25`` is itself and its three parts."""
    if language in _DECIMAL_COMMA_LANGUAGES:
        if _DOTTED_THOUSANDS.fullmatch(word):
            word = word.replace(".", "")
        if _DECIMAL_COMMA.fullmatch(word):
            word = word.replace(",", ".")
    elif _THOUSANDS.fullmatch(word):
        word = word.replace(",", "")
    word = word.strip(".,:/-")
    parts = [part for part in _JOINTS.split(word) if part]
    is_decimal = word.count(".") == 1 and len(parts) == 2
    return (word, *parts) if len(parts) > 1 and not is_decimal else (word,)


def _without_apostrophes(word: str, language: str) -> str:
    if language in _ELIDING:
        word = _ELISION.sub("", word)
    word = word.removesuffix("'s")
    return word.replace("'", "")


def _part(word: str, language: str) -> Iterator[str]:
    """The terms of a word without hyphens, each run of one kind of script by its own rules."""
    for script, run in _runs(word):
        if script in _UNSPACED:
            yield from (run[at : at + 2] for at in range(max(len(run) - 1, 1)))
        elif root := stem(run, script, language):
            yield root


def _runs(word: str) -> list[tuple[str, str]]:
    """``word`` cut where a spaced script meets an unspaced one (``iPhone手机``)."""
    runs: list[tuple[str, str]] = []
    for character in word:
        script = script_of(character)
        kind = HAN if script in _UNSPACED else ""
        if runs and runs[-1][0] == kind:
            runs[-1] = (kind, runs[-1][1] + character)
        else:
            runs.append((kind, character))
    return [(kind or _word_script(run), run) for kind, run in runs]


def _word_script(word: str) -> str:
    return next((script_of(c) for c in word if c.isalpha()), "")


def _ascii_digits(word: str) -> str:
    if word.isascii():
        return word
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in word)
