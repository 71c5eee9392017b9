"""Which script and which language a text is in: the script by counting letters, then a model.

``script_of`` is cheap and loads nothing, so that a query can be looked at too. The model
(py3langid) is loaded at the first text whose script leaves a choice of languages.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal

from footnoted.scripts import OTHER
from footnoted.scripts import script_of as character_script

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

UNDETERMINED = "und"
NO_SCRIPT = "Common"

# One character of these says about as much as three letters of an alphabet, so that a Chinese
# question with a Latin product name in it stays Chinese.
_DENSE_SCRIPTS = frozenset({"Han", "Kana", "Hangul"})
_DENSE_WEIGHT = 3
# Japanese prose is a third to two thirds kana; Chinese has none.
_KANA_SHARE = 0.1

# Scripts that leave no choice, and the candidates (of those the model knows) where one does.
_ONLY_LANGUAGE = {
    "Greek": "el",
    "Armenian": "hy",
    "Hebrew": "he",
    "Thaana": "dv",
    "Gurmukhi": "pa",
    "Gujarati": "gu",
    "Oriya": "or",
    "Tamil": "ta",
    "Telugu": "te",
    "Kannada": "kn",
    "Malayalam": "ml",
    "Sinhala": "si",
    "Thai": "th",
    "Lao": "lo",
    "Myanmar": "my",
    "Georgian": "ka",
    "Hangul": "ko",
    "Khmer": "km",
    "Kana": "ja",
    "Han": "zh",
    "Ethiopic": "am",
}
_CANDIDATES = {
    "Arabic": "ar fa ur ps ku ug",
    "Cyrillic": "ru uk be bg sr mk kk ky mn tg tt ba",
    "Devanagari": "hi mr ne sa",
    "Bengali": "bn as",
    "Tibetan": "dz",
    # The big languages, and those of Europe, Africa and Asia that the web has pages in; creoles
    # and regional varieties only draw short texts away from their neighbours.
    "Latin": (
        "af az bs ca cs cy da de en eo es et eu fi fo fr ga gd gl ha hr hu id ig is it lb lt lv mg"
        " ms mt nl nn no pl pt ro rw sk sl sn so sq sr sv sw tk tl tr uz vi xh yo zu"
    ),
}
# Languages that also use the script, so that a page may name them, though the model does not
# choose between them here.
_ALSO_WRITTEN = {
    "Hebrew": {"yi", "lad"},
    "Arabic": {"sd", "ckb", "ks", "dv", "ms", "az", "pnb", "arz", "ary", "uzs"},
    "Devanagari": {"bho", "mai", "kok", "gom"},
    "Han": {"ja", "yue", "wuu", "lzh"},
    "Greek": {"grc"},
    "Ethiopic": {"ti", "gez"},
    "Cyrillic": {"uz", "az", "bs", "os", "cv", "ce", "ab"},
    "Tibetan": {"bo"},
}

_RIGHT_TO_LEFT = frozenset({"Arabic", "Hebrew", "Syriac", "Thaana"})
_ENOUGH = 20_000  # characters looked at; more change no verdict
_MIN_LETTERS = 12
_SURE = 0.9
_LONG = 200
_PRIMARY = re.compile(r"\s*([A-Za-z]{2,3})(?![A-Za-z0-9])")
# Codes for no language, and what begins the name of an encoding.
_NO_LANGUAGE = frozenset({UNDETERMINED, "zxx", "mul", "utf", "iso", "xx"})
# ISO 639-2 and withdrawn codes that pages still use.
_SYNONYMS = {"iw": "he", "in": "id", "ji": "yi", "nb": "no", "eng": "en", "deu": "de", "ger": "de"}
_SYNONYMS |= {"fra": "fr", "fre": "fr", "spa": "es", "ara": "ar", "zho": "zh", "chi": "zh"}


def script_of(text: str) -> str:
    """The dominant script of ``text``, by letters: ``Latin``, ``Arabic``, ``Han``…

    ``Kana`` means Japanese, Han characters included; ``Common`` that there are no letters.
    Loads no model.
    """
    counts: Counter[str] = Counter()
    for character, times in Counter(text[:_ENOUGH]).items():
        script = _script(character)
        if script is not None:
            counts[script] += times * (_DENSE_WEIGHT if script in _DENSE_SCRIPTS else 1)
    if counts["Kana"] >= _KANA_SHARE * (counts["Han"] + counts["Kana"]) > 0:
        counts["Kana"] += counts.pop("Han", 0)
    # Ties go to the name, so that the verdict never hangs on the order of the characters.
    best = min(counts.items(), key=lambda item: (-item[1], item[0]), default=(NO_SCRIPT, 0))
    return best[0] if best[1] else NO_SCRIPT


@lru_cache(maxsize=1 << 12)  # the same quotes are cited again
def direction_of(text: str) -> Literal["ltr", "rtl"]:
    """``rtl`` for a text whose dominant script is written from right to left, else ``ltr``.

    The values of HTML's ``dir`` attribute. Loads no model.
    """
    return "rtl" if script_of(text) in _RIGHT_TO_LEFT else "ltr"


def detect_language(text: str, hint: str | None = None) -> str:
    """The BCP 47 primary subtag of the language of ``text``: ``en``, ``ar``, ``zh``…

    ``hint`` is what the page says of itself (``en-GB``). It decides for texts that are too short
    to tell, and wherever the script allows it and the model is not sure of another language.
    ``und`` when there is neither a hint nor enough text.
    """
    said = primary_subtag(hint)
    script = script_of(text)
    if script == NO_SCRIPT:
        return said or UNDETERMINED
    possible = _languages_of(script)
    if said is not None and said not in possible and said not in _ALSO_WRITTEN.get(script, ()):
        # A wrong default in a page's template, unless it is a language that we do not know of.
        said = None if said in _known_languages() else said
    if script in _ONLY_LANGUAGE:
        return said or _ONLY_LANGUAGE[script]
    letters = sum(map(str.isalpha, text[:_ENOUGH]))
    if not possible or letters < _MIN_LETTERS:
        return said or UNDETERMINED
    guess, share = _guess(text[:_ENOUGH], possible)
    if said is None or (letters >= _LONG and share >= _SURE and said in possible):
        return guess
    return said


def primary_subtag(tag: str | None) -> str | None:
    """``en`` for ``en-GB`` or ``EN_us``; ``None`` for what is no language tag."""
    match = _PRIMARY.match(tag or "")
    if match is None:
        return None
    subtag = match[1].lower()
    subtag = _SYNONYMS.get(subtag, subtag)
    return None if subtag in _NO_LANGUAGE else subtag


def _script(character: str) -> str | None:
    script = character_script(character) if character.isalpha() else OTHER
    return None if script == OTHER else script


def _languages_of(script: str) -> frozenset[str]:
    only = _ONLY_LANGUAGE.get(script)
    return frozenset({only} if only else _CANDIDATES.get(script, "").split())


@cache
def _known_languages() -> frozenset[str]:
    return frozenset().union(*map(_languages_of, (*_ONLY_LANGUAGE, *_CANDIDATES)))


def _guess(text: str, possible: frozenset[str]) -> tuple[str, float]:
    """The likeliest of ``possible`` and its share of their probability."""
    shares = [(tag, share) for tag, share in _identifier().rank(text) if tag in possible]
    total = sum(share for _, share in shares)
    best, share = shares[0]
    return best, share / total if total else 0.0


@cache
def _identifier() -> LanguageIdentifier:
    # An identifier of our own: the package's global one can be narrowed by anybody.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
