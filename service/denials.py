"""Where a sentence denies what a question takes for granted.

"Which of its members did the union say had resigned?" has no answer where "the union denied that
any of its members had resigned", and neither has "What did the union publish in 1931?" where its
one report is of 1913. No parser: a word that denies (``not``, ``no``, ``never``, ``denied that``,
``refused to``) reaches as far as the next clause, and denies the premise when nearly all that it
reaches is what the question says; numbers, dates and names are compared by `facts`. That finds few
denials, and those it finds are seldom wrong: an answerable question must not become a refusal, and
of 2,500 answerable ones of the development sets none does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from footnoted.index.tokens import fold, query_tokens
from footnoted.service.verb_forms import base

_REACHED = 0.75  # of the words that a denial reaches: what the question must say itself
_LEAST = 2  # such words
_COVERED = 0.5  # of the question's words: what the whole sentence must repeat
_PREFIX = 5  # letters that two forms of a word share: `verify`, `verification`
_MISSPELT = 0.6  # likeness from which another name is the same one, written wrongly

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_NOT = (
    r"(?:\b(?:not|never|cannot)\b|n['’]t\b)(?!\s+(?:only|just|merely|simply|until|yet|long|least|"
    r"far|all|every|always|necessarily|more|less|fewer|later|so|as)\b)"
)
_NONE = (
    r"\b(?:no\s+one|nobody|none\s+of|nothing|no(?!\s*\.|\s+(?:longer|later|more|less|fewer|doubt|"
    r"matter|sooner|other|better|bigger)\b))\b"
)
_WITHOUT = r"(?<!or )\b(?:without|lack(?:s|ed|ing)?)\b"
_DENIED = (
    r"\b(?:(?P<denied>den(?:y|ies|ied|ying))(?:\s+that)?|refus(?:e|es|ed|ing)\s+to|"
    r"declin(?:e|es|ed|ing)\s+to|fail(?:s|ed|ing)?\s+to|unable\s+to|ruled\s+out|"
    r"advis(?:ed|es)\s+against)\b"
)
_CUE = re.compile(rf"(?P<none>{_NONE})|{_WITHOUT}|{_NOT}|{_DENIED}", re.IGNORECASE)
_CLAUSE_ENDS = re.compile(
    r"[,;:()\u2013\u2014\u201c\u201d\"]"
    r"|\b(?:but|although|though|because|while|whereas|which|who|when|so)\b"
    r"|\band\s+(?:he|she|it|they|was|were|had|has|is|are|did|that)\b",
    re.IGNORECASE,
)
_ONLY_IN_PART = re.compile(
    r"\b(?:since|until|before|after|except|unless|than|only|yet|by)\b", re.IGNORECASE
)
_ANOTHER = re.compile(r"\b(?:other|another|again|further|after|later|next|second)\b", re.IGNORECASE)
_IF = re.compile(r"\b(?:if|unless|would|could)\b", re.IGNORECASE)
_NEGATIVE = re.compile(
    r"\b(?:not|never|no|nobody|none|nothing|neither|without|cannot|lack\w*|den(?:y|ie[sd]|ying)|"
    r"refus\w+|declin\w+|fail\w*|unable|avoid\w*|prevent\w*|reject\w*|disput\w*|oppos\w+|forb\w+|"
    r"warn\w*|stop\w*|except|invalid|fals\w+|untru\w+|wrong\w*)\b|n['’]t\b",
    re.IGNORECASE,
)
_ADMITTED = re.compile(
    r"\b(?:admit|confirm|acknowledge|concede|confess)(?:s|d|ed|ted)?\b", re.IGNORECASE
)
_REFUSED = re.compile(r"\b(?:refus\w+|declin\w+|unwilling|fail\w*)\s+to\s+(\w+)", re.IGNORECASE)
_READY = re.compile(
    r"\b(?:ready|willing|prepared|agreed|agrees|decided|offered|promised)\s+to\s+(\w+)",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"\b(more|less|fewer|higher|lower|larger|smaller|longer|shorter|earlier|later|greater|older|"
    r"younger|faster|slower)\s+than\s+((?:[\w'’]+\s*){1,6})",
    re.IGNORECASE,
)
_OPPOSITE = {
    "more": "less fewer lower", "less": "more greater higher", "fewer": "more greater",
    "higher": "lower less", "lower": "higher more", "larger": "smaller", "smaller": "larger",
    "longer": "shorter", "shorter": "longer", "earlier": "later", "later": "earlier",
    "greater": "smaller less fewer", "older": "younger", "younger": "older", "faster": "slower",
    "slower": "faster",
}  # fmt: skip
_EMPTY = "any another such even anyone anybody anything think believe say way so much more very"


class Heard(NamedTuple):
    """A sentence of the corpus, the language it is in, and the ISO date from which it speaks."""

    text: str
    language: str = "en"
    published: str | None = None


class Denial(NamedTuple):
    """That the sentence number ``part`` denies a premise.

    Where it says another number, date or name, ``words`` are the premise's and ``said`` its own.
    """

    part: int
    words: str | None = None
    said: str | None = None


def denial(
    question: str, premise: str, near: Sequence[Heard], others: Sequence[Heard] = ()
) -> Denial | None:
    """The first of ``near``, the best evidence, that denies the ``premise`` of ``question``.

    ``others`` are the rest of what was found: a number, date or name that any of it confirms is
    not denied. English only; sentences in other languages deny nothing.
    """
    for part, one in enumerate(near):
        if _is_english(one) and _denies(question, one.text):
            return Denial(part)
    return _other_fact(premise, near, others)


def _is_english(one: Heard) -> bool:
    return one.language.lower().startswith("en")


def _denies(question: str, sentence: str) -> bool:
    """Whether ``sentence`` says in words that what ``question`` takes for granted is not so."""
    may = _CUE.search(sentence) or _READY.search(sentence) or _COMPARED.search(sentence)
    if not may or _IF.search(question) or not _is_about(question, sentence):
        return False
    if _is_refused(question, sentence) or _is_the_opposite(question, sentence):
        return True
    # A negative question takes nothing for granted that a negative sentence could deny.
    return not _NEGATIVE.search(question) and _is_negated(question, sentence)


def _is_about(question: str, sentence: str) -> bool:
    asked, said = _telling(question), _telling(sentence)
    return len(_shared(asked, said)) >= _COVERED * len(asked)


def _is_negated(question: str, sentence: str) -> bool:
    asked = _telling(question)
    for cue in _CUE.finditer(sentence):
        end = _CLAUSE_ENDS.search(sentence, cue.end())
        reach = sentence[cue.end() : end.start() if end else len(sentence)]
        rest = sentence[: cue.start()] + (sentence[end.start() :] if end else "")
        if cue["none"] and re.search(r"\bhow (?:many|much)\b", question, re.IGNORECASE):
            continue  # "nobody" is how many
        if _ONLY_IN_PART.search(reach) or not _digits(reach) <= _digits(question):
            continue
        if _IF.search(sentence[: cue.start()]):
            continue
        if _ANOTHER.search(reach) and not _ANOTHER.search(question):
            continue
        reached = _telling(reach)
        said = _shared(reached, asked)
        if cue["denied"] and said and _ADMITTED.search(question):
            return True
        # What the rest of the sentence says again is denied of something else alone.
        again = _shared(reached, _telling(rest))
        if len(said) >= max(_REACHED * len(reached), _LEAST) and 2 * len(again) < len(reached):
            return True
    return False


def _is_refused(question: str, sentence: str) -> bool:
    """Whether somebody "refused to go" who was "ready to go"."""
    refused = {base(verb.lower()) for verb in _REFUSED.findall(question)}
    ready = {base(verb.lower()) for verb in _READY.findall(sentence)}
    return bool(refused & ready) and not _REFUSED.search(sentence)


def _is_the_opposite(question: str, sentence: str) -> bool:
    """Whether something was "more than the estimate" that was "less than the estimate"."""
    for more, than_what in _COMPARED.findall(question):
        opposite = _OPPOSITE[more.lower()].split()
        for less, than_that in _COMPARED.findall(sentence):
            same = _shared(_telling(than_what)[-1:], _telling(than_that))
            if less.lower() in opposite and same:
                return True
    return False


def _other_fact(premise: str, near: Sequence[Heard], others: Sequence[Heard]) -> Denial | None:
    """The first of ``near`` that says another number, date or name for what ``premise`` says."""
    from footnoted.service.facts.comparing import Outcome, compare  # noqa: PLC0415 - 20 ms
    from footnoted.service.facts.reading import read_facts  # noqa: PLC0415

    claim = read_facts(premise)
    if not claim.all():
        return None
    read = [read_facts(h.text, h.language, h.published) for h in near if _is_english(h)]
    if all(checked.outcome is not Outcome.CONTRADICTED for checked in compare(claim, read)):
        return None
    places = [part for part, h in enumerate(near) if _is_english(h)]
    rest = [read_facts(h.text, h.language, h.published) for h in others if _is_english(h)]
    for checked in compare(claim, [*read, *rest]):
        if checked.outcome is not Outcome.CONTRADICTED or checked.part is None:
            continue
        if checked.part >= len(read) or checked.said is None:
            continue
        counted = checked.fact.kind == "number" and premise.startswith("there ")
        if not counted and not _misspelt(checked.words, checked.said):
            return Denial(places[checked.part], checked.words, checked.said)
    return None


def _misspelt(one: str, other: str) -> bool:
    """Whether the words in which two names differ are spelt nearly alike; numbers never are."""
    ours, theirs = one.casefold().split(), other.casefold().split()
    left = " ".join(word for word in ours if word not in theirs)
    right = " ".join(word for word in theirs if word not in ours)
    if any(c.isdigit() for c in left + right):
        return False
    return SequenceMatcher(None, left, right, autojunk=False).ratio() >= _MISSPELT


def _shared(some: Sequence[str], others: Sequence[str]) -> list[str]:
    return [word for word in some if any(_alike(word, other) for other in others)]


def _alike(one: str, other: str) -> bool:
    return one == other or (len(one) >= _PREFIX and one[:_PREFIX] == other[:_PREFIX])


@lru_cache(maxsize=1 << 12)
def _telling(text: str) -> tuple[str, ...]:
    """The words of ``text`` without function words, verbs in their base form, stemmed."""
    plain = " ".join(base(word) for word in _WORD.findall(text.lower()))
    kept = query_tokens(plain, ["en"])
    return tuple(dict.fromkeys(term for term in kept if term not in _empty_terms()))


@lru_cache(maxsize=1)
def _empty_terms() -> frozenset[str]:
    return frozenset(fold(_EMPTY, "en"))


def _digits(text: str) -> set[str]:
    return set(re.findall(r"\d+", text))
