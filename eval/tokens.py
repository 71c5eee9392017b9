"""From an answer's words to the tokens that answers are compared by.

SQuAD's normalisation (Rajpurkar et al. 2016): lower case, no punctuation, no articles. As in MLQA
(Lewis et al. 2020), punctuation is Unicode's, the articles are those of the question's language,
and scripts written without spaces count each character as a token. Before all that the text goes
through NFKC, so that full-width digits equal plain ones.
"""

from __future__ import annotations

import re
import string
import unicodedata

_ARTICLES = {
    "en": frozenset({"a", "an", "the"}),
    "es": frozenset({"un", "una", "unos", "unas", "el", "la", "los", "las"}),
    "de": frozenset(
        "ein eine einen einem eines einer der die das den dem des".split()  # noqa: SIM905
    ),
    "fr": frozenset({"un", "une", "des", "le", "la", "les"}),
}
_ARABIC_ARTICLE = "\u0627\u0644"
# Kana, Han and its extensions, then Thai and Lao, Tibetan, Myanmar, Khmer.
_UNSPACED = (
    "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff"
)
_TOKEN = re.compile(f"[{_UNSPACED}]|[^\\s{_UNSPACED}]+")
_POSSESSIVE = re.compile(r"['\u2019]s\b", re.IGNORECASE)
_JOINTS = re.compile(r"[-/\u2010-\u2015\u2212]")


def answer_tokens(text: str, language: str) -> tuple[str, ...]:
    """The normalised tokens of ``text``; ``language`` (BCP 47) says which articles go.

    Empty only when ``text`` holds nothing but punctuation: an answer made of articles alone
    (the mark "A") keeps them.
    """
    lowered = unicodedata.normalize("NFKC", text).lower()
    tokens = tuple(_TOKEN.findall("".join(c for c in lowered if not _is_punctuation(c))))
    code = language.lower().split("-")[0]
    if code == "ar":
        return tuple(_without_arabic_article(token) for token in tokens)
    articles = _ARTICLES.get(code, frozenset())
    return tuple(token for token in tokens if token not in articles) or tokens


def contains_answer(text: str, answer: str, language: str) -> bool:
    """Whether the tokens of ``answer`` stand in ``text`` one after the other.

    Whole tokens only, so "3" is not in "1983"; but compounds and possessives are taken apart
    first, so "three" is in "three-mile" and "Ada" in "Ada's".
    """
    needle = answer_tokens(_taken_apart(answer), language)
    hay = answer_tokens(_taken_apart(text), language)
    size = len(needle)
    return size > 0 and any(hay[i : i + size] == needle for i in range(len(hay) - size + 1))


def _is_punctuation(character: str) -> bool:
    return character in string.punctuation or unicodedata.category(character).startswith("P")


def _without_arabic_article(token: str) -> str:
    # A stem of one letter is no word: there the two letters belong to the word itself.
    if token.startswith(_ARABIC_ARTICLE) and len(token) > len(_ARABIC_ARTICLE) + 1:
        return token.removeprefix(_ARABIC_ARTICLE)
    return token


def _taken_apart(text: str) -> str:
    return _JOINTS.sub(" ", _POSSESSIVE.sub("", text))
