"""What a question takes for granted, as a statement: "Why did Ada leave?" says that Ada left.

English, by rule. The question word is taken out or becomes ``something``, ``someone`` or ``some``,
the auxiliary goes behind its subject, and ``did`` into its verb. Without a parser the subject ends
at the first word that can be the verb (``subjects``). Limits: a verb of no table behind a common
noun is not found, and neither is a predicate without a verb ("Why is the bridge famous?"); of "the
soldiers killed there buried here" the first participle is taken for the verb. There the statement
is missing or clumsy, its words are the question's all the same. Yes/no questions take nothing for
granted that they do not ask.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from footnoted.service.facts.wordings import listed
from footnoted.service.subjects import (
    ARTICLES,
    LINKS,
    PREPOSITIONS,
    PRONOUNS,
    participle_at,
    verb_at,
)
from footnoted.service.verb_forms import is_base, is_participle, is_past, past, third

_WORD = re.compile(r"[^\s,;:]+(?:[,:]\d[^\s,;:]*)*|[,;:]")
_DO = frozenset({"do", "does", "did"})
_BE = frozenset({"is", "are", "was", "were"})
_HAVE = frozenset({"has", "have", "had"})
_MODAL = frozenset(listed("will would can could shall should may might must"))
_AUXILIARY = _DO | _BE | _HAVE | _MODAL
_ADJUNCT = frozenset({"when", "where", "why", "how"})
_NOMINAL = frozenset({"what", "which", "who", "whom", "whose"})
_DEGREE = frozenset({"many", "much"})
_TIME = frozenset(listed("year day date month time hour century decade week weekday season"))
_SIZE = frozenset(listed("old tall large big heavy wide deep high small strong"))
_BELIEVED = frozenset(listed("said thought believed claimed feared expected hoped knew say says"))


class _Asked(NamedTuple):
    """A question word with its noun: what stands for it in the statement, and the words behind.

    ``kept`` is ``None`` where nothing stands for it, ``before`` a preposition that leads it.
    """

    kept: str | None
    before: str | None
    rest: list[str]
    noun: bool


def premise_of(question: str, language: str = "en") -> str | None:
    """The statement that ``question`` takes for granted, without a full stop.

    "Why did Biden blame X for Y?" gives "Biden blamed X for Y". ``None`` for yes/no questions, in
    other languages than English, and where no rule tells.
    """
    if not language.lower().startswith("en"):
        return None
    words = _WORD.findall(question.strip().rstrip("?!. "))
    lead, words = _without_lead(words)
    asked = _asked(words)
    if asked is None or not asked.rest:
        return None
    found = _statement(asked, words[0].lower())
    if found is None:
        return None
    text = " ".join([*found, *lead])
    return re.sub(r" (?=[,;:])", "", text)


def _without_lead(words: list[str]) -> tuple[list[str], list[str]]:
    """What stands before a comma and the question word, and the rest: "In 1904, why did …"."""
    for at, word in enumerate(words[:8]):
        nexts = [w.lower() for w in words[at + 1 : at + 3]]
        if word == "," and any(w in _ADJUNCT | _NOMINAL for w in nexts):
            first = words[0].lower() if words[0].lower() in PREPOSITIONS | LINKS else words[0]
            return [first, *words[1:at]], words[at + 1 :]
        if word.lower() in _ADJUNCT | _NOMINAL:
            break
    if words and words[0].lower() in ("and", "so", "but"):
        return [], words[1:]
    return [], words


def _asked(words: list[str]) -> _Asked | None:
    """The question word and its noun, up to the auxiliary or the verb; ``None`` without one."""
    before = words[0].lower() if words and words[0].lower() in PREPOSITIONS else None
    at = 1 if before else 0
    if len(words) < at + 2:
        return None
    degree = words[at].lower() == "how" and words[at + 1].lower() in _DEGREE
    if words[at].lower() in _ADJUNCT and not degree:
        return _adjunct(words, at)
    if degree or words[at].lower() in _NOMINAL:
        return _nominal(words, at, before)
    return None


def _adjunct(words: list[str], at: int) -> _Asked | None:
    """Of ``when``, ``where``, ``why`` and ``how``, for which nothing stands in the statement."""
    auxiliary = _first_auxiliary(words, at)
    # At most one word stands between: "how badly was", but not "how old do children have to be".
    if auxiliary is None or auxiliary > at + 2 or words[at + 1].lower() in _SIZE:
        return None
    return _Asked(None, None, words[auxiliary:], noun=False)


def _nominal(words: list[str], at: int, before: str | None) -> _Asked | None:
    """Of ``who``, ``what``, ``which …`` and ``how many …``, with ``before``, a preposition."""
    wh = words[at].lower()
    start = at + 2 if wh == "how" else at + 1
    if start >= len(words):
        return None
    verb = words[start].lower()
    causes = wh == "what" and is_past(verb) and _first_auxiliary(words, start) is None
    if wh in ("who", "whom") or verb in _AUXILIARY or causes:
        stand_in = "someone" if wh in ("who", "whom") else "something"
        return _Asked(stand_in, before, words[start:], noun=False)
    end = _noun_end(words, start)
    if end is None:
        return None
    if verb in _TIME and words[end].lower() in _AUXILIARY:
        return _Asked(None, None, words[end:], noun=True)
    kept = " ".join(["someone's" if wh == "whose" else "some", *words[start:end]])
    return _Asked(kept, before, words[end:], noun=True)


def _first_auxiliary(words: list[str], start: int) -> int | None:
    return next((n for n in range(start, len(words)) if words[n].lower() in _AUXILIARY), None)


def _noun_end(words: list[str], start: int) -> int | None:
    """Where the noun behind ``which`` ends: at the auxiliary, or at a verb in the past before it.

    A participle with an agent (``city hit by floods``) belongs to the noun.
    """
    for n in range(start + 1, len(words)):
        word = words[n].lower()
        if word in _AUXILIARY:
            return n
        agent = n + 1 < len(words) and words[n + 1].lower() == "by"
        if words[n].islower() and is_past(word) and not agent:
            return n
        before = words[n - 1].lower()
        if is_base(word) and (before.endswith("s") or before in ("people", "men", "women")):
            return n
    return None


def _statement(asked: _Asked, wh: str) -> list[str] | None:
    """The words of the statement, in order."""
    auxiliary, rest = asked.rest[0].lower(), asked.rest[1:]
    if auxiliary in _DO:
        return _of_do(asked, auxiliary, rest)
    if auxiliary not in _AUXILIARY:
        return [asked.kept, *asked.rest] if asked.kept and not asked.before else None
    if not rest:
        return None
    opens = _opens_noun(rest[0])
    if asked.kept is None or asked.before or (auxiliary in _MODAL and not is_base(rest[0])):
        found = _inverted(asked, auxiliary, rest)
    elif opens and (auxiliary not in _BE or _ends_open(rest)):
        found = _inverted(asked, auxiliary, rest)
        if found is None and asked.noun:  # "which councillor had the last vote"
            found = [asked.kept, auxiliary, *rest]
    elif opens and wh in ("who", "what") and not asked.noun:
        found = ["there", auxiliary, *_without_article(rest, auxiliary)]
    else:
        found = [asked.kept, auxiliary, *rest]
    return found


def _opens_noun(word: str) -> bool:
    return word.lower() in ARTICLES | PRONOUNS or word[0].isupper()


def _without_article(rest: list[str], auxiliary: str) -> list[str]:
    """A noun of which "there is" one: "the toll" to "a toll", "the jobs" to "jobs"."""
    if rest[0].lower() != "the" or len(rest) < 2:
        return rest
    if auxiliary in ("are", "were"):
        return rest[1:]
    return ["an" if rest[1][0].lower() in "aeio" else "a", *rest[1:]]


def _ends_open(rest: list[str]) -> bool:
    """Whether the question word's place is behind the last word: "made of", "called", "to have"."""
    last = rest[-1].lower()
    if len(rest) > 2 and rest[-2].lower() == "to" and is_base(last):
        return True
    return len(rest) > 1 and (last in PREPOSITIONS or is_participle(last))


def _of_do(asked: _Asked, auxiliary: str, rest: list[str]) -> list[str] | None:
    at = verb_at(rest)
    if at is None:
        return None
    subject, verb, tail = rest[:at], rest[at].lower(), rest[at + 1 :]
    negated = subject[-1].lower() == "not"
    if negated:
        return _with_object([*subject[:-1], auxiliary, "not", verb], tail, asked)
    inflected = {"did": past, "does": third}.get(auxiliary, str)(verb)
    return _with_object([*subject, inflected], tail, asked)


def _inverted(asked: _Asked, auxiliary: str, rest: list[str]) -> list[str] | None:
    at = verb_at(rest) if auxiliary in _MODAL else participle_at(rest)
    if at is None:
        return None
    return _with_object([*rest[:at], auxiliary, rest[at]], rest[at + 1 :], asked)


def _with_object(said: list[str], tail: list[str], asked: _Asked) -> list[str]:
    """``said`` (subject and verb) and ``tail`` with what stands for the question word."""
    if asked.kept is None:
        return [*said, *tail]
    if asked.before:
        return [*said, *tail, asked.before, asked.kept]
    if tail and tail[0].lower() in _AUXILIARY:  # "which of them did he say had left"
        return [*said, "that", asked.kept, *tail]
    at = _object_at(said, tail)
    return [*said, *tail[:at], asked.kept, *tail[at:]]


def _object_at(said: list[str], tail: list[str]) -> int:
    """The place in ``tail`` of the object of the verb that ``said`` ends with."""
    small = [word.lower() for word in tail]
    if not small:
        return 0
    if small[:2] == ["to", "do"] or (small[0] == "to" and len(tail) == 2):
        return 2
    if small[0] in PREPOSITIONS and (len(tail) == 1 or small[1] in {*PREPOSITIONS, "apart"}):
        return 1  # "move to in 1979"
    clause = said[-1] in _BELIEVED and (small[0] in PRONOUNS or tail[0][0].isupper())
    return len(tail) if clause or small[-1] in PREPOSITIONS else 0
